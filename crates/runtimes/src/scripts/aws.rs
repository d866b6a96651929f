//! SageMaker's contract for training code: the `/opt/ml` layout and the `SM_*` variables that
//! sagemaker-training sets (`environment.py` of version 5.1, November 2026;
//! <https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-running-container.html>).

use super::{Places, hyperparameters, text};
use crate::launch::{Distribution, Launch, Part, Program};
use crate::{Error, files};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const GROUP: &str = "homogeneousCluster";
const NETWORK_INTERFACE: &str = "eth0";
/// By which the hosts of a gang on this machine reach each other.
const LOOPBACK: &str = "lo";

/// Adds `SM_*` and what containers set beside them.
pub(super) fn add(
    launch: &Launch,
    places: &Places,
    variables: &mut BTreeMap<String, String>,
) -> Result<(), Error> {
    let training = training_environment(launch, places)?;
    for (name, value) in &training {
        variables.insert(format!("SM_{}", name.to_uppercase()), plain(value));
    }
    for (channel, path) in channels(launch, places)? {
        variables.insert(format!("SM_CHANNEL_{}", channel.to_uppercase()), path);
    }
    for (name, value) in hyperparameters::decoded(&launch.hyperparameters) {
        variables.insert(format!("SM_HP_{}", name.to_uppercase()), plain(&value));
    }
    let others = [
        ("SM_TRAINING_ENV", Value::Object(training).to_string()),
        ("SAGEMAKER_BASE_DIR", text(&places.base)),
        ("SAGEMAKER_JOB_NAME", launch.job.clone()),
        ("TRAINING_JOB_NAME", launch.job.clone()),
        ("CURRENT_HOST", launch.machine.host.clone()),
        // Keeps sagemaker-training from resolving the host's name, which this machine's DNS does
        // not know: it would wait up to 15 minutes.
        ("SM_STUDIO_LOCAL_MODE", "true".to_owned()),
    ];
    for (name, value) in others {
        variables.insert(name.to_owned(), value);
    }
    Ok(())
}

/// Writes `hyperparameters.json`, `resourceconfig.json` and `inputdataconfig.json`.
pub(super) fn write_configuration(launch: &Launch, places: &Places) -> Result<(), Error> {
    let folder = places.base.join("input/config");
    // Hyperparameters are a map of text to text there, whatever they mean.
    files::write_record(
        &folder.join("hyperparameters.json"),
        &launch.hyperparameters,
    )?;
    files::write_record(
        &folder.join("resourceconfig.json"),
        &resource_configuration(launch),
    )?;
    files::write_record(
        &folder.join("inputdataconfig.json"),
        &input_configuration(launch),
    )
}

fn network_interface(launch: &Launch) -> &'static str {
    match launch.part {
        Part::Whole => NETWORK_INTERFACE,
        Part::Gang | Part::Host => LOOPBACK,
    }
}

fn resource_configuration(launch: &Launch) -> Value {
    let machine = &launch.machine;
    json!({
        "current_host": machine.host,
        "current_instance_type": machine.instance_type,
        "current_group_name": GROUP,
        "current_instance_group": GROUP,
        "hosts": machine.hosts,
        "instance_groups": [{
            "instance_group_name": GROUP,
            "instance_type": machine.instance_type,
            "hosts": machine.hosts,
        }],
        "network_interface_name": network_interface(launch),
    })
}

fn input_configuration(launch: &Launch) -> Value {
    let mut channels = Map::new();
    // Inputs with a path of their own are those of processing jobs, which have no channels.
    for input in launch.inputs.iter().filter(|input| input.path.is_none()) {
        let mut channel = json!({
            "TrainingInputMode": if input.pipe.is_some() { "Pipe" } else { "File" },
            "S3DistributionType": match input.distribution {
                Distribution::Replicated => "FullyReplicated",
                Distribution::Sharded => "ShardedByS3Key",
            },
            "RecordWrapperType": match &input.pipe {
                Some(pipe) if pipe.framed => "RecordIO",
                _ => "None",
            },
        });
        if let Some(kind) = &input.content_type {
            channel["ContentType"] = json!(kind);
        }
        channels.insert(input.channel.clone(), channel);
    }
    Value::Object(channels)
}

fn channels(launch: &Launch, places: &Places) -> Result<BTreeMap<String, String>, Error> {
    let inputs = launch.inputs.iter().filter(|input| input.path.is_none());
    inputs
        .map(|input| Ok((input.channel.clone(), text(&places.input(input)?))))
        .collect()
}

fn training_environment(launch: &Launch, places: &Places) -> Result<Map<String, Value>, Error> {
    let machine = &launch.machine;
    let channels = channels(launch, places)?;
    let group = json!({
        "instance_group_name": GROUP,
        "instance_type": machine.instance_type,
        "hosts": machine.hosts,
    });
    let entry_point = entry_point(launch);
    let module = entry_point
        .strip_suffix(".py")
        .unwrap_or(&entry_point)
        .to_owned();
    let values = json!({
        "model_dir": text(&places.model()),
        "module_dir": text(&places.code()),
        "module_name": module,
        "user_entry_point": entry_point,
        "user_args": hyperparameters::arguments(&launch.hyperparameters),
        "hps": hyperparameters::decoded(&launch.hyperparameters),
        "framework_params": hyperparameters::platform(&launch.hyperparameters),
        "framework_module": "",
        "channels": channels.keys().collect::<Vec<_>>(),
        "channel_input_dirs": channels,
        "input_dir": text(&places.base.join("input")),
        "input_config_dir": text(&places.base.join("input/config")),
        "input_data_config": input_configuration(launch),
        "output_dir": text(&places.base.join("output")),
        "output_data_dir": text(&places.output()),
        "output_intermediate_dir": text(&places.base.join("output/intermediate")),
        "resource_config": resource_configuration(launch),
        "hosts": machine.hosts,
        "current_host": machine.host,
        "current_instance_type": machine.instance_type,
        "current_instance_group": GROUP,
        "current_instance_group_hosts": machine.hosts,
        "instance_groups": [GROUP],
        "instance_groups_dict": { GROUP: group },
        "distribution_instance_groups": [GROUP],
        "is_hetero": false,
        "is_master": machine.hosts.first().is_none_or(|first| *first == machine.host),
        "master_hostname": machine.hosts.first(),
        "network_interface_name": network_interface(launch),
        "num_cpus": machine.cpus,
        "num_gpus": machine.accelerators,
        "num_neurons": 0,
        "log_level": 20,
        "job_name": launch.job,
    });
    match values {
        Value::Object(map) => Ok(map),
        _ => Ok(Map::new()),
    }
}

fn entry_point(launch: &Launch) -> String {
    match &launch.program {
        Program::Script { path, .. } => path.clone(),
        Program::Module { name, .. } => name.clone(),
        Program::Command { arguments } => arguments.first().cloned().unwrap_or_default(),
        Program::Shell { .. } => "/bin/sh".to_owned(),
    }
}

/// A variable's text: a string as it is, nothing as nothing, anything else as compact JSON.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::launch::{Input, Source};

    #[test]
    fn the_variables_of_the_contract_are_there() {
        let script = Program::Script {
            path: "train.py".into(),
            arguments: Vec::new(),
        };
        let mut launch = Launch::new("t-1", script, "/data");
        launch
            .hyperparameters
            .insert("n_estimators".into(), "\"100\"".into());
        launch
            .hyperparameters
            .insert("sagemaker_program".into(), "\"train.py\"".into());
        launch.inputs.push(Input {
            channel: "train".into(),
            path: None,
            distribution: Distribution::default(),
            content_type: Some("text/csv".into()),
            pipe: None,
            source: Source::Files { files: Vec::new() },
        });
        let places = Places {
            base: "/opt/ml".into(),
            temporary: "/tmp".into(),
            python: "/p".into(),
        };
        let mut variables = BTreeMap::new();
        add(&launch, &places, &mut variables).unwrap();
        let expected = [
            ("SM_MODEL_DIR", "/opt/ml/model"),
            ("SM_CHANNEL_TRAIN", "/opt/ml/input/data/train"),
            ("SM_CHANNELS", r#"["train"]"#),
            ("SM_HPS", r#"{"n_estimators":"100"}"#),
            ("SM_HP_N_ESTIMATORS", "100"),
            ("SM_USER_ARGS", r#"["--n_estimators","100"]"#),
            ("SM_FRAMEWORK_PARAMS", r#"{"sagemaker_program":"train.py"}"#),
            ("SM_MODULE_NAME", "train"),
            ("SM_NUM_GPUS", "0"),
            ("SM_CURRENT_HOST", "algo-1"),
            ("SM_OUTPUT_DATA_DIR", "/opt/ml/output/data"),
        ];
        for (name, value) in expected {
            assert_eq!(
                variables.get(name).map(String::as_str),
                Some(value),
                "{name}"
            );
        }
        let training: Value = serde_json::from_str(&variables["SM_TRAINING_ENV"]).unwrap();
        assert_eq!(
            training["channel_input_dirs"]["train"],
            "/opt/ml/input/data/train"
        );
    }
}
