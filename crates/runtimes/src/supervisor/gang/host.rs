//! One host of a gang.

use super::super::context::Context;
use crate::launch::{Distribution, Input, Launch, Part, Source};
use crate::record::ExitRecord;
use crate::{Error, Layout, files};
use domain::job::{Ending, Exit, Failure, FailureKind, Usage};
use domain::resources::Limits;
use domain::{ByteSize, Timestamp};
use nix::unistd::Pid;
use std::fs::File;
use std::process::{Command, Stdio};

/// A host with its supervisor.
pub(super) struct Host {
    pub(super) name: String,
    pub(super) layout: Layout,
    pub(super) pid: Pid,
    /// Where hearing its log and its metrics goes on.
    pub(super) log: u64,
    pub(super) metrics: u64,
    /// Its record, once it has one.
    pub(super) end: Option<ExitRecord>,
}

impl Host {
    /// Starts the host of a number.
    pub(super) fn start(
        context: &Context<'_>,
        index: usize,
        name: &str,
        network: Option<u32>,
    ) -> Result<Self, Error> {
        let folder = files::join_inside(&context.layout.hosts(), name, "the host")?;
        let layout = Layout::new(folder);
        files::create_folder(layout.folder())?;
        let mut launch = launch(context.launch, index, name);
        launch.shared_network = network;
        files::write_record(&layout.launch(), &launch)?;
        let path = layout.folder().join("supervisor.log");
        let log = File::options().create(true).append(true).open(&path);
        let log = log.map_err(Error::file("open", &path))?;
        let program = &context.surroundings.program;
        let child = Command::new(program)
            .args(["supervise", "--host"])
            .arg(layout.folder())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .map_err(|source| Error::Start {
                program: program.display().to_string(),
                source,
            })?;
        Ok(Self {
            name: name.to_owned(),
            layout,
            pid: Pid::from_raw(child.id() as i32),
            log: 0,
            metrics: 0,
            end: None,
        })
    }

    /// Reads the record of a host whose supervisor has ended.
    pub(super) fn take_end(&mut self, now: Timestamp) {
        let record = files::read_record::<ExitRecord>(&self.layout.exit())
            .ok()
            .flatten();
        self.end = Some(record.unwrap_or_else(|| lost(now)));
    }

    pub(super) fn exit(&self) -> Option<&Exit> {
        self.end.as_ref().map(|end| &end.exit)
    }

    pub(super) fn failure(&self) -> Option<&Failure> {
        match &self.exit()?.ending {
            Ending::Failed { failure } => Some(failure),
            Ending::Completed | Ending::Stopped => None,
        }
    }
}

fn lost(now: Timestamp) -> ExitRecord {
    let failure = Failure {
        kind: FailureKind::Lost,
        message: "the process that supervised this host has vanished without a record".to_owned(),
        file: None,
        line: None,
        exit_code: None,
    };
    ExitRecord::bare(Exit {
        ending: Ending::Failed { failure },
        started: None,
        ended: now,
        usage: Usage::default(),
        warnings: Vec::new(),
    })
}

/// What a host of a gang is told: the gang's launch with its own name and its own part.
fn launch(gang: &Launch, index: usize, name: &str) -> Launch {
    let mut launch = gang.clone();
    launch.part = Part::Host;
    name.clone_into(&mut launch.machine.host);
    let hosts = gang.machine.hosts.len();
    for input in &mut launch.inputs {
        take_part(input, index, hosts);
    }
    // They are packed once, of what all hosts left.
    launch.archives.clear();
    launch.limits = share(&gang.limits, hosts as u64);
    launch
}

fn take_part(input: &mut Input, index: usize, hosts: usize) {
    if let (Distribution::Sharded, Source::Files { files }) =
        (input.distribution, &mut input.source)
    {
        files.sort_by(|one, other| one.path.cmp(&other.path));
        let mut number = 0;
        files.retain(|_| {
            number += 1;
            (number - 1) % hosts == index
        });
    }
}

/// Limits are of the whole job; hosts on one machine have to share what it has.
fn share(limits: &Limits, hosts: u64) -> Limits {
    let part = |size: ByteSize| ByteSize((size.0 / hosts).max(1));
    Limits {
        memory: limits.memory.map(part),
        disk: limits.disk.map(part),
        ..limits.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::launch::{Program, StagedFile};

    fn gang(distribution: Distribution, files: usize, hosts: usize) -> Launch {
        let mut launch = Launch::new(
            "t",
            Program::Shell {
                line: String::new(),
            },
            "/data",
        );
        launch.part = Part::Gang;
        launch.machine.hosts = (1..=hosts).map(|n| format!("algo-{n}")).collect();
        launch.limits.memory = Some(ByteSize(900));
        launch.inputs.push(Input {
            channel: "train".into(),
            path: None,
            distribution,
            content_type: None,
            pipe: None,
            source: Source::Files {
                files: (0..files)
                    .map(|n| StagedFile {
                        path: format!("part-{n:03}"),
                        source: "/x".into(),
                    })
                    .collect(),
            },
        });
        launch
    }

    fn files(launch: &Launch) -> Vec<&str> {
        let Source::Files { files } = &launch.inputs[0].source else {
            panic!("files");
        };
        files.iter().map(|file| file.path.as_str()).collect()
    }

    #[test]
    fn shards_are_apart_and_together_all() {
        for (count, hosts) in [(0, 1), (1, 3), (7, 3), (9, 3), (10, 4)] {
            let gang = gang(Distribution::Sharded, count, hosts);
            let mut all = Vec::new();
            for index in 0..hosts {
                let launch = launch(&gang, index, "algo-1");
                let part = files(&launch).len();
                assert!(part == count / hosts || part == count / hosts + 1);
                all.extend(files(&launch).iter().map(|path| (*path).to_owned()));
            }
            all.sort();
            assert_eq!(all, files(&gang), "{count} files, {hosts} hosts");
        }
    }

    #[test]
    fn a_host_has_its_name_all_of_the_rest_and_a_share_of_the_limits() {
        let gang = gang(Distribution::Replicated, 3, 2);
        let host = launch(&gang, 1, "algo-2");
        assert_eq!(host.part, Part::Host);
        assert_eq!(host.machine.host, "algo-2");
        assert_eq!(files(&host).len(), 3);
        assert_eq!(host.limits.memory, Some(ByteSize(450)));
    }
}
