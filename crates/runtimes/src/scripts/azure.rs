//! Azure Machine Learning's contract for command jobs
//! (<https://learn.microsoft.com/azure/machine-learning/how-to-train-model> and the variables that
//! azureml-core's `Run.get_context` and azure-ai-ml look for, November 2026): `AZUREML_*`, and
//! the folder `outputs` of the working directory, which is collected. In v2 jobs each input and
//! output has a variable with its path. A script that is scored finds its model by
//! `AZUREML_MODEL_DIR`.

use super::{Places, text, variable_name};
use crate::Error;
use crate::launch::Launch;
use std::collections::BTreeMap;

/// Adds `AZUREML_*` and `AZURE_ML_*`.
pub(super) fn add(
    launch: &Launch,
    places: &Places,
    variables: &mut BTreeMap<String, String>,
) -> Result<(), Error> {
    let mut set = |name: &str, value: String| variables.insert(name.to_owned(), value);
    set("AZUREML_RUN_ID", launch.job.clone());
    set("AZUREML_ROOT_RUN_ID", launch.job.clone());
    set("AZUREML_RUN_TOKEN_PASS", String::new());
    set("AZUREML_MODEL_DIR", text(&places.model()));
    set(
        "AZUREML_CR_EXECUTION_WORKING_DIR_PATH",
        text(&places.code()),
    );
    set(
        "AZUREML_NODE_COUNT",
        launch.machine.hosts.len().max(1).to_string(),
    );
    set("AZUREML_PROCESS_NAME", "rank_0".to_owned());
    set("AZ_BATCHAI_OUTPUT_outputs", text(&places.azure_outputs()));
    for input in &launch.inputs {
        let path = text(&places.input(input)?);
        set(&format!("AZURE_ML_INPUT_{}", input.channel), path.clone());
        set(
            &variable_name("AZUREML_DATAREFERENCE_", &input.channel),
            path,
        );
    }
    for output in &launch.outputs {
        set(
            &format!("AZURE_ML_OUTPUT_{}", output.name),
            text(&places.named_output(output)?),
        );
    }
    Ok(())
}
