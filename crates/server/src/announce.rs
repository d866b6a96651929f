//! How the command line finds a server and proves itself: two files in the data folder that only
//! their owner can read.

use crate::{Error, Settings};
use aws::{AccessKey, Aws, Secret};
use control::access::Role;
use control::{Caller, Control};
use domain::{Name, Workspace};
use frontdoor::environment::AwsKeys;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
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

/// The keys that were made at first start.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// To be sent as `Authorization: Bearer <key>`.
    pub key: String,
    /// Keys for AWS's APIs; a data folder of an older version has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aws: Option<AwsKeys>,
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
    let mut address = listener.local_addr().map_err(|source| Error::Listen {
        address: settings.listen.clone(),
        source,
    })?;
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    Ok(format!("http://{address}"))
}

/// Makes the first keys if there are none, and says where the server listens.
pub(crate) async fn announce(
    settings: &Settings,
    listener: &TcpListener,
    aws: &Aws,
) -> Result<Announcement, Error> {
    let control = &aws.control;
    let kept = credentials(&settings.data);
    let key = match good_key(kept.as_ref(), control).await {
        Some(key) => key,
        None => first_key(control).await?,
    };
    let aws_keys = kept.as_ref().and_then(|kept| kept.aws.clone());
    let wanted = Credentials {
        key,
        aws: Some(first_aws_keys(aws_keys, aws).await?),
    };
    if kept.as_ref() != Some(&wanted) {
        write(settings, &credentials_file(&settings.data), &wanted)?;
    }
    let announcement = Announcement {
        address: address_of(settings, listener)?,
        pid: std::process::id(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    write(settings, &announcement_file(&settings.data), &announcement)?;
    Ok(announcement)
}

async fn good_key(kept: Option<&Credentials>, control: &Control) -> Option<String> {
    let key = &kept?.key;
    control
        .authenticate(key)
        .await
        .is_ok()
        .then(|| key.to_owned())
}

async fn first_key(control: &Control) -> Result<String, Error> {
    let caller = Caller::system(Workspace::default());
    let name = Name::new("first").map_err(|e| domain::Refusal::internal(e.to_string()))?;
    let made = control.make_key(&caller, name, Workspace::default(), Role::Administrator);
    Ok(made.await?.secret)
}

/// The key of AWS's APIs that is kept, when it still signs; else a new one.
async fn first_aws_keys(kept: Option<AwsKeys>, aws: &Aws) -> Result<AwsKeys, Error> {
    let present = kept.map(|keys| AccessKey {
        id: keys.access_key_id,
        secret: Secret::new(keys.secret_access_key),
    });
    let key = aws.first_access_key(present).await?;
    Ok(AwsKeys {
        access_key_id: key.id,
        secret_access_key: key.secret.reveal().to_owned(),
        region: aws.account.region.clone(),
        account: aws.account.id.clone(),
    })
}

/// Takes the announcement back, unless another server made its own meanwhile.
pub(crate) fn withdraw(settings: &Settings, announcement: &Announcement) {
    if announced(&settings.data).as_ref() == Some(announcement) {
        let _ = fs::remove_file(announcement_file(&settings.data));
    }
}

/// Writes a file that only its owner can read, as a whole.
pub(crate) fn write(
    settings: &Settings,
    path: &Path,
    content: &impl Serialize,
) -> Result<(), Error> {
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
