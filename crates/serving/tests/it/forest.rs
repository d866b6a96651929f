//! A real scikit-learn environment and a forest trained in it, each made once.
//!
//! The environment is made once, with uv or with venv and pip, in the folder that
//! `TRADEWIND_TEST_CACHE` names, by default `~/.cache/tradewind-tests`.

use crate::support::python;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

const PACKAGES: [&str; 2] = ["scikit-learn==1.5.2", "numpy==2.1.3"];

/// The interpreter of the environment; makes it when it is not there.
pub fn environment() -> PathBuf {
    static INTERPRETER: OnceLock<PathBuf> = OnceLock::new();
    INTERPRETER.get_or_init(make_environment).clone()
}

fn cache() -> PathBuf {
    let cache = std::env::var_os("TRADEWIND_TEST_CACHE").map(PathBuf::from);
    cache.unwrap_or_else(|| {
        PathBuf::from(std::env::var_os("HOME").expect("HOME is set")).join(".cache/tradewind-tests")
    })
}

/// A lock keeps two test runs from making it at once.
fn make_environment() -> PathBuf {
    let cache = cache();
    std::fs::create_dir_all(&cache).unwrap();
    let lock = File::create(cache.join("serving-scikit-learn.lock")).unwrap();
    lock.lock().unwrap();
    let folder = cache.join("serving-scikit-learn-1.5.2");
    let interpreter = folder.join("bin/python");
    let works = |interpreter: &Path| {
        let tried = Command::new(interpreter)
            .args(["-c", "import sklearn, numpy, joblib"])
            .status();
        tried.is_ok_and(|status| status.success())
    };
    if works(&interpreter) {
        return interpreter;
    }
    drop(std::fs::remove_dir_all(&folder));
    let run = |program: &Path, arguments: &[&str]| {
        let status = Command::new(program)
            .args(arguments)
            .env_remove("PYTHONDONTWRITEBYTECODE")
            .status();
        status.is_ok_and(|status| status.success())
    };
    let target = folder.display().to_string();
    let path = interpreter.display().to_string();
    assert!(
        run(&python(), &["-m", "venv", &target]),
        "a virtual environment can be made"
    );
    let uv = [
        "pip",
        "install",
        "--quiet",
        "--compile-bytecode",
        "--python",
        &path,
    ];
    let by_uv = run(Path::new("uv"), &[&uv[..], &PACKAGES[..]].concat());
    let pip = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ];
    assert!(
        by_uv || run(&interpreter, &[&pip[..], &PACKAGES[..]].concat()),
        "{PACKAGES:?}"
    );
    assert!(works(&interpreter));
    interpreter
}

const TRAIN: &str = "
import os, sys, joblib, numpy
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier
data, target = load_breast_cancer(return_X_y=True)
model = RandomForestClassifier(n_estimators=10, random_state=0).fit(data, target)
joblib.dump(model, sys.argv[1] + '/model.joblib')
rows = data[:5]
numpy.save(sys.argv[1] + '/../rows.npy', rows)
import json
with open(sys.argv[1] + '/../draft', 'w') as draft:
    json.dump({'rows': rows.tolist(), 'predictions': model.predict(rows).tolist()}, draft)
os.replace(sys.argv[1] + '/../draft', sys.argv[1] + '/../truth.json')
";

/// A folder with a trained forest, some rows, and what the forest says of them; made once.
pub fn forest() -> PathBuf {
    static FOREST: OnceLock<PathBuf> = OnceLock::new();
    let make = || {
        let interpreter = environment();
        let lock = File::create(cache().join("serving-forest.lock")).unwrap();
        lock.lock().unwrap();
        let folder = cache().join("serving-forest-1");
        if !folder.join("truth.json").exists() {
            let model = folder.join("model");
            std::fs::create_dir_all(&model).unwrap();
            let made = Command::new(interpreter)
                .args(["-c", TRAIN])
                .arg(&model)
                .status();
            assert!(made.unwrap().success());
        }
        folder
    };
    FOREST.get_or_init(make).clone()
}
