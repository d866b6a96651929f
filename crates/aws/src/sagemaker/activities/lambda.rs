//! A Lambda step: a function of this installation is called with the step's arguments, and what it
//! answers are the step's outputs
//! (<https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-lambda>).
//!
//! The call has a document of its own, which says who makes it and when that was last seen alive.
//! One whose server is gone is made again by whoever looks: at least once, as functions are called.

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
use serde_json::{Map, Value, json};
use std::time::Duration;

/// The kind of activity, and of step.
pub(crate) const KIND: &str = "Lambda";

/// The kind of the calls' documents.
const DOCUMENT: &str = "sagemaker/lambda-call";
/// Between two signs of life of whoever makes a call.
const BEAT: Duration = Duration::from_secs(5);
/// How long nothing may be heard of it.
const SILENCE: Span = Span::seconds(30);
/// Longest text of an output; the model's own limit.
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

/// A value that the function's answer has.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    output_name: String,
    #[serde(default)]
    output_type: Option<String>,
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
    match outputs(
        &request.outputs,
        &serde_json::from_str(&text).unwrap_or_default(),
    ) {
        Ok(outputs) => End::Answered(json!({"Arn": arn, "OutputParameters": outputs})),
        Err(reason) => End::Failed(format!("ClientError: the function {arn}: {reason}")),
    }
}

/// The declared outputs of an answer, as names and values of their types.
fn outputs(declared: &[Output], answer: &Value) -> Result<Vec<Value>, String> {
    let mut found = Vec::new();
    for output in declared {
        let name = &output.output_name;
        let value = answer
            .get(name)
            .ok_or_else(|| format!("its answer has no `{name}`, which the step declares"))?;
        let good = match output.output_type.as_deref() {
            None | Some("String") => value.is_string(),
            Some("Integer") => value.is_i64() || value.is_u64(),
            Some("Float") => value.is_number(),
            Some("Boolean") => value.is_boolean(),
            Some(other) => return Err(format!("the output `{name}` has the type `{other}`")),
        };
        // A number or a truth is a text where a text is declared, as what names it expects.
        let value = match (good, value) {
            (true, value) => value.clone(),
            (false, value @ (Value::Number(_) | Value::Bool(_)))
                if matches!(output.output_type.as_deref(), None | Some("String")) =>
            {
                json!(value.to_string())
            }
            _ => {
                return Err(format!(
                    "the `{name}` of its answer is not of the declared type"
                ));
            }
        };
        if value.as_str().is_some_and(|text| text.len() > LONGEST) {
            return Err(format!(
                "the `{name}` of its answer is longer than {LONGEST} characters"
            ));
        }
        found.push(json!({"Name": name, "Value": value}));
    }
    Ok(found)
}

/// A step's metadata: outputs are texts there.
pub(crate) fn metadata(handle: Option<&Value>, result: Option<&Value>) -> Value {
    let mut shown = Map::new();
    if let Some(arn) = handle.or(result).and_then(|value| value.get("Arn")) {
        shown.insert("Arn".to_owned(), arn.clone());
    }
    if let Some(Value::Array(outputs)) = result.and_then(|result| result.get("OutputParameters")) {
        let texts = outputs.iter().map(|output| {
            let value = match &output["Value"] {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            json!({"Name": output["Name"], "Value": value})
        });
        shown.insert("OutputParameters".to_owned(), texts.collect());
    }
    json!({"Lambda": shown})
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

#[cfg(test)]
mod tests {
    use super::*;

    fn declared(name: &str, of: &str) -> Output {
        Output {
            output_name: name.to_owned(),
            output_type: Some(of.to_owned()),
        }
    }

    #[test]
    fn outputs_are_what_was_declared() {
        let answer = json!({"a": "x", "n": 3, "f": 0.5, "b": true, "other": 1});
        let all = [
            declared("a", "String"),
            declared("n", "Integer"),
            declared("f", "Float"),
            declared("b", "Boolean"),
        ];
        let found = outputs(&all, &answer).unwrap();
        assert_eq!(found[1], json!({"Name": "n", "Value": 3}));
        assert_eq!(
            outputs(&[declared("n", "String")], &answer).unwrap(),
            [json!({"Name": "n", "Value": "3"})]
        );
        for bad in [
            declared("none", "String"),
            declared("a", "Integer"),
            declared("f", "Integer"),
            declared("n", "Boolean"),
            declared("n", "Thing"),
        ] {
            assert!(
                outputs(std::slice::from_ref(&bad), &answer).is_err(),
                "{bad:?}"
            );
        }
        assert!(outputs(&all, &Value::Null).is_err());
    }

    #[test]
    fn metadata_has_texts() {
        let result = json!({"Arn": "arn", "OutputParameters": [{"Name": "n", "Value": 3}]});
        let shown = metadata(None, Some(&result));
        assert_eq!(shown["Lambda"]["Arn"], "arn");
        assert_eq!(shown["Lambda"]["OutputParameters"][0]["Value"], "3");
    }
}
