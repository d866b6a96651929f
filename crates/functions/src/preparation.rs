//! Makes a version ready: its code and layers on this machine, its environment, and what its
//! processes are confined to.

use crate::Config;
use crate::folders::{self, Scratch};
use crate::packages;
use crate::passages::Passages;
use crate::payload::MOST_ANSWER;
use crate::variables::{self, Places};
use contracts::functions::FunctionTarget;
use domain::function::{FunctionForm, FunctionRuntime, FunctionSpec};
use domain::{EndpointName, Name, Network, NetworkPolicy, Refusal};
use runtimes::confinement::{Confinement, Passage};
use runtimes::control_group::{ControlGroup, Quota};
use serving::{DeploymentSpec, EndpointKey, Form, Handler, Limits, Retry, Timing};
use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// What an instance has to load its code beyond the function's own time limit.
const INIT: Duration = Duration::from_secs(10);
/// Longer than any function may take.
const UNLIMITED: Duration = Duration::from_hours(24);
/// Open files of an instance (AWS Lambda's quota).
const OPEN_FILES: u64 = 1_024;
/// Processes and threads of an instance (AWS Lambda's quota).
pub(crate) const PROCESSES: u32 = 1_024;
/// Most bytes of a request to and an answer of the other clouds' functions (Cloud Run's quota for
/// HTTP/1).
pub(crate) const MOST_RESPONSE: usize = 32 << 20;

/// How long an instance may take to load its code, which is also how long a call waits for one: ten
/// seconds and the function's own limit. AWS Lambda gives the same in sum, but begins anew in between.
pub(crate) fn start_limit(spec: &FunctionSpec) -> Duration {
    INIT + spec.timeout.to_std()
}

/// A version that can be called.
pub(crate) struct Ready {
    pub(crate) target: FunctionTarget,
    /// Where the worker finds everything; its address also names the template.
    pub(crate) deployment: Arc<DeploymentSpec>,
    pub(crate) endpoint: EndpointKey,
    pub(crate) limits: Limits,
    /// Most bytes of an answer.
    pub(crate) most_answer: usize,
    /// What is started instead of the worker: program and arguments.
    pub(crate) command: Option<Vec<OsString>>,
    pub(crate) scratch: Scratch,
    pub(crate) confinement: Option<Confinement>,
    /// Ends with the version.
    _passages: Option<Passages>,
    pub(crate) warnings: Vec<String>,
    /// What the template and processes of its own are in.
    pub(crate) group: ControlGroup,
}

/// Makes a version ready; `progress` hears a line for each step.
pub(crate) async fn prepare(
    config: &Config,
    target: &FunctionTarget,
    group: &str,
    progress: &(dyn Fn(&str) + Send + Sync),
) -> Result<Ready, Refusal> {
    progress("fetching the code");
    let (code, layers) = fetch(config, target).await?;
    let scratch = Scratch::create(&config.scratch, group)?;
    let opt = scratch.opt();
    folders::merge(&layers, &opt)?;
    let (interpreter, mut warnings) = interpreter(config, target, progress).await?;
    let control = ControlGroup::create(group, quota(target));
    for lack in control.lacks() {
        warnings.push(format!(
            "the limit of {lack} cannot be enforced on this machine"
        ));
    }
    let paths = Paths {
        code: &code,
        opt: Some(opt.as_path()).filter(|_| !layers.is_empty()),
        interpreter: interpreter.as_deref(),
        layers: &layers,
    };
    let passages = passages(config, target, &scratch)?;
    let passage = passages.as_ref().map(Passages::told);
    let confinement = confine(config, target, &scratch, &paths, (&control, passage))?;
    if confinement.is_none() {
        warnings.push("functions of this server are not confined".to_owned());
    }
    let command = command(target, &paths)?;
    let deployment = deployment(config, target, &scratch, &paths, confinement.is_some())?;
    let most_answer = match target.spec.form {
        FunctionForm::Aws => MOST_ANSWER,
        FunctionForm::Google | FunctionForm::Azure => MOST_RESPONSE,
    };
    Ok(Ready {
        target: target.clone(),
        endpoint: EndpointKey {
            workspace: target.workspace.clone(),
            name: short(&target.revision)?,
        },
        deployment: Arc::new(deployment),
        limits: Limits {
            request_bytes: MOST_RESPONSE,
            // Room for the head around the answer.
            response_bytes: most_answer + (64 << 10),
        },
        most_answer,
        command,
        scratch,
        confinement,
        _passages: passages,
        warnings,
        group: control,
    })
}

/// The folders of the code and of the layers.
async fn fetch(
    config: &Config,
    target: &FunctionTarget,
) -> Result<(PathBuf, Vec<PathBuf>), Refusal> {
    let wrong = |error: contracts::staging::StageError| Refusal::invalid(error.to_string());
    let (stager, workspace) = (&config.stager, &target.workspace);
    let code = &target.spec.code.location;
    let code = stager.folder(workspace, code).await.map_err(wrong)?;
    let mut layers = Vec::new();
    for layer in &target.spec.layers {
        layers.push(stager.folder(workspace, layer).await.map_err(wrong)?);
    }
    Ok((code, layers))
}

/// The interpreter of the environment, made when it is not there, and what differs from what was
/// asked for; none for programs that bring their own.
async fn interpreter(
    config: &Config,
    target: &FunctionTarget,
    progress: &(dyn Fn(&str) + Send + Sync),
) -> Result<(Option<PathBuf>, Vec<String>), Refusal> {
    if target.spec.runtime == FunctionRuntime::Bootstrap {
        return Ok((None, Vec::new()));
    }
    let progress = |line: &str| progress(line);
    let environment = packages::with_framework(&target.spec);
    let prepared = config.environments.prepare(&environment, &progress).await;
    let prepared = prepared
        .map_err(|error| Refusal::invalid(format!("the environment cannot be made: {error}")))?;
    Ok((Some(prepared.python), prepared.warnings))
}

/// What an instance may have.
pub(crate) fn quota(target: &FunctionTarget) -> Quota {
    Quota {
        memory: Some(target.spec.memory.0),
        milli_cpus: target.spec.milli_cpus,
        processes: Some(PROCESSES),
    }
}

struct Paths<'a> {
    code: &'a Path,
    opt: Option<&'a Path>,
    interpreter: Option<&'a Path>,
    layers: &'a [PathBuf],
}

fn short(revision: &str) -> Result<EndpointName, Refusal> {
    let digits: String = revision.chars().take(32).collect();
    EndpointName::new(format!("f-{digits}")).map_err(|e| Refusal::internal(e.to_string()))
}

/// What takes connections in from the networks of its instances, where these have their own.
fn passages(
    config: &Config,
    target: &FunctionTarget,
    scratch: &Scratch,
) -> Result<Option<Passages>, Refusal> {
    let Some(server) = config.server else {
        return Ok(None);
    };
    if config.confine.is_none() || target.spec.network != Network::Loopback {
        return Ok(None);
    }
    let opened = Passages::open(&scratch.passage(), server);
    opened.map(Some).map_err(|error| Refusal::Unavailable {
        message: format!("the way to functions' own networks cannot be opened: {error}"),
    })
}

fn confine(
    config: &Config,
    target: &FunctionTarget,
    scratch: &Scratch,
    paths: &Paths<'_>,
    (group, passage): (&ControlGroup, Option<Passage>),
) -> Result<Option<Confinement>, Refusal> {
    if config.confine.is_none() {
        return Ok(None);
    }
    let mut kept = config.shared.clone();
    kept.extend([config.worker.clone(), paths.code.to_owned()]);
    kept.extend(paths.layers.iter().cloned());
    kept.extend(paths.opt.map(Path::to_owned));
    // The environment is the folder around `bin/python`.
    let environment = paths
        .interpreter
        .and_then(Path::parent)
        .and_then(Path::parent);
    kept.extend(environment.map(Path::to_owned));
    // The environment's interpreter is a link to the one that it was made with.
    let real = paths.interpreter.and_then(|path| path.canonicalize().ok());
    let prefix = real
        .as_deref()
        .and_then(Path::parent)
        .and_then(Path::parent);
    kept.extend(prefix.map(Path::to_owned));
    kept.retain(|path| path.exists());
    let mut hidden = config.hidden.clone();
    hidden.extend(kept.iter().filter_map(|path| closed(path)));
    let seed = u32::from_str_radix(&target.revision[..4.min(target.revision.len())], 16);
    let confinement = Confinement {
        hidden,
        kept,
        temporary: scratch.temporary(),
        // An interpreter below `/opt` would vanish with it.
        opt: paths
            .opt
            .filter(|_| !below_opt(paths.interpreter))
            .map(Path::to_owned),
        network: NetworkPolicy::lenient(target.spec.network),
        passage,
        user: 30_000 + seed.unwrap_or(0) % 20_000,
        largest_file: target.spec.temporary.0,
        open_files: OPEN_FILES,
        groups: group.folders(),
        tied: target.spec.runtime != FunctionRuntime::Python,
        report: scratch.report(),
    };
    confinement
        .write(&scratch.confinement())
        .map_err(|error| Refusal::Unavailable {
            message: error.to_string(),
        })?;
    Ok(Some(confinement))
}

/// The outermost folder around a path that other users may not pass: it is covered, so that what is
/// kept in it can be reached, and nothing else.
pub(crate) fn closed(path: &Path) -> Option<PathBuf> {
    let mut around: Vec<&Path> = path.ancestors().skip(1).collect();
    around.reverse();
    let found = around.into_iter().find(|folder| {
        let mode = std::fs::metadata(folder).map(|found| found.permissions().mode());
        mode.is_ok_and(|mode| mode & 0o001 == 0)
    });
    found.map(Path::to_owned)
}

fn below_opt(interpreter: Option<&Path>) -> bool {
    let real = interpreter.and_then(|path| path.canonicalize().ok());
    real.is_some_and(|path| path.starts_with("/opt"))
}

/// The program of a runtime that speaks the Runtime API.
fn command(target: &FunctionTarget, paths: &Paths<'_>) -> Result<Option<Vec<OsString>>, Refusal> {
    match &target.spec.runtime {
        FunctionRuntime::Python => Ok(None),
        FunctionRuntime::Bootstrap => {
            let places = [Some(paths.code), paths.opt].into_iter().flatten();
            let found = places
                .map(|folder| folder.join("bootstrap"))
                .find(|path| path.is_file());
            let found = found.ok_or_else(|| {
                Refusal::invalid("neither the code nor a layer has a program `bootstrap`")
            })?;
            Ok(Some(vec![found.into()]))
        }
        FunctionRuntime::Command { command } => {
            let mut line: Vec<OsString> = command.iter().map(OsString::from).collect();
            let python = line
                .first()
                .is_some_and(|word| word == "python" || word == "python3");
            if let (true, Some(interpreter)) = (python, paths.interpreter) {
                line[0] = interpreter.into();
            }
            Ok(Some(line))
        }
    }
}

fn deployment(
    config: &Config,
    target: &FunctionTarget,
    scratch: &Scratch,
    paths: &Paths<'_>,
    confined: bool,
) -> Result<DeploymentSpec, Refusal> {
    let name = Name::new("function").map_err(|error| Refusal::internal(error.to_string()))?;
    let interpreter = paths.interpreter.unwrap_or(Path::new("python3"));
    let places = Places {
        code: paths.code,
        opt: paths.opt.map(Path::to_owned),
        interpreter: paths.interpreter,
        stream: &stream(config, target),
    };
    let mut environment = variables::of(&config.base, target, &places);
    let mut wrapper = Vec::new();
    if confined {
        wrapper.extend(config.confine.iter().flatten().cloned());
        wrapper.push(scratch.confinement().into());
        environment.insert(
            "TRADEWIND_SCRATCH".to_owned(),
            format!("/tmp/{}", folders::INSTANCES),
        );
        if !target.spec.env.contains_key("HOME") {
            environment.insert("HOME".to_owned(), "/tmp".to_owned());
        }
        environment.insert("TRADEWIND_KEPT".to_owned(), kept_below_tmp(config, paths));
    }
    Ok(DeploymentSpec {
        handler: Handler {
            form: match target.spec.form {
                FunctionForm::Aws => Form::AwsFunction,
                FunctionForm::Google => Form::GoogleFunction,
                FunctionForm::Azure => Form::AzureFunction,
            },
            entry: None,
        },
        revision: target.revision.clone(),
        environment,
        wrapper,
        timing: Timing {
            start: start_limit(&target.spec),
            // Whoever calls a function keeps its time, as long as its deployment allows.
            call: UNLIMITED,
            stop: Duration::from_millis(500),
            ..Timing::default()
        },
        retry: Retry::Never,
        ..DeploymentSpec::new(name, paths.code.to_owned(), interpreter.to_owned())
    })
}

/// What an instance must show again after it took a `/tmp` of its own.
fn kept_below_tmp(config: &Config, paths: &Paths<'_>) -> String {
    let environment = paths
        .interpreter
        .and_then(Path::parent)
        .and_then(Path::parent);
    let all = config
        .shared
        .iter()
        .map(PathBuf::as_path)
        .chain([config.worker.as_path(), paths.code])
        .chain(paths.opt)
        .chain(environment);
    let below = all.filter(|path| path.starts_with("/tmp") && path.exists());
    let texts: Vec<String> = below.map(|path| path.display().to_string()).collect();
    texts.join(":")
}

/// The name of a log stream: date, version and 32 hexadecimal digits.
pub(crate) fn stream(config: &Config, target: &FunctionTarget) -> String {
    let mut random = [0; 16];
    config.world.entropy.fill(&mut random);
    let time = jiff::Timestamp::from_millisecond(config.world.now().0).unwrap_or_default();
    let day = time.strftime("%Y/%m/%d");
    format!(
        "{day}/[{}]{:032x}",
        target.version,
        u128::from_be_bytes(random)
    )
}
