//! What the writer can be asked to do.

use super::Trouble;
use crate::fault::Place;
use crate::{queries, telemetry};
use contracts::backend::LogLine;
use contracts::store::{Claim, Commit, Durability, Key, Row};
use domain::metric::Metric;
use domain::{JobId, Timestamp, Workspace};
use sqlx::AnyConnection;

/// A request.
#[derive(Debug)]
pub(crate) enum Work {
    /// Decided and written together with the other commits of the batch.
    Commit(Commit),
    /// Done by itself.
    Single(Single),
}

/// A request that stands alone.
#[derive(Debug)]
pub(crate) enum Single {
    Claim(Claim),
    Release {
        key: Key,
        owner: String,
        due: Option<Timestamp>,
    },
    EndLeases,
    /// Forgets some of the events before a time.
    Prune {
        before: Timestamp,
    },
    Telemetry {
        workspace: Workspace,
        job: JobId,
        change: Change,
    },
}

/// A change of a job's telemetry.
#[derive(Debug)]
pub(crate) enum Change {
    Metrics {
        from: u64,
        metrics: Vec<Metric>,
    },
    Log {
        offset: u64,
        next: u64,
        lines: Vec<LogLine>,
    },
    Forget,
}

/// What comes back.
#[derive(Debug)]
pub(crate) enum Answer {
    /// Of a commit: the number of the last event.
    Sequence(i64),
    /// Of a pruning: how many events went.
    Pruned(u64),
    /// Of a claim.
    Rows(Vec<Row>),
    /// Of everything else.
    Done,
}

impl Work {
    /// The row whose lease is given back, which changes when it is due.
    pub(crate) fn releases(&self) -> Option<&Key> {
        match self {
            Self::Single(Single::Release { key, .. }) => Some(key),
            _ => None,
        }
    }

    /// The rows that may be other ones afterwards; a lease is not part of a row.
    pub(crate) fn touches(&self) -> Vec<&Key> {
        match self {
            Self::Commit(commit) => {
                let written = commit.put.iter().map(|row| &row.key);
                written.chain(&commit.delete).collect()
            }
            Self::Single(Single::Release { key, .. }) => vec![key],
            Self::Single(
                Single::Claim(_)
                | Single::EndLeases
                | Single::Prune { .. }
                | Single::Telemetry { .. },
            ) => Vec::new(),
        }
    }

    /// Whether it must outlive a power cut before it is answered. A commit says so itself. What a
    /// lease says is worth nothing once its process is gone, and kept telemetry counts only from the
    /// commit on that says that all of it was kept, which makes everything written before it durable
    /// as well.
    pub(crate) fn is_lasting(&self) -> bool {
        match self {
            Self::Commit(commit) => commit.durability == Durability::Lasting,
            Self::Single(Single::Telemetry { change, .. }) => matches!(change, Change::Forget),
            Self::Single(_) => false,
        }
    }

    /// Whether it is whole without a transaction around it: each of its statements is.
    pub(crate) fn is_whole(&self) -> bool {
        matches!(
            self,
            Self::Single(
                Single::Claim(_)
                    | Single::Release { .. }
                    | Single::EndLeases
                    | Single::Prune { .. }
            )
        )
    }

    /// The time of a commit that remembers an answer.
    pub(crate) fn remembers(&self) -> Option<Timestamp> {
        match self {
            Self::Commit(commit) if commit.idempotency.is_some() => Some(commit.now),
            _ => None,
        }
    }
}

impl Single {
    /// Does it, inside a transaction.
    pub(crate) async fn run(
        &self,
        on: &mut AnyConnection,
        place: &Place,
    ) -> Result<Answer, Trouble> {
        match self {
            Self::Claim(claim) => Ok(Answer::Rows(queries::claim::run(on, place, claim).await?)),
            Self::Release { key, owner, due } => {
                queries::release::run(on, key, owner, *due).await?;
                Ok(Answer::Done)
            }
            Self::EndLeases => {
                queries::release::all(on).await?;
                Ok(Answer::Done)
            }
            Self::Prune { before } => Ok(Answer::Pruned(queries::prune::run(on, *before).await?)),
            Self::Telemetry {
                workspace,
                job,
                change,
            } => {
                telemetry::lock(on, place, workspace, job).await?;
                match change {
                    Change::Metrics { from, metrics } => {
                        telemetry::metrics::append(on, workspace, job, *from, metrics).await?;
                    }
                    Change::Log {
                        offset,
                        next,
                        lines,
                    } => {
                        let span = (*offset, *next);
                        telemetry::log::append(on, workspace, job, span, lines).await?;
                    }
                    Change::Forget => telemetry::forget(on, workspace, job).await?,
                }
                Ok(Answer::Done)
            }
        }
    }
}
