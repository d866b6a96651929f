//! The keys that an installation lends to code that did not come with keys of its own: a session
//! that may do everything in its workspace but change people's rights, be somebody else, and look
//! into bills.

use super::EXECUTION_ROLE;
use crate::Aws;
use crate::credentials::{AccessKey, Holder, Secret};
use control::access::Role;
use domain::{Refusal, Span, Workspace};

/// How long lent keys are good. They are in the environment of processes, so they must be good
/// until the server starts again, which makes new ones.
pub(crate) const LIFE: Span = Span::minutes(366 * 24 * 60);

/// What no such code may do.
const NEVER: &str = r#"{"Effect": "Deny", "Resource": "*", "Action": [
    "iam:Add*", "iam:Attach*", "iam:Change*", "iam:Create*", "iam:Deactivate*", "iam:Delete*",
    "iam:Detach*", "iam:Enable*", "iam:Put*", "iam:Remove*", "iam:Reset*", "iam:Set*", "iam:Tag*",
    "iam:Untag*", "iam:Update*", "iam:Upload*", "sts:Assume*", "sts:GetFederationToken", "ce:*",
    "budgets:*"]}"#;

/// Everything else, for a session that nothing has narrowed.
const ELSE: &str = r#"{"Effect": "Allow", "Resource": "*", "Action": "*"},"#;

/// The policies of a session without what lent keys never open.
pub(crate) fn narrowed(session: &[String]) -> Vec<String> {
    // Policies of one session add up, and a denial wins: one that allows the rest would widen a
    // session that has its own.
    let rest = if session.is_empty() { ELSE } else { "" };
    let own = format!(r#"{{"Version": "2012-10-17", "Statement": [{rest}{NEVER}]}}"#);
    session.iter().cloned().chain([own]).collect()
}

impl Aws {
    /// Whose session lent keys are in the usual workspace; `name` is the session's.
    pub(crate) fn borrower(&self, name: &str) -> Holder {
        let account = &self.account.id;
        Holder {
            arn: format!("arn:aws:sts::{account}:assumed-role/{EXECUTION_ROLE}/{name}"),
            user_id: format!("AROA{}:{name}", self.letters(17)),
            workspace: Workspace::default(),
            role: Role::Editor,
            session: None,
            active: true,
        }
    }

    /// Keys for code of the usual workspace, and the token that goes with them: those that are given
    /// when they are good for half a year yet, else new ones, which are good for 366 days.
    ///
    /// # Errors
    /// [`Refusal`] when the store or the key ring cannot be used.
    pub async fn lent_key(
        &self,
        name: &str,
        present: Option<(AccessKey, Secret)>,
    ) -> Result<(AccessKey, Secret), Refusal> {
        if let Some((key, token)) = present
            && let Ok(Some(found)) = self.access_key(&key.id).await
            && found.secret == key.secret
            && let Some(session) = &found.holder.session
            && session.is_of(&token)
            && session.expires > self.control.world.now() + Span(LIFE.0 / 2)
            && session.policies == narrowed(&[])
        {
            return Ok((key, token));
        }
        let holder = self.borrower(name);
        self.make_session_key(holder, LIFE, narrowed(&[])).await
    }
}

#[cfg(test)]
mod tests {
    use super::super::policy::{self, Decision, Layers};
    use super::*;
    use ::s3::Facts;

    const ALL: &str = r#"{"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"}]}"#;
    const ALICE: &str = r#"{"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::alice/*"}]}"#;

    /// Whether somebody who may do everything may do it by keys that were lent to a session.
    fn may(session: &[String], action: &str, resource: &str) -> bool {
        let layers = Layers {
            identity: vec![ALL.to_owned()],
            boundary: None,
            session: Some(narrowed(session)),
        };
        layers.decide(action, resource, &Facts::new()) == Decision::Allowed
    }

    #[test]
    fn lent_keys_open_data_and_neither_rights_nor_bills() {
        let role = "arn:aws:iam::123456789012:role/R";
        assert!(may(&[], "s3:GetObject", "arn:aws:s3:::alice/k"));
        assert!(may(&[], "sagemaker:CreateTrainingJob", "*"));
        assert!(may(&[], "iam:GetRole", role));
        for action in [
            "iam:CreateUser",
            "iam:CreateAccessKey",
            "iam:PutRolePolicy",
            "iam:AttachUserPolicy",
            "iam:UpdateAssumeRolePolicy",
            "iam:DeleteRolePermissionsBoundary",
            "iam:SetDefaultPolicyVersion",
            "iam:AddUserToGroup",
            "sts:AssumeRole",
            "ce:GetCostAndUsage",
            "budgets:ViewBudget",
            "budgets:ModifyBudget",
        ] {
            assert!(!may(&[], action, role), "{action}");
        }
    }

    #[test]
    fn a_session_that_is_narrowed_already_is_not_widened() {
        let session = [ALICE.to_owned()];
        assert!(may(&session, "s3:GetObject", "arn:aws:s3:::alice/k"));
        assert!(!may(&session, "s3:GetObject", "arn:aws:s3:::bob/k"));
        assert!(!may(&session, "iam:CreateUser", "*"));
    }

    #[test]
    fn what_narrows_is_a_policy() {
        policy::check(&narrowed(&[])[0]).unwrap();
        policy::check(&narrowed(&[ALICE.to_owned()])[1]).unwrap();
    }
}
