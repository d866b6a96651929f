//! `GetSavingsPlansCoverage`: how much of the spend savings plans covered.

use crate::ce::commitments::{Input, coverage};
use crate::fault::Fault;
use crate::operation::{Call, Operation};
use serde_json::Value;

pub(crate) struct GetSavingsPlansCoverage;

impl Operation for GetSavingsPlansCoverage {
    const NAME: &'static str = "GetSavingsPlansCoverage";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Self::Input) -> Result<Value, Fault> {
        coverage::of_plans(call, &input).await
    }
}
