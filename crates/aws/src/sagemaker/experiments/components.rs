//! Components as they are found: a document, a job, or a job with what was said of it since.

use super::{jobs, metrics, trials};
use crate::fault::Fault;
use crate::kept::Which;
use crate::operation::Call;
use crate::sagemaker::entities::{self, COMPONENT, Entity};
use serde_json::{Value, json};

/// The component of a name or an ARN, if it is there.
pub(crate) async fn find(call: &Call<'_>, name: &str) -> Result<Option<Entity>, Fault> {
    let id = COMPONENT.id(name);
    let document = entities::find(call, &COMPONENT, id).await?;
    let Some(mut view) = jobs::view(call, id).await? else {
        return Ok(document);
    };
    if let Some(document) = document {
        view.merge(&document.request, &COMPONENT);
        view.changed_by = document.changed_by;
        view.modified = view.modified.max(document.modified);
    }
    Ok(Some(view))
}

/// The component of a name or an ARN.
pub(crate) async fn require(call: &Call<'_>, name: &str) -> Result<Entity, Fault> {
    let found = find(call, name).await?;
    found.ok_or_else(|| COMPONENT.missing(call, COMPONENT.id(name)))
}

/// Changes a component; what is said of a job's is kept beside the job.
pub(crate) async fn update(call: &Call<'_>, name: &str, input: &Value) -> Result<Value, Fault> {
    let seen = require(call, name).await?;
    let mut document = match entities::find(call, &COMPONENT, name).await? {
        Some(document) => document,
        None => Entity::derived(&seen.id, json!({}), seen.created, seen.modified),
    };
    entities::update(call, &COMPONENT, &mut document, input).await
}

/// Deletes a component that is in no trial. A job's stays as long as the job.
pub(crate) async fn delete(call: &Call<'_>, name: &str) -> Result<Value, Fault> {
    let seen = require(call, name).await?;
    let trials = trials::trials(call, &seen.id).await?;
    if let Some(trial) = trials.first() {
        return Err(Fault::validation(format!(
            "TrialComponent '{}' is associated with Trial '{trial}'; disassociate it first",
            seen.id
        )));
    }
    metrics::forget(call, &seen.id).await?;
    match entities::delete(call, &COMPONENT, name).await {
        Err(fault) if fault.code != "ResourceNotFound" => Err(fault),
        _ => Ok(COMPONENT.answer(call, &seen.id)),
    }
}

/// A component's description with its metrics.
pub(crate) async fn described(call: &Call<'_>, component: &Entity) -> Result<Value, Fault> {
    let mut described = component.described(call, &COMPONENT);
    let mut points = metrics::of(call, &component.id).await?;
    points.extend(jobs::metrics(call, &component.id).await?);
    let arn = described["Source"]["SourceArn"].as_str().map(str::to_owned);
    let arn = arn.unwrap_or_else(|| COMPONENT.arn(call, &component.id));
    let summaries = metrics::summaries(&points, &arn);
    if !summaries.is_empty() {
        described["Metrics"] = Value::Array(summaries);
    }
    Ok(described)
}

/// All components: documents and jobs.
pub(crate) async fn all(call: &Call<'_>) -> Result<Vec<Entity>, Fault> {
    let mut found = jobs::all(call).await?;
    for document in entities::all(call, &COMPONENT, &Which::default()).await? {
        match found.iter_mut().find(|view| view.id == document.id) {
            Some(view) => {
                view.merge(&document.request, &COMPONENT);
                view.modified = view.modified.max(document.modified);
            }
            None => found.push(document),
        }
    }
    Ok(found)
}
