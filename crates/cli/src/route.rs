//! The way of a program to the embedded server: the variables that lead it there.

use crate::arguments::{Arguments, Via};
use crate::embedded::data_folder;
use crate::failure::Failure;
use frontdoor::bundle::{self, Roots};
use frontdoor::environment::{Environment, Route, own_bundles};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The data folder whose server programs are sent to; one elsewhere has neither its authority nor
/// its keys here.
pub(crate) fn own_data(arguments: &Arguments) -> Result<PathBuf, Failure> {
    if arguments.server.is_some() {
        return Err(Failure::usage(
            "programs are sent to the server of a data folder of this machine, so `--server` \
             (and TRADEWIND_SERVER) cannot be used here",
        ));
    }
    data_folder(arguments)
}

/// The variables, for the server that runs for a data folder. The bundle of certificates is brought
/// up to date on the way.
pub(crate) fn environment(data: &Path, via: Via) -> Result<Environment, Failure> {
    let here = |error: std::io::Error| {
        Failure::here(format!(
            "the data folder `{}` cannot be read: {error}",
            data.display()
        ))
    };
    let data = std::fs::canonicalize(data).map_err(here)?;
    let announced = server::announced(&data).ok_or_else(|| {
        Failure::Unreachable(format!(
            "no server runs for the data folder `{}`",
            data.display()
        ))
    })?;
    let aws = server::credentials(&data).and_then(|credentials| credentials.aws);
    let aws = aws.ok_or_else(|| {
        Failure::here(format!(
            "`{}` has no keys for AWS's APIs; a server of this version makes them when it starts",
            data.join("credentials.json").display()
        ))
    })?;
    let theirs = variables();
    let wrong = |error: frontdoor::Error| Failure::here(error.to_string());
    let authority = bundle::authority_of(&data).map_err(wrong)?;
    let bundle = bundle::write(&data, &roots(&theirs), &authority).map_err(wrong)?;
    let route = Route {
        address: &announced.address,
        bundle: &bundle,
        aws: &aws,
        via: via.into(),
    };
    let mut environment = Environment::of(&route, &theirs);
    // Commands of this program inside find the same server.
    let data = data.to_string_lossy().into_owned();
    environment.set.insert("TRADEWIND_DATA".to_owned(), data);
    Ok(environment)
}

/// The user's variables, as far as they are text.
fn variables() -> BTreeMap<String, String> {
    let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((name.into_string().ok()?, value.into_string().ok()?))
    };
    std::env::vars_os().filter_map(text).collect()
}

/// What this machine and its user trust; where the system has no bundle, the one that Python's
/// packages bring.
fn roots(theirs: &BTreeMap<String, String>) -> Roots {
    let mut roots = Roots::of_this_system();
    for file in own_bundles(theirs) {
        roots.add_file(file);
    }
    if roots.is_empty() {
        let asked = Command::new("python3")
            .args(["-c", "import certifi; print(certifi.where())"])
            .output();
        if let Ok(answer) = asked {
            let file = String::from_utf8_lossy(&answer.stdout).trim().to_owned();
            roots.add_file(Path::new(&file));
        }
    }
    roots
}
