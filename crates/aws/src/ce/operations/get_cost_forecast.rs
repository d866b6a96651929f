//! `GetCostForecast`: what days or months to come will cost, with the 80 % interval.

use crate::ce::ahead::{self, Input, Output};
use crate::fault::Fault;
use crate::operation::{Call, Operation};

pub(crate) struct GetCostForecast;

impl Operation for GetCostForecast {
    const NAME: &'static str = "GetCostForecast";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        ahead::cost(call, input).await
    }
}
