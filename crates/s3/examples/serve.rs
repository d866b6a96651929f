//! The S3 service alone, on a free port of this machine, over SQLite in a folder:
//! `cargo run -p tradewind-s3 --example serve -- FOLDER`. It prints its address as its first line
//! and ends when its standard input does. Conformance tests and benches of real clients use it.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a program for tests stops at its first error and says where it listens"
)]

use contracts::world::{Clock, Entropy, World};
use domain::{Timestamp, Workspace};
use objects::ObjectStore;
use rand::TryRng as _;
use std::io::Read as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use tradewind_s3::{Connection, Identity, Keyring, Settings};

struct System;

impl Clock for System {
    fn now(&self) -> Timestamp {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let millis = now.map_or(0, |past| past.as_millis());
        Timestamp(i64::try_from(millis).unwrap_or(i64::MAX))
    }
}

impl Entropy for System {
    fn fill(&self, buffer: &mut [u8]) {
        rand::rngs::SysRng
            .try_fill_bytes(buffer)
            .expect("randomness");
    }
}

#[tokio::main]
async fn main() {
    let folder = std::env::args().nth(1).expect("usage: serve FOLDER");
    let folder = PathBuf::from(folder);
    std::fs::create_dir_all(&folder).expect("a folder that can be made");
    let world = World {
        clock: Arc::new(System),
        entropy: Arc::new(System),
    };
    let rows = store::Store::open_file(&folder.join("state.db"), &world)
        .await
        .expect("a database");
    let objects = ObjectStore::open(&folder, rows, world.clone()).expect("an object store");
    let identity = Identity {
        principal: "arn:aws:iam::123456789012:user/tester".to_owned(),
        account: "123456789012".to_owned(),
        workspace: Workspace::default(),
        session: Vec::new(),
    };
    let access = Keyring::new(Some(Workspace::default())).with("test", "testing-secret", identity);
    let service = tradewind_s3::service(objects, Arc::new(access), Settings::new(world));
    let known = axum::middleware::map_request(|mut request: axum::extract::Request| async {
        request.extensions_mut().insert(Connection {
            peer: Some(std::net::Ipv4Addr::LOCALHOST.into()),
            secure: false,
        });
        request
    });
    let router = axum::Router::new().fallback_service(service).layer(known);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    println!("http://{}", listener.local_addr().expect("its address"));
    let ended = tokio::task::spawn_blocking(|| {
        let mut rest = Vec::new();
        let _ = std::io::stdin().read_to_end(&mut rest);
    });
    tokio::select! {
        served = axum::serve(listener, router) => served.expect("the server"),
        _ = ended => {}
    }
}
