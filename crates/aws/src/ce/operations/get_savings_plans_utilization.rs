//! `GetSavingsPlansUtilization`: how much of savings plans was used.

use crate::ce::commitments::{Input, utilization};
use crate::fault::Fault;
use crate::operation::{Call, Operation};
use serde_json::Value;

pub(crate) struct GetSavingsPlansUtilization;

impl Operation for GetSavingsPlansUtilization {
    const NAME: &'static str = "GetSavingsPlansUtilization";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Self::Input) -> Result<Value, Fault> {
        utilization::of_plans(call, &input).await
    }
}
