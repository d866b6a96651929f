//! Writes and reads of 1 KiB, 16 KiB and 64 MiB through the object store, beside the same bytes
//! as plain files with a flush, in the same run: `cargo bench -p tradewind-objects`.
//!
//! The rows are kept in memory, so that the figures are those of this crate; a database adds one
//! commit to each write.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench stops at its first error and prints its figures"
)]

use contracts::objects::conformance::{body, collect};
use contracts::objects::{Objects as _, PutOptions};
use contracts::store::memory::Memory;
use contracts::world::{Clock, Entropy, World};
use domain::{Timestamp, Workspace};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tradewind_objects::ObjectStore;

struct System(AtomicU64);

impl Clock for System {
    fn now(&self) -> Timestamp {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        Timestamp(i64::try_from(now.as_millis()).unwrap())
    }
}

impl Entropy for System {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            let next = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
            let mixed = (next ^ (next >> 31)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            chunk.copy_from_slice(&mixed.to_be_bytes()[..chunk.len()]);
        }
    }
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(run());
}

async fn run() {
    // Beside the workspace's own build output, so that it is a disk and not memory.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let system = Arc::new(System(AtomicU64::new(1)));
    let world = World {
        clock: system.clone(),
        entropy: system,
    };
    let store = ObjectStore::open(folder.path(), Arc::new(Memory::new()), world).unwrap();
    let workspace = Workspace::default();
    store.ensure_bucket(&workspace, "bench").await.unwrap();
    println!(
        "{:>10} {:>18} {:>12} {:>12}",
        "bytes", "what", "median ms", "MiB/s"
    );
    for (length, rounds) in [(1_024, 200), (16_384, 200), (64 << 20, 9)] {
        let bytes = vec![0xA5_u8; length];
        let key = |round: usize| format!("{length}/{round}");
        let mut times = Vec::new();
        for round in 0..rounds {
            let stream = body(&bytes.chunks(256 * 1_024).collect::<Vec<_>>());
            let name = key(round);
            let began = Instant::now();
            let put = store.put(&workspace, "bench", &name, stream, PutOptions::default());
            put.await.unwrap();
            times.push(began.elapsed());
        }
        report(length, "put", times);
        report(
            length,
            "write and flush",
            (0..rounds)
                .map(|n| write(folder.path(), n, &bytes))
                .collect(),
        );
        let mut times = Vec::new();
        for round in 0..rounds {
            let began = Instant::now();
            let (_, stream) = store
                .get(&workspace, "bench", &key(round), None)
                .await
                .unwrap();
            assert_eq!(collect(stream).await.unwrap().len(), length);
            times.push(began.elapsed());
        }
        report(length, "get", times);
        report(
            length,
            "read",
            (0..rounds)
                .map(|n| read(folder.path(), n, length))
                .collect(),
        );
    }
}

fn path(folder: &Path, round: usize) -> PathBuf {
    folder.join(format!("plain-{round}"))
}

fn write(folder: &Path, round: usize, bytes: &[u8]) -> Duration {
    let began = Instant::now();
    let mut file = fs::File::create(path(folder, round)).unwrap();
    file.write_all(bytes).unwrap();
    file.sync_all().unwrap();
    began.elapsed()
}

fn read(folder: &Path, round: usize, length: usize) -> Duration {
    let began = Instant::now();
    assert_eq!(fs::read(path(folder, round)).unwrap().len(), length);
    began.elapsed()
}

fn report(length: usize, what: &str, mut times: Vec<Duration>) {
    times.sort();
    let median = times[times.len() / 2].as_secs_f64();
    let rate = length as f64 / f64::from(1 << 20) / median;
    println!(
        "{length:>10} {what:>18} {:>12.3} {rate:>12.1}",
        median * 1_000.0
    );
}
