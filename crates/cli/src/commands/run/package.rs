//! Puts the code folder and local inputs where the server can have them.

use super::super::objects::{Sending, upload};
use crate::client::Client;
use crate::failure::Failure;
use archive::Rules;
use control_bucket::SYSTEM_BUCKET;
use domain::Location;
use domain::job::CodeArchive;
use domain::pipeline::StepAction;
use std::path::{Path, PathBuf};
use workload::Loaded;

/// Names that the command line shares with the server.
mod control_bucket {
    /// The bucket of code archives and uploaded inputs.
    pub(super) const SYSTEM_BUCKET: &str = "tradewind";
}

/// Uploads the code once, and makes every local input something that the server can read.
pub(super) async fn package(client: &Client, loaded: &mut Loaded) -> Result<(), Failure> {
    // What the file says of a step is in its job: another word in it makes no other code.
    let file = loaded.file.file_name().and_then(|name| name.to_str());
    let rules = match file {
        Some(name) => Rules::of_folder_without(&loaded.folder, name),
        None => Rules::of_folder(&loaded.folder),
    };
    let code = pack(client, &loaded.folder, rules).await?;
    let folder = std::fs::canonicalize(&loaded.folder).map_err(|error| {
        Failure::usage(format!(
            "`{}` cannot be read: {error}",
            loaded.folder.display()
        ))
    })?;
    for step in &mut loaded.spec.steps {
        let StepAction::Job { job } = &mut step.action else {
            continue;
        };
        job.code = Some(code.clone());
        for location in job.inputs.values_mut().flatten() {
            if location.contains("${") {
                continue;
            }
            if let Ok(Location::Path { path }) = Location::parse(location) {
                *location = reachable(client, &folder.join(path)).await?;
            }
        }
    }
    Ok(())
}

/// Packs a folder, without what the rules leave out, and uploads it under the hash of its content.
pub(in crate::commands) async fn pack(
    client: &Client,
    folder: &Path,
    rules: Result<Rules, archive::Error>,
) -> Result<CodeArchive, Failure> {
    let failed = |error: archive::Error| {
        Failure::usage(format!(
            "the folder `{}` cannot be packed: {error}",
            folder.display()
        ))
    };
    let here = |error: std::io::Error| Failure::here(format!("no temporary file: {error}"));
    let rules = rules.map_err(failed)?;
    let mut file = tempfile::NamedTempFile::new().map_err(here)?;
    let packed = archive::pack(folder, &rules, &mut file).map_err(failed)?;
    let content_hash = packed.sha256.to_string();
    let key = format!("code/{content_hash}.tar.gz");
    upload(client, file.path(), (SYSTEM_BUCKET, &key), &unless_there()).await?;
    Ok(CodeArchive {
        location: format!("s3://{SYSTEM_BUCKET}/{key}"),
        content_hash,
    })
}

/// A file or folder of this machine as a location for the server: itself when the server sees it
/// too, else an upload under the hash of its content.
async fn reachable(client: &Client, path: &Path) -> Result<String, Failure> {
    let path = std::fs::canonicalize(path).map_err(|error| {
        Failure::usage(format!(
            "the input `{}` cannot be read: {error}",
            path.display()
        ))
    })?;
    let text = path.to_str().ok_or_else(|| {
        Failure::usage(format!("the path `{}` is not valid UTF-8", path.display()))
    })?;
    if client.is_local() {
        return Ok(format!("file://{text}"));
    }
    let (root, files) = if path.is_dir() {
        let failed = |error: archive::Error| Failure::usage(error.to_string());
        let packed = archive::fingerprint(&path, &Rules::none()).map_err(failed)?;
        (packed.sha256.to_string(), files_below(&path)?)
    } else {
        let name = path.file_name().map(PathBuf::from).unwrap_or_default();
        let folder = path.parent().unwrap_or(Path::new("/"));
        (
            format!("{:x}", stamp(&path)),
            vec![(name, folder.to_owned())],
        )
    };
    let prefix = format!("inputs/{root}/");
    for (relative, base) in files {
        let key = format!("{prefix}{}", relative.to_string_lossy());
        let file = base.join(&relative);
        upload(client, &file, (SYSTEM_BUCKET, &key), &unless_there()).await?;
    }
    Ok(format!("s3://{SYSTEM_BUCKET}/{prefix}"))
}

/// What is named by its content is written once.
fn unless_there() -> Sending {
    Sending {
        if_absent: true,
        ..Sending::default()
    }
}

/// Length and modification time: the same file is not uploaded twice under two names.
fn stamp(path: &Path) -> u128 {
    let facts = std::fs::metadata(path).ok();
    let modified = facts.as_ref().and_then(|facts| facts.modified().ok());
    let nanos = modified.and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    let length = u128::from(facts.map_or(0, |facts| facts.len()));
    nanos.map_or(0, |nanos| nanos.as_nanos()) << 48 | length
}

fn files_below(folder: &Path) -> Result<Vec<(PathBuf, PathBuf)>, Failure> {
    let mut files = Vec::new();
    let mut pending = vec![folder.to_owned()];
    while let Some(next) = pending.pop() {
        let unreadable = |error: std::io::Error| {
            Failure::usage(format!("`{}` cannot be read: {error}", next.display()))
        };
        for entry in std::fs::read_dir(&next).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let path = entry.path();
            if entry.file_type().map_err(unreadable)?.is_dir() {
                pending.push(path);
            } else if let Ok(relative) = path.strip_prefix(folder) {
                files.push((relative.to_owned(), folder.to_owned()));
            }
        }
    }
    Ok(files)
}
