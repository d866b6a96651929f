//! Results of equal steps: what a dialect says is equal, within one graph, not older than a step
//! allows.

use crate::rows::Stored;
use crate::{Control, Error};
use contracts::store::{Key, NewRow};
use domain::execution::{Execution, Origin, StepEnding, StepState, Work};
use domain::{Span, Timestamp, Workspace};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// A remembered result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Remembered {
    key: String,
    workspace: Workspace,
    result: Value,
    execution: String,
    at: Timestamp,
}

impl Stored for Remembered {
    const KIND: &'static str = "activity-result";
    fn workspace(&self) -> &Workspace {
        &self.workspace
    }
    fn row_id(&self) -> String {
        self.key.clone()
    }
    fn phase_word(&self) -> String {
        "kept".to_owned()
    }
}

/// The key of what is equal.
pub(super) fn key(execution: &Execution, kind: &str, equal: &Value) -> String {
    let text = json!([execution.dialect, execution.graph, kind, equal]).to_string();
    crate::transact::hexadecimal(&Sha256::digest(text))
}

/// The rows by which what has just succeeded is remembered.
pub(super) fn remember(before: &Execution, after: &Execution) -> Result<Vec<NewRow>, Error> {
    let mut rows = Vec::new();
    for (name, state) in &after.states {
        let StepState::Over {
            at,
            work:
                Some(Work::Activity {
                    cache_key: Some(key),
                    ..
                }),
            ending:
                StepEnding::Succeeded {
                    result,
                    origin: Origin::Own,
                },
            ..
        } = state
        else {
            continue;
        };
        if before.states.get(name) != Some(state) {
            let remembered = Remembered {
                key: key.clone(),
                workspace: after.workspace.clone(),
                result: result.clone(),
                execution: after.id.clone(),
                at: *at,
            };
            rows.push(remembered.row(None)?);
        }
    }
    Ok(rows)
}

impl Control {
    /// A remembered result that is not older than `age`.
    pub(super) async fn remembered_activity(
        &self,
        workspace: &Workspace,
        key: &str,
        age: Span,
    ) -> Result<Option<(Value, String)>, Error> {
        let key = Key::new(Remembered::KIND, workspace, key);
        let found = self.find::<Remembered>(&key).await?;
        let now = self.world.now();
        Ok(found
            .filter(|(kept, _)| now.since(kept.at) <= age)
            .map(|(kept, _)| (kept.result, kept.execution)))
    }
}
