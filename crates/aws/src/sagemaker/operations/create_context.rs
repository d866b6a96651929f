//! `CreateContext`: makes a context: what belongs together, as an endpoint or a project.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::entities::{self, CONTEXT, New};
use crate::sagemaker::names;
use serde_json::Value;
use std::collections::BTreeMap;

pub(crate) struct CreateContext;

impl Operation for CreateContext {
    const NAME: &'static str = "CreateContext";
    type Input = Value;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Value) -> Result<Value, Fault> {
        let name = entities::member(&input, "ContextName")?;
        names::check("ContextName", &name.replace('_', "-"), 120)?;
        entities::member(&input, "ContextType")?;
        entities::member(&input["Source"], "SourceUri")?;
        let new = New {
            kind: &CONTEXT,
            id: &name,
            parent: None,
            labels: BTreeMap::new(),
            request: input,
        };
        entities::create(call, new).await
    }
}
