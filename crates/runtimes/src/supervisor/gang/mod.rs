//! Several hosts of one job on this machine. Each is a ticket of its own inside the gang's
//! folder, with a supervisor, limits, `/opt/ml` and name of its own; this process starts them,
//! hears them, stops all when one fails, and makes one record of their ends.

mod hearing;
mod host;
mod merge;
mod network;

pub(super) use network::HOLD;

use super::context::Context;
use super::tree;
use crate::record::{ExitRecord, Stage};
use crate::{Error, files};
use domain::Span;
use domain::job::{Ending, Exit, Failure, FailureKind, Usage};
use host::Host;
use network::Shared;
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use std::time::Duration;

/// Between two looks at what the hosts print.
const LOOK: Duration = Duration::from_millis(100);

/// Runs a gang to its end.
pub(super) fn carry_out(context: &Context<'_>) -> ExitRecord {
    let network = match Shared::of(context) {
        Ok(network) => network,
        Err(error) => return context.ended_early(FailureKind::Provider, &error),
    };
    let holder = network.as_ref().map(Shared::holder);
    let names = &context.launch.machine.hosts;
    let started: Result<Vec<Host>, Error> = names
        .iter()
        .enumerate()
        .map(|(index, name)| Host::start(context, index, name, holder))
        .collect();
    let record = match started {
        Ok(hosts) => Gang::new(context, hosts).see_to_the_end(),
        Err(error) => context.ended_early(FailureKind::Provider, &error),
    };
    tree::kill_descendants();
    tree::reap();
    record
}

struct Gang<'a> {
    context: &'a Context<'a>,
    hosts: Vec<Host>,
    stopping: bool,
    stage: Stage,
}

impl<'a> Gang<'a> {
    fn new(context: &'a Context<'a>, hosts: Vec<Host>) -> Self {
        Self {
            context,
            hosts,
            stopping: false,
            stage: Stage::Environment,
        }
    }

    fn see_to_the_end(mut self) -> ExitRecord {
        loop {
            self.context.pause(LOOK);
            let told = self.context.told();
            if told.stop || self.context.stop_requested() {
                self.stop();
            }
            self.fetch();
            for host in &mut self.hosts {
                hearing::hear(self.context, host);
            }
            self.tell_stage();
            self.stop_after_a_failure();
            if self.hosts.iter().all(|host| host.end.is_some()) {
                return self.conclude();
            }
        }
    }

    /// Takes the ends of hosts. One whose supervisor vanished without a record is lost.
    fn fetch(&mut self) {
        let mut gone = Vec::new();
        while let Ok(status) = waitpid(Pid::from_raw(-1), Some(WaitPidFlag::WNOHANG)) {
            match status {
                WaitStatus::Exited(pid, _) | WaitStatus::Signaled(pid, ..) => gone.push(pid),
                WaitStatus::StillAlive => break,
                _ => {}
            }
        }
        for host in &mut self.hosts {
            if gone.contains(&host.pid) {
                host.take_end(self.context.now());
            }
        }
    }

    fn stop(&mut self) {
        if self.stopping {
            return;
        }
        self.stopping = true;
        for host in self.hosts.iter().filter(|host| host.end.is_none()) {
            // A host that cannot be asked is ended with the others at the end.
            let _ = super::request_stop(&host.layout);
        }
    }

    fn stop_after_a_failure(&mut self) {
        if self.stopping {
            return;
        }
        let failed = self.hosts.iter().find(|host| host.failure().is_some());
        let living = self.hosts.iter().any(|host| host.end.is_none());
        if let (Some(host), true) = (failed, living) {
            let text = format!("{} failed; the other hosts are asked to end", host.name);
            self.context.say(&text);
            self.stop();
        }
    }

    /// The gang is where the host is that got furthest, and runs since its first host does.
    fn tell_stage(&mut self) {
        let mut started = None;
        let mut stage = Stage::Environment;
        for host in &self.hosts {
            let Ok(Some(status)) =
                files::read_record::<crate::record::Status>(&host.layout.status())
            else {
                continue;
            };
            if status.started.is_some() {
                stage = Stage::Running;
            } else if status.stage == Stage::Inputs && stage == Stage::Environment {
                stage = Stage::Inputs;
            }
            started = [started, status.started].into_iter().flatten().min();
        }
        if stage == self.stage {
            return;
        }
        self.stage = stage;
        let now = self.context.now();
        // The status is told again at the next change; on a full disk it stays behind.
        let _ = self.context.update(|status| {
            status.stage = stage;
            status.since = now;
            status.started = started;
        });
    }

    fn conclude(self) -> ExitRecord {
        let Self { context, hosts, .. } = self;
        let exits: Vec<&Exit> = hosts.iter().filter_map(|host| host.exit()).collect();
        let mut warnings: Vec<String> = Vec::new();
        for host in &hosts {
            for warning in host.exit().map(|exit| &exit.warnings).into_iter().flatten() {
                // Most are about the environment, which all hosts share.
                if !warnings.contains(warning) {
                    warnings.push(warning.clone());
                }
            }
        }
        let mut ending = ending(&hosts);
        if !matches!(ending, Ending::Failed { .. }) {
            let _ = context.stage(Stage::Outputs);
            if let Err(error) = merge::merge(context, &hosts, &mut warnings) {
                ending = super::ending::output_failure(&error);
            }
        }
        if let Ending::Failed { failure } = &ending {
            context.say(&failure.message);
        }
        let usage = Usage {
            cpu: Span(exits.iter().map(|exit| exit.usage.cpu.0).sum()),
            peak_memory: exits.iter().map(|exit| exit.usage.peak_memory).sum(),
            wall: exits
                .iter()
                .map(|exit| exit.usage.wall)
                .max()
                .unwrap_or_default(),
        };
        let exit = Exit {
            ending,
            started: exits.iter().filter_map(|exit| exit.started).min(),
            ended: context.now(),
            usage,
            warnings,
        };
        let first = hosts.iter().filter_map(|host| host.end.as_ref());
        ExitRecord {
            exception: first.clone().find_map(|end| end.exception.clone()),
            environment: first.clone().find_map(|end| end.environment.clone()),
            log: context.log().summary(),
            ..ExitRecord::bare(exit)
        }
    }
}

/// The failure that came first, else a stop, else that all went well.
fn ending(hosts: &[Host]) -> Ending {
    let failed = hosts.iter().filter_map(|host| {
        let failure = host.failure()?;
        Some((host.exit()?.ended, host, failure))
    });
    if let Some((_, host, failure)) = failed.min_by_key(|(ended, ..)| *ended) {
        return Ending::Failed {
            failure: Failure {
                message: format!("{}: {}", host.name, failure.message),
                ..failure.clone()
            },
        };
    }
    let stopped = |host: &Host| {
        host.exit()
            .is_some_and(|exit| exit.ending == Ending::Stopped)
    };
    if hosts.iter().any(stopped) {
        return Ending::Stopped;
    }
    Ending::Completed
}
