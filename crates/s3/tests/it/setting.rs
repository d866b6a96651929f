//! A server of its own for every test, over memory rows and a temporary folder.

use crate::signer::{self, Signer, encode, sha256, stamp};
use ::objects::ObjectStore;
use axum::body::Body;
use bytes::Bytes;
use contracts::store::memory::Memory;
use contracts::world::{Clock, Entropy, World};
use domain::{Span, Timestamp, Workspace};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt as _;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rand::TryRng as _;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use tempfile::TempDir;
use tradewind_s3::{Connection, Identity, Keyring, Policy, Settings};

struct System;

impl Clock for System {
    fn now(&self) -> Timestamp {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        Timestamp(i64::try_from(now.as_millis()).unwrap())
    }
}

impl Entropy for System {
    fn fill(&self, buffer: &mut [u8]) {
        rand::rngs::SysRng.try_fill_bytes(buffer).unwrap();
    }
}

pub const ACCOUNT: &str = "123456789012";

pub struct Setting {
    pub store: ObjectStore,
    pub workspace: Workspace,
    pub address: String,
    pub owner: Signer,
    world: World,
    client: Client<HttpConnector, Body>,
    server: tokio::task::JoinHandle<()>,
    _folder: TempDir,
}

impl Drop for Setting {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// A whole answer.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// What stands in the first element of that name.
    pub fn element(&self, name: &str) -> Option<String> {
        let text = self.text();
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        Some(rest.split_once(&format!("</{name}>"))?.0.to_owned())
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    #[track_caller]
    pub fn ok(self) -> Self {
        assert!(self.status.is_success(), "{} {}", self.status, self.text());
        self
    }

    #[track_caller]
    pub fn fails(self, status: u16, code: &str) -> Self {
        let found = self.element("Code");
        assert_eq!(
            (self.status.as_u16(), found.as_deref()),
            (status, Some(code)),
            "{}",
            self.text()
        );
        assert!(self.element("Message").is_some(), "{}", self.text());
        assert!(self.element("RequestId").is_some(), "{}", self.text());
        self
    }
}

pub fn signer(key: &str) -> Signer {
    Signer {
        key: key.to_owned(),
        secret: format!("secret-of-{key}"),
        token: None,
        region: "us-east-1".to_owned(),
    }
}

fn identity(name: &str, workspace: &Workspace) -> Identity {
    Identity {
        principal: format!("arn:aws:iam::{ACCOUNT}:user/{name}"),
        account: ACCOUNT.to_owned(),
        workspace: workspace.clone(),
        session: Vec::new(),
    }
}

/// Keys: `OWNER` may do everything, `READER` may read `data/open/*`, `NOBODY` has no permission,
/// `SESSION` needs the token `token-of-session`, `OTHER` belongs to another workspace.
fn keyring(workspace: &Workspace) -> Keyring {
    let read = r#"{"Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::data/open/*"}}"#;
    let none = r#"{"Statement":{"Effect":"Allow","Action":"s3:ListAllMyBuckets","Resource":"*"}}"#;
    let other = Workspace::new("other").unwrap();
    let mut ring = Keyring::new(Some(workspace.clone()));
    for name in ["OWNER", "READER", "NOBODY", "SESSION"] {
        let who = identity(&name.to_lowercase(), workspace);
        ring = ring.with(name, &format!("secret-of-{name}"), who);
    }
    ring.with("OTHER", "secret-of-OTHER", identity("other", &other))
        .with_policy("READER", Policy::for_identity(read).unwrap())
        .with_policy("NOBODY", Policy::for_identity(none).unwrap())
        .with_token("SESSION", "token-of-session")
}

impl Setting {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let world = World {
            clock: Arc::new(System),
            entropy: Arc::new(System),
        };
        let rows = Arc::new(Memory::new());
        let store = ObjectStore::open(folder.path(), rows, world.clone()).unwrap();
        let workspace = Workspace::default();
        let access = Arc::new(keyring(&workspace));
        let service = tradewind_s3::service(store.clone(), access, Settings::new(world.clone()));
        let known = axum::middleware::map_request(|mut request: axum::extract::Request| async {
            request.extensions_mut().insert(Connection {
                peer: Some([127, 0, 0, 1].into()),
                secure: false,
            });
            request
        });
        let router = axum::Router::new().fallback_service(service).layer(known);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            store,
            workspace,
            address,
            owner: signer("OWNER"),
            world,
            client: Client::builder(TokioExecutor::new()).build_http(),
            server,
            _folder: folder,
        }
    }

    /// With a bucket `data`.
    pub async fn with_bucket() -> Self {
        let setting = Self::new().await;
        setting.put("/data", "").send().await.ok();
        setting
    }

    pub fn now(&self) -> Timestamp {
        self.world.now()
    }

    pub fn call(&self, method: &str, path: &str) -> Call<'_> {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let query = query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                (name.to_owned(), value.to_owned())
            })
            .collect();
        Call {
            setting: self,
            method: method.to_owned(),
            path: encode(path, true),
            query,
            headers: vec![],
            body: Bytes::new(),
            payload: None,
            signer: Some(self.owner.clone()),
            at: self.now(),
            host: self.address.clone(),
        }
    }

    pub fn get(&self, path: &str) -> Call<'_> {
        self.call("GET", path)
    }

    pub fn put(&self, path: &str, body: impl Into<Bytes>) -> Call<'_> {
        self.call("PUT", path).body(body)
    }

    pub async fn raw(&self, request: Request<Body>) -> Answer {
        let response = self.client.request(request).await.unwrap();
        let (parts, body) = response.into_parts();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: body.collect().await.unwrap().to_bytes(),
        }
    }
}

/// A request that is being put together.
pub struct Call<'a> {
    setting: &'a Setting,
    pub method: String,
    pub path: String,
    pub query: Vec<(String, String)>,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
    pub payload: Option<String>,
    pub signer: Option<Signer>,
    pub at: Timestamp,
    pub host: String,
}

impl Call<'_> {
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers
            .push((name.to_ascii_lowercase(), value.to_owned()));
        self
    }

    pub fn by(mut self, signer: Signer) -> Self {
        self.signer = Some(signer);
        self
    }

    pub fn anonymous(mut self) -> Self {
        self.signer = None;
        self
    }

    pub fn later(mut self, span: Span) -> Self {
        self.at = self.at + span;
        self
    }

    pub fn host(mut self, host: &str) -> Self {
        host.clone_into(&mut self.host);
        self
    }

    /// The path as it stands, not encoded again.
    pub fn path(mut self, raw: &str) -> Self {
        raw.clone_into(&mut self.path);
        self
    }

    /// The word of `x-amz-content-sha256` instead of the body's hash.
    pub fn payload(mut self, word: &str) -> Self {
        self.payload = Some(word.to_owned());
        self
    }

    /// The signed request, and its signature.
    pub fn signed(self) -> (Request<Body>, String) {
        let mut headers = self.headers.clone();
        let mut signature = String::new();
        headers.push(("host".to_owned(), self.host.clone()));
        if let Some(signer) = &self.signer {
            let stamp = stamp(self.at);
            let payload = self.payload.clone().unwrap_or_else(|| sha256(&self.body));
            headers.push(("x-amz-date".to_owned(), stamp.clone()));
            headers.push(("x-amz-content-sha256".to_owned(), payload.clone()));
            if let Some(token) = &signer.token {
                headers.push(("x-amz-security-token".to_owned(), token.clone()));
            }
            let (authorization, made) = signer.authorization(
                &self.method,
                &self.path,
                &self.query,
                &headers,
                &payload,
                &stamp,
            );
            headers.push(("authorization".to_owned(), authorization));
            signature = made;
        }
        let query = signer::query_text(&self.query);
        let mark = if query.is_empty() { "" } else { "?" };
        let uri = format!("http://{}{}{mark}{query}", self.setting.address, self.path);
        let mut request = Request::builder().method(&*self.method).uri(uri);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        (request.body(Body::from(self.body)).unwrap(), signature)
    }

    pub async fn send(self) -> Answer {
        let setting = self.setting;
        setting.raw(self.signed().0).await
    }
}
