//! Events in the order of commits.

use super::row::{json, workspace};
use domain::Timestamp;
use domain::audit::Event;
use sqlx::AnyConnection;
use sqlx::any::AnyRow;
use sqlx::{Error, Row as _};

const TEXT: &str = "SELECT sequence, workspace, kind, id, action, actor, at, detail FROM event \
                    WHERE sequence > $1 ORDER BY sequence LIMIT $2";

/// Events after a number.
pub(crate) async fn run(
    on: &mut AnyConnection,
    after: i64,
    limit: u32,
) -> Result<Vec<Event>, Error> {
    let query = sqlx::query(TEXT).bind(after).bind(i64::from(limit));
    query.fetch_all(on).await?.iter().map(event).collect()
}

fn event(row: &AnyRow) -> Result<Event, Error> {
    Ok(Event {
        sequence: row.try_get(0)?,
        workspace: workspace(row.try_get(1)?)?,
        resource: row.try_get(2)?,
        id: row.try_get(3)?,
        action: row.try_get(4)?,
        actor: json(row.try_get(5)?)?,
        at: Timestamp(row.try_get(6)?),
        detail: json(row.try_get(7)?)?,
    })
}

/// The number of the last event.
pub(crate) async fn last(on: &mut AnyConnection) -> Result<i64, Error> {
    let row = sqlx::query("SELECT last FROM sequence")
        .fetch_one(on)
        .await?;
    row.try_get(0)
}
