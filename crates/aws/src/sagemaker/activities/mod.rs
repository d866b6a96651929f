//! What reconcilers have SageMaker do: the operations that answer requests, called by a stored name
//! on behalf of whoever asked. So a job that a pipeline or a tuner started is a job like any other.

mod kinds;
pub(crate) mod lambda;
mod properties;
mod trial;

pub(crate) use kinds::{Kind, kind, served};
pub(crate) use trial::KIND as TRIAL;

use crate::fault::Fault;
use crate::operation::{Call, read};
use crate::principal::Principal;
use crate::sagemaker::{jobs, pipelines};
use crate::{Account, Aws, OpenedKeys};
use contracts::activities::{Activities, Activity, Resolved, Seen, Standing};
use control::Control;
use control::access::Role;
use control::transact::hexadecimal;
use domain::execution::{Execution, FailureClass, GraphStep};
use domain::job::Job;
use domain::{JobId, Refusal, Span, Workspace};
use objects::ObjectStore;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use serving::logs::Recent;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

/// The dialect's name towards reconcilers.
pub(crate) const DIALECT: &str = "sagemaker";

/// Whoever asked, kept so that what follows is done in their name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Actor {
    pub(crate) arn: String,
    pub(crate) user_id: String,
    access_key: String,
    pub(crate) role: Role,
    pub(crate) region: String,
    /// The policies of their session.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) session: Vec<String>,
}

impl Actor {
    /// Whoever is calling.
    pub(crate) fn of(call: &Call<'_>) -> Self {
        let principal = call.principal;
        Self {
            arn: principal.arn.clone(),
            user_id: principal.user_id.clone(),
            access_key: principal.access_key.clone(),
            role: principal.role,
            region: call.region.to_owned(),
            session: principal.session.clone(),
        }
    }

    /// A call in their name.
    pub(crate) fn call<'a>(
        &'a self,
        aws: &'a Aws,
        principal: &'a Principal,
        name: &'a str,
    ) -> Call<'a> {
        called(aws, principal, self, name)
    }

    pub(crate) fn principal(&self, workspace: &Workspace) -> Principal {
        Principal {
            arn: self.arn.clone(),
            user_id: self.user_id.clone(),
            access_key: self.access_key.clone(),
            workspace: workspace.clone(),
            role: self.role,
            session: self.session.clone(),
        }
    }
}

/// The dialect as reconcilers see it. The control plane is not kept alive by it: it holds this.
pub(crate) struct Dialect {
    pub(crate) control: Weak<Control>,
    pub(crate) objects: ObjectStore,
    pub(crate) endpoint_lines: Arc<Recent>,
    pub(crate) ledger: costs::Ledger,
    pub(crate) account: Account,
    pub(crate) endpoints: serving::Endpoints,
    pub(crate) offers: crate::Offers,
    pub(crate) largest_body: usize,
    pub(crate) keys: Arc<OpenedKeys>,
}

impl Dialect {
    /// The dialect, while the control plane is there.
    pub(crate) fn aws(&self) -> Result<Aws, Refusal> {
        let control = self.control.upgrade().ok_or_else(|| Refusal::Unavailable {
            message: "the server is ending".to_owned(),
        })?;
        Ok(Aws {
            control,
            objects: self.objects.clone(),
            endpoint_lines: Arc::clone(&self.endpoint_lines),
            ledger: self.ledger.clone(),
            account: self.account.clone(),
            endpoints: self.endpoints.clone(),
            offers: self.offers.clone(),
            largest_body: self.largest_body,
            keys: Arc::clone(&self.keys),
        })
    }
}

/// Calls an operation by its name.
pub(crate) async fn perform(
    call: &Call<'_>,
    operation: &str,
    input: Value,
) -> Result<Value, Fault> {
    let served = super::SERVICE.operation(operation)?;
    (served.run)(call, input).await
}

/// Makes something in the name of whoever asked, as far as their policies allow it now.
async fn make(call: &Call<'_>, operation: &str, input: Value) -> Result<Value, Fault> {
    let service = super::SERVICE.signing_name;
    crate::iam::authorise(call, service, operation, &input).await?;
    perform(call, operation, input).await
}

/// A fault as reconcilers understand it.
fn refusal(fault: Fault) -> Refusal {
    let text = format!("{}: {}", fault.code, fault.message);
    match fault.code.as_ref() {
        "ThrottlingException" => Refusal::Throttled {
            message: text,
            after: Span::seconds(1),
        },
        "ResourceLimitExceeded" => Refusal::QuotaSpent { message: text },
        "UnsupportedOperationException" => Refusal::Unsupported { message: text },
        _ if fault.status.is_server_error() => Refusal::Unavailable { message: text },
        _ => Refusal::invalid(text),
    }
}

fn is_missing(fault: &Fault) -> bool {
    fault.code == "ResourceNotFound"
        || fault.message.contains("not found")
        || fault.message.contains("does not exist")
        || fault.message.starts_with("Could not find")
}

fn is_there_already(fault: &Fault) -> bool {
    fault.code == "ResourceInUse" || fault.message.contains("already exist")
}

#[async_trait::async_trait]
impl Activities for Dialect {
    async fn resolve(
        &self,
        execution: &Execution,
        step: &GraphStep,
        tries: u32,
    ) -> Result<Resolved, Refusal> {
        pipelines::resolve::step(&self.aws()?, execution, step, tries).await
    }

    async fn ensure(&self, activity: &Activity) -> Result<Value, Refusal> {
        let (aws, actor) = (self.aws()?, actor(activity)?);
        let principal = actor.principal(&activity.workspace);
        let call = called(&aws, &principal, &actor, &activity.name);
        let made = match activity.kind.as_str() {
            trial::KIND => trial::ensure(&call, activity).await,
            lambda::KIND => lambda::ensure(&call, activity).await,
            _ => ensure(&call, activity).await,
        };
        made.map_err(refusal)
    }

    async fn observe(&self, activity: &Activity, handle: &Value) -> Result<Seen, Refusal> {
        if activity.kind == lambda::KIND {
            return lambda::observe(&self.aws()?, activity).await;
        }
        let (aws, actor) = (self.aws()?, actor(activity)?);
        let principal = actor.principal(&activity.workspace);
        let call = called(&aws, &principal, &actor, &activity.name);
        let kind = of(activity)?;
        if kind.word == "RegisterModel" && handle.get(kind.arn).is_none() {
            // A package has no name before it is made.
            return Err(Refusal::not_found(kind.metadata, &activity.name));
        }
        let name = name(activity, kind, handle);
        let described = perform(&call, kind.describe, json!({kind.name: name})).await;
        let described = described.map_err(|fault| {
            if is_missing(&fault) {
                Refusal::not_found(kind.metadata, &activity.name)
            } else {
                refusal(fault)
            }
        })?;
        let job = kind.job.map(|id| id(&activity.name));
        let standing = match standing(kind, described) {
            Standing::Succeeded { result } if kind.word == "Tuning" => Standing::Succeeded {
                result: properties::with_trials(&call, name, result)
                    .await
                    .map_err(refusal)?,
            },
            standing => standing,
        };
        Ok(Seen {
            standing,
            job: job.and_then(|id| JobId::new(id).ok()),
        })
    }

    async fn job_env(&self, job: &Job) -> Result<BTreeMap<String, Option<String>>, Refusal> {
        jobs::credentials::of(&self.aws()?, job).await
    }

    async fn stop(&self, activity: &Activity, handle: &Value) -> Result<(), Refusal> {
        if activity.kind == lambda::KIND {
            // A function that was called goes on to its end.
            return Ok(());
        }
        let (aws, actor) = (self.aws()?, actor(activity)?);
        let principal = actor.principal(&activity.workspace);
        let call = called(&aws, &principal, &actor, &activity.name);
        let kind = of(activity)?;
        let Some(stop) = kind.stop else {
            return Ok(());
        };
        let name = name(activity, kind, handle);
        match perform(&call, stop, json!({kind.name: name})).await {
            // A stop of what is over or not there is no error here.
            Ok(_) => Ok(()),
            Err(fault) if fault.status.is_client_error() => Ok(()),
            Err(fault) => Err(refusal(fault)),
        }
    }
}

fn called<'a>(aws: &'a Aws, principal: &'a Principal, actor: &'a Actor, name: &'a str) -> Call<'a> {
    Call {
        aws,
        principal,
        region: &actor.region,
        request_id: name,
        connection: None,
    }
}

fn actor(activity: &Activity) -> Result<Actor, Refusal> {
    Actor::deserialize(&activity.actor).map_err(|error| Refusal::internal(error.to_string()))
}

fn of(activity: &Activity) -> Result<&'static Kind, Refusal> {
    let word = match activity.kind.as_str() {
        trial::KIND => "Training",
        word => word,
    };
    kind(word).ok_or_else(|| Refusal::internal(format!("no kind of activity is `{word}`")))
}

fn name<'a>(activity: &'a Activity, kind: &Kind, handle: &'a Value) -> &'a str {
    let named = match kind.word {
        "RegisterModel" => handle.get(kind.arn).and_then(Value::as_str),
        _ => None,
    };
    named.unwrap_or(&activity.name)
}

async fn ensure(call: &Call<'_>, activity: &Activity) -> Result<Value, Fault> {
    let kind = of(activity)?;
    let mut request = activity.request.clone();
    if kind.word == "RegisterModel" {
        make_group(call, &request).await?;
        set(&mut request, "ClientToken", client_token(&activity.name));
    } else {
        set(&mut request, kind.name, activity.name.clone());
    }
    match make(call, kind.create, request).await {
        Ok(made) => Ok(made),
        Err(fault) if is_there_already(&fault) => Ok(json!({})),
        Err(fault) => Err(fault),
    }
}

/// The group of a package that a pipeline registers is made when it is not there.
async fn make_group(call: &Call<'_>, request: &Value) -> Result<(), Fault> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Group {
        #[serde(default)]
        model_package_group_name: Option<String>,
    }
    let group: Group = read(request.clone())?;
    let Some(name) = group.model_package_group_name else {
        return Ok(());
    };
    let name = Account::name_of(&name, "model-package-group").to_owned();
    let input = json!({"ModelPackageGroupName": name});
    match make(call, "CreateModelPackageGroup", input).await {
        Ok(_) => Ok(()),
        Err(fault) if is_there_already(&fault) => Ok(()),
        Err(fault) => Err(fault),
    }
}

fn set(request: &mut Value, member: &str, value: String) {
    if let Value::Object(members) = request {
        members.insert(member.to_owned(), Value::String(value));
    }
}

/// At most 36 letters and digits, the same for the same name.
fn client_token(name: &str) -> String {
    hexadecimal(&Sha256::digest(name)[..16])
}

fn standing(kind: &Kind, described: Value) -> Standing {
    let text = |member: &str| described.get(member).and_then(Value::as_str);
    let Some(status) = kind.status.and_then(text) else {
        return Standing::Succeeded { result: described };
    };
    match status {
        "Completed" => Standing::Succeeded { result: described },
        "Failed" => {
            let reason = text("FailureReason").unwrap_or("ClientError: it failed");
            let class = match reason.split(':').next() {
                Some("InternalServerError") => FailureClass::Internal,
                Some("CapacityError") => FailureClass::Capacity,
                Some("ResourceLimitExceeded") => FailureClass::Quota,
                _ => FailureClass::Own,
            };
            Standing::Failed {
                reason: reason.to_owned(),
                class,
            }
        }
        "Stopped" if text("SecondaryStatus") == Some("MaxRuntimeExceeded") => Standing::Failed {
            reason: "ClientError: the job took longer than MaxRuntimeInSeconds".to_owned(),
            class: FailureClass::Own,
        },
        "Stopped" => Standing::Stopped,
        _ => Standing::Running,
    }
}
