//! One private server: made, run, watched over.

use crate::binaries::{self, User};
use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

const PASSWORD: &str = "only-for-tests";

/// Who must give a password: only the role [`GUARDED`], because the check takes a debug build
/// long and every test makes connections.
const ACCESS: &str = "local all guarded scram-sha-256\nlocal all all trust\n";

/// The role that must give a password, for tests of wrong ones; a test creates it in its
/// database.
pub const GUARDED: &str = "guarded";

/// Runs the server until the pipe at its standard input ends or says a word: `keep` leaves the
/// folder for another start.
const WATCH: &str = r#"
folder=$1; shift
"$@" </dev/null >>"$folder/log" 2>&1 &
server=$!
read -r word || word=remove
kill -QUIT $server 2>/dev/null
wait $server
[ "$word" = keep ] || rm -rf "$folder"
"#;

/// A PostgreSQL server of its own, for tests that stop it; stopped and removed with this value
/// and with this process.
#[derive(Debug)]
pub struct Server {
    folder: PathBuf,
    programs: PathBuf,
    user: Option<User>,
    watcher: Mutex<Option<Child>>,
}

impl Server {
    /// Makes a server and waits until it answers.
    pub fn start() -> Self {
        let programs = binaries::folder();
        let folder = tempfile::Builder::new()
            .prefix("tradewind-postgres-")
            .tempdir_in("/tmp")
            .expect("a folder in /tmp")
            .keep();
        let user = User::instead_of_root();
        let server = Self {
            programs,
            user,
            watcher: Mutex::new(None),
            folder,
        };
        if let Some(user) = user {
            user.owns(&server.folder);
        }
        server.initialise();
        server.run();
        server
    }

    /// How to connect to one of its databases.
    pub fn url(&self, database: &str) -> String {
        let host = self.folder.display().to_string().replace('/', "%2F");
        format!("postgres://postgres:{PASSWORD}@localhost/{database}?host={host}")
    }

    /// Stops it at once, as a crash would; its data stays for [`Server::run`].
    pub fn crash(&self) {
        self.end("keep\n");
    }

    /// Runs it (again) and waits until it answers.
    pub fn run(&self) {
        let mut server = binaries::command(&self.programs.join("postgres"), self.user);
        server
            .arg("-D")
            .arg(self.data())
            .arg("-k")
            .arg(&self.folder);
        for setting in [
            "listen_addresses=",
            "fsync=off",
            "full_page_writes=off",
            "max_connections=300",
            "shared_buffers=32MB",
        ] {
            server.arg("-c").arg(setting);
        }
        let watcher = Command::new("sh")
            .arg("-c")
            .arg(WATCH)
            .arg("watch")
            .arg(&self.folder)
            .arg(server.get_program())
            .args(server.get_args())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // A ^C at the terminal is for the tests; the watcher ends after them.
            .process_group(0)
            .spawn()
            .expect("a shell");
        *self.watcher.lock().expect("the watcher") = Some(watcher);
        self.wait();
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Makes the cluster, with a language's order of texts where this version can, so that code
    /// that counts on bytes has to say so.
    fn initialise(&self) {
        let make = |language: &[&str]| {
            let mut command = binaries::command(&self.programs.join("initdb"), self.user);
            command
                .arg("-D")
                .arg(self.data())
                .args(["--username=postgres", "--auth=trust", "--no-sync"])
                .args(["--encoding=UTF8", "--locale=C.UTF-8"])
                .args(language);
            command.current_dir("/").output().expect("initdb")
        };
        let mut made = make(&["--locale-provider=icu", "--icu-locale=en-US"]);
        if !made.status.success() {
            made = make(&[]);
        }
        assert!(
            made.status.success(),
            "initdb: {}",
            String::from_utf8_lossy(&made.stderr)
        );
        std::fs::write(self.data().join("pg_hba.conf"), ACCESS).expect("pg_hba.conf");
    }

    fn wait(&self) {
        let socket = self.folder.join(".s.PGSQL.5432");
        let deadline = Instant::now() + Duration::from_mins(1);
        while Instant::now() < deadline {
            if self.answers(&socket) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        panic!("PostgreSQL did not start: {log}");
    }

    fn answers(&self, socket: &Path) -> bool {
        if !socket.exists() {
            return false;
        }
        let mut ready = Command::new(self.programs.join("pg_isready"));
        ready
            .arg("-q")
            .arg("-h")
            .arg(&self.folder)
            .arg("-p")
            .arg("5432");
        ready.stdout(Stdio::null()).stderr(Stdio::null());
        ready.status().is_ok_and(|status| status.success())
    }

    fn end(&self, word: &str) {
        let Some(mut watcher) = self.watcher.lock().expect("the watcher").take() else {
            return;
        };
        if let Some(mut pipe) = watcher.stdin.take() {
            // A watcher that is gone already has nothing to be told.
            let _ = pipe.write_all(word.as_bytes());
        }
        let _ = watcher.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end("remove\n");
    }
}
