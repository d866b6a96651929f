//! `CreateAction`: makes an action: a step that made or used artifacts.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::entities::{self, ACTION, New};
use crate::sagemaker::names;
use serde_json::Value;
use std::collections::BTreeMap;

pub(crate) struct CreateAction;

impl Operation for CreateAction {
    const NAME: &'static str = "CreateAction";
    type Input = Value;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Value) -> Result<Value, Fault> {
        let name = entities::member(&input, "ActionName")?;
        names::check("ActionName", &name, 120)?;
        entities::member(&input, "ActionType")?;
        entities::member(&input["Source"], "SourceUri")?;
        let new = New {
            kind: &ACTION,
            id: &name,
            parent: None,
            labels: BTreeMap::new(),
            request: input,
        };
        entities::create(call, new).await
    }
}
