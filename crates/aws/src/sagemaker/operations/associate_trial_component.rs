//! `AssociateTrialComponent`: puts a component into a trial.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::entities::{self, TRIAL};
use crate::sagemaker::experiments::{components, trials};
use serde_json::Value;

pub(crate) struct AssociateTrialComponent;

impl Operation for AssociateTrialComponent {
    const NAME: &'static str = "AssociateTrialComponent";
    type Input = Value;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Value) -> Result<Value, Fault> {
        let component = entities::member(&input, "TrialComponentName")?;
        let component = components::require(call, &component).await?.id;
        let trial = entities::member(&input, "TrialName")?;
        let trial = entities::require(call, &TRIAL, &trial).await?.id;
        trials::associate(call, &trial, &component).await?;
        Ok(trials::answer(call, &trial, &component))
    }
}
