//! The protocol's paths.

/// A model, and a version of it when one was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) model: String,
    pub(super) version: Option<String>,
}

/// What a path asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    Server,
    Live,
    Ready,
    Model(Target),
    ModelReady(Target),
    Infer(Target),
}

/// Reads a path; none when it is not one of the protocol's. Names need no percent-encoding here,
/// since ours hold only letters, digits, `-`, `_` and `.`.
pub(super) fn parse(path: &str) -> Option<Route> {
    let path = path.strip_suffix('/').unwrap_or(path);
    let parts: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
    let target = |model: &str, version: Option<&str>| Target {
        model: model.to_owned(),
        version: version.map(str::to_owned),
    };
    Some(match parts.as_slice() {
        ["v2"] => Route::Server,
        ["v2", "health", "live"] => Route::Live,
        ["v2", "health", "ready"] => Route::Ready,
        ["v2", "models", model] => Route::Model(target(model, None)),
        ["v2", "models", model, "ready"] => Route::ModelReady(target(model, None)),
        ["v2", "models", model, "infer"] => Route::Infer(target(model, None)),
        ["v2", "models", model, "versions", version] => Route::Model(target(model, Some(version))),
        ["v2", "models", model, "versions", version, "ready"] => {
            Route::ModelReady(target(model, Some(version)))
        }
        ["v2", "models", model, "versions", version, "infer"] => {
            Route::Infer(target(model, Some(version)))
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_paths_of_the_specification_are_known_and_no_others() {
        let target = |version: Option<&str>| Target {
            model: "m".to_owned(),
            version: version.map(str::to_owned),
        };
        let known = [
            ("/v2", Route::Server),
            ("/v2/", Route::Server),
            ("/v2/health/live", Route::Live),
            ("/v2/health/ready", Route::Ready),
            ("/v2/models/m", Route::Model(target(None))),
            ("/v2/models/m/ready", Route::ModelReady(target(None))),
            ("/v2/models/m/infer", Route::Infer(target(None))),
            ("/v2/models/m/versions/3", Route::Model(target(Some("3")))),
            (
                "/v2/models/m/versions/3/ready",
                Route::ModelReady(target(Some("3"))),
            ),
            (
                "/v2/models/m/versions/3/infer",
                Route::Infer(target(Some("3"))),
            ),
        ];
        for (path, route) in known {
            assert_eq!(parse(path), Some(route), "{path}");
        }
        for path in [
            "",
            "/",
            "v2",
            "/v2/models",
            "/v1",
            "/v2/models/m/versions",
            "/v2/health",
        ] {
            assert_eq!(parse(path), None, "{path}");
        }
    }
}
