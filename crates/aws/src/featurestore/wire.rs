//! What the requests of the data plane share.

use crate::fault::Fault;
use crate::operation::Call;
use crate::sagemaker::features::group::{self, Group};
use crate::sagemaker::features::online::Kept;
use crate::sagemaker::features::record::{FeatureValue, wrong};
use crate::time::iso;
use http::request::Parts;
use serde_json::{Value, json};

/// The parameters of a request's query.
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// Those of a request.
    pub(super) fn of(parts: &Parts) -> Self {
        let query = parts.uri.query().unwrap_or_default();
        let pairs = form_urlencoded::parse(query.as_bytes());
        Self(pairs.into_owned().collect())
    }

    /// All values of a parameter.
    pub(super) fn all(&self, name: &str) -> Vec<&str> {
        let found = self.0.iter().filter(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str()).collect()
    }

    /// The value of a parameter.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).first().copied()
    }

    /// The value of a parameter that must be there.
    pub(super) fn require(&self, name: &str) -> Result<&str, Fault> {
        self.get(name)
            .ok_or_else(|| wrong(format!("Validation Error: {name} must be given")))
    }
}

/// The group's name in a path; an ARN has a slash of its own, encoded or not.
pub(super) fn name(parts: &[&str]) -> String {
    let name = parts.join("/");
    percent_encoding::percent_decode_str(&name)
        .decode_utf8_lossy()
        .into_owned()
}

/// The group of a name, for writing.
pub(super) async fn group(call: &Call<'_>, name: &str) -> Result<Group, Fault> {
    let found = group::find(call, name).await?;
    found.ok_or_else(|| {
        let name: String = name.chars().take(150).collect();
        wrong(format!(
            "Validation Error: Feature group {name} does not exist"
        ))
    })
}

/// Whether a request is for a store; without a list it is for both.
pub(super) fn targets(given: &[impl AsRef<str>], store: &str) -> bool {
    given.is_empty() || given.iter().any(|target| target.as_ref() == store)
}

/// A store that a request names must be there.
pub(super) fn check_targets(group: &Group, given: &[impl AsRef<str>]) -> Result<(), Fault> {
    for target in given {
        let there = match target.as_ref() {
            "OnlineStore" => group.is_online(),
            "OfflineStore" => group.definition.offline.is_some(),
            other => {
                return Err(wrong(format!("Validation Error: {other} is not a store")));
            }
        };
        if !there {
            return Err(wrong(format!(
                "Validation Error: the feature group {} has no {}",
                group.entity.id,
                target.as_ref()
            )));
        }
    }
    Ok(())
}

/// The features of a record that were asked for; all without a list.
pub(super) fn chosen(
    group: &Group,
    kept: &Kept,
    names: &[impl AsRef<str>],
) -> Result<Vec<FeatureValue>, Fault> {
    for name in names {
        if group.feature(name.as_ref()).is_none() {
            return Err(wrong(format!(
                "Validation Error: Feature {} is not part of the feature group {}",
                name.as_ref(),
                group.entity.id
            )));
        }
    }
    let wanted = |value: &&FeatureValue| {
        names.is_empty() || names.iter().any(|name| name.as_ref() == value.name)
    };
    Ok(kept.record.iter().filter(wanted).cloned().collect())
}

/// Says when a record is gone, when that was asked for.
pub(super) fn with_expiry(mut answer: Value, kept: &Kept, asked: bool) -> Value {
    if let (true, Some(at)) = (asked, kept.expires) {
        answer["ExpiresAt"] = json!(iso(at));
    }
    answer
}
