//! Measures what user code left, so that others can fetch it without looking.

use crate::launch::Launch;
use crate::record::{Collected, CollectedFile};
use crate::scripts::Places;
use crate::{Error, Layout, files};
use std::fs;
use std::path::{Path, PathBuf};

/// The model, the common output folder, Azure's `outputs` and each declared output.
pub(super) fn collect(
    layout: &Layout,
    launch: &Launch,
    warnings: &mut Vec<String>,
) -> Result<Vec<Collected>, Error> {
    let places = Places {
        base: layout.base(),
        temporary: layout.temporary(),
        python: PathBuf::new(),
    };
    let mut all = vec![
        ("model".to_owned(), places.model()),
        ("output".to_owned(), places.output()),
    ];
    for output in &launch.outputs {
        let folder = places.named_output(output)?;
        all.retain(|(name, _)| *name != output.name);
        all.push((output.name.clone(), folder));
    }
    if !all.iter().any(|(name, _)| name == "outputs") {
        all.push(("outputs".to_owned(), places.azure_outputs()));
    }
    let mut collected = Vec::new();
    for (name, folder) in all {
        let mut found = Vec::new();
        walk(layout, &folder, "", &mut found, warnings)?;
        found.sort_by(|one, other| one.path.cmp(&other.path));
        let folder = folder
            .strip_prefix(layout.folder())
            .unwrap_or(&folder)
            .to_owned();
        collected.push(Collected {
            name,
            folder,
            files: found,
        });
    }
    Ok(collected)
}

fn walk(
    layout: &Layout,
    folder: &Path,
    prefix: &str,
    found: &mut Vec<CollectedFile>,
    warnings: &mut Vec<String>,
) -> Result<(), Error> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Ok(());
    };
    for entry in entries {
        let entry = entry.map_err(Error::file("read", folder))?;
        let path = entry.path();
        let Ok(name) = entry.file_name().into_string() else {
            warnings.push(format!(
                "`{}` is not kept: its name is no text",
                path.display()
            ));
            continue;
        };
        let name = format!("{prefix}{name}");
        let kind = entry.file_type().map_err(Error::file("read", &path))?;
        if kind.is_dir() {
            walk(layout, &path, &format!("{name}/"), found, warnings)?;
        } else if kind.is_file() {
            let (sha256, size) = files::hash_file(&path)?;
            found.push(CollectedFile {
                path: name,
                size,
                sha256,
            });
        } else {
            warnings.push(format!(
                "`{name}` is not kept: it is a link or a special file; save a copy instead"
            ));
        }
    }
    Ok(())
}
