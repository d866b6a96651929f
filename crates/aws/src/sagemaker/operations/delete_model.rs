//! `DeleteModel`: forgets a model. What endpoints still serve of it stays in the registry, as on
//! SageMaker, where an endpoint outlives its model's deletion.

use crate::fault::Fault;
use crate::operation::{Call, Nothing, Operation};
use crate::sagemaker::fault::{could_not_find, fault};
use crate::sagemaker::models::{self, KIND};
use crate::sagemaker::registry;
use crate::sagemaker::tags;
use domain::{ModelName, Refusal};
use serde::Deserialize;

pub(crate) struct DeleteModel;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    model_name: String,
}

impl Operation for DeleteModel {
    const NAME: &'static str = "DeleteModel";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        let name = &input.model_name;
        let arn = call.arn("sagemaker", &format!("model/{name}"));
        let caller = call.caller();
        let (model, document) = models::find(call, name).await?;
        if document.is_none() {
            return Err(Fault::validation(format!(
                "\"{arn}\" was not made by SageMaker; delete it by the API that registered it"
            )));
        }
        match call.aws.control.delete_document(&caller, KIND, name).await {
            Ok(()) => {}
            Err(Refusal::NotFound { .. }) => return Err(could_not_find("model", &arn)),
            Err(refusal) => return Err(fault(refusal)),
        }
        tags::forget(call.aws, &caller, &arn).await.map_err(fault)?;
        if registry::is_package(call, &model, name).await? {
            return Ok(Nothing {});
        }
        let registered = model.registered(name);
        let name = ModelName::new(registered).map_err(|e| Fault::validation(e.to_string()))?;
        let others = model.others.into_iter();
        let others = others.map(|other| (other.model, other.version));
        for (name, version) in std::iter::once((name, model.version)).chain(others) {
            let deleted = call.aws.control.delete_version(&caller, &name, version);
            match deleted.await {
                Ok(()) | Err(Refusal::Conflict { .. } | Refusal::NotFound { .. }) => {}
                Err(refusal) => return Err(fault(refusal)),
            }
        }
        Ok(Nothing {})
    }
}
