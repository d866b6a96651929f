//! The walls around the workers of endpoints: the same as those around functions, for all processes
//! of a workspace and an environment at once; see [`serving::python::Walls`].

use crate::folders::{self, INSTANCES, Scratch};
use crate::passages::Passages;
use crate::preparation::closed;
use domain::{Network, NetworkPolicy};
use runtimes::confinement::Confinement;
use runtimes::control_group::{ControlGroup, Quota};
use serving::python::{Limited, Premises, View, Walled, Walls};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

/// Most bytes of a file that a worker writes.
const LARGEST_FILE: u64 = 16 << 30;
/// Most files that a worker has open.
const OPEN_FILES: u64 = 4_096;

/// What a server gives the workers of its endpoints.
#[derive(Debug, Clone)]
pub struct WallSettings {
    /// A folder that servers share, for scratch files.
    pub scratch: PathBuf,
    /// Folders that no worker may look into, but for what it needs.
    pub hidden: Vec<PathBuf>,
    /// Folders inside those that every worker may read.
    pub shared: Vec<PathBuf>,
    /// The folder that folders of code and models are in, of which each sees its own.
    pub folders: PathBuf,
    /// The program that confines itself and becomes another, with its arguments.
    pub confine: Vec<OsString>,
}

/// Confines workers of endpoints.
pub struct EndpointWalls {
    settings: WallSettings,
    own: PathBuf,
    numbers: Arc<AtomicU64>,
    server: Mutex<Option<SocketAddr>>,
}

impl EndpointWalls {
    /// With a scratch folder of this process's own; what servers left that are gone is removed.
    ///
    /// # Errors
    /// When that folder cannot be made.
    pub fn new(settings: WallSettings) -> io::Result<Self> {
        Ok(Self {
            own: folders::of_this_process(&settings.scratch)?,
            settings,
            numbers: Arc::default(),
            server: Mutex::default(),
        })
    }

    /// Says where this server listens: workers that may reach only the loopback reach it there.
    pub fn listens(&self, address: SocketAddr) {
        let mut server = self.server.lock().unwrap_or_else(PoisonError::into_inner);
        *server = Some(address);
    }

    fn passages(
        &self,
        scratch: &Scratch,
        policy: NetworkPolicy,
    ) -> Result<Option<Passages>, String> {
        let server = *self.server.lock().unwrap_or_else(PoisonError::into_inner);
        // What a model demands has no exception for this server.
        let open = policy.reach == Network::Loopback && !policy.strict;
        let Some(server) = server.filter(|_| open) else {
            return Ok(None);
        };
        let opened = Passages::open(&scratch.passage(), server);
        opened
            .map(Some)
            .map_err(|error| format!("the way to this server cannot be opened: {error}"))
    }
}

impl Drop for EndpointWalls {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.own);
    }
}

impl Walls for EndpointWalls {
    fn around(&self, premises: &Premises) -> Result<Arc<dyn Walled>, String> {
        let number = self.numbers.fetch_add(1, Relaxed);
        let scratch = Scratch::create(&self.own, &format!("walls-{number}"));
        let scratch = scratch.map_err(|refusal| refusal.to_string())?;
        let passages = self.passages(&scratch, premises.network)?;
        let mut kept = self.settings.shared.clone();
        kept.push(self.settings.folders.clone());
        kept.extend(premises.folders.iter().cloned());
        kept.extend(prefixes(&premises.interpreter));
        kept.retain(|path| path.exists());
        let mut hidden = self.settings.hidden.clone();
        hidden.extend(kept.iter().filter_map(|path| closed(path)));
        let confinement = Confinement {
            hidden,
            temporary: scratch.temporary(),
            opt: None,
            network: premises.network,
            passage: passages.as_ref().map(Passages::told),
            user: 30_000 + user(premises) % 20_000,
            largest_file: LARGEST_FILE,
            open_files: OPEN_FILES,
            groups: Vec::new(),
            tied: false,
            report: scratch.report(),
            kept: kept.clone(),
        };
        let file = scratch.confinement();
        confinement
            .write(&file)
            .map_err(|error| error.to_string())?;
        let mut wrapper = self.settings.confine.clone();
        wrapper.push(file.into());
        Ok(Arc::new(Standing {
            wrapper,
            kept,
            confinement,
            covered: self.settings.folders.clone(),
            groups: self.own.join("groups"),
            mark: runtimes::Layout::new(&self.own).mark(),
            numbers: Arc::clone(&self.numbers),
            _scratch: scratch,
            _passages: passages,
        }))
    }
}

/// The environment is the folder around `bin/python`, whose interpreter is a link to the one that it
/// was made with.
fn prefixes(interpreter: &Path) -> impl Iterator<Item = PathBuf> {
    let real = interpreter.canonicalize().ok();
    let around = |path: &Path| path.parent().and_then(Path::parent).map(Path::to_owned);
    let both = [around(interpreter), real.as_deref().and_then(around)];
    // The whole of `/usr` is there in any case.
    both.into_iter()
        .flatten()
        .filter(|path| path != Path::new("/usr") && path != Path::new("/"))
}

/// A number that others do not have, as far as a hash goes.
fn user(premises: &Premises) -> u32 {
    let mut hasher = DefaultHasher::new();
    premises.hash(&mut hasher);
    u32::try_from(hasher.finish() & 0xffff).unwrap_or_default()
}

/// Walls that stand.
struct Standing {
    wrapper: Vec<OsString>,
    kept: Vec<PathBuf>,
    confinement: Confinement,
    covered: PathBuf,
    groups: PathBuf,
    mark: String,
    numbers: Arc<AtomicU64>,
    _scratch: Scratch,
    /// Ends with the walls.
    _passages: Option<Passages>,
}

impl Walled for Standing {
    fn wrapper(&self) -> Vec<OsString> {
        self.wrapper.clone()
    }

    fn variables(&self) -> BTreeMap<String, String> {
        BTreeMap::from([("HOME".to_owned(), "/tmp".to_owned())])
    }

    fn view(&self, folders: &[&Path]) -> View {
        let below = |path: &&PathBuf| path.starts_with("/tmp") && **path != self.covered;
        let mut kept: Vec<PathBuf> = self.kept.iter().filter(below).cloned().collect();
        kept.extend(folders.iter().map(|folder| (*folder).to_owned()));
        kept.dedup();
        View {
            scratch: Path::new("/tmp").join(INSTANCES),
            kept,
            covered: self.covered.clone(),
        }
    }

    fn limit(&self, process: u32, memory: u64) -> Option<Box<dyn Limited>> {
        let number = self.numbers.fetch_add(1, Relaxed);
        let name = format!("tradewind-ep-{}-{number}", self.mark);
        let marker = self.groups.join(&name);
        // Written down first, for a server that is killed.
        std::fs::write(&marker, b"").ok()?;
        let quota = Quota {
            memory: Some(memory),
            ..Quota::default()
        };
        let limited = Group {
            group: Some(ControlGroup::create(&name, quota)),
            marker,
        };
        let group = limited.group.as_ref()?;
        (group.lacks().is_empty() && group.adopt(process))
            .then(|| Box::new(limited) as Box<dyn Limited>)
    }

    fn lacks(&self) -> Vec<String> {
        self.confinement.lacks()
    }
}

struct Group {
    group: Option<ControlGroup>,
    marker: PathBuf,
}

impl Limited for Group {
    fn is_used_up(&self) -> bool {
        let group = self.group.as_ref();
        group.is_some_and(ControlGroup::is_out_of_memory)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        drop(self.group.take());
        let _ = std::fs::remove_file(&self.marker);
    }
}
