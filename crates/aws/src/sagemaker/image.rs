//! Prebuilt images as environments: a repository's name and a tag become a framework and a
//! version (<https://docs.aws.amazon.com/sagemaker/latest/dg-ecr-paths/ecr-us-east-1.html> and
//! <https://github.com/aws/deep-learning-containers/blob/master/available_images.md>, names and
//! forms of tags as of November 2026).

use domain::environment::Environment;

/// A family of images.
struct Family {
    /// The repository, or how it begins.
    repository: &'static str,
    /// The framework.
    framework: &'static str,
    /// Packages that the images of the family have besides; a tag's part `<package><version>`
    /// gives the version.
    packages: &'static [&'static str],
}

const FAMILIES: &[Family] = &[
    family("sagemaker-scikit-learn", "scikit-learn", &[]),
    family("sagemaker-xgboost", "xgboost", &[]),
    family(
        "huggingface-pytorch-training",
        "pytorch",
        &["transformers", "datasets", "accelerate"],
    ),
    family(
        "huggingface-pytorch-inference",
        "pytorch",
        &["transformers"],
    ),
    family(
        "huggingface-tensorflow-training",
        "tensorflow",
        &["transformers", "datasets"],
    ),
    family(
        "huggingface-tensorflow-inference",
        "tensorflow",
        &["transformers"],
    ),
    family("pytorch-training", "pytorch", &[]),
    family("pytorch-inference", "pytorch", &[]),
    family("sagemaker-pytorch", "pytorch", &[]),
    family("tensorflow-training", "tensorflow", &[]),
    family("tensorflow-inference", "tensorflow", &[]),
    family("sagemaker-tensorflow-scriptmode", "tensorflow", &[]),
    family("sagemaker-base-python", "python", &[]),
    family("python", "python", &[]),
];

const fn family(
    repository: &'static str,
    framework: &'static str,
    packages: &'static [&'static str],
) -> Family {
    Family {
        repository,
        framework,
        packages,
    }
}

/// The environment of an image; one that is in no table stays an image.
pub(crate) fn environment(uri: &str) -> Environment {
    known(uri).unwrap_or_else(|| Environment::Image {
        uri: uri.to_owned(),
    })
}

/// The names of the repositories of prebuilt images.
pub(crate) fn repositories() -> Vec<&'static str> {
    FAMILIES.iter().map(|family| family.repository).collect()
}

fn known(uri: &str) -> Option<Environment> {
    let uri = uri.split_once('@').map_or(uri, |(name, _)| name);
    let (registry, path) = uri.rsplit_once('/').unwrap_or(("", uri));
    let (repository, tag) = path.split_once(':').unwrap_or((path, ""));
    let vendors = registry.is_empty() || registry.contains(".dkr.ecr.") || registry == "python";
    let found = FAMILIES
        .iter()
        .find(|family| family.repository == repository);
    let found = found.filter(|_| vendors)?;
    let parts: Vec<&str> = tag.split('-').collect();
    let is_version = |text: &&str| text.starts_with(|c: char| c.is_ascii_digit());
    // `1.2-1-cpu-py3`: the first number is the framework's, the second the image's.
    let first = parts.first().filter(|part| is_version(part));
    let version = if found.framework == "python" {
        None
    } else {
        first.map(|first| (*first).to_owned())
    };
    let python = parts.iter().find_map(|part| python(part)).or_else(|| {
        let plain = first.filter(|_| found.framework == "python")?;
        python(&format!("py{}", plain.replace('.', "")))
    });
    let packages = found.packages.iter().map(|package| {
        let pinned = parts.iter().find_map(|part| part.strip_prefix(package));
        match pinned.filter(|version| is_version(version)) {
            Some(version) => format!("{package}=={version}"),
            None => (*package).to_owned(),
        }
    });
    Some(Environment::Framework {
        name: found.framework.to_owned(),
        version,
        python,
        requirements: packages.collect(),
        strict: false,
    })
}

/// `py310` is 3.10; `py3` says no more than what is the default.
fn python(part: &str) -> Option<String> {
    let digits = part.strip_prefix("py")?;
    let (major, minor) = digits.split_at_checked(1)?;
    let good = major == "3" && !minor.is_empty() && minor.bytes().all(|b| b.is_ascii_digit());
    good.then(|| format!("{major}.{minor}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framework(uri: &str) -> (String, Option<String>, Option<String>, Vec<String>) {
        match environment(uri) {
            Environment::Framework {
                name,
                version,
                python,
                requirements,
                ..
            } => (name, version, python, requirements),
            other => panic!("{uri}: {other:?}"),
        }
    }

    #[test]
    fn prebuilt_images_are_frameworks() {
        let ecr = "683313688378.dkr.ecr.us-east-1.amazonaws.com";
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            framework(&format!("{ecr}/sagemaker-scikit-learn:0.23-1-cpu-py3")),
            ("scikit-learn".into(), some("0.23"), None, vec![])
        );
        assert_eq!(
            framework(&format!("{ecr}/sagemaker-xgboost:1.7-1")),
            ("xgboost".into(), some("1.7"), None, vec![])
        );
        assert_eq!(
            framework(&format!(
                "{ecr}/pytorch-training:2.1.0-cpu-py310-ubuntu20.04-sagemaker"
            )),
            ("pytorch".into(), some("2.1.0"), some("3.10"), vec![])
        );
        let (name, version, python, packages) = framework(&format!(
            "{ecr}/huggingface-pytorch-inference:2.1.0-transformers4.37.0-cpu-py310-ubuntu22.04"
        ));
        assert_eq!((name.as_str(), version), ("pytorch", some("2.1.0")));
        assert_eq!(
            (python, packages),
            (some("3.10"), vec!["transformers==4.37.0".to_owned()])
        );
    }

    #[test]
    fn other_images_stay_images() {
        for uri in ["my/own:1", "docker.io/library/sagemaker-xgboost:1", ""] {
            assert!(
                matches!(environment(uri), Environment::Image { .. }),
                "{uri}"
            );
        }
    }
}
