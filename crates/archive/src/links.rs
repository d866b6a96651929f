//! Where a symbolic link really leads, worked out on a model of the folder and never by asking
//! the system to follow it: checking the words alone is not enough when a link lies on the way
//! (`up -> ..` inside a folder, then `up/../secret`).

/// What is at a clean name.
pub(crate) enum Found {
    Folder,
    File,
    Link(String),
    Nothing,
}

/// Links followed before giving up, as Linux does (`path_resolution(7)`).
const FOLLOWED_AT_MOST: usize = 40;

/// Follows `target`, written in a link called `name`, from the link's own folder. Returns why it
/// must be refused, or nothing when every step stays inside.
pub(crate) fn refusal(
    name: &str,
    target: &str,
    look_up: impl Fn(&str) -> Found,
) -> Option<&'static str> {
    if target.is_empty() {
        return Some("it points to nothing");
    }
    if target.contains('\\') || target.chars().any(char::is_control) {
        return Some("its target holds a backslash or a control character");
    }
    let mut place: Vec<String> = name.split('/').map(str::to_owned).collect();
    place.pop();
    if target.starts_with('/') {
        return Some("its target is absolute");
    }
    let mut ahead = reversed(target);
    let mut missing = false;
    let mut followed = 0;
    while let Some(part) = ahead.pop() {
        if part == ".." {
            if missing {
                return Some("it goes up from something that does not exist");
            }
            if place.pop().is_none() {
                return Some("it leaves the folder");
            }
            continue;
        }
        place.push(part);
        if missing {
            continue;
        }
        match look_up(&place.join("/")) {
            Found::Folder => {}
            Found::Nothing => missing = true,
            Found::File if ahead.is_empty() => {}
            Found::File => return Some("it goes through a file"),
            Found::Link(next) => {
                followed += 1;
                if followed > FOLLOWED_AT_MOST {
                    return Some("it leads in a circle or through too many links");
                }
                place.pop();
                if next.starts_with('/') {
                    return Some("it leads through an absolute link");
                }
                ahead.append(&mut reversed(&next));
            }
        }
    }
    None
}

/// The components of a relative target, last first, without empty and `.` ones.
fn reversed(target: &str) -> Vec<String> {
    let parts = target.split('/').rev();
    parts
        .filter(|part| !part.is_empty() && *part != ".")
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn check(entries: &[(&str, &str)], name: &str, target: &str) -> Option<&'static str> {
        // "/" marks a folder, "" a file, anything else the target of a link.
        let model: BTreeMap<&str, &str> = entries.iter().copied().collect();
        refusal(name, target, |at| match model.get(at) {
            None => Found::Nothing,
            Some(&"/") => Found::Folder,
            Some(&"") => Found::File,
            Some(next) => Found::Link((*next).to_owned()),
        })
    }

    #[test]
    fn links_that_stay_are_taken() {
        let entries = [("a", "/"), ("a/f", ""), ("b", "/"), ("l", "a")];
        for (name, target) in [
            ("x", "a/f"),
            ("b/x", "../a/f"),
            ("x", "l/f"),
            ("x", "not/there"),
            ("b/x", ".."),
        ] {
            assert_eq!(check(&entries, name, target), None, "{name} -> {target}");
        }
    }

    #[test]
    fn links_that_leave_are_refused() {
        let entries = [
            ("d", "/"),
            ("d/e", "/"),
            ("d/e/up", "../.."),
            ("f", ""),
            ("o", "o"),
        ];
        for (name, target) in [
            ("x", ".."),
            ("x", "/etc/passwd"),
            ("d/x", "../../etc"),
            // Lexically this is `d/e/secret`; really it is beside the destination.
            ("d/e/x", "up/../secret"),
            ("x", "missing/../../etc"),
            ("x", "f/../.."),
            ("x", "o/a"),
            ("x", "a\\..\\b"),
            ("x", ""),
        ] {
            assert!(
                check(&entries, name, target).is_some(),
                "{name} -> {target}"
            );
        }
    }
}
