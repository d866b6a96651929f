//! A data plane with Python workers in a folder of its own, and helpers to use it.

use bytes::Bytes;
use contracts::world::Clock;
use domain::{EndpointName, Name, Share, Timestamp, Workspace};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tradewind_serving::batching::BatchingLauncher;
use tradewind_serving::logs::Recent;
use tradewind_serving::native::NativeLauncher;
use tradewind_serving::python::{ForkLauncher, PythonLauncher};
use tradewind_serving::{
    DeploymentSpec, EndpointKey, EndpointSpec, EndpointStatus, Endpoints, Error, Handler, Limits,
    ReplicaLauncher, Request, Response, Timing,
};

/// Longest time anything may take.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// The interpreter behind `python3`, past any shim.
pub fn python() -> PathBuf {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON
        .get_or_init(|| {
            let output = Command::new("python3")
                .args(["-c", "import sys; print(sys.executable)"])
                .output()
                .expect("python3 is installed");
            PathBuf::from(String::from_utf8(output.stdout).unwrap().trim())
        })
        .clone()
}

/// What workers of the tests get of this process's environment.
pub fn base_environment() -> BTreeMap<String, String> {
    ["PATH", "HOME"]
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), std::env::var(name).ok()?)))
        .collect()
}

pub fn key(name: &str) -> EndpointKey {
    EndpointKey {
        workspace: Workspace::default(),
        name: EndpointName::new(name).unwrap(),
    }
}

pub fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

pub fn share(percent: u16) -> Share {
    Share::percent(percent).unwrap()
}

/// Stands still; no test here asks what time a line was read.
struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        Timestamp(0)
    }
}

/// A data plane and the folder that everything of one test lives in.
pub struct Bench {
    pub folder: TempDir,
    pub endpoints: Endpoints,
    pub log: Arc<Recent>,
    pub launcher: Arc<dyn ReplicaLauncher>,
}

impl Bench {
    /// With a process for each replica.
    pub fn new() -> Self {
        Self::over(|python| Arc::new(python))
    }

    /// With replicas that are forked where that is safe.
    pub fn forking() -> Self {
        Self::over(|python| Arc::new(ForkLauncher::new(Arc::new(python))))
    }

    /// So too, with so many bytes of memory for templates of what sleeps.
    pub fn warm(bytes: u64) -> Self {
        Self::over(|python| Arc::new(ForkLauncher::with_warmth(python, bytes)))
    }

    /// With replicas that compute several calls together where a deployment wants it.
    pub fn batching() -> Self {
        Self::over(|python| Arc::new(BatchingLauncher::new(Arc::new(python))))
    }

    /// With models that are evaluated inside this process where that is the same.
    pub fn native() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let kept = folder.path().join("native");
        let over = |python| -> Arc<dyn ReplicaLauncher> {
            let python = Arc::new(python);
            let workers = Arc::new(ForkLauncher::new(Arc::clone(&python)));
            Arc::new(NativeLauncher::new(python, workers, kept, 2))
        };
        Self::within(folder, over)
    }

    fn over(launcher: impl FnOnce(PythonLauncher) -> Arc<dyn ReplicaLauncher>) -> Self {
        Self::within(tempfile::tempdir().unwrap(), launcher)
    }

    fn within(
        folder: TempDir,
        launcher: impl FnOnce(PythonLauncher) -> Arc<dyn ReplicaLauncher>,
    ) -> Self {
        let log = Arc::new(Recent::new(5_000, Arc::new(Stopped)));
        let private = folder.path().join("private");
        let python = PythonLauncher::new(&private, base_environment(), log.clone()).unwrap();
        let launcher = launcher(python);
        let endpoints = Endpoints::new(Arc::clone(&launcher));
        Self {
            folder,
            endpoints,
            log,
            launcher,
        }
    }

    /// A deployment `main` with the given handler code and an empty model folder.
    pub fn deployment(&self, code: &str) -> DeploymentSpec {
        static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let number = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let root = self.folder.path().join(format!("deployment-{number}"));
        let model = root.join("model");
        std::fs::create_dir_all(&model).unwrap();
        let entry = root.join("code/score.py");
        std::fs::create_dir_all(entry.parent().unwrap()).unwrap();
        std::fs::write(&entry, code).unwrap();
        DeploymentSpec {
            handler: Handler {
                entry: Some(entry),
                ..Handler::default()
            },
            model: format!("test:{number}"),
            timing: Timing {
                start: Duration::from_secs(30),
                call: Duration::from_secs(20),
                drain: Duration::from_secs(20),
                stop: Duration::from_secs(2),
                idle: Duration::from_mins(1),
            },
            ..DeploymentSpec::new(name("main"), model, python())
        }
    }

    /// Puts one deployment behind an endpoint and waits until it answers.
    pub async fn serve(&self, endpoint: &str, deployment: DeploymentSpec) -> EndpointKey {
        let spec = spec(endpoint, vec![deployment]);
        self.endpoints.apply(spec, 1).unwrap();
        self.settled(endpoint, 1).await.unwrap();
        key(endpoint)
    }

    pub async fn settled(&self, endpoint: &str, generation: u64) -> Result<EndpointStatus, Error> {
        let key = key(endpoint);
        let settled = self.endpoints.settled(&key, generation);
        tokio::time::timeout(PATIENCE, settled)
            .await
            .expect("it settles in time")
    }

    pub async fn json(&self, endpoint: &EndpointKey, body: &str) -> Result<Response, Error> {
        self.endpoints
            .invoke(endpoint, request("application/json", "", body.to_owned()))
            .await
    }

    /// The body of a successful JSON answer.
    pub async fn answer(&self, endpoint: &EndpointKey, body: &str) -> serde_json::Value {
        let response = self.json(endpoint, body).await.unwrap();
        assert_eq!(response.content_type, "application/json");
        serde_json::from_slice(&response.body).unwrap()
    }

    /// The processes of all replicas.
    pub fn processes(&self, endpoint: &EndpointKey) -> Vec<u32> {
        let status = self.endpoints.status(endpoint).unwrap();
        let deployments = status.deployments.iter();
        deployments
            .flat_map(|d| d.replicas.iter().filter_map(|facts| facts.process))
            .collect()
    }
}

pub fn spec(endpoint: &str, deployments: Vec<DeploymentSpec>) -> EndpointSpec {
    EndpointSpec {
        key: key(endpoint),
        deployments,
        limits: Limits::default(),
        traffic: domain::traffic::Traffic::default(),
        capture: None,
    }
}

pub fn request(content_type: &str, accept: &str, body: impl Into<Bytes>) -> Request {
    Request {
        content_type: content_type.to_owned(),
        accept: accept.to_owned(),
        body: body.into(),
        variant: None,
        headers: http::HeaderMap::new(),
        deadline: PATIENCE,
    }
}

/// True while a process runs; one that only waits to be reaped does not.
pub fn runs(process: u32) -> bool {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{process}/stat")) else {
        return false;
    };
    let state = stat
        .rsplit_once(')')
        .map(|(_, rest)| rest.trim_start().chars().next());
    state.flatten().is_some_and(|state| state != 'Z')
}

/// Polls until the condition holds; fails the test when it never does.
pub async fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let began = Instant::now();
    while !condition() {
        assert!(began.elapsed() < PATIENCE, "never: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Writes a file below a folder.
pub fn write(folder: &Path, below: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(below);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, content).unwrap();
    path
}
