//! `UpdateAction`: changes an action.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::entities::{self, ACTION};
use serde_json::Value;

pub(crate) struct UpdateAction;

impl Operation for UpdateAction {
    const NAME: &'static str = "UpdateAction";
    type Input = Value;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Value) -> Result<Value, Fault> {
        let name = entities::member(&input, "ActionName")?;
        let mut found = entities::require(call, &ACTION, &name).await?;
        entities::update(call, &ACTION, &mut found, &input).await
    }
}
