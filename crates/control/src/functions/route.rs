//! Which route of an API a request is for: pure.

use std::collections::BTreeMap;

/// How well a route's path fits, compared part by part: fixed text before `{name}` before
/// `{name+}`.
pub(super) type Fit = Vec<u8>;

/// The parameters and the fit of a path on a route; none when it does not match. A method that is
/// named fits better than `ANY`.
pub(super) fn fits(
    route: (&str, &str),
    method: &str,
    path: &str,
) -> Option<(Fit, BTreeMap<String, String>)> {
    let (wanted, pattern) = route;
    if wanted != "ANY" && wanted != method {
        return None;
    }
    let mut fit = Vec::new();
    let mut parameters = BTreeMap::new();
    let pattern: Vec<&str> = parts(pattern);
    let given: Vec<&str> = parts(path);
    for (position, part) in pattern.iter().enumerate() {
        let inner = part.strip_prefix('{').and_then(|p| p.strip_suffix('}'));
        match inner {
            Some(name) if name.ends_with('+') => {
                let rest = given.get(position..)?;
                if rest.is_empty() {
                    return None;
                }
                parameters.insert(name.trim_end_matches('+').to_owned(), rest.join("/"));
                fit.push(0);
                fit.push(u8::from(wanted != "ANY"));
                return Some((fit, parameters));
            }
            Some(name) => {
                let value = given.get(position).filter(|value| !value.is_empty())?;
                parameters.insert(name.to_owned(), (*value).to_owned());
                fit.push(1);
            }
            None if given.get(position) == Some(part) => fit.push(2),
            None => return None,
        }
    }
    if given.len() != pattern.len() {
        return None;
    }
    fit.push(u8::from(wanted != "ANY"));
    Some((fit, parameters))
}

fn parts(path: &str) -> Vec<&str> {
    let path = path.trim_start_matches('/');
    let path = path.strip_suffix('/').unwrap_or(path);
    match path {
        "" => Vec::new(),
        path => path.split('/').collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best<'a>(routes: &[(&'a str, &'a str)], method: &str, path: &str) -> Option<&'a str> {
        let fitting = routes
            .iter()
            .filter_map(|route| Some((fits(*route, method, path)?.0, route.1)));
        fitting.max_by(|a, b| a.0.cmp(&b.0)).map(|(_, path)| path)
    }

    #[test]
    fn the_most_particular_route_wins() {
        let routes = [
            ("ANY", "/{proxy+}"),
            ("GET", "/items/{id}"),
            ("GET", "/items/new"),
            ("POST", "/items"),
            ("ANY", "/"),
        ];
        for (method, path, expected) in [
            ("GET", "/items/new", Some("/items/new")),
            ("GET", "/items/7", Some("/items/{id}")),
            ("GET", "/items/7/", Some("/items/{id}")),
            ("POST", "/items", Some("/items")),
            ("DELETE", "/items/7", Some("/{proxy+}")),
            ("GET", "/a/b/c", Some("/{proxy+}")),
            ("GET", "/", Some("/")),
        ] {
            assert_eq!(best(&routes, method, path), expected, "{method} {path}");
        }
        assert_eq!(best(&routes[1..4], "GET", "/items"), None);
    }

    #[test]
    fn parameters_are_what_they_matched() {
        let (_, parameters) = fits(("ANY", "/a/{b}/{rest+}"), "PUT", "/a/1/2/3").unwrap();
        let expected = BTreeMap::from([
            ("b".to_owned(), "1".to_owned()),
            ("rest".to_owned(), "2/3".to_owned()),
        ]);
        assert_eq!(parameters, expected);
    }
}
