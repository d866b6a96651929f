//! A front door of its own for each test, and clients that trust nothing but its bundle.

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use contracts::world::{Clock, Entropy, World};
use domain::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};
use rustls::crypto::ring::default_provider;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, ServerName};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tradewind_frontdoor::listener::{Gate, Patience};
use tradewind_frontdoor::proxy::{OtherHosts, Settings, Upstream};
use tradewind_frontdoor::{Authority, DialledHost, Encrypted, FrontDoor};

/// Longer than anything here takes on a busy machine.
pub(crate) const LONG: Duration = Duration::from_mins(1);

struct Real;

impl Clock for Real {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        Timestamp(i64::try_from(since.as_millis()).unwrap())
    }
}

impl Entropy for Real {
    fn fill(&self, buffer: &mut [u8]) {
        SystemRandom::new().fill(buffer).unwrap();
    }
}

pub(crate) fn world() -> World {
    World {
        clock: Arc::new(Real),
        entropy: Arc::new(Real),
    }
}

/// The one key that is good.
pub(crate) const KEY: &str = "tw-good";

struct OneKey;

#[async_trait]
impl Gate for OneKey {
    async fn admits(&self, secret: &str) -> bool {
        secret == KEY
    }

    fn confines(&self, _: SocketAddr) -> bool {
        false
    }
}

/// An open front door whose router says what it was asked.
pub(crate) struct Door {
    pub(crate) folder: TempDir,
    pub(crate) address: SocketAddr,
    pub(crate) authority: Arc<Authority>,
    pub(crate) halt: watch::Sender<bool>,
    pub(crate) served: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl Door {
    pub(crate) async fn open() -> Self {
        Self::with(None, Patience::default()).await
    }

    pub(crate) async fn with(other_hosts: Option<OtherHosts>, patience: Patience) -> Self {
        Self::behind(other_hosts, patience, None).await
    }

    /// One whose machine reaches others through a proxy.
    pub(crate) async fn behind(
        other_hosts: Option<OtherHosts>,
        patience: Patience,
        upstream: Option<&str>,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let authority = Arc::new(Authority::open(folder.path(), &world()).unwrap());
        let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let door = FrontDoor {
            router: Router::new().fallback(echo),
            authority: authority.clone(),
            proxy: Settings {
                other_hosts,
                upstream: None,
            },
            upstream: upstream.map(|url| Upstream::parse(url, "").unwrap()),
            gate: Arc::new(OneKey),
            patience,
        };
        let (halt, halted) = watch::channel(false);
        let served = tokio::spawn(door.serve(listener, halted));
        Self {
            folder,
            address,
            authority,
            halt,
            served,
        }
    }

    /// A client that goes through the proxy and trusts the authority alone.
    pub(crate) fn client(&self, http2: bool) -> reqwest::Client {
        let _ = default_provider().install_default();
        let root = reqwest::Certificate::from_pem(self.authority.pem().as_bytes()).unwrap();
        let proxy = reqwest::Proxy::all(format!("http://{}", self.address)).unwrap();
        let builder = reqwest::Client::builder()
            .tls_certs_only([root])
            .proxy(proxy)
            .timeout(LONG);
        let builder = if http2 { builder } else { builder.http1_only() };
        builder.build().unwrap()
    }

    /// A connection to the port, with what is asked first already sent.
    pub(crate) async fn ask(&self, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        stream
    }

    /// The status with which `CONNECT` is answered, and the stream behind it.
    pub(crate) async fn connect(&self, target: &str) -> (u16, TcpStream) {
        self.connect_with(target, "").await
    }

    /// The same with further fields.
    pub(crate) async fn connect_with(&self, target: &str, fields: &str) -> (u16, TcpStream) {
        let text = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{fields}\r\n");
        let mut stream = self.ask(&text).await;
        let head = head(&mut stream).await;
        (status(&head), stream)
    }

    /// The same door as a caller from another machine sees it: by an address of this machine that
    /// is not its loopback. `None` where it has no such address.
    pub(crate) fn seen_from_elsewhere(mut self) -> Option<Self> {
        // Nothing is sent: a connected datagram socket only shows which address would be used.
        let socket = std::net::UdpSocket::bind("0.0.0.0:0").unwrap();
        socket.connect("198.51.100.1:9").ok()?;
        let own = socket.local_addr().unwrap().ip();
        self.address.set_ip(own);
        (!own.is_loopback() && !own.is_unspecified()).then_some(self)
    }

    /// TLS inside of a tunnel to `dialled`, asking for `named`.
    pub(crate) async fn tls(
        &self,
        dialled: &str,
        named: &str,
    ) -> std::io::Result<TlsStream<TcpStream>> {
        let (status, stream) = self.connect(&format!("{dialled}:443")).await;
        assert_eq!(status, 200);
        let connector = TlsConnector::from(Arc::new(trusting(self.authority.certificate())));
        let name = ServerName::try_from(named.to_owned()).unwrap();
        connector.connect(name, stream).await
    }
}

/// A TLS client's settings that trust one authority.
pub(crate) fn trusting(authority: &[u8]) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(authority.to_vec())).unwrap();
    ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

/// Says what came: method, target, host, dialled host, protocol and the body's length; a body is
/// given back.
async fn echo(request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let text = |name: &str| {
        let value = parts.headers.get(name);
        value
            .map_or("-", |value| value.to_str().unwrap())
            .to_owned()
    };
    let dialled = parts.extensions.get::<DialledHost>();
    let told = format!(
        "{} {} host={} dialled={} {:?} proxy-authorization={}",
        parts.method,
        parts.uri,
        text("host"),
        dialled.map_or("-", |host| host.0.as_str()),
        parts.version,
        text("proxy-authorization"),
    );
    // Whoever waits for leave to send is read to the end before the answer begins.
    let body = if parts.headers.contains_key("expect") {
        match axum::body::to_bytes(body, 1 << 20).await {
            Ok(bytes) => Body::from(bytes),
            Err(_) => return (StatusCode::BAD_REQUEST, "the body broke off").into_response(),
        }
    } else {
        body
    };
    let is_told = parts.method == "GET";
    let mut response = Response::new(if is_told {
        Body::from(told.clone())
    } else {
        body
    });
    let told = told.parse().unwrap();
    response.headers_mut().insert("x-told", told);
    if parts.extensions.get::<Encrypted>().is_some() {
        let yes = axum::http::HeaderValue::from_static("yes");
        response.headers_mut().insert("x-encrypted", yes);
    }
    response
}

/// Reads up to the end of a head, and not a byte more.
pub(crate) async fn head(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let byte = tokio::time::timeout(LONG, stream.read_u8()).await.unwrap();
        match byte {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8(head).unwrap()
}

pub(crate) fn status(head: &str) -> u16 {
    let status = head.split(' ').nth(1);
    status
        .unwrap_or_else(|| panic!("no status: {head}"))
        .parse()
        .unwrap()
}

/// Waits until the other side has closed, and answers what it sent before.
pub(crate) async fn rest(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> Vec<u8> {
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(LONG, stream.read_to_end(&mut bytes)).await;
    // A reset is an end as well.
    let _ = read.unwrap();
    bytes
}
