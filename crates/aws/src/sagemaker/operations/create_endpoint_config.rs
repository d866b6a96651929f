//! `CreateEndpointConfig`: keeps which models shall answer with which weights.

use crate::fault::Fault;
use crate::operation::{Call, Operation, read};
use crate::sagemaker::fault::{already_existing, fault};
use crate::sagemaker::reach::Reach;
use crate::sagemaker::tags::{self, Tag};
use crate::sagemaker::variants::{CONFIG, shadows, variants};
use crate::sagemaker::{asynchronous, data_capture, models, names};
use control::documents::NewDocument;
use domain::Refusal;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) struct CreateEndpointConfig;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    endpoint_config_name: String,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    endpoint_config_arn: String,
}

impl Operation for CreateEndpointConfig {
    const NAME: &'static str = "CreateEndpointConfig";
    type Input = Value;
    type Output = Output;

    async fn run(call: &Call<'_>, mut input: Value) -> Result<Output, Fault> {
        let request: Request = read(input.clone())?;
        let name = &request.endpoint_config_name;
        names::check("EndpointConfigName", name, 63)?;
        check(call, &input).await?;
        let arn = call.arn("sagemaker", &format!("endpoint-config/{name}"));
        if let Value::Object(members) = &mut input {
            members.remove("Tags");
        }
        let new = NewDocument {
            kind: CONFIG.to_owned(),
            id: name.clone(),
            phase: "kept".to_owned(),
            body: input,
            ..NewDocument::default()
        };
        let caller = call.caller();
        match call.aws.control.create_document(&caller, &new).await {
            Ok(_) => {}
            Err(Refusal::AlreadyExists { .. }) => {
                return Err(already_existing("endpoint configuration", &arn));
            }
            Err(refusal) => return Err(fault(refusal)),
        }
        tags::add(call.aws, &caller, &arn, &request.tags)
            .await
            .map_err(fault)?;
        Ok(Output {
            endpoint_config_arn: arn,
        })
    }
}

/// Every model is there, and nothing is asked for that would be dropped silently.
async fn check(call: &Call<'_>, input: &Value) -> Result<(), Fault> {
    if input
        .get("ExplainerConfig")
        .is_some_and(|value| !value.is_null())
    {
        return Err(Fault::unsupported(
            "an explainer is not served (ExplainerConfig)",
        ));
    }
    asynchronous::check(input)?;
    let capture = data_capture::of_request(input)?;
    let variants = variants(input)?;
    if variants.is_empty() {
        return Err(Fault::validation(
            "1 validation error detected: Value '[]' at 'productionVariants' failed to satisfy \
             constraint: Member must have length greater than or equal to 1",
        ));
    }
    let shadows = shadows(input)?;
    if !shadows.is_empty() && (shadows.len() > 1 || variants.len() > 1) {
        return Err(Fault::validation(
            "with ShadowProductionVariants there is one production variant and one shadow variant",
        ));
    }
    let mut role = None;
    for variant in variants.iter().chain(&shadows) {
        names::check("VariantName", &variant.variant_name, 63)?;
        match variant.model_name.as_deref() {
            Some(model) => {
                let (model, _) = models::find(call, model).await?;
                let own = model.request["ExecutionRoleArn"].as_str();
                role = role.or(own.map(str::to_owned));
                if input
                    .get("AsyncInferenceConfig")
                    .is_some_and(|value| !value.is_null())
                {
                    model.one("asynchronous inference")?;
                }
            }
            None => {
                return Err(Fault::unsupported(
                    "variants of inference components are not served; give a ModelName",
                ));
            }
        }
    }
    if let Some(capture) = capture {
        let reach = Reach::of(call, role.as_deref()).await?;
        reach.write(&capture.location).await?;
    }
    Ok(())
}
