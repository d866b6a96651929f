//! Policies of roles and users: their own by name, and managed ones by ARN.

use super::entity::Kind;
use super::names;
use super::policy;
use crate::fault::Fault;
use crate::operation::Call;
use http::StatusCode;

/// Most managed policies of an entity ("IAM and AWS STS quotas").
const MOST_ATTACHED: usize = 20;

fn no_such(text: String) -> Fault {
    Fault::new("NoSuchEntity", text).with_status(StatusCode::NOT_FOUND)
}

impl Call<'_> {
    /// Attaches a managed policy; one that is attached already stays so.
    pub(crate) async fn attach(&self, kind: Kind, name: &str, arn: &str) -> Result<(), Fault> {
        self.policy(arn).await?;
        self.change_entity(kind, name, |entity| {
            if entity.attached.iter().any(|attached| attached == arn) {
                return Ok(());
            }
            if entity.attached.len() >= MOST_ATTACHED {
                let text = format!("Cannot exceed quota for PoliciesPerEntity: {MOST_ATTACHED}");
                return Err(Fault::new("LimitExceeded", text).with_status(StatusCode::CONFLICT));
            }
            entity.attached.push(arn.to_owned());
            Ok(())
        })
        .await
    }

    /// Detaches a managed policy.
    pub(crate) async fn detach(&self, kind: Kind, name: &str, arn: &str) -> Result<(), Fault> {
        self.change_entity(kind, name, |entity| {
            let before = entity.attached.len();
            entity.attached.retain(|attached| attached != arn);
            if entity.attached.len() == before {
                return Err(no_such(format!("Policy {arn} was not found.")));
            }
            Ok(())
        })
        .await
    }

    /// Writes a policy of an entity's own.
    pub(crate) async fn put_inline(
        &self,
        kind: Kind,
        name: &str,
        policy_name: &str,
        document: &str,
    ) -> Result<(), Fault> {
        names::check(policy_name, 128)?;
        policy::check(document)?;
        self.change_entity(kind, name, |entity| {
            entity
                .inline
                .insert(policy_name.to_owned(), document.to_owned());
            Ok(())
        })
        .await
    }

    /// A policy of an entity's own.
    pub(crate) async fn inline(
        &self,
        kind: Kind,
        name: &str,
        policy_name: &str,
    ) -> Result<String, Fault> {
        let entity = self.entity(kind, name).await?;
        let found = entity.inline.get(policy_name).cloned();
        found.ok_or_else(|| missing_inline(kind, policy_name))
    }

    /// Deletes a policy of an entity's own.
    pub(crate) async fn delete_inline(
        &self,
        kind: Kind,
        name: &str,
        policy_name: &str,
    ) -> Result<(), Fault> {
        self.change_entity(kind, name, |entity| {
            let removed = entity.inline.remove(policy_name);
            removed
                .map(|_| ())
                .ok_or_else(|| missing_inline(kind, policy_name))
        })
        .await
    }
}

fn missing_inline(kind: Kind, name: &str) -> Fault {
    let word = kind.word();
    no_such(format!(
        "The {word} policy with name {name} cannot be found."
    ))
}
