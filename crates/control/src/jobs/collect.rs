//! Keeps what an ended attempt left: its log, its metrics and, when it ended well, its folders.
//!
//! Done again it changes nothing: objects have names of their own, telemetry knows positions, and
//! the record that says that everything was kept is written last, in the very commit that moves the
//! job on.

use super::deliver::is_packed;
use crate::context::SYSTEM_BUCKET;
use crate::rows::Stored;
use crate::{Control, Error};
use contracts::backend::{LogLine, OutputFolder, Remains};
use contracts::objects::PutOptions;
use domain::job::{Artifacts, Ending, Exit, Job, Placement};
use domain::metric::Finite;
use domain::{TicketId, Workspace};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Bytes of log that are moved at once.
const LOG_PIECE: usize = 256 << 10;

/// Attempts share their job's log: each begins at a position of its own.
const LOG_SHIFT: u32 = 44;

/// The record of what was kept of an attempt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// Of which attempt.
    pub ticket: TicketId,
    /// Scope.
    pub workspace: Workspace,
    /// Its folders.
    pub artifacts: Artifacts,
    /// Last value of each metric.
    pub metrics: BTreeMap<String, Finite>,
    /// Why something could not be put where its owner wanted it; trying again does not help.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undelivered: Option<String>,
    /// How many metrics the job had reported when this attempt ended; the next one's begin there.
    pub metrics_end: u64,
}

impl Stored for Kept {
    const KIND: &'static str = "kept";
    fn workspace(&self) -> &Workspace {
        &self.workspace
    }
    fn row_id(&self) -> String {
        self.ticket.to_string()
    }
    fn phase_word(&self) -> String {
        "kept".to_owned()
    }
}

/// Where the log of the current attempt begins on the scale of its job's log.
pub fn log_base(job: &Job) -> u64 {
    (job.attempts.len() as u64) << LOG_SHIFT
}

impl Control {
    /// What was kept of an earlier attempt.
    async fn kept(&self, job: &Job, ticket: &TicketId) -> Result<Option<Kept>, Error> {
        let key = contracts::store::Key::new(Kept::KIND, &job.workspace, ticket);
        Ok(self.find(&key).await?.map(|(kept, _)| kept))
    }

    /// Keeps everything of an ended attempt; the record of it is to be committed.
    pub(super) async fn collect(
        &self,
        job: &Job,
        ticket: &TicketId,
        placement: &Placement,
        exit: &Exit,
    ) -> Result<Kept, Error> {
        let mut kept = Kept {
            ticket: ticket.clone(),
            workspace: job.workspace.clone(),
            artifacts: Artifacts::default(),
            metrics: BTreeMap::new(),
            undelivered: None,
            metrics_end: self.metrics_before(job).await?,
        };
        let provider = self.providers.get(&placement.provider);
        if let Some(remains) = provider.and_then(|provider| provider.remains.as_deref()) {
            self.keep_log(job, ticket, remains).await?;
            self.keep_metrics(job, ticket, remains, &mut kept).await?;
            let unkept = self.keep_checkpoints(job, ticket, remains).await?;
            if exit.ending == Ending::Completed {
                let folders = remains.outputs(ticket).await?;
                for folder in folders.iter().filter(|folder| !is_packed(folder)) {
                    self.keep_folder(job, folder, &mut kept.artifacts).await?;
                }
                kept.undelivered = self.deliver(job, &folders, &mut kept.artifacts).await?;
                kept.undelivered = kept.undelivered.or(unkept);
            }
        }
        Ok(kept)
    }

    /// Moves what is new of a live or ended attempt's log to where it stays.
    pub(super) async fn keep_log(
        &self,
        job: &Job,
        ticket: &TicketId,
        remains: &dyn Remains,
    ) -> Result<(), Error> {
        let base = log_base(job);
        let mut offset = self
            .telemetry
            .log_end(&job.workspace, &job.id)
            .await?
            .saturating_sub(base);
        loop {
            let chunk = remains.log(ticket, offset, LOG_PIECE).await?;
            if chunk.lines.is_empty() || chunk.next <= offset {
                return Ok(());
            }
            let lines: Vec<LogLine> = chunk
                .lines
                .into_iter()
                .map(|line| LogLine {
                    next: base + line.next,
                    ..line
                })
                .collect();
            let (from, next) = (base + offset, base + chunk.next);
            self.telemetry
                .append_log(&job.workspace, &job.id, from, next, &lines)
                .await?;
            offset = chunk.next;
        }
    }

    /// How many metrics the attempts before this one reported.
    async fn metrics_before(&self, job: &Job) -> Result<u64, Error> {
        let Some(before) = job.attempts.last() else {
            return Ok(0);
        };
        let kept = self.kept(job, &before.ticket).await?;
        Ok(kept.map_or(0, |kept| kept.metrics_end))
    }

    async fn keep_metrics(
        &self,
        job: &Job,
        ticket: &TicketId,
        remains: &dyn Remains,
        kept: &mut Kept,
    ) -> Result<(), Error> {
        let base = kept.metrics_end;
        let mut from = 0;
        loop {
            let metrics = remains.metrics(ticket, from).await?;
            if metrics.is_empty() {
                return Ok(());
            }
            self.telemetry
                .append_metrics(&job.workspace, &job.id, base + from, &metrics)
                .await?;
            from += metrics.len() as u64;
            kept.metrics_end = base + from;
            for metric in metrics {
                if let Some(value) = Finite::new(metric.value) {
                    kept.metrics.insert(metric.name, value);
                }
            }
        }
    }

    async fn keep_folder(
        &self,
        job: &Job,
        folder: &OutputFolder,
        artifacts: &mut Artifacts,
    ) -> Result<(), Error> {
        if folder.files.is_empty() {
            return Ok(());
        }
        let attempt = job.attempts.len() + 1;
        let prefix = format!("jobs/{}/{attempt}/{}/", job.id, folder.name);
        self.objects
            .ensure_bucket(&job.workspace, SYSTEM_BUCKET)
            .await?;
        for file in &folder.files {
            let key = format!("{prefix}{}", file.path);
            let options = PutOptions::default();
            self.objects
                .put_file(&job.workspace, SYSTEM_BUCKET, &key, &file.source, options)
                .await?;
            artifacts.bytes += file.bytes;
        }
        let location = format!("s3://{SYSTEM_BUCKET}/{prefix}");
        artifacts
            .hashes
            .insert(folder.name.clone(), folder.content_hash.clone());
        if folder.name == "model" {
            artifacts.model = Some(location);
        } else {
            artifacts.outputs.insert(folder.name.clone(), location);
        }
        Ok(())
    }
}
