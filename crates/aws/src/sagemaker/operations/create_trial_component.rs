//! `CreateTrialComponent`: makes a component: parameters, artifacts and metrics of one stage.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::entities::{self, COMPONENT, New};
use crate::sagemaker::names;
use serde_json::Value;
use std::collections::BTreeMap;

pub(crate) struct CreateTrialComponent;

impl Operation for CreateTrialComponent {
    const NAME: &'static str = "CreateTrialComponent";
    type Input = Value;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Value) -> Result<Value, Fault> {
        let name = entities::member(&input, "TrialComponentName")?;
        names::check("TrialComponentName", &name, 120)?;
        let new = New {
            kind: &COMPONENT,
            id: &name,
            parent: None,
            labels: BTreeMap::new(),
            request: input,
        };
        entities::create(call, new).await
    }
}
