//! How a run is kept: a small one, and one that is over, as one row with all of it.
//!
//! While a larger one goes on, that row would be written anew with all its steps each time that one
//! of them changes. So the run's row then says only how the run stands as a whole; beside it is the
//! run as it was when it became so, written once, and each activation adds what it changed. The commit that
//! ends the run makes one row of them again. A whole row of a run that goes on, as earlier versions
//! wrote them, is read as well and written in parts from the next change on.

mod change;
mod known;
mod read;
mod write;

pub use known::KnownRuns;
pub use read::run_in;

use contracts::store::{Key, Kind, NewRow, Row};
use domain::pipeline::{Run, RunPhase};
use domain::{Name, RunId, Timestamp, Workspace};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Kind of the row with a run as it was when its changes began to be kept beside it.
pub(crate) const BASE: Kind = "run-base";

/// Kind of the rows with what changed.
pub(crate) const CHANGE: Kind = "run-change";

/// A run as it was read, and the row to write it over.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    /// All of it.
    pub(crate) run: Arc<Run>,
    /// The revision of its row.
    pub(crate) revision: i64,
    /// How many changes are kept beside its row; `None` where the row has all of it.
    changes: Option<u32>,
}

/// The rows that a change of a run writes and deletes.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    /// Rows to write.
    pub(crate) put: Vec<NewRow>,
    /// Rows that are of no use any more.
    pub(crate) delete: Vec<Key>,
    /// How many changes are then kept beside the run's row.
    changes: Option<u32>,
}

/// The row of a run that is kept in parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Head {
    id: RunId,
    workspace: Workspace,
    /// Name of the pipeline.
    pipeline: Name,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    tags: BTreeMap<String, String>,
    created: Timestamp,
    phase: RunPhase,
    resumed: u32,
    /// How many changes count.
    changes: u32,
}

impl Head {
    fn of(run: &Run, changes: u32) -> Self {
        Self {
            id: run.id.clone(),
            workspace: run.workspace.clone(),
            pipeline: run.spec.name.clone(),
            tags: run.spec.tags.clone(),
            created: run.created,
            phase: run.phase,
            resumed: run.resumed,
            changes,
        }
    }

    /// The head in a row; `None` in the row of a whole run.
    fn in_row(row: &Row) -> Option<Self> {
        let is_over = |phase: RunPhase| phase.is_over() && phase.word() == row.row.phase;
        let over = [RunPhase::Succeeded, RunPhase::Failed, RunPhase::Stopped];
        if over.into_iter().any(is_over) {
            return None;
        }
        row.row.body.read().ok()
    }

    /// What the ids of all changes of the run since it was last resumed begin with.
    fn prefix(&self) -> String {
        prefix(&self.id, self.resumed)
    }
}

fn prefix(run: &RunId, resumed: u32) -> String {
    format!("{run}/{resumed:06}/")
}

/// The address of the run as it was when its changes began to be kept.
fn base_key(workspace: &Workspace, run: &RunId, resumed: u32) -> Key {
    Key::new(BASE, workspace, format!("{run}/{resumed:06}"))
}

/// The address of one change; they are counted from 1, and padded, so that the order of their ids
/// is theirs.
fn change_key(workspace: &Workspace, run: &RunId, resumed: u32, number: u32) -> Key {
    let id = format!("{}{number:08}", prefix(run, resumed));
    Key::new(CHANGE, workspace, id)
}
