//! The way from a network namespace without a network to this installation.
//!
//! A listening socket belongs to the namespace that it was made in, whoever holds it. So the
//! confined process opens one on its own loopback, at the server's port, and hands it to the server
//! over a Unix socket; the server takes the connections in and passes them on to itself. No process
//! stands between, and nothing else can be reached. A program that speaks Lambda's Runtime API gets
//! a second such socket at that API's port, which is handed over in the same message: what is sent
//! later, by then by the user's program, is not taken.

use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::sys::socket::{ControlMessage, MsgFlags, sendmsg};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, IoSlice};
use std::net::{Ipv4Addr, TcpListener};
use std::os::fd::{AsRawFd, IntoRawFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

/// Waits for processes at a path.
///
/// # Errors
/// When there is something already, or nothing can be made there.
pub fn listen(socket: &Path) -> io::Result<UnixListener> {
    let (_folder, near) = near(socket)?;
    UnixListener::bind(near)
}

/// A short way to a socket, for as long as its folder is held: an address has room for 107 bytes
/// (unix(7)), a path may be longer.
fn near(socket: &Path) -> io::Result<(File, PathBuf)> {
    let wrong = || io::Error::from(io::ErrorKind::InvalidInput);
    let folder = File::open(socket.parent().ok_or_else(wrong)?)?;
    let name = socket.file_name().ok_or_else(wrong)?;
    let near = Path::new("/proc/self/fd").join(folder.as_raw_fd().to_string());
    Ok((folder, near.join(name)))
}

/// Where a server waits for listening sockets, and which port they have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passage {
    /// A Unix socket.
    pub socket: PathBuf,
    /// The port of the server's address on the loopback.
    pub port: u16,
}

impl Passage {
    /// Reaches the server, which must be done before its folder is hidden.
    pub(super) fn connect(&self) -> io::Result<UnixStream> {
        let (_folder, near) = near(&self.socket)?;
        UnixStream::connect(near)
    }

    /// Opens the listening socket, and one at the port of a Runtime API where there is one, and
    /// hands them over. The connection stays open in this process
    /// and all that it becomes and starts: its end tells the server that the namespace is over.
    pub(super) fn open(&self, server: UnixStream, api: Option<u16>) -> io::Result<()> {
        let listen = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
        let listener = listen(self.port)?;
        let second = api.map(listen).transpose()?;
        let mut handed = vec![listener.as_raw_fd()];
        handed.extend(second.as_ref().map(AsRawFd::as_raw_fd));
        let message = [ControlMessage::ScmRights(&handed)];
        let port = api.unwrap_or_default().to_be_bytes();
        let bytes = [IoSlice::new(&port)];
        sendmsg::<()>(
            server.as_raw_fd(),
            &bytes,
            &message,
            MsgFlags::empty(),
            None,
        )?;
        fcntl(&server, FcntlArg::F_SETFD(FdFlag::empty()))?;
        let _ = server.into_raw_fd();
        Ok(())
    }
}
