//! Where calls through a seam fail or the server dies: by a seed, so that every run of a seed is
//! the same.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Notify;

pub(crate) struct Fuse {
    random: Mutex<StdRng>,
    on: AtomicBool,
    crash: Notify,
}

impl Fuse {
    pub(crate) fn new(seed: u64) -> Self {
        let random = Mutex::new(StdRng::seed_from_u64(seed));
        Self {
            random,
            on: AtomicBool::new(true),
            crash: Notify::new(),
        }
    }

    pub(crate) fn off(&self) {
        self.on.store(false, Ordering::SeqCst);
    }

    pub(crate) fn below(&self, bound: u64) -> u64 {
        self.random.lock().unwrap().random_range(0..bound)
    }

    /// Completes when the server is to die; whatever it was doing is dropped there.
    pub(crate) async fn crashed(&self) {
        self.crash.notified().await;
    }

    async fn die(&self) {
        self.crash.notify_one();
        std::future::pending::<()>().await;
    }

    /// Runs one call through a seam. The server may die before it, or after it and before its
    /// answer is seen.
    pub(crate) async fn call<T, E>(
        &self,
        failed: impl FnOnce() -> E,
        call: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        if !self.on.load(Ordering::SeqCst) {
            return call.await;
        }
        match self.below(100) {
            0..3 => self.die().await,
            3..6 => return Err(failed()),
            6..9 => {
                call.await?;
                return Err(failed());
            }
            9..12 => {
                let _ = call.await;
                self.die().await;
                return Err(failed());
            }
            _ => {}
        }
        call.await
    }

    /// Runs one call that cannot fail. The server may die before or after it.
    pub(crate) async fn pass<T>(&self, call: impl Future<Output = T>) -> T {
        if self.on.load(Ordering::SeqCst) && self.below(100) < 3 {
            self.die().await;
        }
        let answer = call.await;
        if self.on.load(Ordering::SeqCst) && self.below(100) < 3 {
            self.die().await;
        }
        answer
    }
}
