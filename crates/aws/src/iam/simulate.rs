//! Asking policies without doing anything, as `SimulatePrincipalPolicy` and `SimulateCustomPolicy`
//! do.

use super::names::invalid;
use super::policy::{Decision, Layers};
use crate::fault::Fault;
use ::s3::Facts;
use serde::{Deserialize, Serialize};

/// Most questions of one request.
const MOST: usize = 1_000;

/// A fact that the caller supposes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Supposed {
    context_key_name: String,
    #[serde(default)]
    context_key_values: Vec<String>,
}

/// The answer to one question.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Simulated {
    eval_action_name: String,
    eval_resource_name: String,
    eval_decision: &'static str,
    matched_statements: Vec<()>,
    missing_context_values: Vec<()>,
    #[serde(skip_serializing_if = "Option::is_none")]
    permissions_boundary_decision_detail: Option<BoundaryDetail>,
}

/// What the boundary alone says.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct BoundaryDetail {
    allowed_by_permissions_boundary: bool,
}

/// The facts of a simulation: those that are known, and over them what is supposed.
pub(crate) fn supposed(mut facts: Facts, entries: Vec<Supposed>) -> Facts {
    for entry in entries {
        let key = entry.context_key_name.to_lowercase();
        facts.insert(key, entry.context_key_values);
    }
    facts
}

/// Every action with every resource; no resources are all of them.
pub(crate) fn simulate(
    layers: &Layers,
    actions: &[String],
    resources: Option<Vec<String>>,
    facts: &Facts,
) -> Result<Vec<Simulated>, Fault> {
    let resources = resources
        .filter(|resources| !resources.is_empty())
        .unwrap_or_else(|| vec!["*".to_owned()]);
    if actions.len().saturating_mul(resources.len()) > MOST {
        return Err(invalid("too many actions and resources in one request"));
    }
    let mut all = Vec::new();
    for action in actions {
        let is_action = action
            .split_once(':')
            .is_some_and(|(service, name)| !service.is_empty() && !name.is_empty());
        if !is_action {
            let text = format!("Invalid Input: {action} is not a valid action name");
            return Err(Fault::new("InvalidInput", text));
        }
        for resource in &resources {
            let bound = layers.boundary_allows(action, resource, facts);
            all.push(Simulated {
                eval_action_name: action.clone(),
                eval_resource_name: resource.clone(),
                eval_decision: match layers.decide(action, resource, facts) {
                    Decision::Allowed => "allowed",
                    Decision::Denied(_) => "explicitDeny",
                    Decision::Silent(_) => "implicitDeny",
                },
                matched_statements: Vec::new(),
                missing_context_values: Vec::new(),
                permissions_boundary_decision_detail: bound.map(|allowed| BoundaryDetail {
                    allowed_by_permissions_boundary: allowed,
                }),
            });
        }
    }
    Ok(all)
}
