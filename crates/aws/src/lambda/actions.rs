//! Which operation a request of Lambda is, and of what: the methods and paths of the published
//! model, of which each is served or refused for a reason. Policies are asked by the same table
//! (<https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html>).

use super::names;
use std::sync::LazyLock;

/// One operation of the model.
pub(crate) struct Known {
    method: &'static str,
    path: Vec<&'static str>,
    query: Option<(&'static str, &'static str)>,
    /// Its name.
    pub(crate) name: &'static str,
    /// Why it is not served; none when it is.
    pub(crate) refused: Option<&'static str>,
}

/// All operations; those that say more of the path come first.
pub(crate) static KNOWN: LazyLock<Vec<Known>> = LazyLock::new(|| {
    let lines = include_str!("operations.txt").lines();
    let mut all: Vec<Known> = lines.filter_map(read).collect();
    all.sort_by_key(|known| (known.query.is_none(), known.labels()));
    all
});

/// `METHOD`, path, name and, when it is not served, why, with tabs between.
fn read(line: &'static str) -> Option<Known> {
    let mut parts = line.split('\t');
    let (method, path, name) = (parts.next()?, parts.next()?, parts.next()?);
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    Some(Known {
        method,
        path: path.trim_start_matches('/').split('/').collect(),
        query: query.split_once('='),
        name,
        refused: parts.next(),
    })
}

fn is_label(part: &str) -> bool {
    part.starts_with('{')
}

impl Known {
    fn labels(&self) -> usize {
        self.path.iter().filter(|part| is_label(part)).count()
    }

    fn fits(&self, method: &str, path: &[&str], query: &str) -> bool {
        let same = |(own, sent): (&&str, &&str)| is_label(own) && !sent.is_empty() || own == sent;
        let asked = |(name, value): (&str, &str)| {
            form_urlencoded::parse(query.as_bytes())
                .any(|(sent, given)| sent == name && given == value)
        };
        self.method == method
            && self.path.len() == path.len()
            && self.path.iter().zip(path).all(same)
            && self.query.is_none_or(asked)
    }

    /// What the labels of the path matched, in their order.
    pub(crate) fn values<'a>(&self, path: &[&'a str]) -> Vec<&'a str> {
        let pairs = self.path.iter().zip(path);
        let labelled = pairs.filter(|(own, _)| is_label(own));
        labelled.map(|(_, sent)| *sent).collect()
    }
}

/// The operation of a request; `path` is cut at its slashes and decoded.
pub(crate) fn operation(method: &str, path: &[&str], query: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.fits(method, path, query))
}

/// The action's name without the service, and the resource after the account; `*` for all.
pub(crate) fn action(method: &str, path: &[&str], query: &str) -> (&'static str, String) {
    let Some(known) = operation(method, path, query) else {
        return ("UnknownOperation", "*".to_owned());
    };
    let name = match known.name {
        // The older and the streaming call need the same right.
        "Invoke" | "InvokeAsync" | "InvokeWithResponseStream" => "InvokeFunction",
        "GetLayerVersionByArn" => "GetLayerVersion",
        name => name,
    };
    let first = known.path.iter().position(|part| is_label(part));
    let resource = match first.map(|at| (known.path[at], path[at])) {
        Some(("{FunctionName}", name)) => function(name),
        Some(("{LayerName}", name)) => format!("layer:{name}"),
        // Of tags it is a function's ARN.
        Some(("{Resource}", arn)) => function(arn),
        _ => "*".to_owned(),
    };
    (name, resource)
}

fn function(part: &str) -> String {
    match names::function(part) {
        Ok((name, _)) => format!("function:{name}"),
        Err(_) => "*".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_ask_for_their_own_action() {
        let cases = [
            (
                "POST",
                "2015-03-31/functions/f/invocations",
                "InvokeFunction",
                "function:f",
            ),
            ("POST", "2015-03-31/functions", "CreateFunction", "*"),
            (
                "PUT",
                "2021-10-31/functions/f/url",
                "UpdateFunctionUrlConfig",
                "function:f",
            ),
            (
                "GET",
                "2018-10-31/layers/l/versions/2",
                "GetLayerVersion",
                "layer:l",
            ),
            (
                "GET",
                "2019-09-25/functions/f/event-invoke-config/list",
                "ListFunctionEventInvokeConfigs",
                "function:f",
            ),
            (
                "GET",
                "2020-06-30/functions/f/code-signing-config",
                "GetFunctionCodeSigningConfig",
                "function:f",
            ),
            ("PATCH", "2015-03-31/functions/f", "UnknownOperation", "*"),
            ("GET", "2015-03-31/functions/", "UnknownOperation", "*"),
        ];
        for (method, path, operation, resource) in cases {
            let path: Vec<&str> = path.split('/').collect();
            assert_eq!(
                action(method, &path, ""),
                (operation, resource.to_owned()),
                "{path:?}"
            );
        }
        let by_arn = action("GET", &["2018-10-31", "layers"], "find=LayerVersion&Arn=a");
        assert_eq!(by_arn.0, "GetLayerVersion");
        let tags = ["2017-03-31", "tags", "arn:aws:lambda:r:1:function:f"];
        assert_eq!(action("GET", &tags, "").1, "function:f");
    }

    #[test]
    fn no_two_operations_are_one_request() {
        for (at, one) in KNOWN.iter().enumerate() {
            for other in &KNOWN[at + 1..] {
                let alike = one.method == other.method
                    && one.path == other.path
                    && one.query == other.query;
                assert!(!alike, "{} and {}", one.name, other.name);
            }
        }
    }
}
