//! Which components belong to which trials: one document each.

use crate::fault::Fault;
use crate::kept::{self, Which};
use crate::operation::Call;
use crate::sagemaker::entities::{self, COMPONENT, EXPERIMENT, Entity, New, TRIAL};
use crate::sagemaker::fault::fault;
use control::documents::NewDocument;
use domain::Refusal;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The documents' kind.
const MEMBERSHIP: &str = "sagemaker/trial-membership";
/// The label of their component.
const MEMBER: &str = "component";

fn document(trial: &str, component: &str) -> NewDocument {
    NewDocument {
        kind: MEMBERSHIP.to_owned(),
        id: format!("{trial}/{component}"),
        parent: Some(trial.to_owned()),
        phase: "kept".to_owned(),
        labels: BTreeMap::from([(MEMBER.to_owned(), component.to_owned())]),
        body: json!({"trial": trial, "component": component}),
    }
}

/// Puts a component into a trial.
pub(crate) async fn associate(call: &Call<'_>, trial: &str, component: &str) -> Result<(), Fault> {
    let new = document(trial, component);
    match call.aws.control.create_document(&call.caller(), &new).await {
        Ok(_) | Err(Refusal::AlreadyExists { .. }) => Ok(()),
        Err(refusal) => Err(fault(refusal)),
    }
}

/// Takes a component out of a trial.
pub(crate) async fn disassociate(
    call: &Call<'_>,
    trial: &str,
    component: &str,
) -> Result<(), Fault> {
    let id = document(trial, component).id;
    match call
        .aws
        .control
        .delete_document(&call.caller(), MEMBERSHIP, &id)
        .await
    {
        Ok(()) => Ok(()),
        Err(Refusal::NotFound { .. }) => Err(Fault::new(
            "ResourceNotFound",
            format!("TrialComponent '{component}' is not associated with Trial '{trial}'."),
        )),
        Err(refusal) => Err(fault(refusal)),
    }
}

/// The names of a trial's components.
pub(crate) async fn components(call: &Call<'_>, trial: &str) -> Result<BTreeSet<String>, Fault> {
    names(call, &Which::of(trial), "component").await
}

/// The names of a component's trials.
pub(crate) async fn trials(call: &Call<'_>, component: &str) -> Result<BTreeSet<String>, Fault> {
    names(call, &Which::with(MEMBER, component), "trial").await
}

async fn names(call: &Call<'_>, which: &Which, member: &str) -> Result<BTreeSet<String>, Fault> {
    let found = kept::all(call, MEMBERSHIP, which).await.map_err(fault)?;
    let names = found
        .iter()
        .filter_map(|document| document.body[member].as_str());
    Ok(names.map(str::to_owned).collect())
}

/// Makes a trial of an experiment.
pub(crate) async fn create(call: &Call<'_>, name: &str, request: Value) -> Result<Value, Fault> {
    let experiment = entities::member(&request, "ExperimentName")?;
    let experiment = entities::require(call, &EXPERIMENT, &experiment).await?;
    let new = New {
        kind: &TRIAL,
        id: name,
        parent: Some(&experiment.id),
        labels: BTreeMap::new(),
        request,
    };
    entities::create(call, new).await
}

/// The trials of an experiment.
pub(crate) async fn of_experiment(call: &Call<'_>, experiment: &str) -> Result<Vec<Entity>, Fault> {
    entities::all(call, &TRIAL, &Which::of(experiment)).await
}

/// Who has a component: trial and experiment, as results of searches say it.
pub(crate) async fn parents(call: &Call<'_>) -> Result<BTreeMap<String, Vec<Value>>, Fault> {
    let trials = entities::all(call, &TRIAL, &Which::default()).await?;
    let experiments: BTreeMap<String, Option<String>> = trials
        .into_iter()
        .map(|trial| (trial.id, trial.parent))
        .collect();
    let all = kept::all(call, MEMBERSHIP, &Which::default())
        .await
        .map_err(fault)?;
    let mut parents: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for document in all {
        let (trial, component) = (&document.body["trial"], &document.body["component"]);
        let (Some(trial), Some(component)) = (trial.as_str(), component.as_str()) else {
            continue;
        };
        let experiment = experiments.get(trial).cloned().flatten();
        let parent = json!({"TrialName": trial, "ExperimentName": experiment});
        parents
            .entry(component.to_owned())
            .or_default()
            .push(parent);
    }
    Ok(parents)
}

/// The ARNs of a component and a trial, as associations are answered.
pub(crate) fn answer(call: &Call<'_>, trial: &str, component: &str) -> Value {
    json!({
        "TrialComponentArn": COMPONENT.arn(call, component),
        "TrialArn": TRIAL.arn(call, trial),
    })
}
