//! The walls that stand around the processes of one launcher.

use super::PythonLauncher;
use super::walls::{Limited, Premises, View, Walled, Walls, folders};
use crate::replica::{LaunchError, LaunchOrder};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// What confines, and the walls that stand.
pub(super) struct Walling {
    walls: Arc<dyn Walls>,
    /// Where folders of code and models usually are.
    usual: PathBuf,
    standing: Mutex<HashMap<Premises, Arc<dyn Walled>>>,
}

impl PythonLauncher {
    /// With walls around every process. `usual` is the folder that folders of code and models are
    /// in; others get walls of their own.
    #[must_use]
    pub fn with_walls(mut self, walls: Arc<dyn Walls>, usual: PathBuf) -> Self {
        self.walls = Some(Walling {
            walls,
            usual,
            standing: Mutex::default(),
        });
        self
    }

    /// What its process has in common with others.
    pub(super) fn premises(&self, order: &LaunchOrder) -> Premises {
        let deployment = &order.deployment;
        let usual = self.walls.as_ref().map(|walling| &walling.usual);
        let unusual = |folder: &&Path| usual.is_some_and(|usual| !folder.starts_with(usual));
        let folders = folders(deployment).into_iter().filter(unusual);
        Premises {
            workspace: order.endpoint.workspace.clone(),
            interpreter: deployment.interpreter.clone(),
            network: deployment.network,
            folders: folders.map(Path::to_owned).collect(),
        }
    }

    /// The walls around its process; none where nothing is confined.
    pub(super) fn walled(
        &self,
        order: &LaunchOrder,
    ) -> Result<Option<Arc<dyn Walled>>, LaunchError> {
        let Some(walling) = &self.walls else {
            let policy = order.deployment.network;
            if policy.strict && !policy.reach.is_open() {
                return Err(unconfined());
            }
            return Ok(None);
        };
        let premises = self.premises(order);
        let standing = walling.standing.lock();
        let mut standing = standing.unwrap_or_else(PoisonError::into_inner);
        if let Some(walled) = standing.get(&premises) {
            return Ok(Some(Arc::clone(walled)));
        }
        let made = walling.walls.around(&premises);
        let walled = made.map_err(|why| LaunchError::Machine {
            what: "confining a worker".to_owned(),
            why,
        })?;
        standing.insert(premises, Arc::clone(&walled));
        Ok(Some(walled))
    }

    /// What its process sees of files.
    pub(super) fn view(&self, order: &LaunchOrder) -> Result<Option<View>, LaunchError> {
        let walled = self.walled(order)?;
        Ok(walled.map(|walled| walled.view(&folders(&order.deployment))))
    }

    /// What of its isolation this machine did not allow.
    pub(super) fn lacks(&self, order: &LaunchOrder) -> Result<Vec<String>, LaunchError> {
        let walled = self.walled(order)?;
        Ok(walled.map(|walled| walled.lacks()).unwrap_or_default())
    }

    /// Limits the memory of a process; none where nothing is to be limited, or cannot be.
    pub(super) fn limit(&self, order: &LaunchOrder, process: u32) -> Option<Box<dyn Limited>> {
        let memory = order.deployment.memory?;
        self.walled(order).ok()??.limit(process, memory)
    }
}

fn unconfined() -> LaunchError {
    LaunchError::Machine {
        what: "confining a worker".to_owned(),
        why: "its model demands that it is kept from the network, and nothing here does".to_owned(),
    }
}
