//! Environments: made once, shared, explained when they cannot be had. One tiny package comes from
//! the index.

use crate::support::{data, python, surroundings};
use domain::environment::Environment;
use domain::job::FailureKind;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Instant;
use tradewind_runtimes::environments::Environments;
use tradewind_runtimes::launch::{Distribution, Input, PackageData, Source};
use tradewind_runtimes::{Error, Surroundings};

fn requirements(lines: &[&str]) -> Environment {
    let requirements = lines.iter().map(|line| (*line).to_owned()).collect();
    Environment::Python {
        version: None,
        requirements,
        strict: false,
    }
}

#[test]
fn nothing_asked_costs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let environments = Environments::new(folder.path(), surroundings());
    environments.interpreters().unwrap();
    let begin = Instant::now();
    let prepared = environments
        .prepare(&Environment::default(), &[], &mut |_| {})
        .unwrap();
    assert!(begin.elapsed().as_millis() < 100, "{:?}", begin.elapsed());
    let output = std::process::Command::new(&prepared.python)
        .args([
            "-c",
            "import sys; print(sys.prefix, len(__import__('site').getsitepackages()))",
        ])
        .output()
        .unwrap();
    let output = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.trim(), format!("{} 1", prepared.folder.display()));
    let again = environments
        .prepare(&Environment::default(), &[], &mut |_| {})
        .unwrap();
    assert_eq!(again, prepared);
}

#[test]
fn a_package_is_installed_once_and_compiled() {
    let environment = requirements(&["iniconfig==2.0.0"]);
    let environments = Environments::new(data(), surroundings());
    let before = environments.stored().unwrap();
    for stored in before
        .iter()
        .filter(|stored| stored.requirements == ["iniconfig==2.0.0"])
    {
        environments.remove(&stored.hash).unwrap();
    }
    // Two at once: one makes it, the other waits.
    let made: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..2)
            .map(|_| {
                let (environments, environment) = (environments.clone(), environment.clone());
                scope.spawn(move || {
                    let mut told = Vec::new();
                    let mut progress = |line: &str| told.push(line.to_owned());
                    let prepared = environments
                        .prepare(&environment, &[], &mut progress)
                        .unwrap();
                    (prepared, told)
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert_eq!(made[0].0, made[1].0);
    let makers = made.iter().filter(|(_, told)| !told.is_empty()).count();
    assert_eq!(makers, 1, "{made:#?}");
    let packages = fs::read_dir(made[0].0.folder.join("lib"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    let compiled = packages.path().join("site-packages/iniconfig/__pycache__");
    assert!(compiled.exists(), "{}", compiled.display());
    let stored = environments.stored().unwrap();
    let stored = stored
        .iter()
        .find(|stored| stored.hash == made[0].0.hash)
        .unwrap();
    assert!(stored.size.0 > 0 && stored.used >= stored.created);
    let script = python("import iniconfig; print(iniconfig.__name__)\n");
    let ended = script.with(|launch| launch.environment = environment).run();
    assert_eq!(ended.completed().output(), ["iniconfig"]);
}

#[test]
fn the_codes_own_requirements_are_installed_when_asked() {
    let ticket = python("import iniconfig; print('there')\n");
    fs::write(
        ticket.code().join("requirements.txt"),
        "# one\niniconfig==2.0.0\n",
    )
    .unwrap();
    let ended = ticket
        .with(|launch| {
            launch.code_requirements = tradewind_runtimes::launch::CodeRequirements::Install;
        })
        .run();
    assert_eq!(ended.completed().output(), ["there"]);
}

#[test]
fn what_cannot_be_resolved_is_told_with_the_resolvers_reason() {
    let environment = requirements(&["iniconfig==99.0"]);
    let ended = python("")
        .with(|launch| launch.environment = environment)
        .run();
    let failure = ended.failure();
    assert_eq!(failure.kind, FailureKind::Environment);
    assert!(
        failure.message.contains("`iniconfig==99.0`"),
        "{}",
        failure.message
    );
    assert!(
        failure.message.contains("no version of iniconfig==99.0"),
        "{}",
        failure.message
    );
}

#[test]
fn an_image_and_an_unknown_framework_are_refused() {
    let environments = Environments::new(data(), surroundings());
    let image = Environment::Image {
        uri: "python:3".into(),
    };
    let error = environments.prepare(&image, &[], &mut |_| {}).unwrap_err();
    assert!(matches!(error, Error::NoContainerEngine { .. }), "{error}");
    let framework = Environment::Framework {
        name: "caffe".into(),
        version: None,
        python: None,
        requirements: Vec::new(),
        strict: false,
    };
    let error = environments
        .prepare(&framework, &[], &mut |_| {})
        .unwrap_err();
    assert!(
        error.to_string().contains("known are scikit-learn"),
        "{error}"
    );
}

#[test]
fn a_version_that_is_not_there_is_replaced_with_a_warning_or_refused() {
    let environments = Environments::new(data(), surroundings());
    let wanted = |strict| Environment::Python {
        version: Some("3.99".into()),
        requirements: Vec::new(),
        strict,
    };
    let prepared = environments
        .prepare(&wanted(false), &[], &mut |_| {})
        .unwrap();
    assert!(prepared.warnings[0].contains("Python 3.99 is not on this machine"));
    let error = environments
        .prepare(&wanted(true), &[], &mut |_| {})
        .unwrap_err();
    assert!(matches!(error, Error::NotExactly { .. }), "{error}");
    let ended = python("")
        .with(|launch| launch.environment = wanted(false))
        .run();
    assert_eq!(ended.completed().record.exit.warnings.len(), 1);
}

#[test]
fn a_job_cannot_change_the_environment_that_it_shares() {
    let script =
        "import sys\ntry: open(sys.prefix + '/x', 'w')\nexcept OSError as e: print(e.errno)\n";
    assert_eq!(python(script).run().completed().output(), ["30"]);
}

#[test]
fn what_a_script_installs_is_its_own() {
    let script = "import subprocess, sys\n\
         subprocess.check_call([sys.executable, '-m', 'pip', 'install', '-q', 'iniconfig==2.0.0'])\n\
         import importlib; importlib.invalidate_caches()\n\
         import iniconfig; print('/installed/' in iniconfig.__file__)\n";
    let environment = requirements(&["pip"]);
    let ended = python(script)
        .with(|launch| launch.environment = environment)
        .run();
    assert_eq!(ended.completed().output(), ["True"]);
}

#[test]
fn a_half_made_environment_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let environments = Environments::new(folder.path(), surroundings());
    let prepared = environments
        .prepare(&Environment::default(), &[], &mut |_| {})
        .unwrap();
    fs::remove_file(prepared.folder.join("environment.json")).unwrap();
    fs::remove_file(&prepared.python).unwrap();
    environments
        .prepare(&Environment::default(), &[], &mut |_| {})
        .unwrap();
    assert!(prepared.python.exists());
    fs::write(prepared.folder.join("environment.json"), "{").unwrap();
    environments
        .prepare(&Environment::default(), &[], &mut |_| {})
        .unwrap();
}

#[test]
fn without_uv_and_without_a_network_pip_tells_why() {
    // No `uv` on the path, and an index that nobody answers: fetching it fails, then so does pip.
    let folder = tempfile::tempdir().unwrap();
    let bin = folder.path().join("bin");
    fs::create_dir(&bin).unwrap();
    let real = Environments::new(data(), surroundings())
        .interpreters()
        .unwrap();
    let script = format!("#!/bin/sh\nexec {} \"$@\"\n", real[0].executable.display());
    fs::write(bin.join("python3"), script).unwrap();
    fs::set_permissions(bin.join("python3"), fs::Permissions::from_mode(0o755)).unwrap();
    let mut surroundings: Surroundings = surroundings();
    surroundings
        .variables
        .insert("PATH".into(), format!("{}:/usr/bin:/bin", bin.display()));
    surroundings
        .variables
        .insert("PIP_INDEX_URL".into(), "http://127.0.0.1:9/simple".into());
    surroundings
        .variables
        .insert("PIP_RETRIES".into(), "0".into());
    let environments = Environments::new(folder.path().join("data"), surroundings);
    let mut told = Vec::new();
    let mut progress = |line: &str| told.push(line.to_owned());
    let environment = requirements(&["iniconfig==2.0.0"]);
    let error = environments
        .prepare(&environment, &[], &mut progress)
        .unwrap_err();
    assert!(matches!(error, Error::Unresolvable { .. }), "{error}");
    assert!(
        told.iter().any(|line| line.contains("pip is used instead")),
        "{told:#?}"
    );
    assert!(error.to_string().contains("iniconfig"), "{error}");
}

#[test]
fn what_a_package_brings_is_an_input() {
    let ticket = python(
        "import os\n\
         folder = os.environ['SM_CHANNEL_DATA']\n\
         print(sorted(os.listdir(folder)), open(os.path.join(folder, 'py.typed')).read() == '')\n",
    );
    let with = |path: &'static str| {
        move |launch: &mut tradewind_runtimes::Launch| {
            launch.environment = requirements(&["iniconfig==2.0.0"]);
            let channel = "data".to_owned();
            launch.inputs.push(Input {
                channel: channel.clone(),
                path: None,
                content_type: None,
                pipe: None,
                distribution: Distribution::default(),
                source: Source::Files { files: Vec::new() },
            });
            let path = path.to_owned();
            launch.packages.push(PackageData { channel, path });
        }
    };
    let ended = ticket.with(with("iniconfig/py.typed")).run();
    assert_eq!(ended.completed().output(), ["['py.typed'] True"]);
    for bad in ["iniconfig/no.csv", "../../bin/python"] {
        let ended = python("pass").with(with(bad)).run();
        let failure = ended.failure();
        assert_eq!(failure.kind, FailureKind::Input, "{failure:?}");
        assert!(failure.message.contains("data"), "{failure:?}");
    }
}

#[test]
fn what_nobody_used_goes_and_what_runs_stays() {
    let folder = tempfile::tempdir().unwrap();
    let environments = Environments::new(folder.path(), surroundings());
    let prepared = environments
        .prepare(&Environment::default(), &[], &mut |_| {})
        .unwrap();
    let age = || {
        let file = fs::OpenOptions::new()
            .append(true)
            .open(prepared.folder.join("environment.json"))
            .unwrap();
        file.set_modified(std::time::UNIX_EPOCH + std::time::Duration::from_secs(1))
            .unwrap();
    };
    let month = domain::Span::hours(24 * 30);
    assert!(environments.prune(month).unwrap().is_empty(), "just made");
    age();
    let mut user = std::process::Command::new(&prepared.python)
        .args(["-c", "print('up', flush=True); input()"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    // Its command line is not to be seen before it is the interpreter.
    let mut said = [0; 3];
    let voice = user.stdout.as_mut().unwrap();
    std::io::Read::read_exact(voice, &mut said).unwrap();
    assert!(
        environments.prune(month).unwrap().is_empty(),
        "a process runs in it"
    );
    assert!(prepared.folder.exists());
    drop(user.stdin.take());
    user.wait().unwrap();
    assert!(
        environments.prune(month).unwrap().is_empty(),
        "it was used just now"
    );
    age();
    let removed = environments.prune(month).unwrap();
    assert_eq!(removed.len(), 1);
    assert!(!prepared.folder.exists());
    assert!(environments.stored().unwrap().is_empty());
}

/// A `uv` that notes how it was called, and does as its second argument says for builds without
/// accelerators.
fn noting_uv(folder: &std::path::Path, plain: &str) -> Surroundings {
    let bin = folder.join("bin");
    fs::create_dir(&bin).unwrap();
    let calls = folder.join("calls");
    let script = format!(
        "#!/bin/sh\necho \"$2 ${{UV_TORCH_BACKEND-none}}\" >> {}\n\
         [ \"$UV_TORCH_BACKEND\" != cpu ] || {plain}\n",
        calls.display()
    );
    fs::write(bin.join("uv"), script).unwrap();
    fs::set_permissions(bin.join("uv"), fs::Permissions::from_mode(0o755)).unwrap();
    let mut surroundings = surroundings();
    let path = surroundings.variable("PATH").unwrap_or_default();
    let path = format!("{}:{path}", bin.display());
    surroundings.variables.insert("PATH".to_owned(), path);
    surroundings.variables.remove("UV_TORCH_BACKEND");
    surroundings
}

#[test]
fn without_an_accelerator_pytorch_comes_without_cuda_where_that_can_be_had() {
    if fs::read_dir("/proc/driver/nvidia/gpus").is_ok_and(|mut found| found.next().is_some()) {
        return;
    }
    let pytorch = |requirements: &[&str]| Environment::Framework {
        name: "pytorch".to_owned(),
        version: None,
        python: None,
        requirements: requirements.iter().map(|&line| line.to_owned()).collect(),
        strict: false,
    };
    let own = ["--index-url https://packages.example/simple"];
    for (plain, wanted, calls) in [
        ("exit 0", pytorch(&[]), "install cpu\n"),
        ("exit 1", pytorch(&[]), "install cpu\ninstall none\n"),
        // Whoever says where packages come from is not overruled.
        ("exit 0", pytorch(&own), "install none\n"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let surroundings = noting_uv(folder.path(), plain);
        let environments = Environments::new(folder.path().join("data"), surroundings);
        let mut told = Vec::new();
        let mut progress = |line: &str| told.push(line.to_owned());
        environments.prepare(&wanted, &[], &mut progress).unwrap();
        let noted = fs::read_to_string(folder.path().join("calls")).unwrap();
        assert_eq!(noted, calls, "{told:#?}");
        let fell_back = told.iter().any(|line| line.contains("larger one"));
        assert_eq!(fell_back, plain == "exit 1", "{told:#?}");
    }
}
