//! What a ticket left to be read.

use super::LocalBackend;
use super::errors::{of_runtimes, of_thread};
use contracts::backend::{
    BackendError, Checkpoint, LogChunk, LogLine, OutputFolder, Remains, StagedFile, Used,
};
use domain::job::Ending;
use domain::metric::Metric;
use domain::{TicketId, Timestamp};
use runtimes::printed::{self, LogRecord, Stream};
use runtimes::record::{Collected, ExitRecord};
use runtimes::{Error, Layout, files};

/// Bytes of metrics that are read at once while counting.
const PORTION: usize = 4 << 20;

#[async_trait::async_trait]
impl Remains for LocalBackend {
    async fn log(
        &self,
        ticket: &TicketId,
        offset: u64,
        limit: usize,
    ) -> Result<LogChunk, BackendError> {
        let layout = self.layout(ticket)?;
        let page = blocking(move || printed::read_log(&layout, offset, limit)).await?;
        Ok(LogChunk {
            lines: page.records.into_iter().map(line).collect(),
            next: page.next,
        })
    }

    async fn metrics(&self, ticket: &TicketId, from: u64) -> Result<Vec<Metric>, BackendError> {
        let layout = self.layout(ticket)?;
        blocking(move || metrics(&layout, from)).await
    }

    async fn outputs(&self, ticket: &TicketId) -> Result<Vec<OutputFolder>, BackendError> {
        let layout = self.layout(ticket)?;
        blocking(move || outputs(&layout)).await
    }

    async fn checkpoints(&self, ticket: &TicketId) -> Result<Vec<Checkpoint>, BackendError> {
        let layout = self.layout(ticket)?;
        blocking(move || checkpoints(&layout)).await
    }

    async fn used(&self, tickets: &[TicketId]) -> Result<Vec<Option<Used>>, BackendError> {
        let layouts: Result<Vec<Layout>, BackendError> =
            tickets.iter().map(|ticket| self.layout(ticket)).collect();
        let (layouts, processors) = (layouts?, self.config.machine.cpus);
        blocking(move || super::used::read(&layouts, processors)).await
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, BackendError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(of_thread)?
        .map_err(of_runtimes)
}

fn line(record: LogRecord) -> LogLine {
    let stream = match record.stream {
        Stream::Output => "out",
        Stream::Error => "err",
        Stream::Tradewind => "system",
    };
    LogLine {
        at: record.at,
        stream: stream.to_owned(),
        text: record.text,
        next: record.next,
    }
}

fn metrics(layout: &Layout, from: u64) -> Result<Vec<Metric>, Error> {
    let mut skip = usize::try_from(from).unwrap_or(usize::MAX);
    let mut wanted = Vec::new();
    let mut offset = 0;
    loop {
        let page = printed::read_metrics(layout, offset, PORTION)?;
        if page.next == offset {
            return Ok(wanted);
        }
        offset = page.next;
        let passed = skip.min(page.metrics.len());
        wanted.extend(page.metrics.into_iter().skip(passed));
        skip -= passed;
    }
}

fn outputs(layout: &Layout) -> Result<Vec<OutputFolder>, Error> {
    let record = files::read_record::<ExitRecord>(&layout.exit())?;
    if record.is_none_or(|record| record.exit.ending != Ending::Completed) {
        return Ok(Vec::new());
    }
    let all = files::read_record::<Vec<Collected>>(&layout.outputs())?.unwrap_or_default();
    let filled = all.into_iter().filter(|output| !output.files.is_empty());
    Ok(filled.map(|output| folder(layout, output)).collect())
}

fn checkpoints(layout: &Layout) -> Result<Vec<Checkpoint>, Error> {
    let found = runtimes::supervisor::checkpoints(layout)?;
    let since = |time: std::time::SystemTime| {
        let since = time
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp(since.as_millis() as i64)
    };
    let found = found.into_iter().map(|one| Checkpoint {
        modified: since(one.modified),
        file: StagedFile {
            path: one.path,
            source: one.source,
            bytes: one.size,
        },
    });
    Ok(found.collect())
}

fn folder(layout: &Layout, output: Collected) -> OutputFolder {
    let folder = layout.folder().join(&output.folder);
    let file = |file: runtimes::record::CollectedFile| StagedFile {
        source: folder.join(&file.path),
        path: file.path,
        bytes: file.size,
    };
    OutputFolder {
        name: output.name,
        files: output.files.into_iter().map(file).collect(),
        content_hash: output.content_hash,
    }
}
