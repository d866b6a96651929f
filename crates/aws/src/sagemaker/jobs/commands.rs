//! What training and processing jobs share: being made, found, listed and stopped.

use super::{credentials, natives, status};
use crate::fault::Fault;
use crate::operation::Call;
use crate::sagemaker::activities::Actor;
use crate::sagemaker::experiments::jobs as experiments;
use crate::sagemaker::fault::{fault, no_such_job};
use crate::sagemaker::listing::{Listed, Listing, Page};
use crate::sagemaker::reach::Reach;
use crate::sagemaker::tags::{self, Tag};
use control::jobs::{JobFilter, NewJob};
use control::rows::FOREIGN_LABEL;
use domain::foreign::Foreign;
use domain::job::{After, Job, JobSpec, Phase};
use domain::{JobId, Refusal, Timestamp};
use futures::future::BoxFuture;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Looks at a job that is being cleared away before its deletion is refused, and between them.
const CLEARING: u32 = 200;
const MOMENT: Duration = Duration::from_millis(50);

/// A job as one of SageMaker's kinds shows it.
pub(crate) struct View {
    /// As its caller named it.
    pub(crate) name: String,
    /// The job.
    pub(crate) job: Arc<Job>,
}

impl Listed for View {
    fn name(&self) -> String {
        self.name.clone()
    }
    fn created(&self) -> Timestamp {
        self.job.created
    }
    fn modified(&self) -> Timestamp {
        status::times(&self.job).modified
    }
    fn status(&self) -> String {
        status::of(&self.job).status.to_owned()
    }
}

/// A job that is to be made.
pub(crate) struct Making<'a> {
    /// One of the kinds of [`super`].
    pub(crate) kind: &'static str,
    /// `training-job`, `processing-job`: as ARNs name it.
    pub(crate) word: &'static str,
    /// As its caller names it.
    pub(crate) name: &'a str,
    /// The job's id.
    pub(crate) id: &'a str,
    /// What was asked for, to the letter; tags are kept apart.
    pub(crate) document: Value,
    /// Its tags.
    pub(crate) tags: &'a [Tag],
}

/// Makes a job; returns its ARN.
pub(crate) async fn make(
    call: &Call<'_>,
    making: Making<'_>,
    spec: JobSpec,
) -> Result<String, Fault> {
    let arn = call.arn("sagemaker", &format!("{}/{}", making.word, making.name));
    let mut document = making.document;
    if let Value::Object(members) = &mut document {
        members.remove("Tags");
    }
    credentials::check(call, &document, &arn).await?;
    let role = credentials::role(call, making.kind, &document).await?;
    let reach = Reach::of(call, role.as_deref()).await?;
    reach.check_job(&spec, &document).await?;
    let wanted = experiments::wanted(call, &document).await?;
    let new = NewJob {
        id: Some(JobId::new(making.id).map_err(|e| Fault::validation(e.to_string()))?),
        spec,
        foreign: Some(Foreign {
            kind: making.kind.to_owned(),
            document,
            actor: serde_json::to_value(Actor::of(call)).ok(),
        }),
    };
    let caller = call.caller();
    match call.aws.control.submit_job(&caller, &new).await {
        Ok(_) => {}
        Err(Refusal::AlreadyExists { .. }) => {
            let word = making.word.replace('-', " ");
            return Err(Fault::new(
                "ResourceInUse",
                format!(
                    "Job name must be unique within an AWS account and region, and a {word} with \
                     this name already exists ({arn})"
                ),
            ));
        }
        Err(refusal) => return Err(fault(refusal)),
    }
    tags::add(call.aws, &caller, &arn, making.tags)
        .await
        .map_err(fault)?;
    if let Some(wanted) = wanted {
        experiments::associate(call, wanted, making.name, making.word).await?;
    }
    Ok(arn)
}

/// A job by its id; one of another kind is as good as none.
pub(crate) async fn find(call: &Call<'_>, kind: &str, id: &str) -> Result<Job, Fault> {
    look(call, kind, id).await?.ok_or_else(no_such_job)
}

/// A job by its id or its name here, if there is one of this kind.
pub(crate) async fn look(call: &Call<'_>, kind: &str, id: &str) -> Result<Option<Job>, Fault> {
    let ids = [id.to_owned(), natives::of(id)];
    // Most names are ids.
    let tries = if ids[0] == ids[1] {
        &ids[..1]
    } else {
        &ids[..]
    };
    for id in tries {
        let Ok(id) = JobId::new(id.as_str()) else {
            return Ok(None);
        };
        match call.aws.control.job(&call.caller(), &id).await {
            Ok(job) if is_of(&job, kind) => return Ok(Some(job)),
            Ok(_) | Err(Refusal::NotFound { .. }) => {}
            Err(refusal) => return Err(fault(refusal)),
        }
    }
    Ok(None)
}

/// A job that was made by another API is a training job to this one.
fn is_of(job: &Job, kind: &str) -> bool {
    match &job.foreign {
        Some(foreign) => foreign.kind == kind,
        None => kind == super::TRAINING,
    }
}

/// Stops a job; one that is over is refused as SageMaker does.
pub(crate) async fn stop(call: &Call<'_>, kind: &str, id: &str, word: &str) -> Result<(), Fault> {
    let job = find(call, kind, id).await?;
    if job.phase.outcome().is_some() {
        let status = status::of(&job).status;
        return Err(Fault::validation(format!(
            "The request was rejected because the {word} is in status {status}."
        )));
    }
    let stopped = call.aws.control.stop_job(&call.caller(), &job.id).await;
    stopped.map(|_| ()).map_err(fault)
}

/// Forgets a job that is over; `word` and `name` are what its ARN ends with.
pub(crate) async fn delete(
    call: &Call<'_>,
    kind: &str,
    id: &str,
    (word, name): (&str, &str),
) -> Result<(), Fault> {
    let job = find(call, kind, id).await?;
    let refused = |status: &str| {
        let kind = word.replace('-', " ");
        Fault::validation(format!(
            "The request was rejected because the {kind} is in status {status}. Only jobs that \
             are Completed, Failed or Stopped can be deleted."
        ))
    };
    let caller = call.caller();
    // How it ends is certain, and shown, a moment before all of it is cleared away.
    for _ in 0..CLEARING {
        let now = find(call, kind, id).await?;
        if !matches!(
            now.phase,
            Phase::Cleaning {
                after: After::End { .. },
                ..
            }
        ) {
            break;
        }
        tokio::time::sleep(MOMENT).await;
    }
    match call.aws.control.delete_job(&caller, &job.id).await {
        Ok(()) => {}
        Err(Refusal::Conflict { .. }) => return Err(refused(status::of(&job).status)),
        Err(Refusal::NotFound { .. }) => return Err(no_such_job()),
        Err(refusal) => return Err(fault(refusal)),
    }
    let arn = call.arn("sagemaker", &format!("{word}/{name}"));
    tags::forget(call.aws, &caller, &arn).await.map_err(fault)
}

/// The labels by which a kind's jobs are listed. Jobs of other APIs are training jobs and have no
/// label; what a list of all finds beyond them is left out by [`shown_name`].
pub(crate) fn labels(kind: &str) -> BTreeMap<String, String> {
    if kind == super::TRAINING {
        return BTreeMap::new();
    }
    BTreeMap::from([(FOREIGN_LABEL.to_owned(), kind.to_owned())])
}

/// The name by which a list of a kind shows a job; `prefix` is what the kind's ids have before it.
/// `None` when the list does not show it.
pub(crate) fn shown_name(kind: &str, prefix: &str, job: &Job) -> Option<String> {
    if !is_of(job, kind) {
        return None;
    }
    if job.foreign.is_none() {
        return natives::name(&job.id);
    }
    let id = job.id.as_str();
    Some(id.strip_prefix(prefix).unwrap_or(id).to_owned())
}

/// A page of the jobs of a kind; `prefix` is what their ids have before the name.
pub(crate) async fn list(
    call: &Call<'_>,
    kind: &'static str,
    prefix: &str,
    listing: &Listing,
) -> Result<Page<View>, Fault> {
    let caller = call.caller();
    let phases = listing
        .status_equals
        .as_deref()
        .map(status::phases)
        .unwrap_or_default();
    let (caller, phases) = (&caller, &phases);
    let page = |after, limit| -> BoxFuture<'_, Result<Page<View>, Fault>> {
        Box::pin(async move {
            let filter = JobFilter {
                tags: labels(kind),
                phases: phases.clone(),
                after,
                limit,
                ..JobFilter::default()
            };
            let (jobs, next) = call
                .aws
                .control
                .jobs(caller, &filter)
                .await
                .map_err(fault)?;
            let views = jobs.into_iter().filter_map(|job| {
                let name = shown_name(kind, prefix, &job)?;
                Some(View { name, job })
            });
            Ok((views.collect(), next))
        })
    };
    listing.run(page).await
}
