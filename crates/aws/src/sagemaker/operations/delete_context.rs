//! `DeleteContext`: deletes a context without associations.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::entities::{self, CONTEXT};
use crate::sagemaker::lineage::associations::refuse_when_associated;
use serde_json::Value;

pub(crate) struct DeleteContext;

impl Operation for DeleteContext {
    const NAME: &'static str = "DeleteContext";
    type Input = Value;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Value) -> Result<Value, Fault> {
        let name = entities::member(&input, "ContextName")?;
        let found = entities::require(call, &CONTEXT, &name).await?;
        refuse_when_associated(call, &CONTEXT.arn(call, &found.id)).await?;
        entities::delete(call, &CONTEXT, &found.id).await
    }
}
