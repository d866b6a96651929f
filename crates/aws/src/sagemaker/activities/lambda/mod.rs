//! A Lambda step: a function of this installation is called with the step's arguments, and what it
//! answers are the step's outputs
//! (<https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-lambda>).
//!
//! The call has a document of its own, which says who makes it and when that was last seen alive.
//! One whose server is gone is made again by whoever looks: at least once, as functions are called.

mod outputs;

pub(crate) use outputs::{Output, metadata};

use crate::Aws;
use crate::fault::Fault;
use crate::lambda;
use crate::operation::Call;
use contracts::activities::{Activity, Seen, Standing};
use control::Caller;
use control::documents::NewDocument;
use control::functions::EventCall;
use domain::execution::FailureClass;
use domain::function::Qualifier;
use domain::{FunctionName, Refusal, Span, Timestamp, Workspace};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;

/// The kind of activity, and of step.
pub(crate) const KIND: &str = "Lambda";

/// The kind of the calls' documents.
const DOCUMENT: &str = "sagemaker/lambda-call";
/// Between two signs of life of whoever makes a call.
const BEAT: Duration = Duration::from_secs(5);
/// How long nothing may be heard of it.
const SILENCE: Span = Span::seconds(30);
/// Longest text of a failure.
const LONGEST: usize = 1_024;

/// What the step asks for.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Request {
    pub(crate) function_arn: String,
    pub(crate) arguments: Value,
    #[serde(default)]
    pub(crate) outputs: Vec<Output>,
}

/// A call and how it stands.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Kept {
    request: Request,
    /// Who asked for it may call it.
    role: control::access::Role,
    /// The server that makes it.
    owner: String,
    /// When that was last seen.
    seen: Timestamp,
    #[serde(default)]
    end: Option<End>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum End {
    Answered(Value),
    Failed(String),
}

/// Begins the call; one that was begun is the one.
pub(super) async fn ensure(call: &Call<'_>, activity: &Activity) -> Result<Value, Fault> {
    let request: Request = crate::operation::read(activity.request.clone())?;
    let handle = json!({"Arn": request.function_arn});
    let facts = call.facts(None, &Value::Null);
    call.demand("lambda:InvokeFunction", &request.function_arn, &facts)
        .await?;
    let (function, qualifier) = named(&request.function_arn)?;
    let caller = call.caller();
    let target = event(&request, &qualifier, &activity.name);
    let allowed = call
        .aws
        .control
        .may_invoke_function(&caller, &function, &target)
        .await;
    allowed.map_err(|refusal| match refusal {
        Refusal::NotFound { .. } => Fault::validation(format!(
            "the function {} was not found",
            request.function_arn
        )),
        refusal => refusal.into(),
    })?;
    let kept = Kept {
        request,
        role: caller.role,
        owner: call.aws.control.owner.clone(),
        seen: call.aws.control.world.now(),
        end: None,
    };
    match call
        .aws
        .control
        .create_document(&caller, &document(&activity.name, &kept))
        .await
    {
        Ok(_) => begin(call.aws, &activity.workspace, &activity.name, kept),
        Err(Refusal::AlreadyExists { .. }) => {}
        Err(refusal) => return Err(refusal.into()),
    }
    Ok(handle)
}

/// How the call stands. One that nobody makes any more is made from here.
pub(super) async fn observe(aws: &Aws, activity: &Activity) -> Result<Seen, Refusal> {
    let caller = Caller::system(activity.workspace.clone());
    let known = aws
        .control
        .document(&caller, DOCUMENT, &activity.name)
        .await?;
    let mut kept = read(known.document.body)?;
    let standing = match kept.end {
        Some(End::Answered(result)) => Standing::Succeeded { result },
        Some(End::Failed(reason)) => Standing::Failed {
            reason,
            class: FailureClass::Own,
        },
        None => {
            let now = aws.control.world.now();
            if now.since(kept.seen) > SILENCE {
                kept.owner.clone_from(&aws.control.owner);
                kept.seen = now;
                let new = document(&activity.name, &kept);
                let taken = aws
                    .control
                    .put_document(&caller, &new, Some(known.revision))
                    .await;
                // Somebody else may have been quicker.
                if taken.is_ok() {
                    begin(aws, &activity.workspace, &activity.name, kept);
                }
            }
            Standing::Running
        }
    };
    Ok(Seen {
        standing,
        job: None,
    })
}

/// Makes the call beside everything else, and writes down what came of it.
fn begin(aws: &Aws, workspace: &Workspace, name: &str, kept: Kept) {
    let (aws, workspace, name) = (aws.clone(), workspace.clone(), name.to_owned());
    tokio::spawn(async move {
        let caller = Caller {
            role: kept.role,
            ..Caller::system(workspace.clone())
        };
        let answer = answered(&aws, &caller, &name, &kept.request);
        tokio::pin!(answer);
        let end = loop {
            tokio::select! {
                end = &mut answer => break end,
                () = tokio::time::sleep(BEAT) => {
                    let seen = aws.control.world.now();
                    let alive = Kept { seen, ..kept.clone() };
                    write(&aws, &workspace, &name, &alive).await;
                }
            }
        };
        let over = Kept {
            end: Some(end),
            ..kept.clone()
        };
        write(&aws, &workspace, &name, &over).await;
    });
}

async fn write(aws: &Aws, workspace: &Workspace, name: &str, kept: &Kept) {
    let caller = Caller::system(workspace.clone());
    let written = aws
        .control
        .put_document(&caller, &document(name, kept), None)
        .await;
    if let Err(refusal) = written {
        // Without its sign of life the call is made again.
        tracing::warn!(call = name, %refusal, "a pipeline's call of a function is not written down");
    }
}

async fn answered(aws: &Aws, caller: &Caller, name: &str, request: &Request) -> End {
    let arn = &request.function_arn;
    let (function, qualifier) = match named(arn) {
        Ok(named) => named,
        Err(fault) => return End::Failed(format!("ClientError: {}", fault.message)),
    };
    let call = event(request, &qualifier, name);
    let answer = match aws.control.invoke_function(caller, &function, &call).await {
        Ok(answer) => answer,
        Err(refusal) => return End::Failed(format!("ClientError: {arn}: {refusal}")),
    };
    let text = String::from_utf8_lossy(&answer.payload).into_owned();
    if answer.fault.is_some() {
        let text: String = text.chars().take(LONGEST).collect();
        return End::Failed(format!("ClientError: the function {arn} failed: {text}"));
    }
    match outputs::of(
        &request.outputs,
        &serde_json::from_str(&text).unwrap_or_default(),
    ) {
        Ok(outputs) => End::Answered(json!({"Arn": arn, "OutputParameters": outputs})),
        Err(reason) => End::Failed(format!("ClientError: the function {arn}: {reason}")),
    }
}

fn named(arn: &str) -> Result<(FunctionName, Qualifier), Fault> {
    let wrong = |text: String| Fault::validation(text).with_status(StatusCode::BAD_REQUEST);
    let (name, qualifier) = lambda::function(arn).map_err(|fault| wrong(fault.message))?;
    let qualifier = Qualifier::try_from(qualifier.unwrap_or_default());
    Ok((name, qualifier.map_err(wrong)?))
}

fn event(request: &Request, qualifier: &Qualifier, name: &str) -> EventCall {
    EventCall {
        qualifier: qualifier.clone(),
        payload: request.arguments.to_string().into(),
        client_context: None,
        invoked: Some(request.function_arn.clone()),
        request: Some(name.to_owned()),
    }
}

fn document(name: &str, kept: &Kept) -> NewDocument {
    NewDocument {
        kind: DOCUMENT.to_owned(),
        id: name.to_owned(),
        phase: if kept.end.is_some() {
            "over"
        } else {
            "running"
        }
        .to_owned(),
        body: json!(kept),
        ..NewDocument::default()
    }
}

fn read(body: Value) -> Result<Kept, Refusal> {
    serde_json::from_value(body).map_err(|error| Refusal::internal(error.to_string()))
}
