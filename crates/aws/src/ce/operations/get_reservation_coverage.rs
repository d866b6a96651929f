//! `GetReservationCoverage`: how many of the hours reservations covered.

use crate::ce::commitments::{Input, coverage};
use crate::fault::Fault;
use crate::operation::{Call, Operation};
use serde_json::Value;

pub(crate) struct GetReservationCoverage;

impl Operation for GetReservationCoverage {
    const NAME: &'static str = "GetReservationCoverage";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Self::Input) -> Result<Value, Fault> {
        coverage::of_reservations(call, &input).await
    }
}
