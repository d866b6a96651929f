//! A real scikit-learn environment and a forest trained in it, each made once.
//!
//! The environment is made once, with uv or with venv and pip, in the folder that
//! `TRADEWIND_TEST_CACHE` names, by default `~/.cache/tradewind-tests`.

use crate::support::python;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

/// An environment of the tests.
pub struct Packages {
    name: &'static str,
    list: &'static [&'static str],
    tried: &'static str,
}

/// scikit-learn alone.
pub const SCIKIT_LEARN: Packages = Packages {
    name: "serving-scikit-learn-1.5.2",
    list: &["scikit-learn==1.5.2", "numpy==2.1.3"],
    tried: "import sklearn, numpy, joblib",
};

/// scikit-learn with XGBoost, LightGBM and pandas.
pub const BOOSTERS: Packages = Packages {
    name: "serving-boosters-1",
    list: &[
        "scikit-learn==1.5.2",
        "numpy==2.1.3",
        "pandas==2.2.3",
        "xgboost-cpu==2.1.4",
        "lightgbm==4.5.0",
    ],
    tried: "import sklearn, numpy, joblib, pandas, xgboost, lightgbm",
};

/// The interpreter of an environment; makes it when it is not there.
pub fn environment(packages: &Packages) -> PathBuf {
    let cache = cache();
    std::fs::create_dir_all(&cache).unwrap();
    // A lock keeps two test runs from making it at once.
    let lock = File::create(cache.join(format!("{}.lock", packages.name))).unwrap();
    lock.lock().unwrap();
    let folder = cache.join(packages.name);
    let interpreter = folder.join("bin/python");
    let works = |interpreter: &Path| {
        let tried = Command::new(interpreter)
            .args(["-c", packages.tried])
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
    let by_uv = run(Path::new("uv"), &[&uv[..], packages.list].concat());
    let pip = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ];
    assert!(
        by_uv || run(&interpreter, &[&pip[..], packages.list].concat()),
        "{:?}",
        packages.list
    );
    assert!(works(&interpreter));
    interpreter
}

fn cache() -> PathBuf {
    let cache = std::env::var_os("TRADEWIND_TEST_CACHE").map(PathBuf::from);
    cache.unwrap_or_else(|| {
        PathBuf::from(std::env::var_os("HOME").expect("HOME is set")).join(".cache/tradewind-tests")
    })
}

/// The folder that a training script filled, which is given it as its argument; made once for each
/// name, which is to change with the script.
pub fn train(packages: &Packages, name: &str, script: &str) -> PathBuf {
    let interpreter = environment(packages);
    let cache = cache();
    let lock = File::create(cache.join(format!("serving-{name}.lock"))).unwrap();
    lock.lock().unwrap();
    let folder = cache.join(format!("serving-{name}"));
    if !folder.join("complete").exists() {
        std::fs::create_dir_all(&folder).unwrap();
        let made = Command::new(interpreter)
            .args(["-c", script])
            .arg(&folder)
            .status();
        assert!(made.unwrap().success());
        std::fs::write(folder.join("complete"), "").unwrap();
    }
    folder
}

const TRAIN: &str = "
import os, sys, joblib, numpy
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier
data, target = load_breast_cancer(return_X_y=True)
os.makedirs(sys.argv[1] + '/model', exist_ok=True)
model = RandomForestClassifier(n_estimators=10, random_state=0).fit(data, target)
joblib.dump(model, sys.argv[1] + '/model/model.joblib')
rows = data[:5]
numpy.save(sys.argv[1] + '/rows.npy', rows)
import json
with open(sys.argv[1] + '/draft', 'w') as draft:
    json.dump({'rows': rows.tolist(), 'predictions': model.predict(rows).tolist()}, draft)
os.replace(sys.argv[1] + '/draft', sys.argv[1] + '/truth.json')
";

/// A folder with a trained forest, some rows, and what the forest says of them; made once.
pub fn forest() -> PathBuf {
    train(&SCIKIT_LEARN, "forest-2", TRAIN)
}
