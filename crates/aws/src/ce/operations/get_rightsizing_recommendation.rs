//! `GetRightsizingRecommendation`: machines that are idle or of the wrong size.

use crate::ce::rightsizing::{Input, answer};
use crate::fault::Fault;
use crate::operation::{Call, Operation};
use serde_json::Value;

pub(crate) struct GetRightsizingRecommendation;

impl Operation for GetRightsizingRecommendation {
    const NAME: &'static str = "GetRightsizingRecommendation";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Input) -> Result<Value, Fault> {
        answer(call, input).await
    }
}
