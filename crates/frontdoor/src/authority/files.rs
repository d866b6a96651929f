//! The authority's folder: `authority/` in the data folder, with the key that only its owner can
//! read, the certificate, and the facts of it. It appears as a whole, by a rename under a lock.

use super::sign::{self, days};
use crate::{Error, names};
use contracts::world::World;
use domain::Timestamp;
use rcgen::KeyPair;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

const FOLDER: &str = "authority";
const KEY: &str = "key.pem";
const CERTIFICATE: &str = "certificate.pem";
const FACTS: &str = "facts.json";

/// What is known of an authority without its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Its name, unlike any other's.
    pub subject: String,
    /// SHA-256 of its certificate, in hexadecimal.
    pub fingerprint: String,
    /// When it was made.
    pub created: Timestamp,
    /// Until when it is good.
    pub expires: Timestamp,
    /// The domains that it may sign names of.
    pub names: Vec<String>,
    /// The file with its certificate; not kept, since the folder may move.
    #[serde(skip)]
    pub certificate: PathBuf,
}

/// An authority as it is kept.
pub(super) struct Kept {
    pub(super) facts: Facts,
    /// In DER.
    pub(super) certificate: Vec<u8>,
    pub(super) key: KeyPair,
}

/// What is known of the authority of a data folder; `None` when it has none.
///
/// # Errors
/// [`Error::Authority`] when its facts cannot be read.
pub fn describe(data: &Path) -> Result<Option<Facts>, Error> {
    let folder = data.join(FOLDER);
    let bytes = match fs::read(folder.join(FACTS)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound && !folder.exists() => return Ok(None),
        Err(error) => {
            return Err(damaged(
                &folder,
                format!("`{FACTS}` cannot be read: {error}"),
            ));
        }
    };
    let facts: Result<Facts, _> = serde_json::from_slice(&bytes);
    let mut facts = facts.map_err(|error| damaged(&folder, format!("`{FACTS}`: {error}")))?;
    facts.certificate = folder.join(CERTIFICATE);
    Ok(Some(facts))
}

/// Removes the authority of a data folder, and says whether there was one. A server that runs keeps
/// what it has in memory until it ends.
///
/// # Errors
/// [`Error::File`].
pub fn remove(data: &Path) -> Result<bool, Error> {
    let folder = data.join(FOLDER);
    if !data.is_dir() {
        return Ok(false);
    }
    let _held = lock(data)?;
    // Programs that run may still read the bundle, but no new one shall trust what is removed.
    let _ = fs::remove_file(data.join(crate::bundle::FILE));
    match fs::remove_dir_all(&folder) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Error::file(&folder, "removed")(error)),
    }
}

/// The authority of a data folder, made when there is none that is good.
pub(super) fn open(data: &Path, world: &World) -> Result<Kept, Error> {
    let _held = lock(data)?;
    if let Some(facts) = describe(data)?
        && is_current(&facts, world)
    {
        return load(data, facts);
    }
    make(data, world)
}

fn is_current(facts: &Facts, world: &World) -> bool {
    let allowed = names::DOMAINS.iter().map(|domain| domain.name);
    facts.names.iter().map(String::as_str).eq(allowed)
        && facts.expires.0 > world.now().0 + days(sign::LEAF_DAYS + sign::RENEWAL_DAYS)
}

fn load(data: &Path, facts: Facts) -> Result<Kept, Error> {
    let folder = data.join(FOLDER);
    let key_file = folder.join(KEY);
    let wrong = |message: String| damaged(&folder, message);
    let metadata = fs::metadata(&key_file).map_err(|e| wrong(format!("`{KEY}`: {e}")))?;
    if metadata.mode() & 0o077 != 0 {
        return Err(wrong(format!("others than its owner can read `{KEY}`")));
    }
    let read = |file: &Path| {
        fs::read_to_string(file).map_err(|e| wrong(format!("`{}`: {e}", file.display())))
    };
    let key = KeyPair::from_pem(&read(&key_file)?);
    let key = key.map_err(|e| wrong(format!("`{KEY}`: {e}")))?;
    let certificate = pem::parse(read(&facts.certificate)?);
    let certificate = certificate.map_err(|e| wrong(format!("`{CERTIFICATE}`: {e}")))?;
    let certificate = certificate.into_contents();
    let public = key.public_key_raw();
    if !certificate
        .windows(public.len())
        .any(|window| window == public)
    {
        return Err(wrong(format!(
            "`{KEY}` and `{CERTIFICATE}` do not belong together"
        )));
    }
    if fingerprint(&certificate) != facts.fingerprint {
        return Err(wrong(format!(
            "`{CERTIFICATE}` is not the one of `{FACTS}`"
        )));
    }
    Ok(Kept {
        facts,
        certificate,
        key,
    })
}

fn make(data: &Path, world: &World) -> Result<Kept, Error> {
    let folder = data.join(FOLDER);
    let key = KeyPair::generate()?;
    let subject = sign::fresh_subject(world);
    let made = sign::authority(&subject, &key, world)?;
    let facts = Facts {
        subject,
        fingerprint: fingerprint(&made.certificate),
        created: world.now(),
        expires: made.expires,
        names: names::DOMAINS.iter().map(|d| d.name.to_owned()).collect(),
        certificate: folder.join(CERTIFICATE),
    };
    let building = data.join(format!("{FOLDER}.new"));
    for old in [&building, &folder] {
        match fs::remove_dir_all(old) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(Error::file(old, "removed")(error));
            }
            _ => {}
        }
    }
    let mut builder = DirBuilder::new();
    builder
        .mode(0o700)
        .create(&building)
        .map_err(Error::file(&building, "made"))?;
    let text = serde_json::to_vec_pretty(&facts).map_err(std::io::Error::from);
    let text = text.map_err(Error::file(&building, "written"))?;
    write(&building.join(KEY), 0o600, key.serialize_pem().as_bytes())?;
    write(
        &building.join(CERTIFICATE),
        0o644,
        crate::bundle::to_pem(&made.certificate).as_bytes(),
    )?;
    write(&building.join(FACTS), 0o644, &text)?;
    fs::rename(&building, &folder).map_err(Error::file(&folder, "written"))?;
    Ok(Kept {
        facts,
        certificate: made.certificate,
        key,
    })
}

fn write(path: &Path, mode: u32, content: &[u8]) -> Result<(), Error> {
    let mut options = OpenOptions::new();
    let file = options.create_new(true).write(true).mode(mode).open(path);
    let mut file = file.map_err(Error::file(path, "written"))?;
    file.write_all(content)
        .and_then(|()| file.sync_all())
        .map_err(Error::file(path, "written"))
}

/// Held while the folder is looked at and made; released when dropped or when the process dies.
fn lock(data: &Path) -> Result<File, Error> {
    let path = data.join(format!("{FOLDER}.lock"));
    let mut options = OpenOptions::new();
    let options = options.create(true).truncate(false).write(true).mode(0o600);
    let file = options.open(&path).map_err(Error::file(&path, "opened"))?;
    file.lock().map_err(Error::file(&path, "locked"))?;
    Ok(file)
}

fn fingerprint(certificate: &[u8]) -> String {
    let digest = Sha256::digest(certificate);
    digest.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn damaged(folder: &Path, message: String) -> Error {
    Error::Authority {
        path: folder.to_owned(),
        message,
    }
}
