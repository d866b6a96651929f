//! A provider whose workloads live in memory and move when the simulation says so. It checks, at
//! the moment of each call, what the laws promise a provider.

use crate::fuse::Fuse;
use contracts::backend::{
    Advice, Backend, BackendError, Checkpoint, LogChunk, LogLine, Observation, OutputFolder,
    Remains, Removal, StagedFile, Unsupported, Workload,
};
use contracts::store::memory::Memory;
use contracts::store::{Key, Store};
use domain::job::{Ending, Exit, Failure, FailureKind, Job, JobSpec, Phase, Placement, Usage};
use domain::metric::Metric;
use domain::{JobId, Span, TicketId, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

/// How an attempt ends, as its job's `env` scripts it: one word for each attempt.
fn ending(word: &str) -> Ending {
    let failed = |kind| Ending::Failed {
        failure: Failure {
            kind,
            message: "scripted".to_owned(),
            file: None,
            line: None,
            exit_code: Some(3),
        },
    };
    match word {
        "fail" => failed(FailureKind::UserCode),
        "lost" => failed(FailureKind::Lost),
        _ => Ending::Completed,
    }
}

#[derive(Debug, Clone)]
struct Live {
    job: JobId,
    spec: JobSpec,
    attempt: usize,
    ticks: u64,
    state: Observation,
}

#[derive(Default)]
struct State {
    live: BTreeMap<TicketId, Live>,
    /// Every ticket that ever started a workload.
    started: BTreeSet<TicketId>,
    gone: BTreeSet<TicketId>,
}

pub(crate) struct SimulatedBackend {
    state: Mutex<State>,
    store: Arc<Memory>,
    fuse: Arc<Fuse>,
    model: PathBuf,
}

fn refused() -> BackendError {
    BackendError {
        message: "the simulated provider is away".to_owned(),
        advice: Advice::RetryHere {
            after: Span::seconds(1),
        },
        source: None,
    }
}

impl SimulatedBackend {
    pub(crate) fn new(store: Arc<Memory>, fuse: Arc<Fuse>, model: PathBuf) -> Self {
        Self {
            state: Mutex::default(),
            store,
            fuse,
            model,
        }
    }

    /// Moves every workload on by one tick.
    pub(crate) fn tick(&self, now: Timestamp) {
        let mut state = self.state.lock().unwrap();
        for live in state.live.values_mut() {
            if matches!(live.state, Observation::Exited { .. }) {
                continue;
            }
            live.ticks += 1;
            live.state = match live.ticks {
                1 => Observation::Preparing {
                    step: "inputs".to_owned(),
                },
                2 => Observation::Running { since: now },
                3 | 4 if self.fuse.below(2) == 0 => live.state.clone(),
                _ => {
                    let script = live.spec.env.get("SCRIPT").cloned().unwrap_or_default();
                    let word = script.split(' ').nth(live.attempt).unwrap_or("").to_owned();
                    exited(ending(&word), now)
                }
            };
        }
    }

    /// Tickets with a workload that has not been cleared away.
    pub(crate) fn tickets(&self) -> Vec<TicketId> {
        self.state.lock().unwrap().live.keys().cloned().collect()
    }

    /// Every ticket that ever started a workload.
    pub(crate) fn started(&self) -> BTreeSet<TicketId> {
        self.state.lock().unwrap().started.clone()
    }

    /// At most one workload of a job at once.
    pub(crate) fn check(&self) {
        let state = self.state.lock().unwrap();
        let mut jobs = BTreeSet::new();
        for live in state.live.values() {
            assert!(
                jobs.insert(&live.job),
                "two workloads of `{}` at once",
                live.job
            );
        }
    }

    /// Starts a workload that nobody holds a ticket of.
    pub(crate) fn plant(&self, ticket: TicketId, job: JobId, spec: JobSpec) {
        let state = Observation::Preparing {
            step: "queue".to_owned(),
        };
        let live = Live {
            job,
            spec,
            attempt: 0,
            ticks: 0,
            state,
        };
        self.state.lock().unwrap().live.insert(ticket, live);
    }
}

fn exited(ending: Ending, now: Timestamp) -> Observation {
    let usage = Usage {
        cpu: Span(5),
        peak_memory: 1,
        wall: Span(5),
    };
    let exit = Exit {
        ending,
        started: Some(now),
        ended: now,
        usage,
        warnings: Vec::new(),
    };
    Observation::Exited { exit }
}

#[async_trait::async_trait]
impl Backend for SimulatedBackend {
    fn refuses(&self, _spec: &JobSpec) -> Vec<Unsupported> {
        Vec::new()
    }

    async fn ensure(
        &self,
        ticket: &TicketId,
        workload: &Workload,
        _at: &Placement,
    ) -> Result<(), BackendError> {
        // Law 1: whatever a provider hears of is in the store already.
        let key = Key::new("job", &workload.workspace, &workload.job);
        let row = self
            .store
            .get(&key)
            .await
            .unwrap()
            .expect("the job is stored");
        let job: Job = row.row.body.read().unwrap();
        assert!(
            matches!(&job.phase, Phase::Starting { ticket: stored, .. } if stored == ticket),
            "`{ticket}` reached the provider while the store has {:?}",
            job.phase
        );
        self.fuse
            .call(refused, async {
                let mut state = self.state.lock().unwrap();
                assert!(
                    !state.gone.contains(ticket),
                    "`{ticket}` was asked for after its end"
                );
                if state.started.insert(ticket.clone()) {
                    let live = Live {
                        job: workload.job.clone(),
                        spec: workload.spec.clone(),
                        attempt: job.attempts.len(),
                        ticks: 0,
                        state: Observation::Preparing {
                            step: "queue".to_owned(),
                        },
                    };
                    state.live.insert(ticket.clone(), live);
                }
                Ok(())
            })
            .await
    }

    async fn observe(&self, tickets: &[TicketId]) -> Result<Vec<Observation>, BackendError> {
        self.fuse
            .call(refused, async {
                let state = self.state.lock().unwrap();
                let seen = |ticket| {
                    state
                        .live
                        .get(ticket)
                        .map_or(Observation::Absent, |live| live.state.clone())
                };
                Ok(tickets.iter().map(seen).collect())
            })
            .await
    }

    async fn stop(&self, ticket: &TicketId) -> Result<(), BackendError> {
        self.fuse
            .call(refused, async {
                if let Some(live) = self.state.lock().unwrap().live.get_mut(ticket)
                    && !matches!(live.state, Observation::Exited { .. })
                {
                    live.state = exited(Ending::Stopped, Timestamp(0));
                }
                Ok(())
            })
            .await
    }

    async fn remove(&self, ticket: &TicketId) -> Result<Removal, BackendError> {
        if self.fuse.below(3) == 0 {
            return Ok(Removal::Pending);
        }
        self.fuse
            .call(refused, async {
                let mut state = self.state.lock().unwrap();
                state.live.remove(ticket);
                state.gone.insert(ticket.clone());
                Ok(Removal::Gone)
            })
            .await
    }

    async fn inventory(&self) -> Result<Vec<TicketId>, BackendError> {
        self.fuse.call(refused, async { Ok(self.tickets()) }).await
    }

    async fn changed(&self) {
        std::future::pending::<()>().await;
    }
}

#[async_trait::async_trait]
impl Remains for SimulatedBackend {
    async fn log(
        &self,
        ticket: &TicketId,
        offset: u64,
        _limit: usize,
    ) -> Result<LogChunk, BackendError> {
        self.fuse.call(refused, async { Ok(()) }).await?;
        let there = self.state.lock().unwrap().live.contains_key(ticket);
        if !there || offset >= 2 {
            return Ok(LogChunk {
                lines: Vec::new(),
                next: offset,
            });
        }
        let line = LogLine {
            at: Timestamp(0),
            stream: "out".to_owned(),
            text: format!("{ticket} says line {offset}"),
            next: offset + 1,
        };
        Ok(LogChunk {
            lines: vec![line],
            next: offset + 1,
        })
    }

    async fn metrics(&self, ticket: &TicketId, from: u64) -> Result<Vec<Metric>, BackendError> {
        self.fuse.call(refused, async { Ok(()) }).await?;
        let there = self.state.lock().unwrap().live.contains_key(ticket);
        if !there || from > 0 {
            return Ok(Vec::new());
        }
        let (name, at) = ("accuracy".to_owned(), Timestamp(0));
        Ok(vec![Metric {
            name,
            value: 0.95,
            step: None,
            at,
        }])
    }

    async fn outputs(&self, _ticket: &TicketId) -> Result<Vec<OutputFolder>, BackendError> {
        self.fuse.call(refused, async { Ok(()) }).await?;
        let file = StagedFile {
            path: "model.bin".to_owned(),
            source: self.model.clone(),
            bytes: 5,
        };
        let content_hash = "0".repeat(64);
        Ok(vec![OutputFolder {
            name: "model".to_owned(),
            files: vec![file],
            content_hash,
        }])
    }

    async fn checkpoints(&self, _ticket: &TicketId) -> Result<Vec<Checkpoint>, BackendError> {
        let file = StagedFile {
            path: "epoch-1".to_owned(),
            source: self.model.clone(),
            bytes: 5,
        };
        let modified = Timestamp(0);
        Ok(vec![Checkpoint { file, modified }])
    }
}
