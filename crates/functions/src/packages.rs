//! The package that a cloud's form of function needs. Both clouds bring it where `requirements.txt`
//! does not have it: Google's buildpack installs the framework
//! (<https://docs.cloud.google.com/run/docs/runtimes/python-dependencies>), Azure's Python worker has
//! the library itself.

use domain::environment::Environment;
use domain::function::{FunctionForm, FunctionRuntime, FunctionSpec};

/// The environment of a function, with that package.
pub(crate) fn with_framework(spec: &FunctionSpec) -> Environment {
    let mut environment = spec.environment.clone();
    let package = match (&spec.runtime, spec.form) {
        (FunctionRuntime::Python, FunctionForm::Google) => "functions-framework",
        (FunctionRuntime::Python, FunctionForm::Azure) => "azure-functions",
        _ => return environment,
    };
    if let Environment::Python { requirements, .. } | Environment::Framework { requirements, .. } =
        &mut environment
        && !requirements.iter().any(|line| names(line, package))
    {
        requirements.push(package.to_owned());
    }
    environment
}

/// Whether a requirement (PEP 508) is of this package. A link or a file may be: whoever gives one is
/// taken to know.
fn names(line: &str, package: &str) -> bool {
    let line = line.trim();
    let end = line
        .find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)))
        .unwrap_or(line.len());
    let plain = |text: &str| text.to_ascii_lowercase().replace(['_', '.'], "-");
    plain(&line[..end]) == package || line.contains("://") && plain(line).contains(package)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_known_in_all_its_spellings() {
        for line in [
            "functions-framework",
            "Functions_Framework==3.*",
            " functions.framework>=3 ; python_version > '3.8'",
            "functions-framework[x]",
            "https://example.org/functions_framework-3-py3-none-any.whl",
        ] {
            assert!(names(line, "functions-framework"), "{line}");
        }
        for line in [
            "functions-framework-extra",
            "flask",
            "",
            "# functions-framework",
        ] {
            assert!(!names(line, "functions-framework"), "{line}");
        }
    }

    #[test]
    fn only_forms_that_need_one_get_one() {
        let needs = |form| {
            let code = domain::job::CodeArchive {
                location: String::new(),
                content_hash: String::new(),
            };
            let spec = FunctionSpec::new(form, code, "f".to_owned());
            match with_framework(&spec) {
                Environment::Python { requirements, .. } => requirements,
                _ => Vec::new(),
            }
        };
        assert!(needs(FunctionForm::Aws).is_empty());
        assert_eq!(needs(FunctionForm::Google), ["functions-framework"]);
        assert_eq!(needs(FunctionForm::Azure), ["azure-functions"]);
    }
}
