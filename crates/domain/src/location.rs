//! Where data is: one object has one neutral name however a cloud's form spells it.
//!
//! Forms: `s3://bucket/key` (AWS CLI), `gs://bucket/key` (gsutil), and Azure's
//! `wasbs://container@account.blob.core.windows.net/key`,
//! `abfss://container@account.dfs.core.windows.net/key`,
//! `https://account.blob.core.windows.net/container/key` and
//! `azureml://datastores/<name>/paths/<key>`; besides `file:///path`, plain paths, and
//! `package://<package>/<path>` for data that a Python package brings.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A place of data, as the caller wrote it and as it resolves.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Location {
    /// An object, or all objects under a prefix, of the store.
    Object {
        /// Bucket (a container, a datastore).
        bucket: String,
        /// Key or prefix; empty for the whole bucket.
        key: String,
    },
    /// A file or folder of the machine of whoever wrote it.
    Path {
        /// Absolute, or relative to the workload file.
        path: String,
    },
    /// A file or folder that a Python package of the job's own environment brings.
    Package {
        /// Relative to the folder that packages are installed in, as in
        /// `sklearn/datasets/data/iris.csv`.
        path: String,
    },
}

/// Why a text is not a location.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a location: {reason}")]
pub struct InvalidLocation {
    text: String,
    reason: String,
}

impl Location {
    /// Reads any of the forms.
    pub fn parse(text: &str) -> Result<Self, InvalidLocation> {
        let fail = |reason: &str| InvalidLocation {
            text: text.chars().take(200).collect(),
            reason: reason.to_owned(),
        };
        if text.is_empty() || text.contains('\0') {
            return Err(fail("it is empty or has a NUL character"));
        }
        let Some((scheme, rest)) = text.split_once("://") else {
            return Ok(Self::Path {
                path: text.to_owned(),
            });
        };
        match scheme {
            "file" => match rest.strip_prefix("localhost").unwrap_or(rest) {
                path if path.starts_with('/') => Ok(Self::Path {
                    path: path.to_owned(),
                }),
                _ => Err(fail("a file address is `file:///absolute/path`")),
            },
            "package" => Self::package(rest)
                .ok_or_else(|| fail("expected `package://<package>/<path>` without `..`")),
            "s3" | "gs" => Self::object(rest).ok_or_else(|| fail("it has no bucket")),
            "wasb" | "wasbs" | "abfs" | "abfss" => {
                let (authority, key) = rest.split_once('/').unwrap_or((rest, ""));
                match authority.split_once('@') {
                    Some((container, account)) if !container.is_empty() && !account.is_empty() => {
                        Ok(Self::Object {
                            bucket: container.to_owned(),
                            key: key.to_owned(),
                        })
                    }
                    _ => Err(fail("expected `container@account` before the path")),
                }
            }
            "https" => {
                let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
                if host.ends_with(".blob.core.windows.net") {
                    Self::object(path).ok_or_else(|| fail("it has no container"))
                } else {
                    Err(fail(
                        "of https addresses only Azure Blob Storage's are data locations",
                    ))
                }
            }
            "azureml" => {
                let path = rest.split_once("datastores/").map_or("", |(_, path)| path);
                match path.split_once("/paths/") {
                    Some((datastore, key)) if !datastore.is_empty() => Ok(Self::Object {
                        bucket: datastore.to_owned(),
                        key: key.to_owned(),
                    }),
                    _ => Err(fail("expected `azureml://datastores/<name>/paths/<path>`")),
                }
            }
            _ => Err(fail(
                "known forms are a path, `file://`, `s3://`, `gs://`, `abfss://`, `wasbs://`, \
                 `azureml://`, Azure Blob's `https://` and `package://`",
            )),
        }
    }

    fn package(rest: &str) -> Option<Self> {
        let mut parts = rest.split('/');
        let plain = parts.all(|part| !part.is_empty() && part != "." && part != "..");
        (plain && rest.contains('/')).then(|| Self::Package {
            path: rest.to_owned(),
        })
    }

    fn object(rest: &str) -> Option<Self> {
        let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
        (!bucket.is_empty()).then(|| Self::Object {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
        })
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Object { bucket, key } => write!(f, "s3://{bucket}/{key}"),
            Self::Path { path } => f.write_str(path),
            Self::Package { path } => write!(f, "package://{path}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_package_brings_has_a_name() {
        let text = "package://sklearn/datasets/data/iris.csv";
        let location = Location::parse(text).unwrap();
        let path = "sklearn/datasets/data/iris.csv".to_owned();
        assert_eq!(location, Location::Package { path });
        assert_eq!(location.to_string(), text);
        for bad in [
            "package://sklearn",
            "package://a/../../etc/passwd",
            "package:///etc/passwd",
            "package://a//b",
        ] {
            assert!(Location::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn every_cloud_names_the_same_object() {
        let same = Location::Object {
            bucket: "b".into(),
            key: "k/x.csv".into(),
        };
        for text in [
            "s3://b/k/x.csv",
            "gs://b/k/x.csv",
            "wasbs://b@acc.blob.core.windows.net/k/x.csv",
            "abfss://b@acc.dfs.core.windows.net/k/x.csv",
            "https://acc.blob.core.windows.net/b/k/x.csv",
            "azureml://datastores/b/paths/k/x.csv",
            "azureml://subscriptions/s/resourcegroups/r/workspaces/w/datastores/b/paths/k/x.csv",
        ] {
            assert_eq!(Location::parse(text).as_ref(), Ok(&same), "{text}");
        }
    }

    #[test]
    fn paths_and_mistakes() {
        assert_eq!(
            Location::parse("data/"),
            Ok(Location::Path {
                path: "data/".into()
            })
        );
        assert_eq!(
            Location::parse("file:///d/x"),
            Ok(Location::Path {
                path: "/d/x".into()
            })
        );
        for bad in [
            "",
            "s3://",
            "ftp://x/y",
            "https://example.com/x",
            "file://x",
            "abfss://c/k",
        ] {
            assert!(Location::parse(bad).is_err(), "{bad}");
        }
    }
}
