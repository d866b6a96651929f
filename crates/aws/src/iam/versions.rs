//! Versions of the account's managed policies: at most five, of which one is at work.

use super::managed::{self, KIND, Managed, OF_AWS};
use super::policy;
use crate::fault::Fault;
use crate::operation::Call;
use control::documents::NewDocument;
use domain::{Refusal, Timestamp};
use http::StatusCode;
use serde::{Deserialize, Serialize};

/// Most versions of a policy ("IAM and AWS STS quotas").
const MOST: usize = 5;
/// How often a change is tried again when somebody else was faster.
const TRIES: usize = 8;

/// A version of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Version {
    /// Counted from 1; never used twice.
    pub(crate) number: u32,
    pub(crate) document: String,
    pub(crate) created: Timestamp,
}

/// A version as it is answered.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Shown {
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<String>,
    #[serde(rename = "VersionId")]
    id: String,
    #[serde(rename = "IsDefaultVersion")]
    is_default: bool,
    create_date: String,
}

impl Managed {
    /// All versions, the newest first.
    fn all_versions(&self) -> Vec<Version> {
        let mut all = self.versions.clone();
        if all.is_empty() {
            all.push(Version {
                number: 1,
                document: self.document.clone(),
                created: self.created,
            });
        }
        all.sort_by_key(|version| std::cmp::Reverse(version.number));
        all
    }

    /// The id of the version that is at work.
    pub(crate) fn default_id(&self) -> String {
        format!("v{}", self.default)
    }

    fn shown(&self, version: &Version, with_document: bool) -> Shown {
        Shown {
            document: with_document.then(|| super::shown::document(&version.document)),
            id: format!("v{}", version.number),
            is_default: version.number == self.default,
            create_date: crate::time::iso(version.created),
        }
    }

    /// All versions as lists have them.
    pub(crate) fn shown_versions(&self) -> Vec<Shown> {
        let all = self.all_versions();
        all.iter().map(|one| self.shown(one, false)).collect()
    }

    /// One version with its text.
    pub(crate) fn shown_version(&self, id: &str) -> Result<Shown, Fault> {
        let all = self.all_versions();
        let found = all
            .iter()
            .find(|version| format!("v{}", version.number) == id);
        let found = found.ok_or_else(|| unknown(&self.arn, id))?;
        Ok(self.shown(found, true))
    }

    fn add(&mut self, document: String, now: Timestamp, is_default: bool) -> Result<u32, Fault> {
        let mut all = self.all_versions();
        if all.len() >= MOST {
            return Err(conflict(
                "LimitExceeded",
                "A managed policy can have up to 5 versions. Before you create a new version, you \
                 must delete an existing version.",
            ));
        }
        let newest = all.iter().map(|version| version.number).max();
        let number = newest.unwrap_or_default().max(self.last) + 1;
        self.last = number;
        all.push(Version {
            number,
            document,
            created: now,
        });
        self.versions = all;
        if is_default {
            self.choose(number)?;
        }
        Ok(number)
    }

    fn choose(&mut self, number: u32) -> Result<(), Fault> {
        let all = self.all_versions();
        let found = all.iter().find(|version| version.number == number);
        let found = found.ok_or_else(|| unknown(&self.arn, &format!("v{number}")))?;
        self.document.clone_from(&found.document);
        self.default = number;
        Ok(())
    }

    fn remove(&mut self, number: u32) -> Result<(), Fault> {
        if number == self.default {
            return Err(conflict(
                "DeleteConflict",
                "Cannot delete the default version of a policy.",
            ));
        }
        let mut all = self.all_versions();
        let before = all.len();
        all.retain(|version| version.number != number);
        if all.len() == before {
            return Err(unknown(&self.arn, &format!("v{number}")));
        }
        self.versions = all;
        Ok(())
    }

    /// Whether it has versions besides the one at work.
    pub(super) fn has_others(&self) -> bool {
        self.all_versions().len() > 1
    }
}

pub(super) fn conflict(code: &'static str, text: &str) -> Fault {
    Fault::new(code, text).with_status(StatusCode::CONFLICT)
}

fn unknown(arn: &str, id: &str) -> Fault {
    let text = format!("Policy {arn} version {id} does not exist or is not attachable.");
    Fault::new("NoSuchEntity", text).with_status(StatusCode::NOT_FOUND)
}

fn number(arn: &str, id: &str) -> Result<u32, Fault> {
    let digits = id.strip_prefix('v').and_then(|digits| digits.parse().ok());
    digits.ok_or_else(|| unknown(arn, id))
}

impl Call<'_> {
    /// Adds a version to a policy of the account.
    pub(crate) async fn add_version(
        &self,
        arn: &str,
        document: &str,
        is_default: bool,
    ) -> Result<Shown, Fault> {
        policy::check(document)?;
        let now = self.aws.control.world.now();
        let mut added = 0;
        let managed = self.change_policy(arn, |managed| {
            added = managed.add(document.to_owned(), now, is_default)?;
            Ok(())
        });
        let managed = managed.await?;
        managed.shown_version(&format!("v{added}"))
    }

    /// Makes another version of a policy the one at work.
    pub(crate) async fn choose_version(&self, arn: &str, id: &str) -> Result<(), Fault> {
        let number = number(arn, id)?;
        let chosen = self.change_policy(arn, |managed| managed.choose(number));
        chosen.await.map(|_| ())
    }

    /// Deletes a version of a policy that is not at work.
    pub(crate) async fn delete_version(&self, arn: &str, id: &str) -> Result<(), Fault> {
        let number = number(arn, id)?;
        let deleted = self.change_policy(arn, |managed| managed.remove(number));
        deleted.await.map(|_| ())
    }

    async fn change_policy(
        &self,
        arn: &str,
        mut change: impl FnMut(&mut Managed) -> Result<(), Fault>,
    ) -> Result<Managed, Fault> {
        let caller = self.administrator()?;
        if arn.starts_with(OF_AWS) {
            let text = "Policies of AWS cannot be changed.";
            return Err(Fault::new("AccessDenied", text).with_status(StatusCode::FORBIDDEN));
        }
        let control = &self.aws.control;
        for _ in 0..TRIES {
            let name = self.policy(arn).await?.name;
            let known = control.find_document(&caller, KIND, &name).await?;
            let known = known.ok_or_else(|| managed::missing(arn))?;
            let mut managed = managed::read(known.document.body)?;
            change(&mut managed)?;
            let body = serde_json::to_value(&managed);
            let new = NewDocument {
                kind: KIND.to_owned(),
                id: name,
                phase: "kept".to_owned(),
                body: body.map_err(|error| Refusal::internal(error.to_string()))?,
                ..NewDocument::default()
            };
            match control
                .put_document(&caller, &new, Some(known.revision))
                .await
            {
                Ok(_) => return Ok(managed),
                Err(Refusal::Conflict { .. }) => {}
                Err(refusal) => return Err(refusal.into()),
            }
        }
        Err(conflict(
            "ConcurrentModification",
            "The policy is being changed by others; try again.",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn managed() -> Managed {
        serde_json::from_value(serde_json::json!({
            "arn": "arn:p", "name": "p", "path": "/", "id": "ANPA", "created": 0,
            "description": null, "document": "one",
        }))
        .unwrap()
    }

    #[test]
    fn one_version_is_at_work_and_numbers_are_not_used_twice() {
        let mut policy = managed();
        assert_eq!(policy.default_id(), "v1");
        assert_eq!(policy.add("two".into(), Timestamp(1), false).unwrap(), 2);
        assert_eq!(policy.document, "one");
        policy.choose(2).unwrap();
        assert_eq!((policy.document.as_str(), policy.default), ("two", 2));
        assert_eq!(policy.remove(2).unwrap_err().code, "DeleteConflict");
        policy.remove(1).unwrap();
        assert!(policy.remove(1).is_err());
        assert_eq!(policy.add("three".into(), Timestamp(2), true).unwrap(), 3);
        policy.remove(2).unwrap();
        for expected in 4..=7 {
            assert_eq!(
                policy.add("x".into(), Timestamp(3), false).unwrap(),
                expected
            );
        }
        let refused = policy.add("x".into(), Timestamp(3), false).unwrap_err();
        assert_eq!(refused.code, "LimitExceeded");
    }
}
