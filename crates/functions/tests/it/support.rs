//! A plane in a folder of its own.

use bytes::Bytes;
use contracts::environments::{EnvironmentError, Environments, Prepared};
use contracts::functions::{
    FunctionAnswer, FunctionCall, FunctionInput, FunctionObservation, FunctionTarget, Functions,
    HttpRequest, HttpResponse,
};
use contracts::staging::{StageError, StagedInputs, Stager};
use contracts::world::{Clock, Entropy, World};
use domain::environment::Environment;
use domain::function::{ApiPayload, FunctionForm, FunctionSpec};
use domain::job::{CodeArchive, JobSpec};
use domain::{FunctionName, Refusal, Span, Timestamp, Workspace};
use functions::{Config, FunctionPlane};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Longer than anything here takes.
pub const PATIENCE: Duration = Duration::from_mins(1);

struct System;

impl Clock for System {
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Timestamp(since.unwrap().as_millis() as i64)
    }
}

impl Entropy for System {
    fn fill(&self, buffer: &mut [u8]) {
        rand::TryRng::try_fill_bytes(&mut rand::rngs::SysRng, buffer).unwrap();
    }
}

pub fn world() -> World {
    World {
        clock: Arc::new(System),
        entropy: Arc::new(System),
    }
}

/// Locations are folders.
struct Folders;

#[async_trait::async_trait]
impl Stager for Folders {
    async fn stage(&self, _: &Workspace, _: &JobSpec) -> Result<StagedInputs, StageError> {
        Err(StageError::Missing("no jobs here".to_owned()))
    }
    async fn folder(&self, _: &Workspace, location: &str) -> Result<PathBuf, StageError> {
        let path = PathBuf::from(location);
        if path.is_dir() {
            return Ok(path);
        }
        Err(StageError::Missing(format!("nothing at `{location}`")))
    }
    async fn content_hash(&self, _: &Workspace, location: &str) -> Result<String, StageError> {
        Ok(location.to_owned())
    }
}

/// One interpreter for all.
struct One(PathBuf);

#[async_trait::async_trait]
impl Environments for One {
    async fn prepare(
        &self,
        _: &Environment,
        _: &(dyn for<'line> Fn(&'line str) + Send + Sync),
    ) -> Result<Prepared, EnvironmentError> {
        Ok(Prepared {
            python: self.0.clone(),
            hash: "one".to_owned(),
            warnings: Vec::new(),
        })
    }
}

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

/// An interpreter with the packages of `conformance/requirements/functions.txt`: the clouds' own.
pub fn packages() -> PathBuf {
    static PACKAGES: OnceLock<PathBuf> = OnceLock::new();
    PACKAGES
        .get_or_init(|| {
            let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../conformance/prepare.py");
            let output = Command::new("python3")
                .args([script, "functions"])
                .output()
                .expect("python3 is installed");
            assert!(output.status.success(), "{output:?}");
            let said = String::from_utf8(output.stdout).unwrap();
            let (_, folder) = said.trim().split_once(' ').unwrap();
            PathBuf::from(folder).join("bin/python")
        })
        .clone()
}

/// A plane and the folder that everything of one test lives in.
pub struct Bench {
    pub folder: TempDir,
    pub plane: FunctionPlane,
    count: AtomicU64,
}

impl Bench {
    pub fn new() -> Self {
        Self::with(python())
    }

    /// With an interpreter for all functions.
    pub fn with(interpreter: PathBuf) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let base = ["PATH", "HOME"]
            .into_iter()
            .filter_map(|name| Some((name.to_owned(), std::env::var(name).ok()?)));
        let plane = FunctionPlane::new(Config {
            scratch: folder.path().join("scratch"),
            worker: folder.path().join("worker"),
            hidden: Vec::new(),
            shared: Vec::new(),
            confine: None,
            server: None,
            base: base.collect::<BTreeMap<_, _>>(),
            stager: Arc::new(Folders),
            environments: Arc::new(One(interpreter)),
            world: world(),
        });
        Self {
            folder,
            plane: plane.unwrap(),
            count: AtomicU64::new(0),
        }
    }

    /// A function `app.handler` of the given code, changed by `change`.
    pub fn function(&self, code: &str, change: impl FnOnce(&mut FunctionSpec)) -> FunctionTarget {
        self.of_files(&[("app.py", code)], change)
    }

    pub fn of_files(
        &self,
        files: &[(&str, &str)],
        change: impl FnOnce(&mut FunctionSpec),
    ) -> FunctionTarget {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let root = self.folder.path().join(format!("code-{number}"));
        for (name, text) in files {
            let path = root.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let code = CodeArchive {
            location: root.to_str().unwrap().to_owned(),
            content_hash: number.to_string(),
        };
        let mut spec = FunctionSpec::new(FunctionForm::Aws, code, "app.handler");
        spec.timeout = Span::seconds(30);
        change(&mut spec);
        spec.check().unwrap();
        FunctionTarget {
            workspace: Workspace::default(),
            name: FunctionName::new(format!("f{number}")).unwrap(),
            version: "$LATEST".to_owned(),
            revision: format!("{number:032x}"),
            spec: Arc::new(spec),
        }
    }

    pub fn event(&self, text: &str) -> FunctionCall {
        self.call(FunctionInput::Event(Bytes::copy_from_slice(
            text.as_bytes(),
        )))
    }

    pub fn call(&self, input: FunctionInput) -> FunctionCall {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        FunctionCall {
            request: format!("{number:08x}-0000-7000-8000-000000000000"),
            input,
            received: world().now(),
            invoked: "arn:aws:lambda:us-east-1:000000000000:function:f".to_owned(),
            client_context: None,
        }
    }

    pub async fn ask(
        &self,
        target: &FunctionTarget,
        text: &str,
    ) -> Result<FunctionAnswer, Refusal> {
        let asked = self.plane.invoke(target, self.event(text));
        tokio::time::timeout(PATIENCE, asked)
            .await
            .expect("in time")
    }

    /// The response to an HTTP request.
    pub async fn request(&self, target: &FunctionTarget, request: HttpRequest) -> HttpResponse {
        let call = self.call(FunctionInput::Http(Box::new(request)));
        let asked = self.plane.invoke(target, call);
        let answered = tokio::time::timeout(PATIENCE, asked).await;
        let answer = answered.expect("in time").unwrap();
        let told = format!("{answer:?}");
        answer.http.expect(&told)
    }

    /// The payload of an answer.
    pub async fn value(&self, target: &FunctionTarget, text: &str) -> Value {
        let answer = self.ask(target, text).await.unwrap();
        serde_json::from_slice(&answer.payload).unwrap()
    }

    pub async fn ready(&self, target: &FunctionTarget) -> FunctionObservation {
        self.plane.prepare(target).await;
        let began = Instant::now();
        loop {
            match self.plane.observe(target).await {
                FunctionObservation::Absent | FunctionObservation::Preparing { .. } => {}
                other => return other,
            }
            assert!(began.elapsed() < PATIENCE, "not ready in time");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// A request to a function's own address.
pub fn request(method: &str, path: &str, body: &str) -> HttpRequest {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    HttpRequest {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: vec![
            header("host", "example.org"),
            header("content-type", "application/json"),
            header("x-twice", "1"),
            header("x-twice", "2"),
        ],
        body: Bytes::copy_from_slice(body.as_bytes()),
        source: "192.0.2.1".to_owned(),
        api: "f".to_owned(),
        stage: "$default".to_owned(),
        route: "$default".to_owned(),
        parameters: BTreeMap::new(),
        payload: ApiPayload::V2,
        keyed: true,
    }
}

/// The values of a header.
pub fn header<'a>(response: &'a HttpResponse, wanted: &str) -> Vec<&'a str> {
    let named = |(name, _): &&(String, String)| name.eq_ignore_ascii_case(wanted);
    let found = response.headers.iter().filter(named);
    found.map(|(_, value)| value.as_str()).collect()
}

/// The text of a body.
pub fn text(response: &HttpResponse) -> String {
    String::from_utf8_lossy(&response.body).into_owned()
}

/// True while a process runs.
pub fn runs(process: i64) -> bool {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{process}/stat")) else {
        return false;
    };
    let state = stat
        .rsplit_once(')')
        .and_then(|(_, rest)| rest.trim_start().chars().next());
    state.is_some_and(|state| state != 'Z')
}

pub async fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let began = Instant::now();
    while !condition() {
        assert!(began.elapsed() < PATIENCE, "never: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
