//! `GetUsageForecast`: what they will use, in the one unit that the filter leaves.

use crate::ce::ahead::{self, Input, Output};
use crate::fault::Fault;
use crate::operation::{Call, Operation};

pub(crate) struct GetUsageForecast;

impl Operation for GetUsageForecast {
    const NAME: &'static str = "GetUsageForecast";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        ahead::usage(call, input).await
    }
}
