//! `DescribeAction`: an action, as it was made and changed.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::entities::{self, ACTION};
use serde_json::Value;

pub(crate) struct DescribeAction;

impl Operation for DescribeAction {
    const NAME: &'static str = "DescribeAction";
    type Input = Value;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Value) -> Result<Value, Fault> {
        let name = entities::member(&input, "ActionName")?;
        let found = entities::require(call, &ACTION, &name).await?;
        Ok(found.described(call, &ACTION))
    }
}
