//! `GetSavingsPlansUtilizationDetails`: the same plan by plan.

use crate::ce::commitments::{Input, utilization};
use crate::fault::Fault;
use crate::operation::{Call, Operation};
use serde_json::Value;

pub(crate) struct GetSavingsPlansUtilizationDetails;

impl Operation for GetSavingsPlansUtilizationDetails {
    const NAME: &'static str = "GetSavingsPlansUtilizationDetails";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Self::Input) -> Result<Value, Fault> {
        utilization::of_each_plan(call, &input).await
    }
}
