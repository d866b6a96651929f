//! What Tradewind started, as instances: each attempt of a job, and each ready worker of an
//! endpoint. Their type is the one that the request named (`ml.m5.large` is an `m5.large`), else
//! the machine type of the placement by its provider's name; a local one is `this-machine`.

use crate::fault::Fault;
use crate::operation::Call;
use crate::sagemaker::variants;
use control::jobs::JobFilter;
use control::transact::hexadecimal;
use domain::endpoint::Endpoint;
use domain::job::{Job, Outcome, Phase, Placement};
use domain::{JobId, Span, TicketId, Timestamp};
use serde_json::{Value, json};
use serving::EndpointKey;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Rows that are read at once.
const PAGE: u32 = 500;
/// Jobs that are over and are looked through for those that ended within the hour.
const ENDED: u32 = 1_000;
/// How long an instance is shown after its end, as EC2 shows it.
const SHOWN: Span = Span::hours(1);

/// The zone of this machine, as placements name it.
pub(super) const HERE: &str = "here";

/// The state of an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Pending,
    Running,
    ShuttingDown,
    Terminated,
}

impl State {
    /// As EC2 writes it.
    pub(crate) fn shown(self) -> Value {
        let (code, name) = self.words();
        json!({"code": code, "name": name})
    }

    /// Its code and name.
    pub(crate) fn words(self) -> (u32, &'static str) {
        match self {
            Self::Pending => (0, "pending"),
            Self::Running => (16, "running"),
            Self::ShuttingDown => (32, "shutting-down"),
            Self::Terminated => (48, "terminated"),
        }
    }
}

/// What an instance is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// An attempt of a job.
    Attempt(JobId, TicketId),
    /// A worker of a deployment; the process, when it is one.
    Worker(EndpointKey, String, Option<u32>),
}

/// An instance.
#[derive(Debug, Clone)]
pub(crate) struct Instance {
    pub(crate) id: String,
    pub(crate) source: Source,
    pub(crate) kind: String,
    pub(crate) state: State,
    pub(crate) launched: Timestamp,
    pub(crate) zone: String,
    pub(crate) tags: BTreeMap<String, String>,
    /// Why it is over.
    pub(crate) reason: Option<String>,
}

/// The id of an instance: 17 hexadecimal digits of what it is.
pub(crate) fn id_of(words: &[&str]) -> String {
    let digest = hexadecimal(&Sha256::digest(words.join("\u{1f}")));
    format!("i-{}", &digest[..17])
}

/// The id of an attempt's instance.
pub(crate) fn id_of_ticket(ticket: &TicketId) -> String {
    id_of(&["ticket", ticket.as_str()])
}

/// The id of a worker's instance; one that is no process of its own is told by its place.
pub(crate) fn id_of_worker(
    key: &EndpointKey,
    deployment: &str,
    process: Option<u32>,
    place: usize,
) -> String {
    let number = process.map_or_else(|| format!("#{place}"), |process| process.to_string());
    id_of(&["worker", &key.to_string(), deployment, &number])
}

/// All instances of the caller's workspace, those that ended within the hour among them, the
/// latest first.
pub(crate) async fn all(call: &Call<'_>) -> Result<Vec<Instance>, Fault> {
    let mut found = Vec::new();
    for job in live_jobs(call).await? {
        found.extend(of_job(&job, call));
    }
    let filter = JobFilter {
        phases: ["succeeded", "failed", "stopped"]
            .map(str::to_owned)
            .to_vec(),
        limit: ENDED,
        ..JobFilter::default()
    };
    let (ended, _) = call.aws.control.jobs(&call.caller(), &filter).await?;
    for job in &ended {
        found.extend(of_job(job, call));
    }
    let mut after = None;
    loop {
        let page = call
            .aws
            .control
            .endpoints(&call.caller(), after, PAGE)
            .await;
        let (endpoints, next) = page?;
        for endpoint in &endpoints {
            found.extend(of_endpoint(call, endpoint).await?);
        }
        after = next;
        if after.is_none() {
            break;
        }
    }
    found.sort_by(|a, b| (b.launched, &a.id).cmp(&(a.launched, &b.id)));
    found.dedup_by(|a, b| a.id == b.id);
    Ok(found)
}

async fn live_jobs(call: &Call<'_>) -> Result<Vec<Arc<Job>>, Fault> {
    let (mut jobs, mut after) = (Vec::new(), None);
    loop {
        let filter = JobFilter {
            phases: ["starting", "running", "collecting", "retrying"]
                .map(str::to_owned)
                .to_vec(),
            after,
            limit: PAGE,
            ..JobFilter::default()
        };
        let (page, next) = call.aws.control.jobs(&call.caller(), &filter).await?;
        jobs.extend(page);
        after = next;
        if after.is_none() {
            return Ok(jobs);
        }
    }
}

/// The attempts of a job: the live one, and those that ended within the hour.
fn of_job(job: &Job, call: &Call<'_>) -> Vec<Instance> {
    let since = Timestamp(call.aws.control.world.now().0 - SHOWN.0);
    let mut found = Vec::new();
    for attempt in &job.attempts {
        let exit = &attempt.exit;
        if exit.ended < since || job.phase.ticket() == Some(&attempt.ticket) {
            continue;
        }
        let state = State::Terminated;
        let started = exit.started.unwrap_or(exit.ended - exit.usage.wall);
        let mut one = instance(job, &attempt.ticket, &attempt.placement, state, started);
        one.reason = Some(match &exit.ending {
            domain::job::Ending::Completed => "the job's code ended".to_owned(),
            domain::job::Ending::Stopped => "User initiated".to_owned(),
            domain::job::Ending::Failed { failure } => failure.message.clone(),
        });
        found.push(one);
    }
    let (Some(ticket), Some(placement)) = (job.phase.ticket(), job.phase.placement()) else {
        return found;
    };
    let (state, launched) = match &job.phase {
        _ if job.stop_requested.is_some() => (State::ShuttingDown, job.created),
        Phase::Running {
            since: Some(since), ..
        } => (State::Running, *since),
        Phase::Collecting { exit, .. } => {
            (State::ShuttingDown, exit.started.unwrap_or(job.created))
        }
        Phase::Cleaning { .. } => (State::ShuttingDown, job.created),
        _ => (State::Pending, job.created),
    };
    let mut one = instance(job, ticket, placement, state, launched);
    if job.stop_requested.is_some() || matches!(job.phase.outcome(), Some(Outcome::Stopped)) {
        one.reason = Some("User initiated".to_owned());
    }
    found.push(one);
    found
}

fn instance(
    job: &Job,
    ticket: &TicketId,
    placement: &Placement,
    state: State,
    launched: Timestamp,
) -> Instance {
    let mut tags = costs::metering::tags_of(job);
    tags.entry("Name".to_owned())
        .or_insert_with(|| job.id.to_string());
    tags.insert("tradewind:provider".to_owned(), placement.provider.clone());
    Instance {
        id: id_of_ticket(ticket),
        source: Source::Attempt(job.id.clone(), ticket.clone()),
        kind: asked_type(job).unwrap_or_else(|| placement.machine_type.clone()),
        state,
        launched,
        zone: placement.region.clone(),
        tags,
        reason: None,
    }
}

/// The instance type that a request of SageMaker named.
fn asked_type(job: &Job) -> Option<String> {
    let document = &job.foreign.as_ref()?.document;
    let places = [
        "/ResourceConfig/InstanceType",
        "/ProcessingResources/ClusterConfig/InstanceType",
        "/TransformResources/InstanceType",
    ];
    let found = places
        .iter()
        .find_map(|place| document.pointer(place)?.as_str());
    found.map(bare)
}

/// `ml.m5.large` as `m5.large`.
fn bare(kind: &str) -> String {
    kind.strip_prefix("ml.").unwrap_or(kind).to_owned()
}

/// The ready workers of an endpoint.
async fn of_endpoint(call: &Call<'_>, endpoint: &Endpoint) -> Result<Vec<Instance>, Fault> {
    let key = EndpointKey {
        workspace: endpoint.workspace.clone(),
        name: endpoint.name.clone(),
    };
    let Some(status) = call.aws.endpoints.status(&key) else {
        return Ok(Vec::new());
    };
    let kinds = variants::instance_types(call, endpoint.name.as_str()).await?;
    let mut found = Vec::new();
    for deployment in &status.deployments {
        let name = deployment.name.as_str();
        for (place, facts) in deployment.replicas.iter().enumerate() {
            let mut tags = endpoint.spec.tags.clone();
            let label = format!("{}/{name}", endpoint.name);
            tags.entry("Name".to_owned()).or_insert(label);
            tags.insert("tradewind:endpoint".to_owned(), endpoint.name.to_string());
            tags.insert("tradewind:deployment".to_owned(), name.to_owned());
            tags.insert("tradewind:workspace".to_owned(), key.workspace.to_string());
            tags.insert("tradewind:provider".to_owned(), "local".to_owned());
            let kind = kinds.get(name).map(|kind| bare(kind));
            found.push(Instance {
                id: id_of_worker(&key, name, facts.process, place),
                source: Source::Worker(key.clone(), name.to_owned(), facts.process),
                kind: kind.unwrap_or_else(|| "this-machine".to_owned()),
                state: State::Running,
                launched: endpoint.updated,
                zone: HERE.to_owned(),
                tags,
                reason: None,
            });
        }
    }
    Ok(found)
}

/// The instances of some ids; a wrong or unknown one is refused.
pub(super) async fn require(call: &Call<'_>, ids: &[&str]) -> Result<Vec<Instance>, Fault> {
    for id in ids {
        let digits = id.strip_prefix("i-").unwrap_or("");
        let good = matches!(digits.len(), 8 | 17) && digits.bytes().all(|b| b.is_ascii_hexdigit());
        if !good {
            return Err(super::fault::malformed(id));
        }
    }
    let mut all = all(call).await?;
    let unknown: Vec<&str> = ids
        .iter()
        .copied()
        .filter(|id| !all.iter().any(|instance| instance.id == **id))
        .collect();
    if !unknown.is_empty() {
        return Err(super::fault::no_such_instances(&unknown));
    }
    all.retain(|instance| ids.contains(&instance.id.as_str()));
    Ok(all)
}

impl Instance {
    /// What it has for a filter's name; `None` when there is no such filter.
    pub(super) fn facet(&self, name: &str) -> Option<Vec<String>> {
        if let Some(key) = name.strip_prefix("tag:") {
            return Some(self.tags.get(key).cloned().into_iter().collect());
        }
        let (code, word) = self.state.words();
        let one = match name {
            "instance-id" => self.id.clone(),
            "instance-type" => self.kind.clone(),
            "instance-state-name" => word.to_owned(),
            "instance-state-code" => code.to_string(),
            "availability-zone" => self.zone.clone(),
            "launch-time" => crate::time::iso(self.launched),
            "root-device-type" => "instance-store".to_owned(),
            "monitoring-state" => "enabled".to_owned(),
            "tenancy" => "default".to_owned(),
            "tag-key" => return Some(self.tags.keys().cloned().collect()),
            "tag-value" => return Some(self.tags.values().cloned().collect()),
            // What no instance has.
            "vpc-id" | "subnet-id" | "image-id" | "key-name" | "ip-address"
            | "private-ip-address" | "instance-lifecycle" | "platform" => return Some(Vec::new()),
            _ => return None,
        };
        Some(vec![one])
    }

    /// Its tags as EC2 writes them.
    pub(super) fn tag_set(&self) -> Vec<Value> {
        let tags = self.tags.iter();
        tags.map(|(key, value)| json!({"key": key, "value": value}))
            .collect()
    }
}
