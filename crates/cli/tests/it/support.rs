//! A server of its own for each test, and its end whatever happens.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The program under test.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_tradewind");

/// Longer than anything here takes on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// A folder with a data folder in it; whatever mentions it in /proc ends with it.
pub(crate) struct Place {
    pub(crate) folder: TempDir,
    pub(crate) data: PathBuf,
}

/// What a command said.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    #[track_caller]
    pub(crate) fn good(self) -> Self {
        assert_eq!(self.code, 0, "{}\n{}", self.out, self.err);
        self
    }
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("tradewind-e2e-").tempdir().unwrap();
        let data = folder.path().join("data");
        Self { folder, data }
    }

    /// A folder of files that can be run.
    pub(crate) fn project(&self, name: &str, files: &[(&str, &str)]) -> String {
        let folder = self.folder.path().join(name);
        fs::create_dir_all(&folder).unwrap();
        for (file, text) in files {
            fs::write(folder.join(file), text).unwrap();
        }
        folder.to_str().unwrap().to_owned()
    }

    /// The program with this data folder and the environments that all tests share.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        for name in ["TRADEWIND_SERVER", "TRADEWIND_KEY", "TRADEWIND_DATABASE", "TRADEWIND_LOG"] {
            command.env_remove(name);
        }
        command
            .args(arguments)
            .env("TRADEWIND_DATA", &self.data)
            .env("TRADEWIND_ENVIRONMENTS", cache().join("environments"))
            .stdin(Stdio::null());
        command
    }

    /// Runs the program to its end.
    pub(crate) fn tradewind(&self, arguments: &[&str]) -> Ran {
        finish(self.command(arguments))
    }
}

/// Runs a command to its end, which must come in time. Its output goes through files, so that
/// nothing it leaves running can hold it up.
pub(crate) fn finish(mut command: Command) -> Ran {
    let (out, err) = (tempfile::NamedTempFile::new().unwrap(), tempfile::NamedTempFile::new().unwrap());
    let mut child = command
        .stdout(out.reopen().unwrap())
        .stderr(err.reopen().unwrap())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break Some(status);
        }
        if begun.elapsed() > PATIENCE {
            let _ = child.kill();
            let _ = child.wait();
            break None;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let read = |path: &Path| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
    let (out, err) = (read(out.path()), read(err.path()));
    let status = status.unwrap_or_else(|| panic!("{command:?} did not end: {out}\n{err}"));
    Ran { code: status.code().unwrap_or(-1), out, err }
}

/// Where what is slow to make is kept between test runs.
fn cache() -> PathBuf {
    let given = std::env::var_os("TRADEWIND_TEST_CACHE").map(PathBuf::from);
    given.unwrap_or_else(|| {
        let home = std::env::var_os("HOME").map_or_else(std::env::temp_dir, PathBuf::from);
        home.join(".cache/tradewind-tests")
    })
}

impl Drop for Place {
    fn drop(&mut self) {
        let folder = self.folder.path().to_str().unwrap().to_owned();
        let begun = Instant::now();
        // Somebody may be starting another process while we look.
        while kill_all(&folder) && begun.elapsed() < Duration::from_secs(20) {
            std::thread::sleep(Duration::from_millis(2));
        }
        remove_groups(&self.data.join("tickets"));
    }
}

/// Processes that have the folder in their command line, environment or working directory.
pub(crate) fn processes_of(folder: &str) -> Vec<i32> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<i32>().ok()) else {
            continue;
        };
        let has = |file: &str| {
            let bytes = fs::read(entry.path().join(file)).unwrap_or_default();
            bytes.windows(folder.len()).any(|window| window == folder.as_bytes())
        };
        let here = fs::read_link(entry.path().join("cwd")).is_ok_and(|at| at.starts_with(folder));
        if pid != std::process::id().cast_signed() && (here || has("cmdline") || has("environ")) {
            found.push(pid);
        }
    }
    found
}

fn kill_all(folder: &str) -> bool {
    let found = processes_of(folder);
    for pid in &found {
        let _ = kill(Pid::from_raw(*pid), Signal::SIGKILL);
    }
    !found.is_empty()
}

/// Removes control groups of tickets whose supervisors were killed.
fn remove_groups(tickets: &Path) {
    let names: Vec<String> = fs::read_dir(tickets)
        .map(|entries| entries.flatten().map(|e| e.file_name().to_string_lossy().into_owned()).collect())
        .unwrap_or_default();
    let roots = fs::read_dir("/sys/fs/cgroup").into_iter().flatten().flatten().map(|e| e.path());
    for root in roots.chain([PathBuf::from("/sys/fs/cgroup")]) {
        for name in &names {
            let _ = fs::remove_dir(root.join(format!("tradewind-{name}")));
        }
    }
}

/// A running server with a client for it.
pub(crate) struct Server {
    // Dropped in this order: the process, then its place.
    child: Child,
    pub(crate) place: std::rc::Rc<Place>,
    arguments: Vec<String>,
    pub(crate) address: String,
    pub(crate) key: String,
    http: reqwest::Client,
    runtime: tokio::runtime::Runtime,
}

/// An answer of the API.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    #[track_caller]
    pub(crate) fn good(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text());
        self.json()
    }
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    /// A server in a place of its own with further arguments.
    pub(crate) fn with(arguments: &[&str]) -> Self {
        Self::at(std::rc::Rc::new(Place::new()), arguments)
    }

    pub(crate) fn at(place: std::rc::Rc<Place>, arguments: &[&str]) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let arguments: Vec<String> = arguments.iter().map(|&text| text.to_owned()).collect();
        let (child, address) = spawn(&place, &arguments);
        let text = fs::read(place.data.join("credentials.json")).unwrap();
        let credentials: Value = serde_json::from_slice(&text).unwrap();
        Self {
            child,
            place,
            arguments,
            address,
            key: credentials["key"].as_str().unwrap().to_owned(),
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap(),
        }
    }

    /// As `kill -9` does.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub(crate) fn restart(&mut self) {
        (self.child, self.address) = spawn(&self.place, &self.arguments);
    }

    pub(crate) fn tradewind(&self, arguments: &[&str]) -> Ran {
        self.place.tradewind(arguments)
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let root = if path.starts_with("/v2") { "" } else { "/api/v1" };
        self.http.request(method, format!("{}{root}{path}", self.address)).bearer_auth(&self.key)
    }

    pub(crate) fn send(&self, request: RequestBuilder) -> Answer {
        self.try_send(request).unwrap()
    }

    pub(crate) fn try_send(&self, request: RequestBuilder) -> reqwest::Result<Answer> {
        self.runtime.block_on(async {
            let response = request.timeout(PATIENCE).send().await?;
            let status = response.status().as_u16();
            let bytes = response.bytes().await?.to_vec();
            Ok(Answer { status, bytes })
        })
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path))
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::POST, path).json(body))
    }

    pub(crate) fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path))
    }

    /// Reads a stream of events until `enough` says so of what came.
    pub(crate) fn stream(&self, path: &str, enough: impl Fn(&str) -> bool) -> String {
        let request = self.request(Method::GET, path);
        self.runtime.block_on(async {
            let reading = async {
                let mut response = request.send().await.unwrap();
                assert_eq!(response.headers()["content-type"], "text/event-stream");
                let mut bytes = Vec::new();
                while let Some(piece) = response.chunk().await.unwrap() {
                    bytes.extend_from_slice(&piece);
                    if enough(&String::from_utf8_lossy(&bytes)) {
                        break;
                    }
                }
                String::from_utf8(bytes).unwrap()
            };
            tokio::time::timeout(PATIENCE, reading).await.expect("the stream goes on")
        })
    }

    /// Submits a shell job.
    pub(crate) fn shell(&self, script: &str, more: Value) -> String {
        let job = self.post("/jobs", &json!({"spec": shell(script, more)})).good();
        job["id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn job(&self, id: &str) -> Value {
        self.get(&format!("/jobs/{id}")).good()
    }

    /// The job once it is over.
    pub(crate) fn ended(&self, id: &str) -> Value {
        let path = format!("/jobs/{id}");
        until(&format!("job {id} is over"), || {
            let job = self.get(&path).good();
            (job["phase"]["phase"] == "ended").then_some(job)
        })
    }

    /// The run once it is over.
    pub(crate) fn run_ended(&self, id: &str) -> Value {
        let path = format!("/runs/{id}");
        until(&format!("run {id} is over"), || {
            let run = self.get(&path).good();
            let phase = run["phase"].as_str().unwrap();
            (!["running", "stopping"].contains(&phase)).then_some(run)
        })
    }

    /// All events, the oldest first.
    pub(crate) fn events(&self) -> Vec<Value> {
        let mut events = Vec::new();
        let mut after = 0;
        loop {
            let page = self.get(&format!("/events?after={after}&limit=500")).good();
            let items = page["items"].as_array().unwrap();
            if items.is_empty() {
                return events;
            }
            after = items.last().unwrap()["sequence"].as_i64().unwrap();
            events.extend(items.iter().cloned());
        }
    }

    /// Whether the server still does its work: it answers and runs a job to its end.
    #[track_caller]
    pub(crate) fn goes_on(&self) {
        assert_eq!(self.get("/health").status, 200);
        let job = self.ended(&self.shell("echo still here", json!({})));
        assert_eq!(job["phase"]["outcome"]["kind"], "succeeded", "{job}");
        let server_log = fs::read_to_string(self.place.folder.path().join("server.log")).unwrap();
        assert!(!server_log.contains("panicked"), "{server_log}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            let log = fs::read_to_string(self.place.folder.path().join("server.log")).unwrap_or_default();
            let lines: Vec<&str> = log.lines().collect();
            eprintln!("server log:\n{}", lines[lines.len().saturating_sub(30)..].join("\n"));
        }
    }
}

/// The spec of a job that is a shell script.
pub(crate) fn shell(script: &str, more: Value) -> Value {
    let mut spec = json!({"entry": {"kind": "command", "argv": ["sh", "-c", script]}});
    for (name, value) in more.as_object().unwrap() {
        spec[name] = value.clone();
    }
    spec
}

fn spawn(place: &Place, arguments: &[String]) -> (Child, String) {
    let log_file = place.folder.path().join("server.log");
    let log = File::options().create(true).append(true).open(&log_file).unwrap();
    let mut command = place.command(&["serve", "--listen", "127.0.0.1:0"]);
    let mut child = command
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap();
    let address = until_or("the server answers", || {
        if let Some(status) = child.try_wait().unwrap() {
            let log = fs::read_to_string(&log_file).unwrap_or_default();
            panic!("the server ended with {status}: {log}");
        }
        let text = fs::read(place.data.join("server.json")).ok()?;
        let announced: Value = serde_json::from_slice(&text).ok()?;
        (announced["pid"] == child.id()).then(|| announced["address"].as_str().unwrap().to_owned())
    });
    (child, address)
}

/// Looks until something is there.
#[track_caller]
pub(crate) fn until<T>(what: &str, look: impl Fn() -> Option<T>) -> T {
    until_or(what, look)
}

#[track_caller]
fn until_or<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "not in time: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The repository's folder of an example.
pub(crate) fn example(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name);
    root.canonicalize().unwrap().to_str().unwrap().to_owned()
}

/// The message of a job that failed.
#[track_caller]
pub(crate) fn message(job: &Value) -> &str {
    let message = job["phase"]["outcome"]["failure"]["message"].as_str();
    message.unwrap_or_else(|| panic!("did not fail: {job}"))
}
