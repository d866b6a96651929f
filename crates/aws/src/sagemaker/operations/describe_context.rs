//! `DescribeContext`: a context, as it was made and changed.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::entities::{self, CONTEXT};
use serde_json::Value;

pub(crate) struct DescribeContext;

impl Operation for DescribeContext {
    const NAME: &'static str = "DescribeContext";
    type Input = Value;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Value) -> Result<Value, Fault> {
        let name = entities::member(&input, "ContextName")?;
        let found = entities::require(call, &CONTEXT, &name).await?;
        Ok(found.described(call, &CONTEXT))
    }
}
