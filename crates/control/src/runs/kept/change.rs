//! What one activation changed of a run.

use domain::pipeline::{Run, StepState};
use domain::{Name, StepPath};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// The difference of two states of a run, its phase excepted, which its row has.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Change {
    /// Steps that are new or stand otherwise.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    steps: BTreeMap<StepPath, StepState>,
    /// Steps that are there no more: loops, once they have their items.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    gone: Vec<StepPath>,
    /// Items of loops that are known now.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    items: BTreeMap<Name, Vec<Value>>,
}

impl Change {
    /// What makes `after` of `before`.
    pub(super) fn between(before: &Run, after: &Run) -> Self {
        let gone = before.steps.keys();
        Self {
            steps: differing(&before.steps, &after.steps),
            gone: gone
                .filter(|path| !after.steps.contains_key(path))
                .cloned()
                .collect(),
            items: differing(&before.items, &after.items),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Makes the change.
    pub(super) fn make(self, run: &mut Run) {
        for path in &self.gone {
            run.steps.remove(path);
        }
        run.steps.extend(self.steps);
        run.items.extend(self.items);
    }
}

/// The entries of `after` that `before` does not have so.
fn differing<K: Ord + Clone, V: PartialEq + Clone>(
    before: &BTreeMap<K, V>,
    after: &BTreeMap<K, V>,
) -> BTreeMap<K, V> {
    let entries = after.iter();
    entries
        .filter(|(key, value)| before.get(key) != Some(value))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}
