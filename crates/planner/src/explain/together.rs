//! Notes that say the same of several workloads, as one.

/// Notes that differ only in the first name between backticks become one with all names, where the
/// first of them stood.
pub(crate) fn together(notes: &[String]) -> Vec<String> {
    let mut groups: Vec<(&str, Vec<&str>, &str)> = Vec::new();
    for note in notes {
        let mut parts = note.splitn(3, '`');
        let (Some(before), Some(name), Some(after)) = (parts.next(), parts.next(), parts.next())
        else {
            groups.push((note, Vec::new(), ""));
            continue;
        };
        let same = groups
            .iter_mut()
            .find(|(b, names, a)| *b == before && *a == after && !names.is_empty());
        match same {
            Some((_, names, _)) => names.push(name),
            None => groups.push((before, vec![name], after)),
        }
    }
    let told = groups.into_iter().map(|(before, names, after)| {
        if names.is_empty() {
            return before.to_owned();
        }
        format!("{before}`{}`{after}", names.join("`, `"))
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use super::together;

    #[test]
    fn what_is_said_of_many_is_said_once() {
        let notes = [
            "the price of `a` is an estimate (`list`)",
            "`a` avoids x",
            "the price of `b` is an estimate (`list`)",
            "the price of `c` is an estimate (`other`)",
            "no name",
            "no name",
        ]
        .map(str::to_owned);
        assert_eq!(
            together(&notes),
            [
                "the price of `a`, `b` is an estimate (`list`)",
                "`a` avoids x",
                "the price of `c` is an estimate (`other`)",
                "no name",
                "no name",
            ]
        );
    }
}
