//! The service without a socket, for requests that are whatever bytes they are: what must hold of
//! every answer. The property tests beside this and the targets of `fuzz/` ask the same.

use crate::signer::{Signer, sha256, stamp};
use axum::body::Body;
use bytes::Bytes;
use contracts::store::memory::Memory;
use contracts::world::{Clock, Entropy, World};
use domain::{Timestamp, Workspace};
use http::{Method, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};
use tempfile::TempDir;
use tower::ServiceExt as _;
use tradewind_s3::{Identity, Keyring, Service, Settings};

struct System(AtomicU64);

impl Clock for System {
    fn now(&self) -> Timestamp {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        Timestamp(i64::try_from(now.as_millis()).unwrap())
    }
}

impl Entropy for System {
    /// Different each time, which is all that ids need here.
    fn fill(&self, buffer: &mut [u8]) {
        for piece in buffer.chunks_mut(8) {
            let next = self.0.fetch_add(1, Ordering::Relaxed);
            let mixed = (next ^ (next << 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            piece.copy_from_slice(&mixed.to_le_bytes()[..piece.len()]);
        }
    }
}

/// What is there before and must be there afterwards.
const KEPT: &str = "what was there before";

/// The service, with the bucket `data` and the object `kept` in it.
pub struct Any {
    service: Service,
    runtime: tokio::runtime::Runtime,
    owner: Signer,
    world: World,
    _folder: TempDir,
}

/// The documents that operations read: method, path and query, and an example.
pub const DOCUMENTS: &[(&str, &str, &str)] = &[
    (
        "PUT",
        "/docs?tagging",
        "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>",
    ),
    (
        "POST",
        "/docs?delete",
        "<Delete><Object><Key>a</Key></Object><Object><Key>b</Key><VersionId>null</VersionId></Object><Quiet>true</Quiet></Delete>",
    ),
    (
        "PUT",
        "/docs?cors",
        "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod><MaxAgeSeconds>60</MaxAgeSeconds></CORSRule></CORSConfiguration>",
    ),
    (
        "PUT",
        "/docs?lifecycle",
        "<LifecycleConfiguration><Rule><ID>r</ID><Filter><Prefix>tmp/</Prefix></Filter><Status>Enabled</Status><Expiration><Days>3</Days></Expiration></Rule></LifecycleConfiguration>",
    ),
    (
        "PUT",
        "/docs?encryption",
        "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>",
    ),
    (
        "PUT",
        "/docs?policy",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::docs/x/*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}]}"#,
    ),
    (
        "POST",
        "/docs/parts?uploadId=u",
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>\"e\"</ETag></Part></CompleteMultipartUpload>",
    ),
    (
        "PUT",
        "/fresh",
        "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>",
    ),
];

impl Any {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let system = Arc::new(System(AtomicU64::new(1)));
        let world = World {
            clock: system.clone(),
            entropy: system,
        };
        let rows = Arc::new(Memory::new());
        let store = ::objects::ObjectStore::open(folder.path(), rows, world.clone()).unwrap();
        let workspace = Workspace::default();
        let identity = Identity {
            principal: "arn:aws:iam::123456789012:user/owner".to_owned(),
            account: "123456789012".to_owned(),
            workspace: workspace.clone(),
            session: Vec::new(),
        };
        let access = Keyring::new(Some(workspace)).with("OWNER", "secret-of-OWNER", identity);
        let settings = Settings::new(world.clone());
        let any = Self {
            service: tradewind_s3::service(store, Arc::new(access), settings),
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap(),
            owner: Signer {
                key: "OWNER".to_owned(),
                secret: "secret-of-OWNER".to_owned(),
                token: None,
                region: "us-east-1".to_owned(),
            },
            world,
            _folder: folder,
        };
        for (path, body) in [("/docs", ""), ("/data", ""), ("/data/kept", KEPT)] {
            let (status, answer) = any.signed("PUT", path, &[], body.as_bytes(), None);
            assert_eq!(status, StatusCode::OK, "{answer}");
        }
        any
    }

    /// The answer to a request; it must be one that a client can read.
    fn answer(&self, request: Request<Body>) -> (StatusCode, String) {
        let is_head = request.method() == Method::HEAD;
        self.runtime.block_on(async {
            let response: Result<Response<Body>, Infallible> =
                self.service.clone().oneshot(request).await;
            let Ok(response) = response;
            let (parts, body) = response.into_parts();
            let bytes = body.collect().await.unwrap().to_bytes();
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let status = parts.status;
            assert!(
                !status.is_server_error() || status == StatusCode::NOT_IMPLEMENTED,
                "{status} {text}"
            );
            if !is_head && (status.is_client_error() || status.is_server_error()) {
                for element in ["<Error>", "<Code>", "<Message>", "<RequestId>"] {
                    assert!(text.contains(element), "{status} {text}");
                }
            }
            (status, text)
        })
    }

    fn signed(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
        payload: Option<&str>,
    ) -> (StatusCode, String) {
        let stamp = stamp(self.world.now());
        let (place, query) = path.split_once('?').unwrap_or((path, ""));
        let pairs: Vec<(String, String)> = query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let payload = payload.map_or_else(|| sha256(body), str::to_owned);
        let mut all: Vec<(String, String)> = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        all.push(("host".to_owned(), "localhost".to_owned()));
        all.push(("x-amz-date".to_owned(), stamp.clone()));
        all.push(("x-amz-content-sha256".to_owned(), payload.clone()));
        let (authorization, _) = self
            .owner
            .authorization(method, place, &pairs, &all, &payload, &stamp);
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in &all {
            request = request.header(name, value);
        }
        request = request
            .header("authorization", authorization)
            .header("content-length", body.len());
        // In pieces, so that what is read does not stand at their edges.
        let pieces: Vec<Result<Bytes, Infallible>> = body
            .chunks(body.len().div_ceil(3).max(1))
            .map(|piece| Ok(Bytes::copy_from_slice(piece)))
            .collect();
        let body = Body::from_stream(futures::stream::iter(pieces));
        self.answer(request.body(body).unwrap())
    }

    /// Any bytes as one of [`DOCUMENTS`].
    pub fn document(&self, which: usize, bytes: &[u8]) {
        use base64::Engine as _;
        use md5::Digest as _;
        let (method, path, _) = DOCUMENTS[which % DOCUMENTS.len()];
        let md5 = base64::prelude::BASE64_STANDARD.encode(md5::Md5::digest(bytes));
        self.signed(method, path, &[("content-md5", &md5)], bytes, None);
    }

    /// Any bytes as a body in chunks with a trailer: what is taken is as long as announced, and
    /// what is refused leaves what was there.
    pub fn chunked(&self, announced: usize, bytes: &[u8]) {
        let announced = announced.to_string();
        let headers = [
            ("content-encoding", "aws-chunked"),
            ("x-amz-decoded-content-length", announced.as_str()),
            ("x-amz-trailer", "x-amz-checksum-crc32"),
        ];
        let payload = Some("STREAMING-UNSIGNED-PAYLOAD-TRAILER");
        let (status, _) = self.signed("PUT", "/data/kept", &headers, bytes, payload);
        let (found, text) = self.signed("GET", "/data/kept", &[], b"", None);
        assert_eq!(found, StatusCode::OK);
        if status.is_success() {
            assert_eq!(text.len().to_string(), announced, "{text}");
            self.signed("PUT", "/data/kept", &[], KEPT.as_bytes(), None);
        } else {
            assert_eq!(text, KEPT);
        }
    }

    /// Any text as the head of a request, one line for its target and one for each header, which
    /// nobody signed: it is refused, or it is nothing that needs a signature.
    pub fn request(&self, text: &str, body: &[u8]) {
        let mut lines = text.lines();
        let target = lines.next().unwrap_or_default();
        let (method, uri) = target.split_once(' ').unwrap_or(("GET", target));
        let mut request = Request::builder().method(method).uri(uri);
        for line in lines.take(40) {
            let (name, value) = line.split_once(':').unwrap_or((line, ""));
            request = request.header(name, value.trim());
        }
        let Ok(request) = request.body(Body::from(body.to_vec())) else {
            return;
        };
        let is_options = request.method() == Method::OPTIONS;
        let (status, text) = self.answer(request);
        assert!(
            status.is_client_error() || status == 501 || is_options,
            "{status} {text}"
        );
    }
}
