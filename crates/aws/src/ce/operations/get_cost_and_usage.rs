//! `GetCostAndUsage`: costs by hour, day or month and up to two dimensions or tags.

use crate::ce::usage::{Input, Output, answer};
use crate::fault::Fault;
use crate::operation::{Call, Operation};

pub(crate) struct GetCostAndUsage;

impl Operation for GetCostAndUsage {
    const NAME: &'static str = "GetCostAndUsage";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        answer(call, input).await
    }
}
