//! One transaction of the writer.

use super::work::{Answer, Work};
use super::{Failure, Trouble, apply, plan};
use crate::fault::Place;
use crate::queries::recall;
use crate::remembered::Writing;
use crate::wake;
use contracts::store::{Commit, Row, StoreError};
use domain::Timestamp;
use sqlx::AnyConnection;
use sqlx::{Error, Row as _};

/// What a transaction did.
pub(crate) struct Done {
    /// One for each piece of work, in order.
    pub(crate) answers: Vec<Result<Answer, StoreError>>,
    /// Number of the last event.
    pub(crate) sequence: i64,
    /// How many rows were written.
    pub(crate) rows: usize,
    /// Those rows that were known before, as they are now.
    pub(crate) renewed: Vec<Row>,
}

/// Begins a transaction as the only writer; the number of the last event. On PostgreSQL the
/// counter stays locked until the end, so that events become visible in the order of their
/// numbers whichever server writes them.
pub(crate) async fn begin(on: &mut AnyConnection, place: &Place) -> Result<i64, Error> {
    let (begin, last) = match place {
        Place::Sqlite(_) => ("BEGIN IMMEDIATE", "SELECT last FROM sequence"),
        Place::Postgres { .. } => ("BEGIN", "SELECT last FROM sequence FOR UPDATE"),
    };
    sqlx::query(begin).execute(&mut *on).await?;
    sqlx::query(last).fetch_one(on).await?.try_get(0)
}

/// Does the work and ends the transaction that was begun.
pub(crate) async fn run(
    on: &mut AnyConnection,
    place: &Place,
    work: &[Work],
    before: i64,
    expire: Option<Timestamp>,
    writing: &Writing<'_>,
) -> Result<Done, Failure> {
    let done = perform(on, place, work, before, expire, writing)
        .await
        .map_err(Failure::before)?;
    let end = sqlx::query("COMMIT").execute(on).await;
    end.map_err(Failure::at_the_end)?;
    Ok(done)
}

/// Does work of which each piece is whole by itself, without a transaction around it: most of
/// what is asked while jobs run, for a fifth of the calls.
pub(crate) async fn run_whole(
    on: &mut AnyConnection,
    place: &Place,
    work: &[Work],
    sequence: i64,
    writing: &Writing<'_>,
) -> Result<Done, Failure> {
    perform(on, place, work, sequence, None, writing)
        .await
        .map_err(Failure::before)
}

async fn perform(
    on: &mut AnyConnection,
    place: &Place,
    work: &[Work],
    before: i64,
    expire: Option<Timestamp>,
    writing: &Writing<'_>,
) -> Result<Done, Error> {
    let commits: Vec<&Commit> = work
        .iter()
        .filter_map(|work| match work {
            Work::Commit(commit) => Some(commit),
            Work::Single(_) => None,
        })
        .collect();
    let (mut decided, committed) = commit(on, place, &commits, before, writing).await?;
    let sequence = committed.sequence;
    decided.reverse();
    let mut answers = Vec::with_capacity(work.len());
    for work in work {
        let answer = match work {
            Work::Commit(_) => decided.pop().unwrap_or(Ok(sequence)).map(Answer::Sequence),
            Work::Single(single) => match single.run(on, place).await {
                Ok(answer) => Ok(answer),
                Err(Trouble::Refused(refusal)) => Err(refusal),
                Err(Trouble::Database(error)) => return Err(error),
            },
        };
        answers.push(answer);
    }
    if let Some(now) = expire {
        recall::expire(on, now).await?;
    }
    Ok(Done {
        answers,
        sequence,
        rows: committed.rows,
        renewed: committed.renewed,
    })
}

/// What the commits of a batch did together.
#[derive(Default)]
struct Committed {
    sequence: i64,
    rows: usize,
    renewed: Vec<Row>,
}

async fn commit(
    on: &mut AnyConnection,
    place: &Place,
    commits: &[&Commit],
    before: i64,
    writing: &Writing<'_>,
) -> Result<(Vec<Result<i64, StoreError>>, Committed), Error> {
    if commits.is_empty() {
        let nothing = Committed {
            sequence: before,
            ..Committed::default()
        };
        return Ok((Vec::new(), nothing));
    }
    let mut known = apply::read(on, commits, before).await?;
    let (answers, effects) = plan::decide(commits, &mut known);
    apply::write(on, &effects).await?;
    if effects.sequence > before {
        sqlx::query("UPDATE sequence SET last = $1")
            .bind(effects.sequence)
            .execute(&mut *on)
            .await?;
        wake::tell(on, place, effects.sequence).await?;
    }
    let committed = Committed {
        sequence: effects.sequence,
        rows: effects.rows.len(),
        renewed: effects.renewed(|key| writing.was_known(key)),
    };
    Ok((answers, committed))
}
