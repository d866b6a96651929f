//! Access keys that were opened: reading one means parsing its document and unsealing its secret,
//! which every request would do anew. The document itself is asked for each time, so that a key
//! that was switched off or deleted is so at once; what is kept here is only good for that very
//! revision, and not for long, since the key of the ring that sealed it may be disabled.

use crate::credentials::Found;
use domain::{Span, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How long an opened key is good.
const LIFE: Span = Span::seconds(10);

/// Most keys that are kept open; beyond, all are opened anew.
const MOST: usize = 4_096;

/// Access keys that were opened, by their ids.
#[derive(Default)]
pub struct OpenedKeys(Mutex<HashMap<String, Opened>>);

struct Opened {
    revision: i64,
    at: Timestamp,
    found: Arc<Found>,
}

impl OpenedKeys {
    /// The key of an id at that revision, if it was opened lately.
    pub(crate) fn find(&self, id: &str, revision: i64, now: Timestamp) -> Option<Arc<Found>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let opened = kept.get(id)?;
        let age = now.since(opened.at);
        let is_good = opened.revision == revision && age >= Span(0) && age < LIFE;
        is_good.then(|| Arc::clone(&opened.found))
    }

    /// Keeps a key.
    pub(crate) fn keep(&self, id: &str, revision: i64, now: Timestamp, found: Arc<Found>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST {
            kept.clear();
        }
        let opened = Opened {
            revision,
            at: now,
            found,
        };
        kept.insert(id.to_owned(), opened);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::{Holder, Secret};
    use control::access::Role;
    use domain::Workspace;

    fn key() -> Arc<Found> {
        Arc::new(Found {
            secret: Secret::new("s"),
            holder: Holder {
                arn: "arn:aws:iam::123456789012:user/ann".to_owned(),
                user_id: "AIDA".to_owned(),
                workspace: Workspace::default(),
                role: Role::Reader,
                session: None,
                active: true,
            },
        })
    }

    #[test]
    fn a_key_is_good_for_its_revision_and_a_while() {
        let keys = OpenedKeys::default();
        let at = |seconds: i64| Timestamp(seconds * 1_000);
        keys.keep("AKIA1", 3, at(100), key());
        assert!(keys.find("AKIA1", 3, at(109)).is_some());
        assert!(keys.find("AKIA1", 4, at(101)).is_none(), "it was changed");
        assert!(keys.find("AKIA2", 3, at(101)).is_none());
        assert!(keys.find("AKIA1", 3, at(110)).is_none(), "it is old");
        assert!(keys.find("AKIA1", 3, at(99)).is_none(), "of the future");
    }

    #[test]
    fn memory_is_bounded() {
        let keys = OpenedKeys::default();
        for number in 0..3 * MOST {
            keys.keep(&format!("AKIA{number}"), 1, Timestamp(0), key());
        }
        assert!(keys.0.lock().unwrap().len() <= MOST);
    }
}
