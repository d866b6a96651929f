//! `GetReservationPurchaseRecommendation`: machines that are worth reserving.

use crate::ce::commitments::purchase::{self, Input};
use crate::fault::Fault;
use crate::operation::{Call, Operation};
use serde_json::Value;

pub(crate) struct GetReservationPurchaseRecommendation;

impl Operation for GetReservationPurchaseRecommendation {
    const NAME: &'static str = "GetReservationPurchaseRecommendation";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Self::Input) -> Result<Value, Fault> {
        purchase::of_reservations(call, &input).await
    }
}
