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
/// long and every test makes connections. By network only encrypted connections are let in.
const ACCESS: &str = "local all guarded scram-sha-256\nlocal all all trust\n\
                      hostssl all all 127.0.0.1/32 trust\n";

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
    /// The port of a server that also listens on the loopback, encrypted.
    port: Option<u16>,
    watcher: Mutex<Option<Child>>,
}

/// What an encrypted server shows and proves itself with, as PEM.
#[derive(Debug, Clone, Copy)]
pub struct Certificate<'a> {
    /// The chain.
    pub chain: &'a str,
    /// The key.
    pub key: &'a str,
}

impl Server {
    /// Makes a server and waits until it answers.
    pub fn start() -> Self {
        Self::make(None)
    }

    /// The same on a port of the loopback besides, where only encrypted connections are let in.
    pub fn start_encrypted(certificate: Certificate<'_>) -> Self {
        Self::make(Some(certificate))
    }

    fn make(certificate: Option<Certificate<'_>>) -> Self {
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
            port: certificate.map(|_| free_port()),
            watcher: Mutex::new(None),
            folder,
        };
        if let Some(user) = user {
            user.owns(&server.folder);
        }
        server.initialise();
        if let Some(certificate) = certificate {
            server.show(certificate);
        }
        server.run();
        server
    }

    fn show(&self, certificate: Certificate<'_>) {
        use std::os::unix::fs::PermissionsExt as _;
        for (name, text) in [
            ("server.crt", certificate.chain),
            ("server.key", certificate.key),
        ] {
            let path = self.data().join(name);
            std::fs::write(&path, text).expect("the certificate");
            let private = std::fs::Permissions::from_mode(0o600);
            std::fs::set_permissions(&path, private).expect("its mode");
            if let Some(user) = self.user {
                user.owns(&path);
            }
        }
    }

    /// How to connect to one of its databases by network; `parameters` are those of the URL.
    ///
    /// # Panics
    /// When the server was not started encrypted.
    pub fn network_url(&self, database: &str, parameters: &str) -> String {
        let port = self.port.expect("a port");
        format!("postgres://postgres:{PASSWORD}@localhost:{port}/{database}?{parameters}")
    }

    /// How to connect to one of its databases.
    pub fn url(&self, database: &str) -> String {
        let host = self.folder.display().to_string().replace('/', "%2F");
        let port = self.socket_number();
        format!("postgres://postgres:{PASSWORD}@localhost:{port}/{database}?host={host}")
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
        if let Some(port) = self.port {
            server.arg("-c").arg(format!("port={port}"));
            server.args(["-c", "listen_addresses=127.0.0.1", "-c", "ssl=on"]);
        } else {
            server.args(["-c", "listen_addresses="]);
        }
        for setting in [
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

    /// The socket is named by the port, whether anybody listens there or not.
    fn socket_number(&self) -> u16 {
        self.port.unwrap_or(5432)
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
        let socket = format!(".s.PGSQL.{}", self.socket_number());
        let socket = self.folder.join(socket);
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
            .arg(self.socket_number().to_string());
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

/// A port that nobody listens on now.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("its number").port()
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end("remove\n");
    }
}
