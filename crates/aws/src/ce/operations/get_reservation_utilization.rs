//! `GetReservationUtilization`: how much of reservations was used.

use crate::ce::commitments::{Input, utilization};
use crate::fault::Fault;
use crate::operation::{Call, Operation};
use serde_json::Value;

pub(crate) struct GetReservationUtilization;

impl Operation for GetReservationUtilization {
    const NAME: &'static str = "GetReservationUtilization";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Self::Input) -> Result<Value, Fault> {
        utilization::of_reservations(call, &input).await
    }
}
