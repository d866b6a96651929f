//! `DescribeModel`: what was sent, to the letter.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::models;
use crate::time::Epoch;
use domain::ModelName;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) struct DescribeModel;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    model_name: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    #[serde(flatten)]
    request: Value,
    model_name: String,
    creation_time: Epoch,
    model_arn: String,
}

impl Operation for DescribeModel {
    const NAME: &'static str = "DescribeModel";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let name = &input.model_name;
        let (mut model, document) = models::find(call, name).await?;
        if let Value::Object(members) = &mut model.request {
            members.remove("ModelName");
        }
        let created = match document {
            Some(document) => document.created,
            None => {
                let name = ModelName::new(name.as_str());
                let name = name.map_err(|e| Fault::validation(e.to_string()))?;
                call.aws.control.model(&call.caller(), &name).await?.created
            }
        };
        Ok(Output {
            request: model.request,
            model_name: name.clone(),
            creation_time: Epoch(created),
            model_arn: call.arn("sagemaker", &format!("model/{name}")),
        })
    }
}
