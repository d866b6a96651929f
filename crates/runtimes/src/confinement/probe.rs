//! What this machine allows, tried on a program that does nothing.

use super::Confinement;
use crate::Error;
use domain::{Network, NetworkPolicy};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a confinement would lack on this machine; nothing when all of it can be had. `confine` is
/// the command that confines itself, with its arguments before the file.
///
/// # Errors
/// When no temporary files can be written, or the command cannot be started or fails.
pub fn probe(confine: &[OsString]) -> Result<Vec<String>, Error> {
    let name = format!("tradewind-probe-{}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    let probed = probe_in(&folder, confine);
    let _ = fs::remove_dir_all(&folder);
    probed
}

fn probe_in(folder: &Path, confine: &[OsString]) -> Result<Vec<String>, Error> {
    let (hidden, temporary) = (folder.join("hidden"), folder.join("tmp"));
    for path in [&hidden, &temporary] {
        fs::create_dir_all(path).map_err(Error::file("make", path))?;
    }
    let wanted = Confinement {
        hidden: vec![hidden],
        kept: Vec::new(),
        temporary,
        opt: None,
        network: NetworkPolicy::lenient(Network::Loopback),
        passage: None,
        user: 30_000,
        largest_file: 1 << 20,
        open_files: 256,
        groups: Vec::new(),
        tied: true,
        report: folder.join("report.json"),
    };
    let file = folder.join("confinement.json");
    wanted.write(&file)?;
    let failed = |why: std::io::Error| Error::Start {
        program: "true".to_owned(),
        source: why,
    };
    let (program, arguments) = confine
        .split_first()
        .ok_or_else(|| failed(std::io::Error::from(std::io::ErrorKind::InvalidInput)))?;
    let ended = Command::new(program)
        .args(arguments)
        .arg(&file)
        .arg(nothing())
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map_err(failed)?;
    if !ended.success() {
        return Err(failed(std::io::Error::other(ended.to_string())));
    }
    Ok(wanted.lacks())
}

/// A program that does nothing.
fn nothing() -> PathBuf {
    let places = ["/bin/true", "/usr/bin/true"].map(PathBuf::from);
    let found = places.iter().find(|path| path.exists()).cloned();
    found.unwrap_or_else(|| PathBuf::from("true"))
}
