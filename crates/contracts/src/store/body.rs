//! The JSON of a row: kept as its text, read into the reader's own type at most once.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Error, Value};
use std::any::Any;
use std::fmt::{self, Debug, Formatter};
use std::sync::{Arc, OnceLock};

/// A resource as JSON. Clones share the text and what was read from it.
#[derive(Clone)]
pub struct Body(Arc<Inner>);

struct Inner {
    text: Box<str>,
    read: OnceLock<Read>,
}

/// What was read out of a text.
struct Read {
    value: Arc<dyn Any + Send + Sync>,
    bytes: usize,
}

/// Bytes that ten bytes of a text take beside the value itself once they are read into texts, lists and
/// maps; measured on jobs.
const HEAP: usize = 65;

impl Body {
    /// The JSON of a value.
    ///
    /// # Errors
    /// When the value has no JSON form (a map whose keys are no texts).
    pub fn of<T: Serialize + ?Sized>(value: &T) -> Result<Self, Error> {
        serde_json::to_string(value).map(Self::from_text)
    }

    /// A text that a store kept; whether it is JSON shows when it is read.
    pub fn from_text(text: impl Into<Box<str>>) -> Self {
        Self(Arc::new(Inner {
            text: text.into(),
            read: OnceLock::new(),
        }))
    }

    /// The JSON text.
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// Reads it.
    ///
    /// # Errors
    /// When the text is no JSON of this type.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_str(self.text())
    }

    /// Reads it once for all clones: for what is read again and again and not changed. Keeps the
    /// first type that was asked for; another is read anew each time.
    ///
    /// # Errors
    /// When the text is no JSON of this type.
    pub fn shared<T: DeserializeOwned + Send + Sync + 'static>(&self) -> Result<Arc<T>, Error> {
        if let Some(kept) = self.0.read.get()
            && let Ok(value) = Arc::clone(&kept.value).downcast()
        {
            return Ok(value);
        }
        let value: Arc<T> = Arc::new(self.read()?);
        // Whoever was first stays; both read the same text.
        let _ = self.0.read.set(Read {
            value: value.clone(),
            bytes: size_of::<T>() + self.text().len() * HEAP / 10,
        });
        Ok(value)
    }

    /// About how many bytes of memory what was read takes; none before it was.
    pub fn read_bytes(&self) -> usize {
        self.0.read.get().map_or(0, |read| read.bytes)
    }

    /// The JSON as a tree.
    ///
    /// # Errors
    /// When the text is no JSON.
    pub fn value(&self) -> Result<Value, Error> {
        self.read()
    }
}

impl From<Value> for Body {
    fn from(value: Value) -> Self {
        Self::from_text(value.to_string())
    }
}

impl PartialEq for Body {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
            || self.text() == other.text()
            || matches!((self.value(), other.value()), (Ok(one), Ok(two)) if one == two)
    }
}

impl PartialEq<Value> for Body {
    fn eq(&self, other: &Value) -> bool {
        self.value().is_ok_and(|value| value == *other)
    }
}

impl Debug for Body {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn clones_share_what_was_read() {
        let body = Body::from(json!(["a", "b"]));
        let read: Arc<Vec<String>> = body.clone().shared().expect("texts");
        assert_eq!(*read, ["a", "b"]);
        let again = body.shared().expect("texts");
        assert!(Arc::ptr_eq(&read, &again));
        assert!(body.read_bytes() > 0 && Body::from_text("[]").read_bytes() == 0);
        // Another type is read beside it.
        assert_eq!(*body.shared::<Value>().expect("JSON"), json!(["a", "b"]));
        assert!(body.shared::<u32>().is_err());
    }

    #[test]
    fn what_is_the_same_json_is_equal() {
        assert_eq!(Body::from_text("{ \"a\": 1 }"), json!({"a": 1}));
        assert_eq!(Body::from_text("[1]"), Body::from_text("[ 1 ]"));
        assert_ne!(Body::from_text("no JSON"), Body::from_text("[1]"));
        assert_eq!(Body::from_text("no JSON"), Body::from_text("no JSON"));
    }
}
