//! The dialects that reconcilers act through, by name.

use contracts::activities::Activities;
use domain::Refusal;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

/// Dialects by name. They are added while a server is put together, after the control plane that
/// they themselves work with.
#[derive(Default)]
pub struct Dialects(RwLock<BTreeMap<String, Arc<dyn Activities>>>);

impl Dialects {
    /// Adds a dialect.
    pub fn add(&self, name: &str, dialect: Arc<dyn Activities>) {
        // An insertion leaves the map whole, so a poisoned lock is as good as any.
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        all.insert(name.to_owned(), dialect);
    }

    /// The dialect of a name.
    ///
    /// # Errors
    /// `Unavailable` when this server has none of that name.
    pub fn get(&self, name: &str) -> Result<Arc<dyn Activities>, Refusal> {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        all.get(name).cloned().ok_or_else(|| Refusal::Unavailable {
            message: format!("this server does not speak `{name}`"),
        })
    }
}
