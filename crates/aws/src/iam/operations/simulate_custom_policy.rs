//! `SimulateCustomPolicy`: what given policies say of actions.

use crate::fault::Fault;
use crate::iam::policy::{self, Layers};
use crate::iam::simulate::{Simulated, Supposed, simulate, supposed};
use crate::operation::{Call, Operation};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) struct SimulateCustomPolicy;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    policy_input_list: Vec<String>,
    #[serde(default)]
    permissions_boundary_policy_input_list: Option<Vec<String>>,
    action_names: Vec<String>,
    resource_arns: Option<Vec<String>>,
    #[serde(default)]
    context_entries: Vec<Supposed>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    evaluation_results: Vec<Simulated>,
    is_truncated: bool,
}

impl Operation for SimulateCustomPolicy {
    const NAME: &'static str = "SimulateCustomPolicy";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        for document in &input.policy_input_list {
            policy::check(document)?;
        }
        let facts = supposed(call.facts(None, &Value::Null), input.context_entries);
        let boundary = input.permissions_boundary_policy_input_list;
        for document in boundary.iter().flatten() {
            policy::check(document)?;
        }
        let layers = Layers {
            identity: input.policy_input_list,
            boundary,
            session: None,
        };
        Ok(Output {
            evaluation_results: simulate(
                &layers,
                &input.action_names,
                input.resource_arns,
                &facts,
            )?,
            is_truncated: false,
        })
    }
}
