//! Measures what user code left, so that others can fetch it without looking.

use crate::launch::Launch;
use crate::record::{Collected, CollectedFile};
use crate::scripts::Places;
use crate::{Error, Layout, files};
use sha2::{Digest, Sha256};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

const MOST_WARNINGS: usize = 50;

/// Writes down the model, the common output folder, Azure's `outputs` and each declared output.
pub(super) fn collect(
    layout: &Layout,
    launch: &Launch,
    warnings: &mut Vec<String>,
) -> Result<(), Error> {
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
    let mut collected = pack(layout, launch, &all)?;
    for (name, folder) in all {
        let mut walk = Walk {
            found: Vec::new(),
            warnings,
        };
        if files::is_really(&folder, layout.folder()) {
            walk.folder(&folder, "")?;
        } else {
            let text =
                format!("the output `{name}` is not kept: its folder was replaced by a link");
            walk.warnings.push(text);
        }
        let mut found = walk.found;
        found.sort_by(|(one, ..), (other, ..)| one.path.cmp(&other.path));
        let content_hash = content_hash(&found);
        let folder = folder
            .strip_prefix(layout.folder())
            .unwrap_or(&folder)
            .to_owned();
        let files = found.into_iter().map(|(file, ..)| file).collect();
        collected.push(Collected {
            name,
            folder,
            files,
            content_hash,
        });
    }
    shorten(warnings);
    files::write_record(&layout.outputs(), &collected)
}

/// Packs what is to be delivered as one file.
fn pack(
    layout: &Layout,
    launch: &Launch,
    all: &[(String, PathBuf)],
) -> Result<Vec<Collected>, Error> {
    let mut collected = Vec::new();
    for (index, packing) in launch.archives.iter().enumerate() {
        let found = all.iter().find(|(name, _)| *name == packing.output);
        let Some((_, source)) =
            found.filter(|(_, folder)| files::is_really(folder, layout.folder()))
        else {
            continue;
        };
        let folder = layout.archives().join(index.to_string());
        files::create_folder(&folder)?;
        let path = files::join_inside(&folder, &packing.file, "the archive")?;
        let file = fs::File::create(&path).map_err(Error::file("write", &path))?;
        let packed = archive::pack(
            source,
            &archive::Rules::none(),
            std::io::BufWriter::new(file),
        );
        packed.map_err(|source| Error::Unpackable {
            output: packing.output.clone(),
            source,
        })?;
        let (digest, size) = files::hash_file(&path)?;
        let sha256 = files::hexadecimal(&digest);
        collected.push(Collected {
            name: packing.collected(),
            folder: folder
                .strip_prefix(layout.folder())
                .unwrap_or(&folder)
                .to_owned(),
            files: vec![CollectedFile {
                path: packing.file.clone(),
                size,
                sha256: sha256.clone(),
            }],
            content_hash: sha256,
        });
    }
    Ok(collected)
}

/// So many files may be links that a record of all would be of no use.
fn shorten(warnings: &mut Vec<String>) {
    if warnings.len() > MOST_WARNINGS {
        let rest = warnings.len() - MOST_WARNINGS;
        warnings.truncate(MOST_WARNINGS);
        warnings.push(format!("and {rest} more"));
    }
}

/// A file, its digest, and whether its owner may execute it.
type Found = (CollectedFile, [u8; 32], bool);

/// The digest of a folder in the form of [`archive::Digest`], from what was read anyway.
fn content_hash(found: &[Found]) -> String {
    let mut hash = Sha256::new();
    hash.update(b"tradewind folder 1\n");
    for (file, content, executable) in found {
        hash.update((file.path.len() as u64).to_be_bytes());
        hash.update(file.path.as_bytes());
        hash.update(if *executable { b"x" } else { b"f" });
        hash.update(content);
    }
    files::hexadecimal(&hash.finalize())
}

struct Walk<'a> {
    found: Vec<Found>,
    warnings: &'a mut Vec<String>,
}

impl Walk<'_> {
    fn folder(&mut self, folder: &Path, prefix: &str) -> Result<(), Error> {
        let Ok(entries) = fs::read_dir(folder) else {
            return Ok(());
        };
        for entry in entries {
            let entry = entry.map_err(Error::file("read", folder))?;
            let path = entry.path();
            let Ok(name) = entry.file_name().into_string() else {
                let text = format!("`{}` is not kept: its name is no text", path.display());
                self.warnings.push(text);
                continue;
            };
            let name = format!("{prefix}{name}");
            let metadata = entry.metadata().map_err(Error::file("read", &path))?;
            if metadata.is_dir() {
                self.folder(&path, &format!("{name}/"))?;
            } else if metadata.is_file() {
                let (digest, size) = files::hash_file(&path)?;
                let sha256 = files::hexadecimal(&digest);
                let executable = metadata.permissions().mode() & 0o100 != 0;
                self.found.push((
                    CollectedFile {
                        path: name,
                        size,
                        sha256,
                    },
                    digest,
                    executable,
                ));
            } else {
                self.warnings.push(format!(
                    "`{name}` is not kept: it is a link or a special file; save a copy instead"
                ));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::Permissions;

    #[test]
    fn a_folder_has_the_hash_that_an_archive_of_it_has() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("b")).unwrap();
        for (name, mode) in [("a", 0o644), ("b/c", 0o755), ("b.txt", 0o600)] {
            let path = folder.path().join(name);
            fs::write(&path, name).unwrap();
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        }
        let mut walk = Walk {
            found: Vec::new(),
            warnings: &mut Vec::new(),
        };
        walk.folder(folder.path(), "").unwrap();
        let mut found = walk.found;
        found.sort_by(|(one, ..), (other, ..)| one.path.cmp(&other.path));
        let archived = archive::fingerprint(folder.path(), &archive::Rules::none()).unwrap();
        assert_eq!(content_hash(&found), archived.sha256.to_string());
    }

    #[test]
    fn links_are_told_and_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/etc/passwd", folder.path().join("secret")).unwrap();
        let mut warnings = Vec::new();
        let mut walk = Walk {
            found: Vec::new(),
            warnings: &mut warnings,
        };
        walk.folder(folder.path(), "").unwrap();
        assert!(walk.found.is_empty());
        assert!(warnings[0].contains("`secret`"), "{warnings:?}");
    }
}
