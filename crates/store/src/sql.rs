//! A statement that grows with what is asked: text with `$1` placeholders, which both databases
//! take, and its arguments beside it. (`QueryBuilder<Any>` writes `?`, which PostgreSQL refuses.)

use sqlx::AnyConnection;
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::{Arguments as _, AssertSqlSafe, Error};

/// What can be bound.
pub(crate) enum Value {
    Text(String),
    MaybeText(Option<String>),
    Long(i64),
    MaybeLong(Option<i64>),
    Double(f64),
}

macro_rules! value_from {
    ($($from:ty => $variant:ident),* $(,)?) => {
        $(impl From<$from> for Value {
            fn from(value: $from) -> Self {
                Self::$variant(value.into())
            }
        })*
    };
}

value_from! {
    String => Text,
    &String => Text,
    &str => Text,
    i64 => Long,
    f64 => Double,
}

impl From<Option<String>> for Value {
    fn from(value: Option<String>) -> Self {
        Self::MaybeText(value)
    }
}

impl From<Option<i64>> for Value {
    fn from(value: Option<i64>) -> Self {
        Self::MaybeLong(value)
    }
}

/// A statement being written.
pub(crate) struct Sql {
    text: String,
    arguments: AnyArguments,
    refused: Option<Error>,
}

impl Sql {
    /// Begins with this text.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            arguments: AnyArguments::default(),
            refused: None,
        }
    }

    /// Adds text.
    pub(crate) fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Adds a placeholder and its value.
    pub(crate) fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        let bound = match value.into() {
            Value::Text(text) => self.arguments.add(text),
            Value::MaybeText(text) => self.arguments.add(text),
            Value::Long(number) => self.arguments.add(number),
            Value::MaybeLong(number) => self.arguments.add(number),
            Value::Double(number) => self.arguments.add(number),
        };
        if let Err(error) = bound {
            self.refused = Some(Error::Encode(error));
        }
        let place = self.arguments.len();
        self.text.push_str(&format!("${place}"));
        self
    }

    /// Adds `(a, b), (c, d)`.
    pub(crate) fn tuples<const N: usize>(
        &mut self,
        rows: impl IntoIterator<Item = [Value; N]>,
    ) -> &mut Self {
        for (index, row) in rows.into_iter().enumerate() {
            self.push(if index == 0 { "(" } else { ", (" });
            self.values(row).push(")");
        }
        self
    }

    /// Adds `(a = 1 AND b = 2) OR (a = 3 AND b = 4)`. Not `(a, b) IN (VALUES …)`, for which
    /// SQLite reads the whole table.
    pub(crate) fn any_of<const N: usize>(
        &mut self,
        columns: [&str; N],
        rows: impl IntoIterator<Item = [Value; N]>,
    ) -> &mut Self {
        for (index, row) in rows.into_iter().enumerate() {
            self.push(if index == 0 { "(" } else { " OR (" });
            for (index, (column, value)) in columns.into_iter().zip(row).enumerate() {
                self.push(if index == 0 { "" } else { " AND " });
                self.push(column).push(" = ").bind(value);
            }
            self.push(")");
        }
        self
    }

    /// Adds `a, b, c`.
    pub(crate) fn values(&mut self, values: impl IntoIterator<Item = Value>) -> &mut Self {
        for (index, value) in values.into_iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            self.bind(value);
        }
        self
    }

    /// The text written so far.
    #[cfg(test)]
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Runs it and gives all rows.
    pub(crate) async fn rows(self, on: &mut AnyConnection) -> Result<Vec<AnyRow>, Error> {
        if let Some(error) = self.refused {
            return Err(error);
        }
        sqlx::query_with(AssertSqlSafe(self.text), self.arguments)
            .fetch_all(on)
            .await
    }

    /// Runs it and gives the first row, if any.
    pub(crate) async fn row(self, on: &mut AnyConnection) -> Result<Option<AnyRow>, Error> {
        if let Some(error) = self.refused {
            return Err(error);
        }
        sqlx::query_with(AssertSqlSafe(self.text), self.arguments)
            .fetch_optional(on)
            .await
    }

    /// Runs it for its effect.
    pub(crate) async fn run(self, on: &mut AnyConnection) -> Result<(), Error> {
        self.rows(on).await.map(drop)
    }
}

/// Cuts many rows into groups of few different sizes, so that the statements for them are few
/// different texts and stay prepared.
pub(crate) fn groups<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let size = [64, 16, 4, 1]
            .into_iter()
            .find(|size| *size <= rows.len())?;
        let (group, rest) = rows.split_at(size);
        rows = rest;
        Some(group)
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn groups_keep_order_and_lose_nothing() {
        let rows: Vec<u32> = (0..151).collect();
        let sizes: Vec<usize> = super::groups(&rows).map(<[u32]>::len).collect();
        assert_eq!(sizes, [64, 64, 16, 4, 1, 1, 1]);
        assert_eq!(
            super::groups(&rows).flatten().copied().collect::<Vec<_>>(),
            rows
        );
    }
}
