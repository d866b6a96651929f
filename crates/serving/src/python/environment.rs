//! The variables a worker is started with: the server's base, the deployment's own, and those that
//! the clouds' inference contracts prescribe.

use crate::replica::LaunchOrder;
use std::collections::BTreeMap;

/// Makes the first import of large packages several times slower when it is set.
const UNWANTED: &str = "PYTHONDONTWRITEBYTECODE";

/// The variables for one worker. The deployment's own win over the base, the contracts' over both.
pub(super) fn variables(
    base: &BTreeMap<String, String>,
    order: &LaunchOrder,
) -> BTreeMap<String, String> {
    let deployment = &order.deployment;
    let mut variables = base.clone();
    variables.extend(deployment.environment.clone());
    variables.remove(UNWANTED);
    if !deployment.handler.form.is_function() {
        variables.extend(of_model(order));
    }
    // Prints stay text whatever the machine's locale.
    variables
        .entry("PYTHONIOENCODING".to_owned())
        .or_insert_with(|| "utf-8".to_owned());
    if let Some(programs) = deployment.interpreter.parent().filter(|p| p.is_absolute()) {
        let rest = variables
            .get("PATH")
            .map(String::as_str)
            .unwrap_or_default();
        let path = match rest {
            "" => programs.display().to_string(),
            rest => format!("{}:{rest}", programs.display()),
        };
        variables.insert("PATH".to_owned(), path);
    }
    variables
}

/// What the clouds' inference contracts prescribe, and what is ours.
fn of_model(order: &LaunchOrder) -> [(String, String); 6] {
    let deployment = &order.deployment;
    let model = deployment.model_folder.display().to_string();
    // AZUREML_MODEL_DIR: Azure ML, "Author scoring scripts"; SM_MODEL_DIR: SageMaker inference.
    [
        ("AZUREML_MODEL_DIR", model.clone()),
        ("SM_MODEL_DIR", model.clone()),
        ("MODEL_DIR", model),
        ("TRADEWIND_ENDPOINT", order.endpoint.name.to_string()),
        ("TRADEWIND_DEPLOYMENT", deployment.name.to_string()),
        ("TRADEWIND_MODEL", deployment.model.clone()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
}
