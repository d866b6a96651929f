//! Where a page ended, as text for [`super::Query::after`]: the sort key of its last row.

use super::{Order, Query, Row, StoreError};
use domain::{Timestamp, Workspace};

/// The place after which the next page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// When the last row was created; only [`Order::Newest`] sorts by it.
    pub created: Timestamp,
    /// The last row's scope, which orders rows of the same id.
    pub workspace: Workspace,
    /// The last row's id.
    pub id: String,
}

impl Cursor {
    /// The text for the end of a page in this order.
    pub fn token(order: Order, last: &Row) -> String {
        let key = &last.row.key;
        match order {
            Order::Id => format!("id/{}/{}", key.workspace, key.id),
            Order::Newest => format!("newest/{}/{}/{}", last.created.0, key.workspace, key.id),
        }
    }

    /// Reads the query's token; `None` when it has none. A token of another order is refused.
    pub fn of(query: &Query) -> Result<Option<Self>, StoreError> {
        let Some(token) = &query.after else {
            return Ok(None);
        };
        Self::parse(query.order, token).map(Some).ok_or_else(|| {
            let shown: String = token.chars().take(80).collect();
            StoreError::Invalid(format!(
                "`{}` is not a page token of this list; pass `next` of the page before, or \
                 nothing for the first",
                shown.escape_debug()
            ))
        })
    }

    fn parse(order: Order, token: &str) -> Option<Self> {
        let (created, rest) = match order {
            Order::Id => (0, token.strip_prefix("id/")?),
            Order::Newest => {
                let (created, rest) = token.strip_prefix("newest/")?.split_once('/')?;
                (created.parse().ok()?, rest)
            }
        };
        let (workspace, id) = rest.split_once('/')?;
        if id.is_empty() || id.contains('\0') {
            return None;
        }
        Some(Self {
            created: Timestamp(created),
            workspace: Workspace::new(workspace).ok()?,
            id: id.to_owned(),
        })
    }
}
