//! A bucket as the API shows it, and what may be said of one.

use domain::Timestamp;
use objects::{Bucket, Versioning};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A bucket.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct BucketFacts {
    name: String,
    created: Timestamp,
    versioning: Versions,
    region: Option<String>,
    /// Whether new objects are encrypted without being asked to.
    encrypted: bool,
}

/// Whether a bucket keeps earlier versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Versions {
    /// Never had versions: a write replaces.
    Off,
    /// Every write makes a version, a delete makes a marker.
    Enabled,
    /// Earlier versions stay; writes replace the version `null`.
    Suspended,
}

impl From<Bucket> for BucketFacts {
    fn from(bucket: Bucket) -> Self {
        Self {
            name: bucket.name,
            created: bucket.created,
            versioning: bucket.settings.versioning.into(),
            region: bucket.settings.region,
            encrypted: bucket.settings.encryption.is_some(),
        }
    }
}

impl From<Versioning> for Versions {
    fn from(versioning: Versioning) -> Self {
        match versioning {
            Versioning::Off => Self::Off,
            Versioning::Enabled => Self::Enabled,
            Versioning::Suspended => Self::Suspended,
        }
    }
}

impl From<Versions> for Versioning {
    fn from(versions: Versions) -> Self {
        match versions {
            Versions::Off => Self::Off,
            Versions::Enabled => Self::Enabled,
            Versions::Suspended => Self::Suspended,
        }
    }
}
