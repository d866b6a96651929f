//! `UpdateContext`: changes a context.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::entities::{self, CONTEXT};
use serde_json::Value;

pub(crate) struct UpdateContext;

impl Operation for UpdateContext {
    const NAME: &'static str = "UpdateContext";
    type Input = Value;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Value) -> Result<Value, Fault> {
        let name = entities::member(&input, "ContextName")?;
        let mut found = entities::require(call, &CONTEXT, &name).await?;
        entities::update(call, &CONTEXT, &mut found, &input).await
    }
}
