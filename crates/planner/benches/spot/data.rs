//! The recorded traces of a folder, by folder and zone.

use std::fs;
use std::path::Path;
use tradewind_planner::spot::Trace;

/// One zone's availability for a machine or gang.
pub struct Recorded {
    /// Folder below the data folder.
    pub set: String,
    /// File name without its ending.
    pub name: String,
    /// One sample in ten minutes.
    pub trace: Trace,
    /// Available or not, sample by sample.
    pub up: Vec<bool>,
}

/// Reads every trace below the folder, in order of path. A gang counts as available when half of
/// the largest count seen can be had (of one: when it can).
pub fn load(folder: &Path) -> Result<Vec<Recorded>, String> {
    let mut found = Vec::new();
    walk(folder, folder, &mut found)?;
    found.sort_by(|a, b| (&a.set, &a.name).cmp(&(&b.set, &b.name)));
    if found.is_empty() {
        return Err(format!("no traces below `{}`", folder.display()));
    }
    Ok(found)
}

fn walk(root: &Path, folder: &Path, found: &mut Vec<Recorded>) -> Result<(), String> {
    let fault =
        |path: &Path, error: &dyn std::fmt::Display| format!("`{}`: {error}", path.display());
    for entry in fs::read_dir(folder).map_err(|error| fault(folder, &error))? {
        let path = entry.map_err(|error| fault(folder, &error))?.path();
        if path.is_dir() {
            walk(root, &path, found)?;
        } else if path.extension().is_some_and(|end| end == "json") {
            let text = fs::read_to_string(&path).map_err(|error| fault(&path, &error))?;
            let trace = Trace::parse(&text).map_err(|error| fault(&path, &error))?;
            let trace = trace.coarser(domain::Span(600_000));
            let most = trace.counts.iter().copied().max().unwrap_or(1);
            let set = folder.strip_prefix(root).unwrap_or(folder);
            found.push(Recorded {
                set: set.display().to_string(),
                name: path
                    .file_stem()
                    .map(|stem| stem.to_string_lossy().into_owned())
                    .unwrap_or_default(),
                up: trace.available(most.div_ceil(2).max(1)),
                trace,
            });
        }
    }
    Ok(())
}
