//! What a server gives its functions.

use contracts::environments::Environments;
use contracts::staging::Stager;
use contracts::world::World;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

/// What a server gives its functions.
#[derive(Clone)]
pub struct Config {
    /// A folder of this server process's own, for scratch files.
    pub scratch: PathBuf,
    /// The embedded Python worker is written here.
    pub worker: PathBuf,
    /// Folders that no function may look into, but for what it needs.
    pub hidden: Vec<PathBuf>,
    /// Folders inside those that every function may read: interpreters, for example.
    pub shared: Vec<PathBuf>,
    /// The program that confines itself and becomes another, with its arguments, before the
    /// confinement's file; unset starts functions unconfined, as tests do.
    pub confine: Option<Vec<OsString>>,
    /// Variables of every function: `PATH`, `HOME`, and how to reach this installation's buckets.
    pub base: BTreeMap<String, String>,
    /// Where this server listens, for functions whose network is only the loopback; unset until it
    /// is known.
    pub server: Option<SocketAddr>,
    /// Finds code.
    pub stager: Arc<dyn Stager>,
    /// Makes what code runs in.
    pub environments: Arc<dyn Environments>,
    /// Time and randomness.
    pub world: World,
}
