//! `doctor`: what this machine has and lacks, and how to get it.

use crate::arguments::{Arguments, DoctorArguments};
use crate::embedded::{Start, connect, data_folder};
use crate::failure::Failure;
use crate::output::Output;
use domain::ByteSize;
use serde::Serialize;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One finding.
#[derive(Debug, Serialize)]
struct Finding {
    what: &'static str,
    state: State,
    detail: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum State {
    Good,
    Lacking,
    Broken,
}

pub(super) async fn run(
    arguments: &Arguments,
    wanted: &DoctorArguments,
    output: Output,
) -> Result<(), Failure> {
    let data = data_folder(arguments)?;
    let environments_in = wanted.environments.as_deref().unwrap_or(&data);
    let server = connect(arguments, output, Start::No).await;
    if wanted.remove_authority {
        return remove_authority(&data, server.is_ok(), output);
    }
    let mut findings = vec![
        python(),
        uv(environments_in),
        namespaces(),
        isolation(),
        limits(),
        folder(&data),
    ];
    findings.extend([
        database(&data),
        environments(environments_in),
        objects(&data),
    ]);
    findings.push(authority(&data));
    findings.push(match server {
        Ok(client) => good("server", format!("answers at {}", client.address())),
        Err(_) => good("server", "none runs; `tradewind run` starts one".to_owned()),
    });
    output.document(&findings);
    for finding in &findings {
        let sign = match finding.state {
            State::Good => "ok     ",
            State::Lacking => "lacking",
            State::Broken => "BROKEN ",
        };
        output.say(format!("{sign}  {:<12} {}", finding.what, finding.detail));
    }
    if findings
        .iter()
        .any(|finding| finding.state == State::Broken)
    {
        return Err(Failure::Failed(
            "something that is needed is missing; see above".to_owned(),
        ));
    }
    Ok(())
}

fn good(what: &'static str, detail: String) -> Finding {
    Finding {
        what,
        state: State::Good,
        detail,
    }
}

/// The database in the data folder, with the log that SQLite writes ahead.
fn database(data: &Path) -> Finding {
    let bytes = |name: &str| std::fs::metadata(data.join(name)).map_or(0, |file| file.len());
    let (file, log) = (bytes("tradewind.db"), bytes("tradewind.db-wal"));
    let detail = if file == 0 {
        "none in the data folder yet, or it is PostgreSQL's".to_owned()
    } else {
        format!(
            "{} and {} of its log; events older than `--keep-events-days` of the server go",
            ByteSize(file),
            ByteSize(log)
        )
    };
    good("database", detail)
}

fn environments(data: &Path) -> Finding {
    let surroundings = runtimes::Surroundings::of_this_process();
    let stored = runtimes::environments::Environments::new(data, surroundings).stored();
    match stored {
        Ok(all) => {
            let total: u64 = all.iter().map(|one| one.size.0).sum();
            let detail = format!(
                "{} of {}; unused ones go after `--keep-environments-days` of the server",
                all.len(),
                ByteSize(total)
            );
            good("environments", detail)
        }
        Err(error) => Finding {
            what: "environments",
            state: State::Broken,
            detail: error.to_string(),
        },
    }
}

fn objects(data: &Path) -> Finding {
    let sizes = ["objects", "tickets", "ledger"].map(|name| {
        let bytes = runtimes::files::disk_usage(&data.join(name));
        format!("{} of {name}", ByteSize(bytes))
    });
    good("stored", sizes.join(", "))
}

/// The certificate authority of the front door.
fn authority(data: &Path) -> Finding {
    let none = "none yet; the server makes one when it starts";
    match frontdoor::authority::describe(data) {
        Ok(Some(facts)) => {
            let expires = jiff::Timestamp::from_millisecond(facts.expires.0);
            let expires = expires.map_or_else(
                |_| facts.expires.0.to_string(),
                |time| time.strftime("%Y-%m-%d").to_string(),
            );
            let detail = format!(
                "`{}` in `{}`, SHA-256 {}, good until {expires}, signs only below {}; \
                 `tradewind doctor --remove-authority` removes it",
                facts.subject,
                facts.certificate.display(),
                facts.fingerprint,
                facts.names.join(", ")
            );
            good("authority", detail)
        }
        Ok(None) => good("authority", none.to_owned()),
        Err(error) => Finding {
            what: "authority",
            state: State::Broken,
            detail: error.to_string(),
        },
    }
}

fn remove_authority(data: &Path, is_running: bool, output: Output) -> Result<(), Failure> {
    let removed = frontdoor::authority::remove(data);
    let removed = removed.map_err(|error| Failure::here(error.to_string()))?;
    output.document(&serde_json::json!({"removed": removed, "server_runs": is_running}));
    output.say(match (removed, is_running) {
        (false, _) => "there is no authority",
        (true, false) => "removed; the next start of the server makes a fresh one",
        (true, true) => {
            "removed; the server that runs keeps its own in memory until it ends, and the next \
             start makes a fresh one"
        }
    });
    Ok(())
}

fn version_of(program: &str, argument: &str) -> Option<String> {
    let out = Command::new(program).arg(argument).output().ok()?;
    let text = if out.stdout.is_empty() {
        out.stderr
    } else {
        out.stdout
    };
    out.status
        .success()
        .then(|| String::from_utf8_lossy(&text).trim().to_owned())
}

fn python() -> Finding {
    match version_of("python3", "--version") {
        Some(version) => good("python", version),
        None => Finding {
            what: "python",
            state: State::Broken,
            detail: "no `python3`; install it (Debian: `apt install python3 python3-venv`)".into(),
        },
    }
}

fn uv(data: &Path) -> Finding {
    let own = data.join("tools");
    match version_of("uv", "--version") {
        Some(version) => good("uv", version),
        None if own.is_dir() => good("uv", format!("a private one in `{}`", own.display())),
        None => Finding {
            what: "uv",
            state: State::Lacking,
            detail: "not installed; it is fetched from PyPI into the data folder when first \
                     needed, else pip is used (`pip install uv` to have it now)"
                .to_owned(),
        },
    }
}

fn namespaces() -> Finding {
    let works = Command::new("unshare")
        .args(["--mount", "--map-root-user", "true"])
        .output();
    match works {
        Ok(out) if out.status.success() => good(
            "namespaces",
            "jobs see `/opt/ml` as on SageMaker".to_owned(),
        ),
        _ => Finding {
            what: "namespaces",
            state: State::Lacking,
            detail: "no private mount namespaces; jobs find their folders by variables only \
                     (Linux: set `kernel.unprivileged_userns_clone=1`)"
                .to_owned(),
        },
    }
}

/// What functions and workers of endpoints are kept from, tried by this program on one that does
/// nothing.
fn isolation() -> Finding {
    let probed = std::env::current_exe().map_err(|error| error.to_string());
    let probed = probed.and_then(|program| {
        let confine: [OsString; 3] = [program.into(), "supervise".into(), "--confined".into()];
        runtimes::confinement::probe(&confine).map_err(|error| error.to_string())
    });
    let lacking = |detail: String| Finding {
        what: "isolation",
        state: State::Lacking,
        detail,
    };
    match probed {
        Ok(lacks) if lacks.is_empty() => good(
            "isolation",
            "functions and workers of endpoints are confined by a user, namespaces, Landlock and \
             seccomp"
                .to_owned(),
        ),
        Ok(lacks) => lacking(format!(
            "functions and workers of endpoints are not confined in: {} (Linux 6.12 or later with \
             Landlock and user namespaces has all of it)",
            lacks.join(", ")
        )),
        Err(error) => lacking(format!(
            "functions and workers of endpoints cannot be confined: {error}"
        )),
    }
}

fn limits() -> Finding {
    let version_two = Path::new("/sys/fs/cgroup/cgroup.controllers");
    let version_one = PathBuf::from("/sys/fs/cgroup/memory");
    if version_two.exists() && can_be_written(Path::new("/sys/fs/cgroup")) {
        good("limits", "cgroup v2".to_owned())
    } else if version_one.is_dir() && can_be_written(&version_one) {
        good("limits", "cgroup v1".to_owned())
    } else {
        Finding {
            what: "limits",
            state: State::Lacking,
            detail: "cgroups cannot be written; limits fall back to those of single processes \
                     (delegate a cgroup with `systemd-run --user --scope -p Delegate=yes`)"
                .to_owned(),
        }
    }
}

/// Whether a folder can be made in it, tried without leaving anything behind. A control group is
/// full of files that cannot be deleted one by one, so it is removed as the folder that it is.
fn can_be_written(path: &Path) -> bool {
    let probe = path.join(format!("tradewind-doctor-{}", std::process::id()));
    std::fs::create_dir(&probe).is_ok() && std::fs::remove_dir(&probe).is_ok()
}

fn folder(data: &Path) -> Finding {
    let existing = data
        .ancestors()
        .find(|path| path.is_dir())
        .unwrap_or(Path::new("/"));
    if can_be_written(existing) {
        good("data", format!("`{}` can be written", data.display()))
    } else {
        Finding {
            what: "data",
            state: State::Broken,
            detail: format!(
                "`{}` cannot be written; choose one with `--data`",
                data.display()
            ),
        }
    }
}
