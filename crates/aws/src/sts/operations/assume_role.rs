//! `AssumeRole`: keys for a while, with what a role may do.

use crate::fault::Fault;
use crate::iam::{self, Kind};
use crate::operation::{Call, Operation};
use crate::sts::policies::{self, PolicyArn};
use crate::sts::{Credentials, seconds, session_name};
use ::s3::{Identity, Verdict};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) struct AssumeRole;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    role_arn: String,
    role_session_name: String,
    duration_seconds: Option<String>,
    external_id: Option<String>,
    policy: Option<String>,
    #[serde(default)]
    policy_arns: Vec<PolicyArn>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    credentials: Credentials,
    assumed_role_user: AssumedRoleUser,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AssumedRoleUser {
    assumed_role_id: String,
    arn: String,
}

impl Operation for AssumeRole {
    const NAME: &'static str = "AssumeRole";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let policies = policies::read(call, input.policy, input.policy_arns).await?;
        session_name(&input.role_session_name)?;
        let account = &call.aws.account.id;
        let denied = || denied(call, &input.role_arn);
        let name = match iam::entity_of(&input.role_arn) {
            Some((Kind::Role, name)) if input.role_arn.contains(":role/") => name,
            _ => return Err(denied()),
        };
        // Whether there is such a role is told only to whom it trusts.
        let role = call.entity(Kind::Role, name).await.map_err(|_| denied())?;
        if role.arn(Kind::Role, account) != input.role_arn {
            return Err(denied());
        }
        let who = Identity {
            principal: call.principal.arn.clone(),
            account: account.clone(),
            workspace: call.principal.workspace.clone(),
            session: call.principal.session.clone(),
        };
        let mut facts = call.facts(call.connection, &Value::Null);
        if let Some(id) = input.external_id {
            facts.insert("sts:externalid".to_owned(), vec![id]);
        }
        let session = vec![input.role_session_name.clone()];
        facts.insert("sts:rolesessionname".to_owned(), session);
        let (said, by_name) = iam::trust(&role, &who, &facts);
        if said != Verdict::Allowed {
            return Err(denied());
        }
        let action = "sts:AssumeRole";
        let asked = call.principal.who();
        let own = iam::verdict(call.aws, asked, action, &input.role_arn, &facts);
        match own.await? {
            Verdict::Allowed => {}
            Verdict::Unsaid if by_name => {}
            Verdict::Unsaid | Verdict::Denied => return Err(denied()),
        }
        let life = seconds(
            input.duration_seconds.as_deref(),
            3_600,
            900,
            role.longest_session,
        )?;
        let session = &input.role_session_name;
        let arn = format!(
            "arn:aws:sts::{account}:assumed-role/{}/{session}",
            role.name
        );
        let user_id = format!("{}:{session}", role.id);
        let credentials =
            Credentials::make(call, arn.clone(), user_id.clone(), life, policies).await?;
        Ok(Output {
            credentials,
            assumed_role_user: AssumedRoleUser {
                assumed_role_id: user_id,
                arn,
            },
        })
    }
}

fn denied(call: &Call<'_>, role: &str) -> Fault {
    let who = &call.principal.arn;
    let text =
        format!("User: {who} is not authorized to perform: sts:AssumeRole on resource: {role}");
    Fault::new("AccessDenied", text).with_status(StatusCode::FORBIDDEN)
}
