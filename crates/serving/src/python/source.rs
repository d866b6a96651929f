//! The worker's files, embedded in the binary and written where the interpreter finds them.

use sha2::{Digest, Sha256};
use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

macro_rules! files {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../../../python/worker/", $path)))),*]
    };
}

/// Path below the worker's folder, and text.
pub(super) const FILES: &[(&str, &str)] = files![
    "tradewind_start.py",
    "tradewind_transform.py",
    "tradewind_worker/__init__.py",
    "tradewind_worker/codecs/__init__.py",
    "tradewind_worker/codecs/arrow.py",
    "tradewind_worker/codecs/csv_rows.py",
    "tradewind_worker/codecs/json_rows.py",
    "tradewind_worker/codecs/npy.py",
    "tradewind_worker/faults.py",
    "tradewind_worker/frames.py",
    "tradewind_worker/functions/__init__.py",
    "tradewind_worker/functions/asgi.py",
    "tradewind_worker/functions/aws.py",
    "tradewind_worker/functions/aws_log.py",
    "tradewind_worker/functions/azure.py",
    "tradewind_worker/functions/azure_events.py",
    "tradewind_worker/functions/azure_http.py",
    "tradewind_worker/functions/azure_load.py",
    "tradewind_worker/functions/envelope.py",
    "tradewind_worker/functions/google.py",
    "tradewind_worker/functions/sandbox.py",
    "tradewind_worker/guard.py",
    "tradewind_worker/handlers/__init__.py",
    "tradewind_worker/handlers/answer.py",
    "tradewind_worker/handlers/azure.py",
    "tradewind_worker/handlers/forests.py",
    "tradewind_worker/handlers/joblib_file.py",
    "tradewind_worker/handlers/parameters.py",
    "tradewind_worker/handlers/predict.py",
    "tradewind_worker/handlers/sagemaker.py",
    "tradewind_worker/handlers/saved.py",
    "tradewind_worker/imports.py",
    "tradewind_worker/media.py",
    "tradewind_worker/native/__init__.py",
    "tradewind_worker/native/boosting.py",
    "tradewind_worker/native/cases.py",
    "tradewind_worker/native/forests.py",
    "tradewind_worker/native/form.py",
    "tradewind_worker/native/histogram.py",
    "tradewind_worker/native/lightgbm.py",
    "tradewind_worker/native/linear.py",
    "tradewind_worker/native/pipelines.py",
    "tradewind_worker/native/xgboost.py",
    "tradewind_worker/serve.py",
    "tradewind_worker/table.py",
    "tradewind_worker/template.py",
    "tradewind_worker/transform/__init__.py",
    "tradewind_worker/transform/paths.py",
    "tradewind_worker/transform/records.py",
    "tradewind_worker/transform/run.py",
    "tradewind_worker/user_code.py",
    "tradewind_worker/view.py",
];

/// Writes the files into a folder named after their content and returns the one to start. What is
/// already there and right is left alone, so servers of one version share it.
pub(super) fn write(folder: &Path) -> io::Result<PathBuf> {
    let mut digest = Sha256::new();
    for (path, text) in FILES {
        digest.update(path.as_bytes());
        digest.update([0]);
        digest.update(text.as_bytes());
        digest.update([0]);
    }
    let mut number = [0; 8];
    number.copy_from_slice(&digest.finalize()[..8]);
    let root = folder.join(format!("worker-{:016x}", u64::from_be_bytes(number)));
    readable_folder(&root)?;
    for (path, text) in FILES {
        let target = root.join(path);
        if fs::read_to_string(&target).is_ok_and(|present| present == *text) {
            continue;
        }
        if let Some(parent) = target.parent() {
            readable_folder(parent)?;
        }
        let draft = root.join(format!("{}.{}", path.replace('/', "-"), std::process::id()));
        fs::write(&draft, text)?;
        fs::set_permissions(&draft, fs::Permissions::from_mode(0o644))?;
        fs::rename(&draft, &target)?;
    }
    root.join(FILES[0].0).canonicalize()
}

/// The folder around it is private; what is in it is read by workers that have given up the rights
/// of their user.
fn readable_folder(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o755)
        .create(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_worker_is_embedded_and_damage_is_mended() {
        let folder = tempfile::tempdir().unwrap();
        let start = write(folder.path()).unwrap();
        let root = start.parent().unwrap();
        fs::write(root.join("tradewind_worker/serve.py"), "damaged").unwrap();
        assert_eq!(write(folder.path()).unwrap(), start);

        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../python/worker");
        let mut folders = vec![source.clone()];
        let mut seen = 0;
        while let Some(next) = folders.pop() {
            for entry in fs::read_dir(next).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|ending| ending == "py") {
                    let below = path.strip_prefix(&source).unwrap();
                    let written = fs::read_to_string(root.join(below)).unwrap();
                    assert_eq!(
                        written,
                        fs::read_to_string(&path).unwrap(),
                        "{}",
                        below.display()
                    );
                    seen += 1;
                }
            }
        }
        assert_eq!(seen, FILES.len());
    }
}
