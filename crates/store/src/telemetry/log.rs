//! Kept logs, in the pieces in which they were appended.

use super::long;
use crate::queries::row::json;
use crate::writer::Trouble;
use contracts::backend::{LogChunk, LogLine};
use contracts::telemetry::check;
use domain::{JobId, Workspace};
use sqlx::AnyConnection;
use sqlx::{Error, Row as _};

/// How many pieces are read at a time.
const PIECES: i64 = 16;

/// Appends those lines that are not there yet.
pub(crate) async fn append(
    on: &mut AnyConnection,
    workspace: &Workspace,
    job: &JobId,
    (offset, next): (u64, u64),
    lines: &[LogLine],
) -> Result<(), Trouble> {
    let end = end(on, workspace, job).await?;
    let Some(new) = check::new_lines(job, offset, next, lines, end)? else {
        return Ok(());
    };
    let lines = serde_json::to_string(new).map_err(|error| Error::Encode(Box::new(error)))?;
    sqlx::query("INSERT INTO log (workspace, job, ends, lines) VALUES ($1, $2, $3, $4)")
        .bind(workspace.as_str())
        .bind(job.as_str())
        .bind(long(next))
        .bind(lines)
        .execute(on)
        .await?;
    Ok(())
}

/// Where the kept log ends.
pub(crate) async fn end(
    on: &mut AnyConnection,
    workspace: &Workspace,
    job: &JobId,
) -> Result<u64, Error> {
    let text = "SELECT COALESCE(MAX(ends), 0) FROM log WHERE workspace = $1 AND job = $2";
    let query = sqlx::query(text)
        .bind(workspace.as_str())
        .bind(job.as_str());
    let end: i64 = query.fetch_one(on).await?.try_get(0)?;
    Ok(u64::try_from(end).unwrap_or(0))
}

/// At most `limit` lines after `offset`.
pub(crate) async fn read(
    on: &mut AnyConnection,
    workspace: &Workspace,
    job: &JobId,
    offset: u64,
    limit: u32,
) -> Result<LogChunk, Error> {
    let limit = limit as usize;
    let mut chunk = LogChunk {
        lines: Vec::new(),
        next: offset,
    };
    while chunk.lines.len() < limit {
        let pieces = pieces(on, workspace, job, chunk.next).await?;
        for (ends, lines) in &pieces {
            let lines: Vec<LogLine> = json(lines)?;
            let new = lines.partition_point(|line| line.next <= chunk.next);
            let left = limit - chunk.lines.len();
            chunk.lines.extend(lines.into_iter().skip(new));
            if chunk.lines.len() >= limit && left > 0 {
                let whole = chunk.lines.len() == limit;
                chunk.lines.truncate(limit);
                let last = chunk.lines.last().map_or(chunk.next, |line| line.next);
                chunk.next = if whole { *ends } else { last };
                return Ok(chunk);
            }
            chunk.next = *ends;
        }
        if (pieces.len() as i64) < PIECES {
            break;
        }
    }
    Ok(chunk)
}

async fn pieces(
    on: &mut AnyConnection,
    workspace: &Workspace,
    job: &JobId,
    after: u64,
) -> Result<Vec<(u64, String)>, Error> {
    let text = "SELECT ends, lines FROM log WHERE workspace = $1 AND job = $2 AND ends > $3 \
                ORDER BY ends LIMIT $4";
    let query = sqlx::query(text)
        .bind(workspace.as_str())
        .bind(job.as_str())
        .bind(long(after))
        .bind(PIECES);
    let mut pieces = Vec::new();
    for row in query.fetch_all(on).await? {
        let ends: i64 = row.try_get(0)?;
        pieces.push((u64::try_from(ends).unwrap_or(0), row.try_get(1)?));
    }
    Ok(pieces)
}
