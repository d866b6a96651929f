//! A real PostgreSQL for tests: one private server for each test process, a fresh database for
//! each test, nothing left behind.
//!
//! The server listens on a socket in a folder of its own, so that it needs no port and meets no
//! other server. It ends with the test process however that ends: a small shell waits at a pipe
//! that the kernel closes. (The kernel's own parent-death signal would come when the *thread*
//! that started it ends, which a test's thread does early.)
//!
//! With `TRADEWIND_TEST_POSTGRES=postgres://user:password@host/database` that server is used
//! instead; its user must be allowed to create databases and roles, and it must ask roles for
//! their passwords.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "support of tests: what is wrong with the machine is said by panicking"
)]

mod binaries;
mod server;

pub use server::{Certificate, GUARDED, Server};

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// The variable that names a server to use instead of a private one.
pub const VARIABLE: &str = "TRADEWIND_TEST_POSTGRES";

enum Source {
    Private(Server),
    Given(String),
}

static SOURCE: OnceLock<Source> = OnceLock::new();
static NAMES: AtomicU32 = AtomicU32::new(0);

/// A database for one test, dropped with this value.
#[derive(Debug)]
pub struct Database {
    url: String,
    maintenance: String,
    name: String,
}

impl Database {
    /// A fresh, empty database on the server that this test process shares.
    pub async fn fresh() -> Self {
        // Starting the first server takes a second or two; other tests wait for it in `get_or_init`.
        let source = tokio::task::spawn_blocking(|| {
            SOURCE.get_or_init(|| match std::env::var(VARIABLE) {
                Ok(url) if !url.is_empty() => Source::Given(url),
                _ => Source::Private(Server::start()),
            })
        });
        match source.await.expect("a server") {
            Source::Private(server) => Self::on(server).await,
            Source::Given(given) => Self::create(given.clone(), |name| renamed(given, name)).await,
        }
    }

    /// A fresh, empty database on a server of one's own.
    pub async fn on(server: &Server) -> Self {
        Self::create(server.url("postgres"), |name| server.url(name)).await
    }

    async fn create(maintenance: String, url: impl Fn(&str) -> String) -> Self {
        let number = NAMES.fetch_add(1, Ordering::Relaxed);
        let name = format!("tradewind_test_{}_{number}", std::process::id());
        run(&maintenance, &format!("DROP DATABASE IF EXISTS {name}")).await;
        run(&maintenance, &format!("CREATE DATABASE {name}")).await;
        Self {
            url: url(&name),
            maintenance,
            name,
        }
    }

    /// How to connect to it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Runs a statement in it, for tests that break what is there.
    pub async fn execute(&self, statement: &str) {
        run(&self.url, statement).await;
    }

    /// Ends all connections to it, as a restart of the server would.
    pub async fn disconnect_everybody(&self) {
        let statement = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'",
            self.name
        );
        run(&self.maintenance, &statement).await;
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // A private server goes as a whole.
        let Some(Source::Given(_)) = SOURCE.get() else {
            return;
        };
        let (maintenance, name) = (self.maintenance.clone(), self.name.clone());
        let cleaner = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            let statement = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
            runtime
                .expect("a runtime")
                .block_on(run(&maintenance, &statement));
        });
        // A panic in there was already printed; the test's own outcome matters more.
        let _ = cleaner.join();
    }
}

/// The URL with another database.
fn renamed(url: &str, name: &str) -> String {
    let options: PgConnectOptions = url.parse().expect("the variable's URL");
    options.database(name).to_url_lossy().to_string()
}

async fn run(url: &str, statement: &str) {
    let mut connection = PgConnection::connect(url)
        .await
        .expect("a connection to PostgreSQL");
    let done = sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(&mut connection)
        .await;
    done.unwrap_or_else(|error| panic!("`{statement}`: {error}"));
    connection.close().await.expect("the connection closes");
}
