//! A code folder for tests.

use std::collections::BTreeMap;
use std::path::Path;

use domain::pipeline::{PipelineSpec, StepAction};
use tempfile::TempDir;
use tradewind_workload::{Error, load, parse_override};

/// A folder with the files that the examples of these tests name.
pub fn folder(workload: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        ("tradewind.yaml", workload),
        ("train.py", ""),
        ("prepare.py", ""),
        ("evaluate.py", ""),
        ("inference.py", ""),
        (
            "requirements.txt",
            "# for training\nscikit-learn==1.5.*  # pinned\n\n-r more.txt\n",
        ),
        (
            "more.txt",
            "pandas>=2 ; python_version > '3.8'\n--extra-index-url https://x/y#egg=z\n",
        ),
        (
            "sample.json",
            "{\"instances\": [[1, 2]], \"note\": \"${x}\"}",
        ),
        ("data/part.csv", "1,2"),
    ];
    for (name, content) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    folder
}

pub fn overrides(texts: &[&str]) -> BTreeMap<String, String> {
    texts
        .iter()
        .map(|text| parse_override(text).unwrap())
        .collect()
}

pub fn loaded(workload: &str) -> PipelineSpec {
    let folder = folder(workload);
    match load(folder.path(), &BTreeMap::new()) {
        Ok(loaded) => loaded.spec,
        Err(error) => panic!("{error}"),
    }
}

/// The mistakes as they are printed, with the folder's name taken out.
pub fn refused(workload: &str, given: &[&str]) -> String {
    let folder = folder(workload);
    let error = load(folder.path(), &overrides(given)).expect_err("this file must be refused");
    assert!(matches!(error, Error::Mistakes(_)), "{error:?}");
    plain(&error, folder.path())
}

fn plain(error: &Error, folder: &Path) -> String {
    let folder = folder.display().to_string();
    error
        .to_string()
        .replace(&format!("{folder}/"), "")
        .replace(&folder, ".")
}

/// The job of a step.
pub fn job<'a>(spec: &'a PipelineSpec, name: &str) -> &'a domain::job::JobSpec {
    let step = spec
        .steps
        .iter()
        .find(|step| step.name.as_str() == name)
        .unwrap();
    let StepAction::Job { job } = &step.action else {
        panic!("`{name}` is no job")
    };
    job
}
