//! Files that are a pipeline.

use domain::environment::Environment;
use domain::pipeline::StepAction;
use serde_json::json;

use crate::folder::{job, loaded};

const DIGITS: &str = r#"
name: digits
parameters: {threshold: 0.9, sizes: [10, 50, 100]}
environment: [scikit-learn]
env: {LEVEL: "${parameters.threshold}", SHELL_TEXT: "$${HOME}"}
policy: {maximum_cost: 5 USD}
steps:
  prepare: {script: prepare.py, outputs: [train, test]}
  train:
    for-each: {items: "${parameters.sizes}", as: trees, parallelism: 3}
    job:
      script: train.py
      inputs:
        train: ${steps.prepare.outputs.train}
      hyperparameters:
        n_estimators: ${trees}
        label: forest-${item}
      environment: [scikit-learn, numpy]
      env: {LEVEL: own}
  evaluate:
    evaluate:
      script: evaluate.py
      inputs:
        models: ${steps.train.model}
        test: ${steps.prepare.outputs.test}
  gate:
    condition:
      if: ${steps.evaluate.metrics.accuracy} >= ${parameters.threshold}
      then: [register, deploy]
      else: reject
  reject: {fail: {message: "only ${steps.evaluate.metrics.accuracy}"}}
  register:
    register: {model: digits, from: "${steps.train.best(accuracy)}", approve: true, aliases: [champion]}
  deploy:
    deploy: {endpoint: digits, model: "${steps.register.version}", replicas: 1, sample: sample.json}
  ask:
    needs: deploy
    predict: {endpoint: digits, payload: {instances: [["${parameters.threshold}"]]}}
"#;

#[test]
fn steps_keep_their_order_and_need_what_they_read() {
    let spec = loaded(DIGITS);
    let needs: Vec<String> = spec
        .steps
        .iter()
        .map(|step| {
            let needs: Vec<_> = step.needs.iter().map(domain::Name::as_str).collect();
            format!("{}({}): {}", step.name, step.action.word(), needs.join(" "))
        })
        .collect();
    assert_eq!(
        needs,
        [
            "prepare(job): ",
            "train(job): prepare",
            "evaluate(job): train prepare",
            "gate(condition): evaluate",
            "reject(fail): evaluate",
            "register(register): train",
            "deploy(deploy): register",
            "deploy-sample(predict): deploy",
            "ask(predict): deploy",
        ]
    );
    assert_eq!(spec.check(), Ok(()));
}

#[test]
fn loops_conditions_and_common_settings() {
    let spec = loaded(DIGITS);
    let train = &spec.steps[1];
    let looped = train.for_each.as_ref().unwrap();
    assert_eq!(
        (looped.items.clone(), looped.parallelism),
        (json!("${parameters.sizes}"), 3)
    );
    let job_of_loop = job(&spec, "train");
    assert_eq!(job_of_loop.hyperparameters["n_estimators"], "${item}");
    assert_eq!(job_of_loop.hyperparameters["label"], "forest-${item}");
    let requirements = |name: &str| match &job(&spec, name).environment {
        Environment::Python { requirements, .. } => requirements.len(),
        other => panic!("{other:?}"),
    };
    assert_eq!((requirements("prepare"), requirements("train")), (1, 2));
    assert_eq!(job(&spec, "prepare").env["LEVEL"], "0.9");
    assert_eq!(job(&spec, "prepare").env["SHELL_TEXT"], "$${HOME}");
    assert_eq!(job_of_loop.env["LEVEL"], "own");
    let StepAction::Condition {
        test,
        then,
        otherwise,
    } = &spec.steps[3].action
    else {
        panic!("{:?}", spec.steps[3])
    };
    assert_eq!(
        test,
        "steps.evaluate.metrics.accuracy >= parameters.threshold"
    );
    assert_eq!((then.len(), otherwise[0].as_str()), (2, "reject"));
    assert!(test.parse::<domain::expression::Expression>().is_ok());
}

#[test]
fn anchors_and_merge_keys_save_typing() {
    let spec = loaded(
        "name: a\nsteps:\n  one: &base\n    script: train.py\n    env: {A: b}\n  two:\n    <<: *base\n    needs: one\n  three:\n    <<: *base\n    env: {A: c}\n",
    );
    assert_eq!(job(&spec, "two").env["A"], "b");
    assert_eq!(job(&spec, "three").env["A"], "c");
    assert_eq!(spec.steps[1].needs.len(), 1);
}

#[test]
fn hundreds_of_steps_are_ordinary() {
    let mut text = "name: many\nsteps:\n  s0: {script: train.py}\n".to_owned();
    for at in 1..500 {
        text.push_str(&format!(
            "  s{at}: {{script: train.py, needs: [s{}]}}\n",
            at - 1
        ));
    }
    assert_eq!(loaded(&text).steps.len(), 500);
}

#[test]
fn a_deployment_says_how_a_new_version_comes_to_the_traffic() {
    let rollout = |deploy: &str| {
        let spec = loaded(&format!(
            "name: churn\nsteps:\n  deploy:\n    deploy: {{endpoint: churn, model: churn, {deploy}}}\n"
        ));
        let StepAction::Deploy { rollout, .. } = &spec.steps[0].action else {
            panic!("it is a deployment")
        };
        serde_json::to_value(rollout).unwrap()
    };
    assert_eq!(rollout("replicas: 1"), json!({}));
    assert_eq!(
        rollout(
            "canary: {share: 5, steps: [25%, 50], step: 2m, latency: 150}, sticky: header:x-user"
        ),
        json!({
            "canary": {
                "share": 500, "steps": [2_500, 5_000], "step_seconds": 120, "answers": 100,
                "most_errors": 100, "most_latency_percent": 150,
            },
            "sticky": {"by": "header", "name": "x-user"},
        })
    );
    assert_eq!(rollout("shadow: 20"), json!({"shadow": 2_000}));
    let workers = json!({"memory": 2_u64 << 30, "network": "none"});
    assert_eq!(rollout("memory: 2GiB, network: none"), workers);
    assert_eq!(rollout("retry: never"), json!({"retry": "never"}));
    let single = loaded(
        "name: churn\nscript: train.py\nmodel: {name: churn}\n\
         endpoint: {name: churn, canary: {share: 10}}\n",
    );
    let deploy = single.steps.iter().find_map(|step| match &step.action {
        StepAction::Deploy { rollout, .. } => rollout.canary.clone(),
        _ => None,
    });
    assert_eq!(deploy.unwrap().share.basis_points(), 1_000);
}
