//! Files that are a single job.

use domain::environment::Environment;
use domain::expected::DataAt;
use domain::job::Entry;
use domain::model::Approval;
use domain::pipeline::StepAction;
use domain::policy::PurchaseKind;
use domain::resources::Amount;
use domain::{ByteSize, Money, Span};
use serde_json::json;
use tradewind_workload::load;

use crate::folder::{folder, job, loaded, overrides};

const EVERYTHING: &str = r#"
name: breast-cancer
script: train.py
arguments: [--verbose]
parameters: {trees: 100, dry: false}
environment: {python: 3.10, requirements: requirements.txt, strict: true}
inputs:
  train: data/
  extra: [s3://bucket/key, gs://bucket/other]
outputs: [report]
hyperparameters:
  n_estimators: ${parameters.trees}
  max_depth: 8
  rate: 1e-3
  flag: yes
resources: {cpus: 0.5+, memory: 16GiB+, accelerators: {A100: 8}, instance_type: ml.m5.large, disk: 50GiB, nodes: 2}
limits: {memory: 2GiB, cpus: 2, processes: 256, wall_clock: 1h30m, disk: 1GB}
metrics: [{name: loss, regex: 'loss: ([0-9.]+)'}]
policy:
  residency: [eu, "not:hu"]
  maximum_cost: 20 USD
  maximum_hourly_price: $3.5
  deadline: 6h
  purchase: spot
  retries: {attempts: 3, backoff: 10s}
  timeout: 2h
  providers: [local, aws]
expected:
  run_time: 6h
  on: A100:8
  checkpoint: 10m
  output: 20GiB
  inputs: [{at: aws/us-east-1, size: 50GiB}]
  outputs: [{at: google/europe-west4, size: 1GiB}]
env: {KEY: 007, SHELL_TEXT: "$${HOME}"}
tags: {team: vision}
grace: 30s
cache: false
model: {name: breast-cancer, handler: inference.py, aliases: [champion]}
endpoint: {name: breast-cancer, replicas: 2, sample: sample.json}
"#;

#[test]
fn every_key_reaches_the_domain() {
    let spec = loaded(EVERYTHING);
    assert_eq!(spec.name.as_str(), "breast-cancer");
    assert_eq!(spec.parameters["trees"], json!(100));
    assert_eq!(spec.tags["team"], "vision");
    let job = job(&spec, "train");
    let Entry::Script { path, arguments } = &job.entry else {
        panic!("{:?}", job.entry)
    };
    assert_eq!(
        (path.as_str(), arguments.as_slice()),
        ("train.py", &["--verbose".to_owned()][..])
    );
    assert_eq!(
        job.environment,
        Environment::Python {
            version: Some("3.10".to_owned()),
            requirements: vec![
                "scikit-learn==1.5.*".to_owned(),
                "pandas>=2 ; python_version > '3.8'".to_owned(),
                "--extra-index-url https://x/y#egg=z".to_owned(),
            ],
            strict: true,
        }
    );
    assert_eq!(job.inputs["train"], ["data/"]);
    assert_eq!(
        job.inputs["extra"],
        ["s3://bucket/key", "gs://bucket/other"]
    );
    assert_eq!(job.outputs, ["report"]);
    let hyperparameters: Vec<_> = job
        .hyperparameters
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let expected = [
        "flag=yes",
        "max_depth=8",
        "n_estimators=${parameters.trees}",
        "rate=1e-3",
    ];
    assert_eq!(hyperparameters, expected);
    assert_eq!(job.env["KEY"], "007");
    assert_eq!(job.env["SHELL_TEXT"], "$${HOME}");
    assert_eq!(job.resources.milli_cpus, Some(Amount::AtLeast(500)));
    assert_eq!(
        job.resources.memory,
        Some(Amount::AtLeast(ByteSize::gibibytes(16)))
    );
    assert_eq!(job.resources.accelerators["A100"], 8);
    assert_eq!(job.resources.instance_type.as_deref(), Some("ml.m5.large"));
    assert_eq!(
        (job.resources.disk, job.resources.nodes),
        (Some(ByteSize::gibibytes(50)), 2)
    );
    assert_eq!(job.limits.wall_clock, Some(Span::minutes(90)));
    assert_eq!(
        (job.limits.milli_cpus, job.limits.processes),
        (Some(2000), Some(256))
    );
    assert_eq!(job.policy.residency, ["eu", "not:hu"]);
    assert_eq!(job.policy.maximum_cost, Some(Money::dollars(20)));
    assert_eq!(
        job.policy.maximum_hourly_price,
        Some(Money::micros(3_500_000))
    );
    assert_eq!(job.policy.purchase, [PurchaseKind::Spot]);
    assert_eq!(
        (job.policy.retries.attempts, job.policy.retries.backoff),
        (3, Span::seconds(10))
    );
    let known = &job.expected;
    assert_eq!(known.run_time, Some(Span::hours(6)));
    assert_eq!(
        (known.on["A100"], known.checkpoint),
        (8, Some(Span::minutes(10)))
    );
    assert_eq!(known.output, Some(ByteSize::gibibytes(20)));
    let at = |data: &[DataAt]| format!("{}/{} {}", data[0].provider, data[0].region, data[0].size);
    assert_eq!(at(&known.inputs), "aws/us-east-1 50 GiB");
    assert_eq!(at(&known.outputs), "google/europe-west4 1 GiB");
    assert_eq!(job.metrics[0].name, "loss");
    assert_eq!((job.grace, job.cache), (Span::seconds(30), false));
}

#[test]
fn model_and_endpoint_become_steps() {
    let spec = loaded(EVERYTHING);
    let names: Vec<_> = spec.steps.iter().map(|step| step.name.as_str()).collect();
    assert_eq!(names, ["train", "register", "deploy", "predict"]);
    let needs: Vec<_> = spec.steps.iter().map(|step| step.needs.len()).collect();
    assert_eq!(needs, [0, 1, 1, 1]);
    let StepAction::Register {
        from,
        handler,
        approval,
        ..
    } = &spec.steps[1].action
    else {
        panic!("{:?}", spec.steps[1])
    };
    assert_eq!(
        (from.as_str(), *approval),
        ("${steps.train.model}", Approval::Approved)
    );
    assert_eq!(handler.as_deref(), Some("inference.py"));
    let StepAction::Deploy {
        model, replicas, ..
    } = &spec.steps[2].action
    else {
        panic!("{:?}", spec.steps[2])
    };
    assert_eq!(
        (model.as_str(), *replicas),
        ("${steps.register.version}", 2)
    );
    let StepAction::Predict { payload, .. } = &spec.steps[3].action else {
        panic!("{:?}", spec.steps[3])
    };
    assert_eq!(*payload, json!({"instances": [[1, 2]], "note": "$${x}"}));
}

#[test]
fn the_other_forms_of_things() {
    let command = |text: &str| {
        job(&loaded(&format!("name: a\ncommand: {text}\n")), "job")
            .entry
            .clone()
    };
    let argv = |parts: &[&str]| Entry::Command {
        argv: parts.iter().map(|p| (*p).to_owned()).collect(),
    };
    assert_eq!(
        command("[python, train.py, 3]"),
        argv(&["python", "train.py", "3"])
    );
    assert_eq!(
        command("echo $HOME | wc"),
        argv(&["/bin/sh", "-c", "echo $HOME | wc"])
    );
    let with = |text: &str| loaded(&format!("name: a\nscript: train.py\n{text}\n"));
    let environment = |text: &str| {
        job(&with(&format!("environment: {text}")), "job")
            .environment
            .clone()
    };
    assert_eq!(
        environment("[numpy, pandas==2]"),
        Environment::Python {
            version: None,
            requirements: vec!["numpy".to_owned(), "pandas==2".to_owned()],
            strict: false
        }
    );
    assert_eq!(
        environment("{framework: scikit-learn, version: 1.10}"),
        Environment::Framework {
            name: "scikit-learn".to_owned(),
            version: Some("1.10".to_owned()),
            python: None,
            requirements: Vec::new(),
            strict: false
        }
    );
    assert_eq!(
        environment("{image: 'a/b:c'}"),
        Environment::Image {
            uri: "a/b:c".to_owned()
        }
    );
    assert_eq!(
        job(&with("resources: {accelerators: A100:8}"), "job")
            .resources
            .accelerators["A100"],
        8
    );
    assert_eq!(
        job(&with("resources: {accelerators: T4}"), "job")
            .resources
            .accelerators["T4"],
        1
    );
    // A key without a value is as if it were not there.
    assert_eq!(with("inputs:\nresources:\nmetrics:"), with(""));
}

#[test]
fn parameters_are_overridden_in_their_kind() {
    let text = "name: a\nscript: train.py\nparameters: {n: 1, x: 0.5, t: a, b: true, l: [1], m: }\n\
                resources: {cpus: \"${parameters.n}+\", memory: \"${parameters.t}\"}\n\
                hyperparameters:\n  all: ${parameters.x} ${parameters.b} ${parameters.l} ${parameters.m}\n";
    let folder = folder(text);
    let given = overrides(&["n=8", "x=2", "t=1GiB", "b=false", "l=[1, 2]", "m=s3://b/k"]);
    let spec = load(folder.path(), &given).unwrap().spec;
    let values = json!({"n": 8, "x": 2, "t": "1GiB", "b": false, "l": [1, 2], "m": "s3://b/k"});
    assert_eq!(json!(spec.parameters), values);
    let resources = &job(&spec, "job").resources;
    assert_eq!(resources.milli_cpus, Some(Amount::AtLeast(8000)));
    assert_eq!(
        resources.memory,
        Some(Amount::Exactly(ByteSize::gibibytes(1)))
    );
}

#[test]
fn files_are_found_and_oddities_told() {
    let folder = folder("name: a\nscript: train.py\nparameters: {unused: 1}\n");
    let loaded = load(&folder.path().join("tradewind.yaml"), &overrides(&[])).unwrap();
    assert_eq!(loaded.folder, folder.path());
    assert_eq!(loaded.warnings, ["the parameter `unused` is not used"]);
    let empty = tempfile::tempdir().unwrap();
    let error = load(empty.path(), &overrides(&[])).unwrap_err().to_string();
    assert!(error.contains("there is no `tradewind.yaml` in"), "{error}");
    let error = load(&empty.path().join("x.yaml"), &overrides(&[]))
        .unwrap_err()
        .to_string();
    assert!(error.contains("cannot read"), "{error}");
    assert!(tradewind_workload::parse_override("novalue").is_err());
    assert_eq!(
        tradewind_workload::parse_override("a=b=c").unwrap().1,
        "b=c"
    );
}
