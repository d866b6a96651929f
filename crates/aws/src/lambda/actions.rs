//! Which action of a policy a request of Lambda asks for, and of what
//! (<https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html>).

use super::names;

/// The action's name without the service, and the resource after the account; `*` for all.
pub(crate) fn action(method: &str, path: &[&str]) -> (&'static str, String) {
    let Some((_, path)) = path.split_first() else {
        return ("UnknownOperation", "*".to_owned());
    };
    match path {
        ["functions"] => {
            let operation = if method == "POST" {
                "CreateFunction"
            } else {
                "ListFunctions"
            };
            (operation, "*".to_owned())
        }
        ["functions", name, rest @ ..] => (of_function(method, rest), function(name)),
        ["layers", name, "versions", version @ ..] => {
            let operation = match (method, version.is_empty()) {
                ("POST", true) => "PublishLayerVersion",
                ("GET", true) => "ListLayerVersions",
                ("GET", false) => "GetLayerVersion",
                ("DELETE", false) => "DeleteLayerVersion",
                _ => "UnknownOperation",
            };
            (operation, format!("layer:{name}"))
        }
        _ => ("UnknownOperation", "*".to_owned()),
    }
}

fn function(part: &str) -> String {
    match names::function(part) {
        Ok((name, _)) => format!("function:{name}"),
        Err(_) => "*".to_owned(),
    }
}

fn of_function(method: &str, rest: &[&str]) -> &'static str {
    match (method, rest) {
        ("POST", ["invocations"]) => "InvokeFunction",
        ("GET", []) => "GetFunction",
        ("DELETE", []) => "DeleteFunction",
        ("GET", ["configuration"]) => "GetFunctionConfiguration",
        ("PUT", ["configuration"]) => "UpdateFunctionConfiguration",
        ("PUT", ["code"]) => "UpdateFunctionCode",
        ("POST", ["versions"]) => "PublishVersion",
        ("GET", ["versions"]) => "ListVersionsByFunction",
        ("POST", ["aliases"]) => "CreateAlias",
        ("GET", ["aliases"]) => "ListAliases",
        ("GET", ["aliases", _]) => "GetAlias",
        ("PUT", ["aliases", _]) => "UpdateAlias",
        ("DELETE", ["aliases", _]) => "DeleteAlias",
        ("POST", ["policy"]) => "AddPermission",
        ("GET", ["policy"]) => "GetPolicy",
        ("DELETE", ["policy", _]) => "RemovePermission",
        ("PUT", ["concurrency"]) => "PutFunctionConcurrency",
        ("GET", ["concurrency"]) => "GetFunctionConcurrency",
        ("DELETE", ["concurrency"]) => "DeleteFunctionConcurrency",
        ("POST", ["url"]) => "CreateFunctionUrlConfig",
        ("PUT", ["url"]) => "UpdateFunctionUrlConfig",
        ("GET", ["url"]) => "GetFunctionUrlConfig",
        ("DELETE", ["url"]) => "DeleteFunctionUrlConfig",
        _ => "UnknownOperation",
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
                "PATCH",
                "2015-03-31/functions/f",
                "UnknownOperation",
                "function:f",
            ),
        ];
        for (method, path, operation, resource) in cases {
            let path: Vec<&str> = path.split('/').collect();
            assert_eq!(action(method, &path), (operation, resource.to_owned()));
        }
    }
}
