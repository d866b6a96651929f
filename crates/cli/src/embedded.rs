//! The embedded server: found by its data folder, started in the background when none runs.

use crate::arguments::Arguments;
use crate::client::Client;
use crate::failure::{Failure, OCCUPIED};
use crate::output::Output;
use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long a server that was started may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// The data folder: what was given, else `tradewind` in the user's data folder (XDG Base
/// Directory Specification).
pub(crate) fn data_folder(arguments: &Arguments) -> Result<PathBuf, Failure> {
    if let Some(data) = &arguments.data {
        return Ok(data.clone());
    }
    let absolute = |name: &str| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let base = absolute("XDG_DATA_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local").join("share")));
    base.map(|base| base.join("tradewind")).ok_or_else(|| {
        Failure::usage("neither `HOME` nor `--data` says where the data folder shall be")
    })
}

/// A client of the server that was named or of the embedded one, which is started when `start`
/// says so.
pub(crate) async fn connect(
    arguments: &Arguments,
    output: Output,
    start: Start,
) -> Result<Client, Failure> {
    if let Some(server) = &arguments.server {
        let key = arguments.key.clone().ok_or_else(|| {
            Failure::usage("`--server` needs `--key` (or the variable TRADEWIND_KEY)")
        })?;
        return Client::new(server, &key);
    }
    let data = data_folder(arguments)?;
    if let Some(client) = running(&data).await? {
        return with_key(client, arguments);
    }
    if start == Start::No {
        return Err(Failure::Unreachable(format!(
            "no server runs for the data folder `{}`; start one with `tradewind serve` or by \
             `tradewind run`",
            data.display()
        )));
    }
    with_key(spawn(&data, output).await?, arguments)
}

/// The client with the key that was given, if one was, instead of the data folder's own.
fn with_key(client: Client, arguments: &Arguments) -> Result<Client, Failure> {
    match &arguments.key {
        Some(key) => Client::new(client.address(), key),
        None => Ok(client),
    }
}

/// Whether a server may be started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    /// When none runs.
    Yes,
    /// Never.
    No,
}

async fn running(data: &Path) -> Result<Option<Client>, Failure> {
    let (Some(announced), Some(credentials)) = (server::announced(data), server::credentials(data))
    else {
        return Ok(None);
    };
    let client = Client::new(&announced.address, &credentials.key)?;
    Ok(client.answers().await.then_some(client))
}

async fn spawn(data: &Path, output: Output) -> Result<Client, Failure> {
    let failed = |what: &str| {
        let what = what.to_owned();
        let data = data.display().to_string();
        move |error: std::io::Error| Failure::here(format!("{what} in `{data}`: {error}"))
    };
    fs::create_dir_all(data).map_err(failed("the data folder cannot be made"))?;
    let log = data.join("server.log");
    let out = File::options().create(true).append(true).open(&log);
    let out = out.map_err(failed("the server's log cannot be written"))?;
    let err = out
        .try_clone()
        .map_err(failed("the server's log cannot be written"))?;
    let program = std::env::current_exe().map_err(failed("this program cannot be found"))?;
    let child = Command::new(program)
        .arg("serve")
        .arg("--any-port")
        .arg("--data")
        .arg(data)
        .stdin(Stdio::null())
        .stdout(out)
        .stderr(err)
        .process_group(0)
        .spawn();
    let mut child = child.map_err(failed("the server cannot be started"))?;
    let begun = Instant::now();
    loop {
        if let Some(client) = running(data).await? {
            let address = client.address();
            output.note(format!(
                "started the embedded server at {address} (pid {})",
                child.id()
            ));
            return Ok(client);
        }
        let ended = child
            .try_wait()
            .map_err(failed("the server cannot be watched"))?;
        // A second command may have started one at the same moment; ours then had to give way,
        // and the other one will say where it listens.
        let ended = ended.filter(|status| status.code() != Some(i32::from(OCCUPIED)));
        if ended.is_some() || begun.elapsed() > PATIENCE {
            if let Some(client) = running(data).await? {
                return Ok(client);
            }
            return Err(Failure::Unreachable(format!(
                "the embedded server did not start; the end of `{}` says:\n{}",
                log.display(),
                tail(&log)
            )));
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn tail(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(6)..].join("\n")
}
