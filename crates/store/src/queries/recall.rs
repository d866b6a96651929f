//! The remembered answer of a request.

use super::row::json;
use contracts::store::Idempotency;
use domain::{Timestamp, Workspace};
use sqlx::AnyConnection;
use sqlx::{Error, Row as _};

const TEXT: &str = "SELECT fingerprint, answer, expires FROM answer \
                    WHERE workspace = $1 AND token = $2 AND expires > $3";

/// The answer of a token, unless it has expired.
pub(crate) async fn run(
    on: &mut AnyConnection,
    workspace: &Workspace,
    token: &str,
    now: Timestamp,
) -> Result<Option<Idempotency>, Error> {
    let query = sqlx::query(TEXT)
        .bind(workspace.as_str())
        .bind(token)
        .bind(now.0);
    let Some(row) = query.fetch_optional(on).await? else {
        return Ok(None);
    };
    Ok(Some(Idempotency {
        workspace: workspace.clone(),
        token: token.to_owned(),
        fingerprint: row.try_get(0)?,
        answer: json(row.try_get(1)?)?,
        expires: Timestamp(row.try_get(2)?),
    }))
}

/// Forgets answers that expired.
pub(crate) async fn expire(on: &mut AnyConnection, now: Timestamp) -> Result<(), Error> {
    sqlx::query("DELETE FROM answer WHERE expires <= $1")
        .bind(now.0)
        .execute(on)
        .await?;
    Ok(())
}
