//! `GetSavingsPlansPurchaseRecommendation`: the hourly commitment that saves most.

use crate::ce::commitments::purchase::{self, Input};
use crate::fault::Fault;
use crate::operation::{Call, Operation};
use serde_json::Value;

pub(crate) struct GetSavingsPlansPurchaseRecommendation;

impl Operation for GetSavingsPlansPurchaseRecommendation {
    const NAME: &'static str = "GetSavingsPlansPurchaseRecommendation";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Self::Input) -> Result<Value, Fault> {
        purchase::of_plans(call, &input).await
    }
}
