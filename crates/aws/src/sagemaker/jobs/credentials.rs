//! The keys that a job of SageMaker has: those of a session of its role, as on SageMaker, and so
//! what the policies of that role allow.
//!
//! A role that this installation does not know is one of another account in a program that runs
//! here unchanged: its job acts as whoever asked for it, and has never more than they have.

use super::{PROCESSING, TRAINING, TRANSFORM};
use crate::Aws;
use crate::credentials::{Holder, Session};
use crate::fault::Fault;
use crate::iam::{self, Kind};
use crate::operation::Call;
use crate::sagemaker::activities::Actor;
use crate::sagemaker::models;
use control::Caller;
use control::access::Role;
use control::transact::hexadecimal;
use domain::function::Network;
use domain::job::Job;
use domain::{Refusal, Span};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// What a session of a role is called that SageMaker assumed.
const SESSION: &str = "SageMaker";
/// How long a job without a limit of its own may have its keys; SageMaker's longest job.
const LONGEST: Span = Span::minutes(28 * 24 * 60);
/// For inputs, environments and uploads beside the time of user code.
const BESIDE: Span = Span::minutes(6 * 60);

/// Who assumes a job's role.
const SERVICE: &str = "sagemaker.amazonaws.com";

/// The variables of the keys; one without a value is taken away.
const NAMES: [&str; 3] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
];

/// The variables by which a job's code signs its requests. A job that may not reach the network
/// has none.
pub(crate) async fn of(aws: &Aws, job: &Job) -> Result<BTreeMap<String, Option<String>>, Refusal> {
    let none = || {
        NAMES
            .map(|name| (name.to_owned(), None))
            .into_iter()
            .collect()
    };
    let Some(foreign) = &job.foreign else {
        return Ok(BTreeMap::new());
    };
    if ![TRAINING, PROCESSING, TRANSFORM].contains(&foreign.kind.as_str()) {
        return Ok(BTreeMap::new());
    }
    let actor = foreign.actor.as_ref();
    let actor = actor.and_then(|actor| serde_json::from_value::<Actor>(actor.clone()).ok());
    let Some(actor) = actor.filter(|_| job.spec.network == Network::Open) else {
        return Ok(none());
    };
    let identity = identity(aws, job, &actor).await?;
    // A role that was passed on is had whole; whoever asked has no more than their session. The role
    // that every installation has is no way out of a session either.
    let (arn, user_id, policies) = match identity {
        Some((arn, user_id)) => {
            let is_built_in = iam::entity_of(&arn) == Some((Kind::Role, iam::EXECUTION_ROLE));
            let policies = is_built_in.then_some(actor.session);
            (arn, user_id, policies.unwrap_or_default())
        }
        None => (actor.arn, actor.user_id, actor.session),
    };
    let token = aws.mixed(344);
    let life = job.spec.limits.wall_clock.unwrap_or(LONGEST);
    let holder = Holder {
        arn,
        user_id,
        workspace: job.workspace.clone(),
        role: actor.role,
        session: Some(Session {
            token_hash: hexadecimal(&Sha256::digest(token.as_bytes())),
            expires: aws.control.world.now() + life + BESIDE,
            policies,
        }),
        active: true,
    };
    let key = aws.make_access_key(&holder).await?;
    let values = [key.id, key.secret.reveal().to_owned(), token];
    let pairs = NAMES.iter().zip(values);
    Ok(pairs
        .map(|(name, value)| ((*name).to_owned(), Some(value)))
        .collect())
}

/// Refuses a job whose role this installation knows and whose trust policy does not let SageMaker
/// assume it.
pub(crate) async fn check(call: &Call<'_>, request: &Value, arn: &str) -> Result<(), Fault> {
    let Some(role) = request["RoleArn"].as_str() else {
        return Ok(());
    };
    let Some((Kind::Role, name)) = iam::entity_of(role) else {
        return Ok(());
    };
    let account = &call.aws.account.id;
    let found = iam::find(call.aws, &call.caller(), Kind::Role, name).await?;
    let Some(entity) = found.filter(|entity| entity.arn(Kind::Role, account) == role) else {
        return Ok(());
    };
    let facts = ::s3::Facts::from([
        ("aws:sourceaccount".to_owned(), vec![account.clone()]),
        ("aws:sourcearn".to_owned(), vec![arn.to_owned()]),
    ]);
    if iam::trusts_service(&entity, SERVICE, &facts) {
        return Ok(());
    }
    Err(Fault::validation(format!(
        "Could not assume role {role}. Please ensure that the role exists and allows principal \
         '{SERVICE}' to assume the role."
    )))
}

/// The session of its role that the job is, where that role is known here.
async fn identity(
    aws: &Aws,
    job: &Job,
    actor: &Actor,
) -> Result<Option<(String, String)>, Refusal> {
    let Some(role) = role_of(aws, job, actor).await? else {
        return Ok(None);
    };
    let Some((Kind::Role, name)) = iam::entity_of(&role) else {
        return Ok(None);
    };
    let reader = Caller {
        role: Role::Reader,
        ..Caller::system(job.workspace.clone())
    };
    let found = iam::find(aws, &reader, Kind::Role, name).await;
    let found = found.map_err(|fault| Refusal::Unavailable {
        message: fault.message,
    })?;
    let account = &aws.account.id;
    let found = found.filter(|entity| entity.arn(Kind::Role, account) == role);
    Ok(found.map(|entity| {
        (
            format!(
                "arn:aws:sts::{account}:assumed-role/{}/{SESSION}",
                entity.name
            ),
            format!("{}:{SESSION}", entity.id),
        )
    }))
}

/// The role that a job has.
async fn role_of(aws: &Aws, job: &Job, actor: &Actor) -> Result<Option<String>, Refusal> {
    let Some(foreign) = &job.foreign else {
        return Ok(None);
    };
    let principal = actor.principal(&job.workspace);
    let call = actor.call(aws, &principal, job.id.as_str());
    let found = role(&call, &foreign.kind, &foreign.document).await;
    found.map_err(|fault| Refusal::Unavailable {
        message: fault.message,
    })
}

/// The role that the request for a job names; a transform job has its model's.
pub(super) async fn role(
    call: &Call<'_>,
    kind: &str,
    request: &Value,
) -> Result<Option<String>, Fault> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    if kind != TRANSFORM {
        return Ok(text(&request["RoleArn"]));
    }
    let Some(model) = request["ModelName"].as_str() else {
        return Ok(None);
    };
    match models::find(call, model).await {
        Ok((model, _)) => Ok(text(&model.request["ExecutionRoleArn"])),
        // The model was deleted after the job was asked for.
        Err(fault) if fault.status.is_client_error() => Ok(None),
        Err(fault) => Err(fault),
    }
}
