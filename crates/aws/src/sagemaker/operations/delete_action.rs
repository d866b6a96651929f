//! `DeleteAction`: deletes an action without associations.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::entities::{self, ACTION};
use crate::sagemaker::lineage::associations::refuse_when_associated;
use serde_json::Value;

pub(crate) struct DeleteAction;

impl Operation for DeleteAction {
    const NAME: &'static str = "DeleteAction";
    type Input = Value;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Value) -> Result<Value, Fault> {
        let name = entities::member(&input, "ActionName")?;
        let found = entities::require(call, &ACTION, &name).await?;
        refuse_when_associated(call, &ACTION.arn(call, &found.id)).await?;
        entities::delete(call, &ACTION, &found.id).await
    }
}
