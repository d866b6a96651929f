//! `DescribeModel`: what was sent, to the letter.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::models;
use crate::time::Epoch;
use domain::{ModelName, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) struct DescribeModel;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    model_name: String,
}

impl Operation for DescribeModel {
    const NAME: &'static str = "DescribeModel";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Input) -> Result<Value, Fault> {
        let name = &input.model_name;
        let (model, document) = models::find(call, name).await?;
        let created = if let Some(document) = document {
            document.created
        } else {
            let name = ModelName::new(name.as_str());
            let name = name.map_err(|e| Fault::validation(e.to_string()))?;
            call.aws.control.model(&call.caller(), &name).await?.created
        };
        Ok(described(call, name, model.request, created))
    }
}

/// A model's description.
pub(crate) fn described(
    call: &Call<'_>,
    name: &str,
    mut request: Value,
    created: Timestamp,
) -> Value {
    request["ModelName"] = json!(name);
    request["CreationTime"] = json!(Epoch(created));
    request["ModelArn"] = json!(call.arn("sagemaker", &format!("model/{name}")));
    request
}
