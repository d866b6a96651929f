//! A job's log, live and kept, as one.

use super::collect::log_base;
use crate::{Caller, Control, Error};
use contracts::backend::{LogChunk, LogLine};
use domain::{JobId, Refusal};

/// Bytes of a live log that are read at once.
const LIVE_PIECE: usize = 128 << 10;

/// A piece of log, and whether there can be more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logs {
    /// The lines.
    pub chunk: LogChunk,
    /// Whether the job is over and this was the end.
    pub complete: bool,
}

impl Control {
    /// Lines from `offset` on; whether they come from where the job runs or from where they are
    /// kept, an offset means the same.
    pub async fn job_logs(
        &self,
        caller: &Caller,
        id: &JobId,
        offset: u64,
        limit: u32,
    ) -> Result<Logs, Refusal> {
        // The job is read first: what it kept before that moment is then found in telemetry.
        let job = self.job(caller, id).await?;
        let kept = self
            .telemetry
            .log(&job.workspace, id, offset, limit.clamp(1, 5_000))
            .await;
        let kept = kept.map_err(Error::from)?;
        if !kept.lines.is_empty() {
            return Ok(Logs {
                chunk: kept,
                complete: false,
            });
        }
        let live = self.live_log(&job, offset).await?;
        let complete = live.lines.is_empty() && job.phase.outcome().is_some();
        Ok(Logs {
            chunk: live,
            complete,
        })
    }

    async fn live_log(&self, job: &domain::job::Job, offset: u64) -> Result<LogChunk, Refusal> {
        let nothing = LogChunk {
            lines: Vec::new(),
            next: offset,
        };
        let Some(ticket) = job.phase.ticket().filter(|_| job.phase.outcome().is_none()) else {
            return Ok(nothing);
        };
        let remains = self
            .providers
            .values()
            .find_map(|provider| provider.remains.as_deref());
        let Some(remains) = remains else {
            return Ok(nothing);
        };
        let base = log_base(job);
        let from = offset.saturating_sub(base);
        let chunk = remains
            .log(ticket, from, LIVE_PIECE)
            .await
            .map_err(Error::from)?;
        if chunk.lines.is_empty() {
            return Ok(nothing);
        }
        let lines = chunk.lines.into_iter();
        let lines = lines
            .map(|line| LogLine {
                next: base + line.next,
                ..line
            })
            .collect();
        Ok(LogChunk {
            lines,
            next: base + chunk.next,
        })
    }
}
