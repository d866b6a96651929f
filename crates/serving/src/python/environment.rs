//! The variables a worker is started with: the server's base, the deployment's own, and those that
//! the clouds' inference contracts prescribe.

use crate::replica::LaunchOrder;
use crate::spec::DeploymentSpec;
use std::collections::BTreeMap;

/// Makes the first import of large packages several times slower when it is set.
const UNWANTED: &str = "PYTHONDONTWRITEBYTECODE";

/// Thread pools that numerical libraries start at import would forbid every fork.
const POOLS: [&str; 3] = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"];

/// The variables for one worker. The deployment's own win over the base, the contracts' over both.
pub(super) fn variables(
    base: &BTreeMap<String, String>,
    order: &LaunchOrder,
) -> BTreeMap<String, String> {
    let mut variables = common(base, &order.deployment);
    variables.extend(own(order));
    variables
}

/// Whether a variable is for the code of one deployment and no package reads it as it is imported.
fn is_own(name: &str) -> bool {
    const PREFIXES: [&str; 5] = ["SAGEMAKER_", "SM_", "AZUREML_", "AIP_", "TRADEWIND_"];
    PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// The variables of one deployment that others of its environment do not share.
pub(super) fn own(order: &LaunchOrder) -> BTreeMap<String, String> {
    let deployment = &order.deployment;
    let mut variables = deployment.environment.clone();
    variables.retain(|name, _| is_own(name));
    if !deployment.handler.form.is_function() {
        variables.extend(of_model(order));
    }
    variables
}

/// The variables of its own that a deployment has in common with others of its environment.
pub(super) fn shared(deployment: &DeploymentSpec) -> BTreeMap<String, String> {
    let mut variables = deployment.environment.clone();
    variables.retain(|name, _| !is_own(name));
    variables
}

/// With what keeps a template fit to be forked.
pub(super) fn single_threaded(mut variables: BTreeMap<String, String>) -> BTreeMap<String, String> {
    for name in POOLS {
        variables
            .entry(name.to_owned())
            .or_insert_with(|| "1".to_owned());
    }
    variables
}

/// The variables that deployments of one environment have in common.
pub(super) fn common(
    base: &BTreeMap<String, String>,
    deployment: &DeploymentSpec,
) -> BTreeMap<String, String> {
    let mut variables = base.clone();
    variables.extend(shared(deployment));
    variables.remove(UNWANTED);
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
