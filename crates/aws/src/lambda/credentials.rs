//! The keys that a function's code has: those of a session of its role, as on Lambda, and so what
//! the policies of that role allow.
//!
//! A role that this installation does not know is one of another account in a program that runs
//! here unchanged: its function acts as whoever deployed it last, and has never more than they
//! have. A function that did not come by Lambda's API acts for the workspace. Whichever it is, a
//! function changes nobody's rights and reads no bills.
//!
//! Who deployed a function is kept with it, sealed for its name: whoever can write a function by
//! another API can leave that out, but cannot name somebody else.

use super::Asked;
use super::fault::{of, parameter};
use crate::Aws;
use crate::credentials::Holder;
use crate::fault::Fault;
use crate::iam::{self, EXECUTION_ROLE, Entity, Kind, LIFE, narrowed};
use crate::sagemaker::activities::{Actor, Dialect};
use contracts::functions::FunctionTarget;
use control::Caller;
use control::access::Role;
use domain::function::FunctionSpec;
use domain::{FunctionName, Refusal, Workspace};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Where the deployer is kept with what else Lambda's API says of a function.
const DEPLOYER: &str = "TradewindDeployer";

/// Who assumes a function's role.
const SERVICE: &str = "lambda.amazonaws.com";

/// Makes the keys of functions. It does not keep the control plane alive.
pub struct FunctionKeys {
    pub(crate) dialect: Dialect,
}

impl FunctionKeys {
    /// The variables by which a version's code signs requests; none for functions of other
    /// workspaces that did not come by Lambda's API.
    ///
    /// # Errors
    /// [`Refusal`] when the store or the key ring cannot be used, or the server is ending.
    pub async fn of(&self, target: &FunctionTarget) -> Result<BTreeMap<String, String>, Refusal> {
        let aws = self.dialect.aws()?;
        let Some((holder, policies)) = holder(&aws, target).await? else {
            return Ok(BTreeMap::new());
        };
        let (key, token) = aws.make_session_key(holder, LIFE, policies).await?;
        let region = aws.account.region.as_str();
        let variables = [
            ("AWS_ACCESS_KEY_ID", key.id.as_str()),
            ("AWS_SECRET_ACCESS_KEY", key.secret.reveal()),
            ("AWS_SESSION_TOKEN", token.reveal()),
            ("AWS_REGION", region),
            ("AWS_DEFAULT_REGION", region),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Ok(BTreeMap::from(variables))
    }
}

/// The ARN of a function's role, if its request named one.
pub(super) fn role(spec: &FunctionSpec) -> Option<&str> {
    spec.foreign.get("Role")?.as_str()
}

/// Refuses a role that this installation knows and whose trust policy does not let Lambda assume
/// it.
pub(super) async fn check_role(
    asked: &Asked<'_>,
    name: &FunctionName,
    spec: &FunctionSpec,
) -> Result<(), Fault> {
    let (call, aws) = (asked.call, asked.call.aws);
    let Some(found) = known(aws, &call.principal.workspace, role(spec)).await? else {
        return Ok(());
    };
    let facts = ::s3::Facts::from([
        ("aws:sourceaccount".to_owned(), vec![aws.account.id.clone()]),
        (
            "aws:sourcearn".to_owned(),
            vec![call.arn("lambda", &format!("function:{name}"))],
        ),
    ]);
    if iam::trusts_service(&found, SERVICE, &facts) {
        return Ok(());
    }
    Err(parameter(
        "The role defined for the function cannot be assumed by Lambda.",
    ))
}

/// Keeps with a function that whoever calls has deployed it.
pub(super) fn sign(
    asked: &Asked<'_>,
    name: &FunctionName,
    spec: &mut FunctionSpec,
) -> Result<(), Fault> {
    let (call, aws) = (asked.call, asked.call.aws);
    let workspace = &call.principal.workspace;
    let actor = Actor::of(call);
    let now = json!({"actor": actor, "role": role(spec)});
    // The same again is no change of the function.
    if opened(aws, workspace, name, spec).is_some_and(|before| before == now) {
        return Ok(());
    }
    let purpose = purpose(workspace, name);
    let sealed = aws.seal(&purpose, now.to_string().as_bytes()).map_err(of)?;
    spec.foreign
        .insert(DEPLOYER.to_owned(), Value::String(sealed));
    Ok(())
}

fn purpose(workspace: &Workspace, name: &FunctionName) -> String {
    format!("lambda-deployer/{workspace}/{name}")
}

/// What was sealed for this function; none when nothing was, or it was for another one.
fn opened(
    aws: &Aws,
    workspace: &Workspace,
    name: &FunctionName,
    spec: &FunctionSpec,
) -> Option<Value> {
    let sealed = spec.foreign.get(DEPLOYER)?.as_str()?;
    let plain = aws.unseal(&purpose(workspace, name), sealed).ok()?;
    serde_json::from_str(&plain).ok()
}

/// The role of an ARN, where it is one of this installation's.
async fn known(
    aws: &Aws,
    workspace: &Workspace,
    role: Option<&str>,
) -> Result<Option<Entity>, Fault> {
    let Some(role) = role else {
        return Ok(None);
    };
    let Some((Kind::Role, name)) = iam::entity_of(role) else {
        return Ok(None);
    };
    let reader = Caller {
        role: Role::Reader,
        ..Caller::system(workspace.clone())
    };
    let found = iam::find(aws, &reader, Kind::Role, name).await?;
    Ok(found.filter(|entity| entity.arn(Kind::Role, &aws.account.id) == role))
}

/// Whose session a function is, and the policies of that session.
async fn holder(
    aws: &Aws,
    target: &FunctionTarget,
) -> Result<Option<(Holder, Vec<String>)>, Refusal> {
    let (workspace, name) = (&target.workspace, &target.name);
    let session_of = |arn: String, user_id: String, role: Role| Holder {
        arn,
        user_id,
        workspace: workspace.clone(),
        role: role.min(Role::Editor),
        session: None,
        active: true,
    };
    let account = &aws.account.id;
    let Some(deployed) = opened(aws, workspace, name, &target.spec) else {
        let is_usual = *workspace == Workspace::default();
        return Ok(is_usual.then(|| (aws.borrower(name.as_str()), narrowed(&[]))));
    };
    let actor: Actor = serde_json::from_value(deployed["actor"].clone())
        .map_err(|error| Refusal::internal(error.to_string()))?;
    let found = known(aws, workspace, deployed["role"].as_str()).await;
    let found = found.map_err(|fault| Refusal::Unavailable {
        message: fault.message,
    })?;
    Ok(Some(if let Some(entity) = found {
        let arn = format!("arn:aws:sts::{account}:assumed-role/{}/{name}", entity.name);
        let id = format!("{}:{name}", entity.id);
        // The role that every installation has is no way out of a narrowed session.
        let session = match entity.name.as_str() {
            EXECUTION_ROLE => actor.session.as_slice(),
            _ => &[],
        };
        (session_of(arn, id, actor.role), narrowed(session))
    } else {
        let policies = narrowed(&actor.session);
        (session_of(actor.arn, actor.user_id, actor.role), policies)
    }))
}
