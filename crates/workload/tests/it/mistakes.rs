//! How mistakes are told: place, expectation, nearest word, several at once.

use insta::assert_snapshot;

use crate::folder::refused;

#[test]
fn several_mistakes_of_form_are_told_at_once() {
    assert_snapshot!(refused(
        "name: a\nscript: train.py\nhyperparamters:\n  n: 1\nenvironment: {pyton: 3.11}\noutputs: report\nresources: [4]\ncache: maybe\n",
        &[]
    ));
}

#[test]
fn several_mistakes_of_meaning_are_told_at_once() {
    assert_snapshot!(refused(
        "name: a b\nscript: trian.py\nresources: {cpus: four, memory: 16 gigs}\nlimits: {wall_clock: soon}\npolicy: {residency: eeu, purchase: [spott], providers: [amazon], maximum_cost: 20 EUR}\ninputs: {train: missing/, other: ftp://x}\nmetrics: [{name: loss, regex: 'loss: [0-9'}, {name: x, regex: y}]\nmodel: {name: m, handler: ../inference.py}\nendpoint: {name: e, replicas: 300, sample: requirements.txt}\n",
        &[]
    ));
}

#[test]
fn expectations_are_checked_at_their_places() {
    let told = refused(
        "name: a\nscript: train.py\nexpected:\n  run_tme: 6h\n  on: A100:8\n",
        &[],
    );
    assert!(
        told.contains("tradewind.yaml:4:3:") && told.contains("`run_time`"),
        "{told}"
    );
    let told = refused(
        "name: a\nscript: train.py\nexpected:\n  run_time: soon\n  on: {A100: 8, T4: 0}\n  inputs:\n    \
         - {at: us-east-1, size: 5GiB}\n    - {at: azur/eastus, size: big}\n",
        &[],
    );
    for part in [
        "tradewind.yaml:4:13: expected a time",
        "tradewind.yaml:5:21: expected a number of accelerators",
        "tradewind.yaml:7:12: it is a provider and its region",
        "tradewind.yaml:8:12: `azur` is not known in `expected.inputs[1].at`, did you mean `azure`?",
        "tradewind.yaml:8:31: expected a size",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
    let told = refused("name: a\nscript: train.py\nexpected: {on: T4}\n", &[]);
    assert!(
        told.contains("tradewind.yaml:3:12: `on` says where"),
        "{told}"
    );
}

#[test]
fn references_are_checked() {
    assert_snapshot!(refused(
        r#"name: a
parameters: {trees: 1}
steps:
  prepare: {script: prepare.py, outputs: [train]}
  train:
    needs: [prepar]
    script: train.py
    inputs:
      train: ${steps.prepare.outputs.trian}
      other: ${steps.prepair.model}
    hyperparameters:
      n: ${parameters.tres}
      item: ${item}
      bad: x ${params.trees} y
      open: "${parameters.trees"
  gate: {condition: {if: "steps.train.metrics.a => 1", then: [go], else: []}}
  register: {register: {model: m, from: "${steps.train.best(accuracy)}"}}
  deploy: {deploy: {endpoint: e, model: "${steps.register.vers}"}}
"#,
        &[]
    ));
}

#[test]
fn cycles_are_shown_with_their_path() {
    assert_snapshot!(refused(
        "name: a\nsteps:\n  one: {script: train.py, needs: three}\n  two: {script: train.py, needs: one}\n  three:\n    script: train.py\n    env:\n      X: ${steps.two.model}\n",
        &[]
    ));
}

#[test]
fn parameters_and_overrides_are_checked() {
    assert_snapshot!(refused(
        "name: a\nscript: train.py\nparameters: {trees: 100, data: , bad.name: 1}\n",
        &["trees=many", "tres=5", "zzz=1"]
    ));
}

#[test]
fn yaml_mistakes_have_a_place_and_a_hint() {
    let flow = refused(
        "name: a\nscript: train.py\nhyperparameters: {n: ${parameters.n}}\n",
        &[],
    );
    assert!(
        flow.starts_with("tradewind.yaml:3:") && flow.contains("must be quoted"),
        "{flow}"
    );
    let twice = refused("name: a\nscript: train.py\nname: b\n", &[]);
    assert!(
        twice.starts_with("tradewind.yaml:3:1: the key `name` is there twice"),
        "{twice}"
    );
    let tab = refused("name: a\nenv:\n\tA: b\n", &[]);
    assert!(tab.starts_with("tradewind.yaml:3:"), "{tab}");
    let alias = refused("name: a\nscript: *nothing\n", &[]);
    assert!(alias.starts_with("tradewind.yaml:2:"), "{alias}");
}

#[test]
fn the_two_forms_and_the_kinds_of_steps_are_told_apart() {
    for (text, words) in [
        (
            "script: train.py\n",
            "the key `name` is missing in the file",
        ),
        (
            "name: a\n",
            "a job needs a `script` (a Python file) or a `command`",
        ),
        (
            "name: a\nscript: train.py\nsteps: {}\n",
            "`script` cannot stand beside the others",
        ),
        ("name: a\nsteps: {}\n", "the pipeline has no steps"),
        (
            "name: a\nsteps: {x: }\n",
            "expected a map in `steps.x`, found nothing",
        ),
        (
            "name: a\nsteps: {x: {jobb: {script: train.py}}}\n",
            "did you mean `job`?",
        ),
        (
            "name: a\nsteps: {x: {register: {model: m}}}\n",
            "`from` is missing in `steps.x.register`",
        ),
        (
            "name: a\nsteps: {x: {deploy: {endpoint: e, model: m}, script: train.py}}\n",
            "cannot stand beside",
        ),
        (
            "name: a\nsteps: {x.y: {script: train.py}}\n",
            "may not hold `.`",
        ),
        (
            "name: a\nsteps: {../x: {script: train.py}}\n",
            "only ASCII letters",
        ),
        (
            "name: a\nscript: train.py\ncommand: x\n",
            "cannot stand beside `script`",
        ),
        (
            "name: a\ncommand: x\narguments: [y]\n",
            "belong to a `script`",
        ),
        ("name: a\ncommand: []\n", "is empty"),
        (
            "name: a\nscript: /etc/passwd\n",
            "must be a file in the folder",
        ),
        (
            "name: a\nscript: train.py\nenvironment: {image: x, python: 3.11}\n",
            "cannot stand beside `image`",
        ),
        (
            "name: a\nscript: train.py\nenvironment: {version: 1}\n",
            "version of a `framework`",
        ),
        (
            "name: a\nscript: train.py\nenvironment: {python: three}\n",
            "expected a Python version",
        ),
        (
            "name: a\nscript: train.py\nenvironment: {requirements: ../r.txt}\n",
            "must be a file in the folder",
        ),
        (
            "name: a\nscript: train.py\nendpoint: {name: e}\n",
            "needs a `model`",
        ),
        (
            "name: a\nscript: train.py\noutputs: [a, a]\n",
            "is there twice",
        ),
        (
            "name: a\nscript: train.py\noutputs: [model]\n",
            "has `model` already",
        ),
        (
            "name: a\nscript: train.py\nresources: {cpus: \"${steps.x.model}\"}\n",
            "known only when the pipeline runs",
        ),
        (
            "name: a\nsteps: {x: {for-each: {items: 3}, script: train.py}}\n",
            "expected a list",
        ),
        (
            "name: a\nsteps: {x: {for-each: {items: [1], as: steps}, script: train.py}}\n",
            "another name for the item",
        ),
        (
            "name: a\nsteps: {x: {predict: {endpoint: e}}}\n",
            "either a `sample`",
        ),
        (
            "name: a\nsteps: {x: {condition: {if: \"true\"}}}\n",
            "chooses nothing",
        ),
        (
            "name: a\nsteps: {x: {condition: {if: \"true\", then: y, else: y}}, y: {fail: {message: no}}}\n",
            "both in `then`",
        ),
        (
            "name: a\nsteps: {x: {fail: {message: m}}, y: {script: train.py, env: {A: \"${steps.x.model}\"}}}\n",
            "nothing can be read",
        ),
        (
            "name: a\nenv: {A: \"${steps.x.model}\"}\nsteps: {x: {script: train.py}}\n",
            "may hold `parameters` only",
        ),
    ] {
        let shown = refused(text, &[]);
        assert!(shown.contains(words), "{text}\n{shown}");
    }
}
