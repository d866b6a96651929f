//! What jobs report, as SageMaker puts it into CloudWatch: the metrics that their code prints,
//! and what they used of the machine
//! (<https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html>).

use super::series::{Name, Sample, Values};
use super::wire::Dimension;
use crate::fault::Fault;
use crate::operation::Call;
use crate::sagemaker::jobs::{PROCESSING, TRAINING, processing_id};
use control::jobs::JobFilter;
use control::rows::FOREIGN_LABEL;
use domain::job::{Job, Usage};
use domain::{JobId, Refusal};
use std::collections::{BTreeMap, BTreeSet};

/// Jobs whose series are listed.
const LISTED: u32 = 200;

const NAMESPACES: &[(&str, &str)] = &[
    ("/aws/sagemaker/TrainingJobs", TRAINING),
    ("/aws/sagemaker/ProcessingJobs", PROCESSING),
];

/// The dimension of what code reports, and the one of what a machine measures.
const JOB: &str = "TrainingJobName";
const HOST: &str = "Host";

/// Per cent of one processor, over the run; and the most memory at once.
const CPU: &str = "CPUUtilization";
const MEMORY: &str = "PeakMemoryBytes";

fn kind_of(namespace: &str) -> Option<&'static str> {
    NAMESPACES
        .iter()
        .find(|(name, _)| *name == namespace)
        .map(|(_, kind)| *kind)
}

/// The series of CPU in which SageMaker shows what a job of its own uses of its machine.
pub(super) fn host_series(job: &Job) -> Option<Name> {
    let kind = &job.foreign.as_ref()?.kind;
    let (namespace, _) = NAMESPACES.iter().find(|(_, own)| own == kind)?;
    let host = dimension(HOST, format!("{}/algo-1", job_name(job)));
    Some(Name::new(namespace, CPU, vec![host]))
}

fn dimension(name: &str, value: String) -> Dimension {
    Dimension {
        name: name.to_owned(),
        value,
    }
}

fn job_name(job: &Job) -> &str {
    let id = job.id.as_str();
    id.strip_prefix("processing.").unwrap_or(id)
}

/// The samples that a job has for a series. What it used over its run is said only where nothing
/// was sampled while it ran.
pub(super) async fn samples(
    call: &Call<'_>,
    name: &Name,
    unsampled: bool,
) -> Result<Vec<Sample>, Fault> {
    let Some(kind) = kind_of(&name.namespace) else {
        return Ok(Vec::new());
    };
    let [own] = name.dimensions.as_slice() else {
        return Ok(Vec::new());
    };
    let (job, of_host) = match own.name.as_str() {
        JOB if kind == TRAINING => (own.value.as_str(), false),
        HOST if unsampled => match own.value.strip_suffix("/algo-1") {
            Some(job) => (job, true),
            None => return Ok(Vec::new()),
        },
        _ => return Ok(Vec::new()),
    };
    let id = if kind == PROCESSING {
        processing_id(job)
    } else {
        job.to_owned()
    };
    let Ok(id) = JobId::new(id) else {
        return Ok(Vec::new());
    };
    let caller = call.caller();
    let job = match call.aws.control.job(&caller, &id).await {
        Ok(job) => job,
        Err(Refusal::NotFound { .. }) => return Ok(Vec::new()),
        Err(refusal) => return Err(refusal.into()),
    };
    if of_host {
        return Ok(used(&job, &name.metric));
    }
    reported(call, &job, &name.metric).await
}

async fn reported(call: &Call<'_>, job: &Job, metric: &str) -> Result<Vec<Sample>, Fault> {
    let (mut samples, mut from) = (Vec::new(), 0);
    loop {
        let page = call
            .aws
            .control
            .job_metrics(&call.caller(), &job.id, from, 10_000)
            .await?;
        if page.is_empty() {
            return Ok(samples);
        }
        from += page.len() as u64;
        let own = page.into_iter().filter(|reported| reported.name == metric);
        samples.extend(own.map(|reported| Sample {
            at: reported.at,
            unit: None,
            values: Values::Each(vec![(reported.value, 1.0)]),
        }));
    }
}

/// What the attempts of a job used, each at its end.
fn used(job: &Job, metric: &str) -> Vec<Sample> {
    let attempts = job.attempts.iter().filter_map(|attempt| {
        let Usage {
            cpu,
            peak_memory,
            wall,
        } = attempt.exit.usage;
        let (value, unit) = match metric {
            CPU if wall.0 > 0 => (cpu.0 as f64 / wall.0 as f64 * 100.0, "Percent"),
            MEMORY if peak_memory > 0 => (peak_memory as f64, "Bytes"),
            _ => return None,
        };
        Some(Sample {
            at: attempt.exit.ended,
            unit: Some(unit.to_owned()),
            values: Values::Each(vec![(value, 1.0)]),
        })
    });
    attempts.collect()
}

/// The series of the newest jobs.
pub(super) async fn names(call: &Call<'_>, namespace: Option<&str>) -> Result<Vec<Name>, Fault> {
    let mut names = BTreeSet::new();
    for (own, kind) in NAMESPACES {
        if namespace.is_some_and(|wanted| wanted != *own) {
            continue;
        }
        let filter = JobFilter {
            tags: BTreeMap::from([(FOREIGN_LABEL.to_owned(), (*kind).to_owned())]),
            limit: LISTED,
            ..JobFilter::default()
        };
        let (jobs, _) = call.aws.control.jobs(&call.caller(), &filter).await?;
        for job in &jobs {
            let name = job_name(job);
            if *kind == TRAINING {
                for metric in job.metrics.keys() {
                    names.insert(Name::new(
                        own,
                        metric,
                        vec![dimension(JOB, name.to_owned())],
                    ));
                }
            }
            for metric in [CPU, MEMORY] {
                if !used(job, metric).is_empty() {
                    let host = dimension(HOST, format!("{name}/algo-1"));
                    names.insert(Name::new(own, metric, vec![host]));
                }
            }
        }
    }
    Ok(names.into_iter().collect())
}
