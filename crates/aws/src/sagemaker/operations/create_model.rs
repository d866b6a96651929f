//! `CreateModel`: registers what a container and its artifact stand for.

use crate::fault::Fault;
use crate::operation::{Call, Operation, read};
use crate::sagemaker::container::Containers;
use crate::sagemaker::fault::{already_existing, fault};
use crate::sagemaker::models::{self, KIND, Model, Other};
use crate::sagemaker::names;
use crate::sagemaker::reach::Reach;
use crate::sagemaker::tags::{self, Tag};
use control::documents::NewDocument;
use domain::Refusal;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(crate) struct CreateModel;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    model_name: String,
    #[serde(default)]
    tags: Vec<Tag>,
    #[serde(flatten)]
    containers: Containers,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    model_arn: String,
}

impl Operation for CreateModel {
    const NAME: &'static str = "CreateModel";
    type Input = Value;
    type Output = Output;

    async fn run(call: &Call<'_>, mut input: Value) -> Result<Output, Fault> {
        let request: Request = read(input.clone())?;
        let name = &request.model_name;
        names::check("ModelName", name, 63)?;
        let arn = call.arn("sagemaker", &format!("model/{name}"));
        let caller = call.caller();
        let there = call
            .aws
            .control
            .find_document(&caller, KIND, name)
            .await
            .map_err(fault)?;
        if there.is_some() {
            return Err(already_existing("model", &arn));
        }
        let role = input["ExecutionRoleArn"].as_str();
        let reach = Reach::of(call, role).await?;
        for container in request.containers.all() {
            reach.container(container).await?;
        }
        let mut versions = models::versions(call, name, request.containers)
            .await?
            .into_iter();
        let first = versions.next().ok_or_else(|| {
            Fault::common(Refusal::internal(
                "a model without containers was registered",
            ))
        })?;
        if let Value::Object(members) = &mut input {
            members.remove("Tags");
        }
        let model = Model {
            request: input,
            registry_name: (first.model.as_str() != name).then(|| first.model.to_string()),
            version: first.version,
            others: versions
                .map(|other| Other {
                    model: other.model,
                    version: other.version,
                })
                .collect(),
        };
        let new = NewDocument {
            kind: KIND.to_owned(),
            id: name.clone(),
            phase: "kept".to_owned(),
            body: json!(model),
            ..NewDocument::default()
        };
        match call.aws.control.create_document(&caller, &new).await {
            Ok(_) => {}
            Err(Refusal::AlreadyExists { .. }) => return Err(already_existing("model", &arn)),
            Err(refusal) => return Err(fault(refusal)),
        }
        tags::add(call.aws, &caller, &arn, &request.tags)
            .await
            .map_err(fault)?;
        Ok(Output { model_arn: arn })
    }
}
