//! The frameworks of the clouds' prebuilt images, one row each.

use crate::Error;

/// A framework as an environment.
#[derive(Debug)]
pub struct Framework {
    /// The usual name.
    pub name: &'static str,
    /// Other names in use.
    pub aliases: &'static [&'static str],
    /// The package that carries the version; empty for plain Python.
    pub package: &'static str,
    /// Packages that the clouds' images have beside it.
    pub beside: &'static [&'static str],
    /// What earlier versions need and do not say themselves, the oldest first.
    pub bounds: &'static [Bound],
    /// Settings of uv that give a build without accelerators, for machines that have none; PyPI's
    /// own build is taken where they cannot be had.
    pub plain: &'static [(&'static str, &'static str)],
}

/// Requirements of all versions of a framework below one.
#[derive(Debug)]
pub struct Bound {
    /// The first version that does not need them.
    pub below: &'static [u32],
    /// The requirements.
    pub requirements: &'static [&'static str],
}

/// The table. The packages beside are those that scripts written for the clouds' images import
/// without asking: see the images' own lists
/// (<https://docs.aws.amazon.com/sagemaker/latest/dg/pre-built-docker-containers-scikit-learn-spark.html>,
/// <https://cloud.google.com/vertex-ai/docs/training/pre-built-containers>, November 2026).
///
/// The bounds are facts of release notes: NumPy 1.24 dropped `np.float`, which scikit-learn used
/// before 1.1; NumPy 2 needs scikit-learn 1.4.2, XGBoost 2.1, PyTorch 2.3 or TensorFlow 2.18;
/// pandas 2 dropped `Int64Index`, which XGBoost used before 1.7; scikit-learn 1.6 changed the tags
/// of estimators, which XGBoost follows since 2.1.4.
static FRAMEWORKS: [Framework; 5] = [
    Framework {
        name: "scikit-learn",
        aliases: &[
            "sklearn",
            "sagemaker-scikit-learn",
            "scikit_learn",
            "sklearn-cpu",
        ],
        package: "scikit-learn",
        beside: &["pandas", "joblib"],
        bounds: &[
            Bound {
                below: &[1, 1],
                requirements: &["numpy<1.24", "pandas<2"],
            },
            Bound {
                below: &[1, 4, 2],
                requirements: &["numpy<2", "pandas<3"],
            },
        ],
        plain: &[],
    },
    Framework {
        name: "xgboost",
        aliases: &["sagemaker-xgboost", "xgboost-cpu"],
        package: "xgboost",
        beside: &["pandas", "scikit-learn"],
        bounds: &[
            Bound {
                below: &[1, 7],
                requirements: &["numpy<1.24", "pandas<2", "scikit-learn<1.6"],
            },
            Bound {
                below: &[2, 1],
                requirements: &["numpy<2", "pandas<3", "scikit-learn<1.6"],
            },
            Bound {
                below: &[2, 1, 4],
                requirements: &["scikit-learn<1.6"],
            },
        ],
        plain: &[],
    },
    Framework {
        name: "pytorch",
        aliases: &["torch", "pytorch-training", "pytorch-cpu", "pytorch-gpu"],
        package: "torch",
        beside: &["numpy", "pandas"],
        bounds: &[Bound {
            below: &[2, 3],
            requirements: &["numpy<2"],
        }],
        // PyPI's wheels for x86-64 bring CUDA along, 3 GB of it; those without are in PyTorch's own
        // index (docs.astral.sh/uv, "Using uv with PyTorch").
        plain: &[("UV_TORCH_BACKEND", "cpu")],
    },
    Framework {
        name: "tensorflow",
        aliases: &["tf", "tensorflow-training", "tf-cpu", "tf-gpu", "keras"],
        package: "tensorflow",
        beside: &["pandas"],
        bounds: &[Bound {
            below: &[2, 18],
            requirements: &["numpy<2"],
        }],
        plain: &[],
    },
    Framework {
        name: "python",
        aliases: &["base"],
        package: "",
        beside: &[],
        bounds: &[],
        plain: &[],
    },
];

/// All rows.
pub fn frameworks() -> &'static [Framework] {
    &FRAMEWORKS
}

/// The row of a name.
pub(super) fn find(name: &str) -> Result<&'static Framework, Error> {
    let wanted = name.to_ascii_lowercase();
    let row = FRAMEWORKS
        .iter()
        .find(|row| row.name == wanted || row.aliases.contains(&wanted.as_str()));
    row.ok_or_else(|| Error::UnknownFramework {
        name: name.to_owned(),
        known: FRAMEWORKS
            .iter()
            .map(|row| row.name)
            .collect::<Vec<_>>()
            .join(", "),
    })
}

/// The framework's version in an image's: `1.2-1` is the first image of 1.2 (SageMaker), `1-3` is
/// 1.3 (Vertex).
pub(super) fn version(text: &str) -> Result<String, Error> {
    let refuse = || Error::Invalid {
        what: "framework version",
        text: text.to_owned(),
    };
    let plain = match text.split_once('-') {
        Some((before, _)) if before.contains('.') => before.to_owned(),
        _ => text.replace('-', "."),
    };
    let parts: Vec<&str> = plain.split('.').collect();
    let good = parts.len() <= 4
        && parts.iter().all(|part| !part.is_empty() && part.len() <= 6)
        && parts
            .iter()
            .all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    if good { Ok(plain) } else { Err(refuse()) }
}

impl Framework {
    /// What a version needs besides what it says itself.
    pub(super) fn needs(&self, version: &str) -> &'static [&'static str] {
        let version = numbers(version);
        let bound = self
            .bounds
            .iter()
            .find(|bound| version.as_slice() < bound.below);
        bound.map_or(&[], |bound| bound.requirements)
    }
}

/// Whether NVIDIA's driver is loaded and has a device.
pub(super) fn has_accelerator() -> bool {
    let devices = std::fs::read_dir("/proc/driver/nvidia/gpus");
    devices.is_ok_and(|mut devices| devices.next().is_some())
}

/// The numbers of a version, as far as they are numbers.
pub(super) fn numbers(version: &str) -> Vec<u32> {
    version
        .split('.')
        .map_while(|part| part.parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_versions_get_what_they_need() {
        let scikit_learn = find("sklearn").unwrap();
        assert_eq!(scikit_learn.needs("0.23"), ["numpy<1.24", "pandas<2"]);
        assert_eq!(scikit_learn.needs("1.2.2"), ["numpy<2", "pandas<3"]);
        assert!(scikit_learn.needs("1.5").is_empty());
        assert_eq!(
            find("xgboost").unwrap().needs("2.1.1"),
            ["scikit-learn<1.6"]
        );
    }

    #[test]
    fn images_and_aliases_are_understood() {
        assert_eq!(find("SKLearn").unwrap().name, "scikit-learn");
        assert_eq!(version("1.2-1").unwrap(), "1.2");
        assert_eq!(version("1-3").unwrap(), "1.3");
        assert_eq!(version("2.3.1").unwrap(), "2.3.1");
        for bad in ["", "latest", "1..2", "1.2 ; x", "1.2.3.4.5"] {
            assert!(version(bad).is_err(), "{bad}");
        }
        assert!(
            find("caffe")
                .unwrap_err()
                .to_string()
                .contains("scikit-learn, xgboost")
        );
    }
}
