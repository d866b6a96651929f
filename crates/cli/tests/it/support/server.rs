//! A running server and requests to it.

use super::{PATIENCE, Place, Ran, until_or};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use std::fs::{self, File};
use std::process::{Child, Stdio};

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
    pub(crate) headers: reqwest::header::HeaderMap,
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
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap(),
        }
    }

    /// As `kill -9` does.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// As a service manager ends it: asked, and waited for.
    pub(crate) fn end(&mut self) {
        let process = i32::try_from(self.child.id()).unwrap();
        kill(Pid::from_raw(process), Signal::SIGTERM).unwrap();
        assert!(self.child.wait().unwrap().success());
    }

    pub(crate) fn restart(&mut self) {
        (self.child, self.address) = spawn(&self.place, &self.arguments);
    }

    pub(crate) fn tradewind(&self, arguments: &[&str]) -> Ran {
        self.place.tradewind(arguments)
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let root = if path.starts_with("/v2") || path == "/metrics" {
            ""
        } else {
            "/api/v1"
        };
        self.http
            .request(method, format!("{}{root}{path}", self.address))
            .bearer_auth(&self.key)
    }

    pub(crate) fn send(&self, request: RequestBuilder) -> Answer {
        self.try_send(request).unwrap()
    }

    pub(crate) fn try_send(&self, request: RequestBuilder) -> reqwest::Result<Answer> {
        self.runtime.block_on(async {
            let response = request.timeout(PATIENCE).send().await?;
            let status = response.status().as_u16();
            let headers = response.headers().clone();
            let bytes = response.bytes().await?.to_vec();
            Ok(Answer {
                status,
                headers,
                bytes,
            })
        })
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path))
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::POST, path).json(body))
    }

    pub(crate) fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::PUT, path).json(body))
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
            tokio::time::timeout(PATIENCE, reading)
                .await
                .expect("the stream goes on")
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            let log =
                fs::read_to_string(self.place.folder.path().join("server.log")).unwrap_or_default();
            let lines: Vec<&str> = log.lines().collect();
            eprintln!(
                "server log:\n{}",
                lines[lines.len().saturating_sub(30)..].join("\n")
            );
        }
    }
}

fn spawn(place: &Place, arguments: &[String]) -> (Child, String) {
    let log_file = place.folder.path().join("server.log");
    let log = File::options()
        .create(true)
        .append(true)
        .open(&log_file)
        .unwrap();
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
