//! Hyperparameter tuning jobs: a request as a search, and a search as SageMaker shows it.

pub(crate) mod request;
pub(crate) mod view;
pub(crate) mod warm;

use crate::fault::Fault;
use crate::operation::Call;
use crate::sagemaker::fault::fault;
use domain::Refusal;
use domain::tuning::Tuning;

/// The ARN of a tuning job.
pub(crate) fn arn(call: &Call<'_>, name: &str) -> String {
    call.arn("sagemaker", &format!("hyper-parameter-tuning-job/{name}"))
}

/// A tuning job by its name.
pub(crate) async fn find(call: &Call<'_>, name: &str) -> Result<Tuning, Fault> {
    let missing = || {
        let name: String = name.chars().take(64).collect();
        let text = format!("Amazon SageMaker can't find a tuning job with name {name}.");
        Fault::new("ResourceNotFound", text)
    };
    match call.aws.control.tuning(&call.caller(), name).await {
        Ok(tuning) if tuning.dialect == crate::DIALECT => Ok(tuning),
        Ok(_) | Err(Refusal::NotFound { .. }) => Err(missing()),
        Err(refusal) => Err(fault(refusal)),
    }
}
