//! One file for each operation of the store that is not a commit.

pub(crate) mod changes;
pub(crate) mod claim;
pub(crate) mod get;
pub(crate) mod list;
#[cfg(test)]
mod plans;
pub(crate) mod prune;
pub(crate) mod recall;
pub(crate) mod release;
pub(crate) mod row;

use crate::sql::Value;
use contracts::store::Key;

/// The columns of [`address`].
pub(crate) const ADDRESS: [&str; 3] = ["kind", "workspace", "id"];

/// An address as the three columns that begin every table of rows.
pub(crate) fn address(key: &Key) -> [Value; 3] {
    [
        Value::from(&key.kind),
        key.workspace.as_str().into(),
        Value::from(&key.id),
    ]
}
