//! What instances use of their processors, as EC2 puts it into CloudWatch: `CPUUtilization` in
//! `AWS/EC2` by `InstanceId`, in per cent of what the instance may use. It is sampled once a minute
//! while a job or worker runs; one that nobody sampled yet is answered with its whole run.

use super::figures::{Statistic, periods};
use super::jobs::host_series;
use super::series::{self, Name, Sample, Values};
use super::wire::Dimension;
use crate::Aws;
use crate::ec2::instances::{self, Instance, Source, State, id_of_ticket, id_of_worker};
use crate::fault::Fault;
use crate::operation::Call;
use control::Caller;
use costs::rules::utilization::{MEMORY, Samples};
use domain::day::Day;
use domain::job::{Job, Phase};
use domain::{Refusal, Span, Timestamp};
use serving::EndpointKey;
use serving::usage::{age, processor_time, resident_memory};
use std::collections::BTreeMap;
use std::num::NonZero;

const NAMESPACE: &str = "AWS/EC2";
const CPU: &str = "CPUUtilization";
const INSTANCE: &str = "InstanceId";
/// Where SageMaker shows what the machines of endpoints do.
const ENDPOINTS: &str = "/aws/sagemaker/Endpoints";

/// CPU time by instance up to the sample before.
#[derive(Debug, Default)]
pub(super) struct Counted(BTreeMap<String, (Timestamp, Span)>);

impl Counted {
    /// CPU time since the sample before, and the time since then; from the begin of the instance
    /// when there was none.
    fn since(&self, id: &str, cpu: Span, age: Span, now: Timestamp) -> (Span, Span) {
        match self.0.get(id) {
            Some((at, before)) if before.0 <= cpu.0 => (Span(cpu.0 - before.0), between(*at, now)),
            _ => (cpu, age),
        }
    }
}

/// The time from one instant to another.
fn between(from: Timestamp, to: Timestamp) -> Span {
    Span(to.0 - from.0)
}

/// The series of an instance.
fn name_of(id: &str) -> Name {
    Name::new(NAMESPACE, CPU, vec![dimension(INSTANCE, id)])
}

fn dimension(name: &str, value: &str) -> Dimension {
    Dimension {
        name: name.to_owned(),
        value: value.to_owned(),
    }
}

/// Per cent of so many processors; none for no time at all.
fn per_cent(cpu: Span, time: Span, processors: f64) -> Option<f64> {
    let most = time.0 as f64 * processors;
    (most > 0.0).then(|| cpu.0.max(0) as f64 / most * 100.0)
}

fn percent_at(at: Timestamp, value: f64) -> Sample {
    Sample {
        at,
        unit: Some("Percent".to_owned()),
        values: Values::Each(vec![(value, 1.0)]),
    }
}

/// What a job may use of a machine with so many processors.
fn processors(job: &Job, machine: u32) -> f64 {
    let asked = job.spec.resources.milli_cpus.map(|amount| amount.least());
    let milli = job.spec.limits.milli_cpus.or(asked);
    milli.map_or(f64::from(machine.max(1)), |milli| {
        f64::from(milli.max(1)) / 1_000.0
    })
}

/// Processors of the machine that this server runs on.
fn own_processors() -> u32 {
    let own = std::thread::available_parallelism().map_or(1, NonZero::get);
    u32::try_from(own).unwrap_or(1)
}

/// Keeps what running jobs and the workers of endpoints used since the sample before.
pub(super) async fn sample(aws: &Aws, counted: &mut Counted) -> Result<(), Refusal> {
    let now = aws.control.world.now();
    let mut present = BTreeMap::new();
    for (job, used) in aws.control.running_anywhere().await? {
        let (
            Some(ticket),
            Phase::Running {
                since: Some(since), ..
            },
        ) = (job.phase.ticket(), &job.phase)
        else {
            continue;
        };
        let id = id_of_ticket(ticket);
        let (cpu, time) = counted.since(&id, used.cpu, between(*since, now), now);
        present.insert(id.clone(), (now, used.cpu));
        let caller = Caller::system(job.workspace.clone());
        if let Some(value) = per_cent(cpu, time, processors(&job, used.processors)) {
            series::put(aws, &caller, &name_of(&id), &[percent_at(now, value)]).await?;
        }
        if let (Some(name), Some(value)) = (host_series(&job), per_cent(cpu, time, 1.0)) {
            series::put(aws, &caller, &name, &[percent_at(now, value)]).await?;
        }
    }
    for key in aws.endpoints.list() {
        workers(aws, &key, counted, &mut present).await?;
    }
    counted.0 = present;
    Ok(())
}

/// The workers of an endpoint, each as an instance, and its variants as SageMaker shows them.
async fn workers(
    aws: &Aws,
    key: &EndpointKey,
    counted: &Counted,
    present: &mut BTreeMap<String, (Timestamp, Span)>,
) -> Result<(), Refusal> {
    let now = aws.control.world.now();
    let Some(status) = aws.endpoints.status(key) else {
        return Ok(());
    };
    let caller = Caller::system(key.workspace.clone());
    for deployment in &status.deployments {
        let variant = deployment.name.as_str();
        let (mut whole, mut memory, mut any) = (0.0, 0, false);
        for (place, facts) in deployment.replicas.iter().enumerate() {
            let Some((process, cpu, age)) = facts.process.and_then(measured) else {
                continue;
            };
            let id = id_of_worker(key, variant, Some(process), place);
            let (cpu_since, time) = counted.since(&id, cpu, age, now);
            present.insert(id.clone(), (now, cpu));
            let Some(value) = per_cent(cpu_since, time, 1.0) else {
                continue;
            };
            whole += value;
            memory += resident_memory(process).unwrap_or(0);
            any = true;
            let share = value / f64::from(own_processors());
            series::put(aws, &caller, &name_of(&id), &[percent_at(now, share)]).await?;
        }
        if !any {
            continue;
        }
        let of_variant = |metric: &str| {
            let endpoint = dimension("EndpointName", key.name.as_str());
            Name::new(
                ENDPOINTS,
                metric,
                vec![endpoint, dimension("VariantName", variant)],
            )
        };
        series::put(aws, &caller, &of_variant(CPU), &[percent_at(now, whole)]).await?;
        let bytes = Sample {
            at: now,
            unit: Some("Bytes".to_owned()),
            values: Values::Each(vec![(memory as f64, 1.0)]),
        };
        series::put(aws, &caller, &of_variant("MemoryBytes"), &[bytes]).await?;
    }
    Ok(())
}

/// A process that is still there, its CPU time and its age.
fn measured(process: u32) -> Option<(u32, Span, Span)> {
    let span =
        |time: std::time::Duration| Span(i64::try_from(time.as_millis()).unwrap_or(i64::MAX));
    Some((process, span(processor_time(process)?), span(age(process)?)))
}

/// Where what machines use of their processors is, what follows their names in it, and the same of what
/// agents on machines put.
const SOURCES: [(&str, &str, &str); 3] = [
    (NAMESPACE, CPU, ""),
    ("CWAgent", "cpu_usage_active", ""),
    ("CWAgent", "mem_used_percent", MEMORY),
];
/// Samples of five minutes are one.
const SAMPLED: i64 = 300;

/// The use of every machine that has samples in a span of time, by its id and day; of its memory behind
/// [`MEMORY`].
pub(crate) async fn utilisation(
    call: &Call<'_>,
    from: Timestamp,
    to: Timestamp,
) -> Result<BTreeMap<String, Vec<Samples>>, Fault> {
    let mut machines: BTreeMap<String, Vec<Samples>> = BTreeMap::new();
    for (namespace, metric, part) in SOURCES {
        for name in series::all(call, Some(namespace)).await? {
            let own = name.dimensions.iter().find(|own| own.name == INSTANCE);
            let Some(own) = own.filter(|_| name.metric == metric) else {
                continue;
            };
            let samples = series::samples(call, &name, from, to).await?;
            let days = machines.entry(format!("{}{part}", own.value)).or_default();
            for (at, period) in periods(&samples, SAMPLED, None) {
                let Some(average) = period.statistic(Statistic::Average) else {
                    continue;
                };
                let day = Day::from_unix_millis(at.0);
                let cpu = average.clamp(0.0, 1_000.0) as f32;
                match days.iter_mut().find(|known| known.day == day) {
                    Some(known) => known.cpu.push(cpu),
                    None => days.push(Samples {
                        day,
                        cpu: vec![cpu],
                    }),
                }
            }
            days.sort_by_key(|samples| samples.day);
        }
    }
    machines.retain(|_, days| !days.is_empty());
    Ok(machines)
}

/// What an instance that was not sampled used over its run.
pub(super) async fn samples(call: &Call<'_>, name: &Name) -> Result<Vec<Sample>, Fault> {
    let [own] = name.dimensions.as_slice() else {
        return Ok(Vec::new());
    };
    if name.namespace != NAMESPACE || name.metric != CPU || own.name != INSTANCE {
        return Ok(Vec::new());
    }
    let all = instances::all(call).await?;
    match all.into_iter().find(|instance| instance.id == own.value) {
        Some(instance) => whole_run(call, &instance)
            .await
            .map(|one| one.into_iter().collect()),
        None => Ok(Vec::new()),
    }
}

async fn whole_run(call: &Call<'_>, instance: &Instance) -> Result<Option<Sample>, Fault> {
    let now = call.aws.control.world.now();
    let (id, ticket) = match &instance.source {
        Source::Worker(_, _, process) => {
            let found = process
                .and_then(measured)
                .and_then(|(_, cpu, age)| per_cent(cpu, age, f64::from(own_processors())));
            return Ok(found.map(|value| percent_at(now, value)));
        }
        Source::Attempt(id, ticket) => (id, ticket),
    };
    let job = call.aws.control.job(&call.caller(), id).await?;
    if let Some(attempt) = job
        .attempts
        .iter()
        .find(|attempt| attempt.ticket == *ticket)
    {
        let usage = attempt.exit.usage;
        let value = per_cent(usage.cpu, usage.wall, processors(&job, own_processors()));
        return Ok(value.map(|value| percent_at(attempt.exit.ended, value)));
    }
    let jobs = [job];
    let used = call.aws.control.jobs_used(&call.caller(), &jobs).await?;
    let Some(used) = used.get(ticket) else {
        return Ok(None);
    };
    let time = between(instance.launched, now);
    let value = per_cent(used.cpu, time, processors(&jobs[0], used.processors));
    Ok(value.map(|value| percent_at(now, value)))
}

/// The series of the instances that are shown.
pub(super) async fn names(call: &Call<'_>, namespace: Option<&str>) -> Result<Vec<Name>, Fault> {
    if namespace.is_some_and(|wanted| wanted != NAMESPACE) {
        return Ok(Vec::new());
    }
    let all = instances::all(call).await?;
    let begun = all
        .iter()
        .filter(|instance| instance.state != State::Pending);
    let begun = begun.filter(|instance| !matches!(instance.source, Source::Worker(_, _, None)));
    Ok(begun.map(|instance| name_of(&instance.id)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utilisation_is_what_was_used_since_the_sample_before() {
        let mut counted = Counted::default();
        let now = Timestamp(120_000);
        let first = counted.since("i-1", Span(9_000), Span(90_000), now);
        assert_eq!(first, (Span(9_000), Span(90_000)));
        counted
            .0
            .insert("i-1".to_owned(), (Timestamp(60_000), Span(9_000)));
        let next = counted.since("i-1", Span(39_000), Span(150_000), now);
        assert_eq!(next, (Span(30_000), Span(60_000)));
        assert_eq!(per_cent(next.0, next.1, 2.0), Some(25.0));
        assert_eq!(per_cent(Span(1), Span(0), 2.0), None);
        // Another process of the same id counts from its begin.
        assert_eq!(
            counted.since("i-1", Span(100), Span(1_000), now),
            (Span(100), Span(1_000))
        );
    }
}
