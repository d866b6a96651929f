//! `SimulatePrincipalPolicy`: what the policies of a role or user say of actions.

use crate::fault::Fault;
use crate::iam::policy::{self, About};
use crate::iam::simulate::{Simulated, Supposed, simulate, supposed};
use crate::iam::{access, entity_of};
use crate::operation::{Call, Operation};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) struct SimulatePrincipalPolicy;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    policy_source_arn: String,
    #[serde(default)]
    permissions_boundary_policy_input_list: Option<Vec<String>>,
    action_names: Vec<String>,
    resource_arns: Option<Vec<String>>,
    #[serde(default)]
    policy_input_list: Vec<String>,
    #[serde(default)]
    context_entries: Vec<Supposed>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    evaluation_results: Vec<Simulated>,
    is_truncated: bool,
}

impl Operation for SimulatePrincipalPolicy {
    const NAME: &'static str = "SimulatePrincipalPolicy";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let source = &input.policy_source_arn;
        let (kind, name) = entity_of(source)
            .ok_or_else(|| Fault::new("InvalidInput", format!("Invalid Entity Arn: {source}")))?;
        let entity = call.entity(kind, name).await?;
        let mut layers = access::layers(call.aws, &call.caller(), kind, &entity).await?;
        for document in input.policy_input_list {
            policy::check(&document)?;
            layers.identity.push(document);
        }
        if let Some(boundary) = input.permissions_boundary_policy_input_list {
            for document in &boundary {
                policy::check(document)?;
            }
            layers.boundary = Some(boundary);
        }
        let known = policy::facts(&About {
            arn: source,
            user_id: &entity.id,
            account: &call.aws.account.id,
            region: call.region,
            now: call.aws.control.world.now(),
            connection: None,
            members: &Value::Null,
        });
        let facts = supposed(known, input.context_entries);
        let (actions, resources) = (&input.action_names, input.resource_arns);
        Ok(Output {
            evaluation_results: simulate(&layers, actions, resources, &facts)?,
            is_truncated: false,
        })
    }
}
