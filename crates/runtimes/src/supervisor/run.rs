//! The time in which user code runs: one thread that waits for what it prints, for signals and for
//! deadlines.

use super::context::Context;
use super::ending::{Cause, Death, Facts, conclude, output_failure};
use super::enter::Entry;
use super::hearing::Hearing;
use super::limits::Groups;
use super::pipes::{self, Broken};
use super::preparation::Prepared;
use super::spare::Spare;
use super::started::Started;
use super::usage::Count;
use super::{collect, tree};
use crate::printed::MetricFinder;
use crate::process::{self, Identity};
use crate::record::{ExitRecord, Stage};
use crate::scripts::inherited;
use crate::{Error, files};
use domain::job::{Ending, Exit, Usage};
use domain::{Span, Timestamp};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{Pid, getpid};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Between two looks at the tree where groups enforce the limits.
const LOOK: Duration = Duration::from_millis(200);
/// Between two looks where looking is what enforces them.
const CLOSE_LOOK: Duration = Duration::from_millis(25);
/// Processes beyond the limit that the system still lets a user have where looking is what
/// enforces it: enough for the look to see that it was broken.
const SLACK: u64 = 64;
/// Bytes a second that user code may at most write to a disk, to know when to look again.
const DISK_RATE: u64 = 4 << 30;

/// Starts user code, sees it to its end and tells how it was.
pub(super) fn run(context: &Context<'_>, prepared: &Prepared) -> Result<ExitRecord, Error> {
    let metrics = MetricFinder::new(&context.launch.metrics)?;
    let streams = pipes::begin(context.launch, &prepared.places(context))?;
    let mut spare = context.take_spare();
    let ahead = spare.as_mut().and_then(Spare::take_groups);
    let (groups, to_join) = if let Some(mut groups) = ahead {
        let made = groups.limit(context.launch, context.layout);
        (groups, made)
    } else {
        let groups = Groups::create(context.launch, context.layout);
        let all = groups.folders();
        (groups, all)
    };
    let start = Start {
        prepared,
        groups: &groups,
        to_join,
        spare,
        streams,
    };
    let result = Run::start(context, start, metrics).map(Run::carry_out);
    tree::kill_descendants();
    tree::reap();
    groups.remove();
    result
}

/// What a start needs beside the context.
struct Start<'a> {
    prepared: &'a Prepared,
    groups: &'a Groups,
    /// Groups that a waiting stage is not a member of yet.
    to_join: Vec<PathBuf>,
    spare: Option<Spare>,
    /// What is told of the streams.
    streams: Broken,
}

struct Run<'a> {
    context: &'a Context<'a>,
    prepared: &'a Prepared,
    groups: &'a Groups,
    pid: Pid,
    hearing: Hearing<'a>,
    cause: Option<Cause>,
    begin: Instant,
    started: Timestamp,
    /// When what was asked to end is killed.
    kill_at: Option<Instant>,
    look_at: Instant,
    disk_at: Instant,
    peak_memory: u64,
    death: Option<Death>,
    before: Count,
    streams: Broken,
}

impl<'a> Run<'a> {
    fn start(
        context: &'a Context<'a>,
        start: Start<'a>,
        finder: MetricFinder,
    ) -> Result<Self, Error> {
        let before = Count::now();
        let (prepared, groups, streams) = (start.prepared, start.groups, start.streams.clone());
        let child = spawn(context, start)?;
        let (begin, started) = (Instant::now(), context.now());
        let pid = child.pid;
        let hearing = Hearing::new(context, finder, child);
        context.update(|status| {
            status.stage = Stage::Running;
            status.since = started;
            status.started = Some(started);
            status.process = Identity::of(pid.as_raw());
            status.groups = groups.folders();
        })?;
        Ok(Self {
            context,
            prepared,
            groups,
            pid,
            hearing,
            cause: None,
            begin,
            started,
            kill_at: None,
            look_at: begin + CLOSE_LOOK,
            disk_at: begin,
            peak_memory: 0,
            death: None,
            before,
            streams,
        })
    }

    fn carry_out(mut self) -> ExitRecord {
        if self.context.stop_requested() {
            self.stop(Cause::Stop);
        }
        while self.death.is_none() {
            let timeout = self.timeout();
            self.hearing.listen(timeout);
            let told = self.context.told();
            if told.stop {
                self.stop(Cause::Stop);
            }
            if told.child {
                self.fetch();
            }
            self.keep_time();
        }
        let wall = Span::milliseconds(self.begin.elapsed().as_millis() as i64);
        // What it left running ends with it; then the pipes come to their end.
        self.groups.kill();
        tree::kill_descendants();
        self.hearing.finish();
        tree::reap();
        self.conclude(wall)
    }

    fn timeout(&self) -> Duration {
        let limits = &self.context.launch.limits;
        let wall = limits.wall_clock.filter(|_| self.cause.is_none());
        let deadlines = [
            wall.map(|wall| self.begin + wall.to_std()),
            self.kill_at,
            Some(self.look_at),
            limits.disk.map(|_| self.disk_at),
        ];
        let next = deadlines
            .into_iter()
            .flatten()
            .min()
            .unwrap_or(self.look_at);
        next.saturating_duration_since(Instant::now())
    }

    /// Fetches children that have ended; the job is over when its first process is.
    fn fetch(&mut self) {
        while let Ok(status) = waitpid(Pid::from_raw(-1), Some(WaitPidFlag::WNOHANG)) {
            match status {
                WaitStatus::Exited(pid, code) if pid == self.pid => {
                    self.death = Some(Death::Code(code));
                }
                WaitStatus::Signaled(pid, signal, _) if pid == self.pid => {
                    self.death = Some(Death::Signal(signal));
                }
                WaitStatus::StillAlive => return,
                _ => {}
            }
        }
    }

    /// Asks the whole tree to end, and kills what has not ended after the grace period.
    fn stop(&mut self, cause: Cause) {
        if self.cause.is_some() {
            return;
        }
        self.cause = Some(cause);
        let grace = self.context.launch.grace;
        self.context.say(&format!(
            "{}; the job is asked to end and has {} for it",
            cause.words(&self.context.launch.limits),
            grace
        ));
        tree::ask_to_end(self.pid);
        self.kill_at = Some(Instant::now() + grace.to_std());
    }

    /// Ends the whole tree at once.
    fn end(&mut self, cause: Cause) {
        if self.cause.is_none_or(Cause::is_gentle) && !cause.is_gentle() {
            self.context.say(&cause.words(&self.context.launch.limits));
            self.cause = Some(cause);
        }
        self.groups.kill();
        tree::kill_descendants();
    }

    fn keep_time(&mut self) {
        let now = Instant::now();
        let limits = &self.context.launch.limits;
        if limits
            .wall_clock
            .is_some_and(|wall| now >= self.begin + wall.to_std())
        {
            self.stop(Cause::WallClock);
        }
        if self.kill_at.is_some_and(|at| now >= at) {
            self.kill_at = None;
            self.groups.kill();
            tree::kill_descendants();
        }
        if now >= self.look_at {
            self.look();
        }
        if limits.disk.is_some() && now >= self.disk_at {
            self.look_at_disk();
        }
    }

    fn look(&mut self) {
        let own = getpid().as_raw();
        let family = process::family(own).unwrap_or_else(|| process::descendants(own));
        let page = process::page_size();
        let memory: u64 = family
            .iter()
            .map(|(_, stat)| stat.resident_pages * page)
            .sum();
        let tasks: u32 = family.iter().map(|(_, stat)| stat.threads).sum();
        self.peak_memory = self.peak_memory.max(memory);
        let left = self.groups.left;
        if self.groups.memory_broken() || left.memory.is_some_and(|most| memory > most) {
            self.end(Cause::Memory);
        } else if self.groups.processes_broken() || left.processes.is_some_and(|most| tasks > most)
        {
            self.end(Cause::Processes);
        }
        if self.cause.is_none() && self.context.stop_requested() {
            self.stop(Cause::Stop);
        }
        let watched = left.memory.is_some() || left.processes.is_some();
        self.look_at = Instant::now() + if watched { CLOSE_LOOK } else { LOOK };
    }

    fn look_at_disk(&mut self) {
        let Some(most) = self.context.launch.limits.disk else {
            return;
        };
        let used = files::disk_usage(self.context.layout.folder());
        if used > most.0 {
            self.end(Cause::Disk);
        }
        let wait = Duration::from_millis((most.0.saturating_sub(used)) * 1000 / DISK_RATE);
        let wait = wait.clamp(Duration::from_millis(50), Duration::from_secs(1));
        self.disk_at = Instant::now() + wait;
    }

    /// The kernel may have been quicker than the last look. That the program went on without the
    /// process that broke the limit changes nothing: else it would be chance whether the job fails.
    fn look_back(&mut self) {
        if self.cause.is_some() {
            return;
        }
        if self.groups.memory_broken() {
            self.cause = Some(Cause::Memory);
        } else if self.groups.processes_broken() {
            self.cause = Some(Cause::Processes);
        }
    }

    fn conclude(mut self, wall: Span) -> ExitRecord {
        self.look_back();
        // Added up, pages that processes share count once for each; a group counts them once, but
        // also what the system keeps of files.
        let in_group = self.groups.peak_memory().unwrap_or(u64::MAX);
        let peak_memory = self.peak_memory.min(in_group);
        let context = self.context;
        let refusal = files::read_text(&context.layout.refusal(), 8 << 10);
        let (exception, quoted) = self.hearing.conclude();
        let concluded = conclude(&Facts {
            launch: context.launch,
            layout: context.layout,
            death: self.death.unwrap_or(Death::Code(0)),
            cause: self.cause,
            exception: exception.as_ref(),
            refusal: refusal.as_deref(),
            quoted: &quoted,
        });
        let mut warnings = self.prepared.environment.warnings.clone();
        let mut ending = match self.streams.reason() {
            Some(reason) => pipes::failure(reason),
            None => concluded,
        };
        if matches!(ending, Ending::Completed | Ending::Stopped) {
            // On a full disk the status stays behind; the end is what counts.
            let since = context.now();
            let _ = context.note(|status| {
                status.stage = Stage::Outputs;
                status.since = since;
            });
            if let Err(error) = collect::collect(context.layout, context.launch, &mut warnings) {
                ending = output_failure(&error);
            }
        }
        if let Ending::Failed { failure } = &ending {
            context.say(&failure.message);
        }
        let log = context.log().summary();
        if log.dropped_lines > 0 {
            warnings.push(format!(
                "{} of {} printed lines were not kept",
                log.dropped_lines, log.lines
            ));
        }
        let used = Count::now();
        let usage = Usage {
            cpu: used.cpu_since(self.before),
            peak_memory: peak_memory.max(used.peak_since(self.before)),
            wall,
        };
        let exit = Exit {
            ending,
            started: Some(self.started),
            ended: context.now(),
            usage,
            warnings,
        };
        ExitRecord {
            exit,
            exception,
            environment: Some(self.prepared.environment.hash.clone()),
            log,
        }
    }
}

/// Starts the entering stage, which becomes the user's program.
fn spawn(context: &Context<'_>, start: Start<'_>) -> Result<Started, Error> {
    let Start {
        prepared,
        groups,
        to_join,
        spare,
        streams: _,
    } = start;
    let (layout, surroundings) = (context.layout, context.surroundings);
    let limits = &context.launch.limits;
    let mut entry = Entry {
        supervisor: getpid().as_raw(),
        python: prepared.environment.python.clone(),
        groups: to_join,
        inherited: inherited(&surroundings.variables),
        search_path: surroundings.search_path(),
        largest_file: limits.disk.map(|size| size.0),
        // A backstop against growth between two looks; the looks are the limit.
        largest_process: groups
            .left
            .memory
            .map(|bytes| bytes.saturating_mul(2) + (1 << 30)),
        most_processes: groups
            .left
            .processes
            .map(|most| process::of_this_user() + u64::from(most) + SLACK),
        processors: groups
            .left
            .milli_cpus
            .map(|milli_cpus| milli_cpus.div_ceil(1000)),
    };
    if spare.as_ref().is_some_and(|spare| !spare.is_interpreter()) {
        files::write_record(&layout.entry(), &entry)?;
    }
    if let Some(child) = spare.and_then(|spare| spare.enter(context.launch, layout, &entry)) {
        return Ok(child);
    }
    // The stage that was a member of groups, or the interpreter, is gone.
    entry.groups = groups.folders();
    files::write_record(&layout.entry(), &entry)?;
    let start = |source| Error::Start {
        program: surroundings.program.display().to_string(),
        source,
    };
    Command::new(&surroundings.program)
        .args(["supervise", "--enter"])
        .arg(layout.folder())
        .env_clear()
        .env(super::SMALL.0, super::SMALL.1)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map(Started::from)
        .map_err(start)
}
