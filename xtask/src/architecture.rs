//! Compares the workspace with `docs/architecture.toml`: edges between crates, and the length of
//! files.

use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[derive(Debug, Deserialize)]
struct Rules {
    edges: BTreeMap<String, BTreeSet<String>>,
    files: Files,
}

#[derive(Debug, Deserialize)]
struct Files {
    too_long: usize,
}

/// Every finding is one that must be mended: in the code, or in the rules with a reason.
pub(crate) fn check() -> Result<Vec<String>, String> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let path = root.join("docs/architecture.toml");
    let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let rules: Rules = toml::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))?;
    let actual = edges(&root)?;
    let mut findings = compare(&rules.edges, &actual);
    for folder in ["crates", "xtask", "python", "conformance"] {
        long_files(&root.join(folder), rules.files.too_long, &mut findings)?;
    }
    Ok(findings)
}

/// Workspace crates to the workspace crates that they are built on (tests left out).
fn edges(root: &Path) -> Result<BTreeMap<String, BTreeSet<String>>, String> {
    let out = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ])
        .current_dir(root)
        .output()
        .map_err(|error| format!("cargo metadata: {error}"))?;
    let metadata: Value =
        serde_json::from_slice(&out.stdout).map_err(|error| format!("cargo metadata: {error}"))?;
    let mut edges = BTreeMap::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let manifest = package["manifest_path"].as_str().unwrap_or_default();
        let Some(name) = crate_name(manifest) else {
            continue;
        };
        let to = package["dependencies"].as_array().into_iter().flatten();
        let to = to.filter(|d| d["kind"].is_null() && d["path"].is_string());
        let to = to.filter_map(|d| crate_name(&format!("{}/Cargo.toml", d["path"].as_str()?)));
        edges.insert(name, to.collect());
    }
    Ok(edges)
}

/// The folder's name of a crate under `crates/`.
fn crate_name(manifest: &str) -> Option<String> {
    let folder = Path::new(manifest).parent()?;
    let inside = folder.parent()?.file_name()? == "crates";
    inside.then(|| {
        folder
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
    })?
}

fn compare(
    allowed: &BTreeMap<String, BTreeSet<String>>,
    actual: &BTreeMap<String, BTreeSet<String>>,
) -> Vec<String> {
    let mut findings = Vec::new();
    for (from, to) in actual {
        match allowed.get(from) {
            None => findings.push(format!(
                "crate `{from}` has no entry in docs/architecture.toml"
            )),
            Some(allowed) => findings.extend(
                to.difference(allowed)
                    .map(|to| format!("`{from}` is built on `{to}`, which is not written down")),
            ),
        }
    }
    let gone = allowed.keys().filter(|name| !actual.contains_key(*name));
    findings.extend(gone.map(|name| format!("crate `{name}` is written down and does not exist")));
    findings
}

fn long_files(folder: &Path, most: usize, findings: &mut Vec<String>) -> Result<(), String> {
    if !folder.is_dir() {
        return Ok(());
    }
    let entries = fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            if !path.ends_with("target") {
                long_files(&path, most, findings)?;
            }
        } else if path
            .extension()
            .is_some_and(|ending| ending == "rs" || ending == "py")
        {
            let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
            let lines = text.lines().count();
            if lines > most {
                findings.push(format!(
                    "{} has {lines} lines; at most {most}",
                    path.display()
                ));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workspace_is_as_it_is_written_down() {
        assert_eq!(check().unwrap(), Vec::<String>::new());
    }

    #[test]
    fn an_edge_that_is_not_written_down_is_found() {
        let edges = |to: &[&str]| {
            let to = to.iter().map(|name| (*name).to_owned()).collect();
            BTreeMap::from([("dialects".to_owned(), to)])
        };
        assert_eq!(
            compare(&edges(&["control"]), &edges(&["control"])),
            Vec::<String>::new()
        );
        assert_eq!(compare(&edges(&["control"]), &edges(&["store"])).len(), 1);
    }
}
