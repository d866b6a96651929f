//! Turns a workload into what a supervisor is told.

use super::Config;
use contracts::backend::Workload;
use domain::Location;
use domain::TicketId;
use domain::environment::Environment;
use domain::gang;
use domain::job::{Checkpoints, Entry};
use domain::resources::Limits;
use runtimes::Launch;
use runtimes::launch::{
    CodeRequirements, Distribution, Enforcement, Input, Machine, Output, PackageData, Packing,
    Part, Program, Source, StagedFile,
};
use std::path::PathBuf;

/// Names of the outputs that every job has.
const COMMON: [&str; 2] = ["model", "output"];

/// The launch of one attempt.
pub(super) fn launch(config: &Config, ticket: &TicketId, workload: &Workload) -> Launch {
    let spec = &workload.spec;
    let mut variables = workload.env.clone();
    variables.extend(spec.env.clone());
    let inputs = workload.inputs.iter().map(|(channel, files)| Input {
        channel: channel.clone(),
        path: spec.input_paths.get(channel).cloned(),
        distribution: if spec.sharded.contains(channel) {
            Distribution::Sharded
        } else {
            Distribution::Replicated
        },
        content_type: spec.media.get(channel).cloned(),
        pipe: spec.pipes.get(channel).cloned(),
        source: Source::Files {
            files: files
                .iter()
                .map(|file| StagedFile {
                    path: file.path.clone(),
                    source: file.source.clone(),
                })
                .collect(),
        },
    });
    let outputs = spec
        .outputs
        .iter()
        .filter(|name| !COMMON.contains(&name.as_str()));
    Launch {
        ticket: ticket.to_string(),
        job: workload.job.to_string(),
        part: match nodes(spec) {
            1 => Part::Whole,
            _ => Part::Gang,
        },
        program: program(&spec.entry),
        code: workload.code.clone().map(source),
        code_requirements: code_requirements(&spec.environment),
        environment: spec.environment.clone(),
        data: config.shared.clone(),
        inputs: inputs.collect(),
        packages: packages(spec),
        outputs: outputs
            .map(|name| Output {
                name: name.clone(),
                path: spec.output_paths.get(name).cloned(),
            })
            .collect(),
        checkpoints: spec.checkpoints.as_ref().map(checkpoints),
        network: spec.network,
        shared_network: None,
        archives: archives(spec),
        hyperparameters: spec.hyperparameters.clone(),
        variables,
        limits: limits(config, workload),
        enforcement: Enforcement::Best,
        metrics: spec.metrics.clone(),
        grace: spec.grace,
        machine: machine(config, workload),
        log: config.log,
    }
}

fn checkpoints(wanted: &Checkpoints) -> Output {
    Output {
        name: Checkpoints::NAME.to_owned(),
        path: Some(wanted.path().to_owned()),
    }
}

/// Machines of a job; those beyond the first are hosts of a gang on this one.
fn nodes(spec: &domain::job::JobSpec) -> u32 {
    spec.resources.nodes.max(1)
}

/// What is to be found in the environment only, once that exists.
fn packages(spec: &domain::job::JobSpec) -> Vec<PackageData> {
    let mut all = Vec::new();
    for (channel, locations) in &spec.inputs {
        for location in locations {
            if let Ok(Location::Package { path }) = Location::parse(location) {
                let channel = channel.clone();
                all.push(PackageData { channel, path });
            }
        }
    }
    all
}

fn archives(spec: &domain::job::JobSpec) -> Vec<Packing> {
    let packed = spec.deliveries.iter().filter_map(|delivery| {
        Some(Packing {
            output: delivery.output.clone(),
            file: delivery.archive.clone()?,
        })
    });
    let mut packed: Vec<Packing> = packed.collect();
    packed.dedup();
    packed
}

fn program(entry: &Entry) -> Program {
    match entry {
        Entry::Script { path, arguments } => Program::Script {
            path: path.clone(),
            arguments: arguments.clone(),
        },
        Entry::Command { argv } => Program::Command {
            arguments: argv.clone(),
        },
    }
}

fn source(path: PathBuf) -> Source {
    if path.is_dir() {
        Source::Folder { path }
    } else {
        Source::Archive { path }
    }
}

/// The clouds' framework images install the code's requirements at the start; a plain Python
/// environment lists its own.
fn code_requirements(environment: &Environment) -> CodeRequirements {
    match environment {
        Environment::Framework { .. } => CodeRequirements::Install,
        Environment::Python { .. } | Environment::Image { .. } => CodeRequirements::Ignore,
    }
}

fn limits(config: &Config, workload: &Workload) -> Limits {
    let (own, fallback) = (&workload.spec.limits, &config.limits);
    let timeout = workload.spec.policy.timeout;
    let wall_clock = match (own.wall_clock, timeout) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other).or(fallback.wall_clock),
    };
    Limits {
        memory: own.memory.or(fallback.memory),
        milli_cpus: own.milli_cpus.or(fallback.milli_cpus),
        processes: own.processes.or(fallback.processes),
        wall_clock,
        disk: own.disk.or(fallback.disk),
    }
}

fn machine(config: &Config, workload: &Workload) -> Machine {
    let facts = config.machine;
    let instance_type = workload.spec.resources.instance_type.clone();
    let hosts = gang::hosts(nodes(&workload.spec));
    Machine {
        host: hosts[0].clone(),
        hosts,
        cpus: facts.cpus,
        accelerators: facts.accelerators,
        memory: facts.memory,
        instance_type: instance_type.unwrap_or_else(|| "local".to_owned()),
    }
}
