//! `DescribeTrial`: a trial, as it was made and changed.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::entities::{self, TRIAL};
use serde_json::Value;

pub(crate) struct DescribeTrial;

impl Operation for DescribeTrial {
    const NAME: &'static str = "DescribeTrial";
    type Input = Value;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Value) -> Result<Value, Fault> {
        let name = entities::member(&input, "TrialName")?;
        let found = entities::require(call, &TRIAL, &name).await?;
        Ok(found.described(call, &TRIAL))
    }
}
