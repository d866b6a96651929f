//! `GetCostAndUsageWithResources`: the same down to single resources. AWS keeps those of fourteen
//! days; the ledger has all that was imported.

use crate::ce::usage::{Input, Output, answer};
use crate::fault::Fault;
use crate::operation::{Call, Operation};

pub(crate) struct GetCostAndUsageWithResources;

impl Operation for GetCostAndUsageWithResources {
    const NAME: &'static str = "GetCostAndUsageWithResources";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        if !input.filtered() {
            return Err(Fault::validation("resources are asked for with a Filter"));
        }
        answer(call, input).await
    }
}
