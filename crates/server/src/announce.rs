//! How the command line finds a server and proves itself: two files in the data folder that only
//! their owner can read.

use crate::{Error, Settings};
use control::access::Role;
use control::{Caller, Control};
use domain::{Name, Workspace};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use tokio::net::TcpListener;

/// Where a server listens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announcement {
    /// `http://127.0.0.1:7077`.
    pub address: String,
    /// Its process.
    pub pid: u32,
    /// Its version.
    pub version: String,
}

/// The key that was made at first start.
#[derive(Clone, Serialize, Deserialize)]
pub struct Credentials {
    /// To be sent as `Authorization: Bearer <key>`.
    pub key: String,
}

fn announcement_file(data: &Path) -> PathBuf {
    data.join("server.json")
}

fn credentials_file(data: &Path) -> PathBuf {
    data.join("credentials.json")
}

/// The server of a data folder as it announced itself; it may be gone since.
pub fn announced(data: &Path) -> Option<Announcement> {
    serde_json::from_slice(&fs::read(announcement_file(data)).ok()?).ok()
}

/// The key of a data folder.
pub fn credentials(data: &Path) -> Option<Credentials> {
    serde_json::from_slice(&fs::read(credentials_file(data)).ok()?).ok()
}

/// The address under which this machine reaches the server.
pub(crate) fn address_of(settings: &Settings, listener: &TcpListener) -> Result<String, Error> {
    let address = listener.local_addr().map_err(|source| Error::Listen {
        address: settings.listen.clone(),
        source,
    })?;
    Ok(format!("http://{address}"))
}

/// Makes the first key if there is none, and says where the server listens.
pub(crate) async fn announce(
    settings: &Settings,
    listener: &TcpListener,
    control: &Control,
) -> Result<Announcement, Error> {
    if !is_good(credentials(&settings.data), control).await {
        let caller = Caller::system(Workspace::default());
        let name = Name::new("first").map_err(|e| domain::Refusal::internal(e.to_string()))?;
        let made = control.make_key(&caller, name, Workspace::default(), Role::Administrator);
        let credentials = Credentials {
            key: made.await?.secret,
        };
        write(settings, &credentials_file(&settings.data), &credentials)?;
    }
    let announcement = Announcement {
        address: address_of(settings, listener)?,
        pid: std::process::id(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    write(settings, &announcement_file(&settings.data), &announcement)?;
    Ok(announcement)
}

async fn is_good(credentials: Option<Credentials>, control: &Control) -> bool {
    match credentials {
        None => false,
        Some(credentials) => control.authenticate(&credentials.key).await.is_ok(),
    }
}

/// Takes the announcement back, unless another server made its own meanwhile.
pub(crate) fn withdraw(settings: &Settings, announcement: &Announcement) {
    if announced(&settings.data).as_ref() == Some(announcement) {
        let _ = fs::remove_file(announcement_file(&settings.data));
    }
}

/// Writes a file that only its owner can read, as a whole.
fn write(settings: &Settings, path: &Path, content: &impl Serialize) -> Result<(), Error> {
    let wrong = |error: std::io::Error| Error::Data {
        path: settings.data.clone(),
        message: format!("`{}` cannot be written: {error}", path.display()),
    };
    let text = serde_json::to_vec_pretty(content)
        .map_err(std::io::Error::from)
        .map_err(wrong)?;
    let building = path.with_extension(format!("new-{}", std::process::id()));
    let _ = fs::remove_file(&building);
    let file = fs::OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(&building);
    let mut file = file.map_err(wrong)?;
    file.write_all(&text)
        .and_then(|()| file.sync_all())
        .map_err(wrong)?;
    fs::rename(&building, path).map_err(wrong)
}
