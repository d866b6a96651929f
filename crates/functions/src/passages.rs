//! The server's side of the way from functions' own networks: listening sockets that confined
//! processes hand over, whose connections are passed on to where this server listens. See
//! [`runtimes::confinement::Passage`].

use runtimes::confinement::{Passage, listen};
use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io::{self, IoSliceMut};
use std::mem::MaybeUninit;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpSocket, TcpStream, UnixListener, UnixStream};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};

/// Most connections at once of one version.
const AT_ONCE: usize = 256;
/// How long a process may take to hand its socket over.
const PATIENCE: Duration = Duration::from_secs(10);
/// Pause after a connection could not be taken in, for want of file descriptors for example.
const PAUSE: Duration = Duration::from_millis(50);

/// What takes listening sockets of one version. Dropping it ends them and their connections.
#[derive(Debug)]
pub(crate) struct Passages {
    socket: PathBuf,
    port: u16,
    task: JoinHandle<()>,
}

impl Passages {
    /// Waits for processes at a path; what they take in goes to `server`.
    pub(crate) fn open(path: &Path, server: SocketAddr) -> io::Result<Self> {
        let listener = listen(path)?;
        listener.set_nonblocking(true)?;
        let listener = UnixListener::from_std(listener)?;
        // Only this server's user comes so far: the folder around is private.
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
        Ok(Self {
            socket: path.to_owned(),
            port: server.port(),
            task: tokio::spawn(take_in(listener, server)),
        })
    }

    /// What a process is told.
    pub(crate) fn told(&self) -> Passage {
        Passage {
            socket: self.socket.clone(),
            port: self.port,
        }
    }
}

impl Drop for Passages {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn take_in(listener: UnixListener, server: SocketAddr) {
    let slots = Arc::new(Semaphore::new(AT_ONCE));
    // Dropped with this task, and all in it.
    let mut processes = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((process, _)) => {
                    processes.spawn(serve(process, server, Arc::clone(&slots)));
                }
                Err(error) => {
                    tracing::warn!(%error, "a function's network cannot be reached");
                    sleep(PAUSE).await;
                }
            },
            Some(_) = processes.join_next() => {}
        }
    }
}

/// Serves the network of one process until that and all that it started are gone.
async fn serve(process: UnixStream, server: SocketAddr, slots: Arc<Semaphore>) {
    let Ok(Ok(handed)) = timeout(PATIENCE, receive(&process)).await else {
        return;
    };
    let api = SocketAddr::new(server.ip(), handed.port);
    let Handed { main, second, .. } = handed;
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = gone(&process) => return,
            Some(_) = connections.join_next() => {}
            (slot, accepted, far) = async {
                let slot = Arc::clone(&slots).acquire_owned().await;
                let (accepted, far) = tokio::select! {
                    accepted = main.accept() => (accepted, server),
                    accepted = accept(second.as_ref()) => (accepted, api),
                };
                (slot, accepted, far)
            } => match accepted {
                Ok((near, _)) => {
                    connections.spawn(async move {
                        pass_on(near, far).await;
                        drop(slot);
                    });
                }
                Err(_) => sleep(PAUSE).await,
            },
        }
    }
}

/// The next connection; never where there is no such listener.
async fn accept(listener: Option<&TcpListener>) -> io::Result<(TcpStream, SocketAddr)> {
    match listener {
        Some(listener) => listener.accept().await,
        None => std::future::pending().await,
    }
}

async fn pass_on(mut near: TcpStream, server: SocketAddr) {
    if let Ok((mut far, _marked)) = reach(server).await {
        let _ = copy_bidirectional(&mut near, &mut far).await;
    }
}

/// The near addresses of all connections by which this process passes something on, and how often
/// each is marked. They are of the whole process, as its sockets are.
static PASSED_ON: Mutex<BTreeMap<SocketAddr, usize>> = Mutex::new(BTreeMap::new());
/// How long an address stays marked after its connection: what was sent last may be read later.
const LINGERING: Duration = Duration::from_secs(10);

/// Whether a connection that a server of this process has taken comes from a confined process: it
/// may have what the server itself answers, and must not be carried anywhere else.
pub fn is_confined(peer: SocketAddr) -> bool {
    let passed_on = PASSED_ON.lock().unwrap_or_else(PoisonError::into_inner);
    passed_on.contains_key(&SocketAddr::new(peer.ip().to_canonical(), peer.port()))
}

/// An entry among the connections that are passed on, as long as the connection and somewhat longer.
struct Marked(SocketAddr);

impl Marked {
    fn new(near: SocketAddr) -> Self {
        let mut passed_on = PASSED_ON.lock().unwrap_or_else(PoisonError::into_inner);
        *passed_on.entry(near).or_default() += 1;
        Self(near)
    }
}

impl Drop for Marked {
    fn drop(&mut self) {
        let near = self.0;
        // Where there is no runtime any more there is no server either.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move {
                sleep(LINGERING).await;
                let mut passed_on = PASSED_ON.lock().unwrap_or_else(PoisonError::into_inner);
                if let Entry::Occupied(mut marked) = passed_on.entry(near) {
                    *marked.get_mut() -= 1;
                    if *marked.get() == 0 {
                        marked.remove();
                    }
                }
            });
        }
    }
}

/// Connects to a server of this machine from an address that is written down before the server
/// can have taken the connection.
async fn reach(server: SocketAddr) -> io::Result<(TcpStream, Marked)> {
    let socket = match server {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    socket.bind(SocketAddr::new(server.ip(), 0))?;
    let near = socket.local_addr()?;
    let near = SocketAddr::new(near.ip().to_canonical(), near.port());
    let marked = Marked::new(near);
    Ok((socket.connect(server).await?, marked))
}

/// Completes when the other end is closed; nothing is sent on it any more.
async fn gone(process: &UnixStream) {
    let mut byte = [0; 1];
    loop {
        if process.readable().await.is_err() {
            return;
        }
        match process.try_read(&mut byte) {
            Ok(1..) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Ok(0) | Err(_) => return,
        }
    }
}

/// What a process hands over, once.
struct Handed {
    /// For connections to this server.
    main: TcpListener,
    /// For connections to the Runtime API at `port`.
    second: Option<TcpListener>,
    port: u16,
}

/// The listening sockets that come with the port of a Runtime API, or 0 (unix(7), `SCM_RIGHTS`).
async fn receive(process: &UnixStream) -> io::Result<Handed> {
    loop {
        process.readable().await?;
        match process.try_io(tokio::io::Interest::READABLE, || take(process)) {
            Ok((port, sockets)) => {
                let mut listeners = sockets.into_iter().map(listener);
                let nothing = || io::Error::from(io::ErrorKind::InvalidData);
                return Ok(Handed {
                    main: listeners.next().ok_or_else(nothing)??,
                    second: listeners.next().transpose()?.filter(|_| port != 0),
                    port,
                });
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
}

fn listener(handed: OwnedFd) -> io::Result<TcpListener> {
    let listener = std::net::TcpListener::from(handed);
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener)
}

fn take(process: &UnixStream) -> io::Result<(u16, Vec<OwnedFd>)> {
    let mut port = [0; 2];
    let mut room = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(2))];
    let mut control = RecvAncillaryBuffer::new(&mut room);
    let mut bytes = [IoSliceMut::new(&mut port)];
    let flags = RecvFlags::CMSG_CLOEXEC | RecvFlags::DONTWAIT;
    recvmsg(process, &mut bytes, &mut control, flags)?;
    let handed = control.drain().flat_map(|message| match message {
        RecvAncillaryMessage::ScmRights(all) => all.collect::<Vec<_>>(),
        _ => Vec::new(),
    });
    let handed = handed.collect();
    Ok((u16::from_be_bytes(port), handed))
}
