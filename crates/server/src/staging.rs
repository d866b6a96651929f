//! Inputs for jobs and folders for serving, out of the object store.

use archive::Limits;
use contracts::staging::{StageError, StagedInputs, Stager};
use domain::job::JobSpec;
use domain::{Location, Workspace};
use objects::{JobStager, ObjectStore};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The stager of a server.
pub(crate) struct Staging {
    jobs: JobStager,
    store: ObjectStore,
    /// Where folders for serving are kept, by content.
    folders: PathBuf,
    /// Whether jobs may read files of this machine.
    local_paths: bool,
}

impl Staging {
    pub(crate) fn new(store: ObjectStore, data: &Path, local_paths: bool) -> Self {
        // Relative paths have no meaning for a server: they lead into a folder that stays empty.
        let nowhere = data.join("nowhere");
        let jobs = JobStager::new(store.clone(), nowhere);
        Self {
            jobs,
            store,
            folders: data.join("folders"),
            local_paths,
        }
    }

    fn check(&self, text: &str) -> Result<Location, StageError> {
        let location =
            Location::parse(text).map_err(|error| StageError::Missing(error.to_string()))?;
        match &location {
            Location::Path { .. } if !self.local_paths => Err(StageError::Missing(format!(
                "`{text}` is a file of the server's machine, which this server does not allow \
                 (`local_paths`); put it into a bucket"
            ))),
            Location::Path { path } if !path.starts_with('/') => Err(StageError::Missing(format!(
                "`{text}` is a relative path, which a server cannot know; give an absolute one"
            ))),
            _ => Ok(location),
        }
    }
}

#[async_trait::async_trait]
impl Stager for Staging {
    async fn stage(
        &self,
        workspace: &Workspace,
        spec: &JobSpec,
    ) -> Result<StagedInputs, StageError> {
        for location in spec.inputs.values().flatten() {
            self.check(location)?;
        }
        self.jobs.stage(workspace, spec).await
    }

    async fn folder(&self, workspace: &Workspace, location: &str) -> Result<PathBuf, StageError> {
        let parsed = self.check(location)?;
        let staged = objects::resolve(&self.store, workspace, &parsed, Path::new("/nowhere")).await;
        let staged = staged.map_err(StageError::from)?;
        if staged.files.is_empty() {
            return Err(StageError::Missing(format!(
                "there is nothing at `{location}`"
            )));
        }
        let folder = self.folders.join(&staged.content_hash);
        let (files, target) = (staged.files, folder.clone());
        let made = tokio::task::spawn_blocking(move || {
            if target.is_dir() {
                return readable(&target);
            }
            let files = files
                .iter()
                .map(|file| (file.path.as_str(), file.source.as_path()));
            make(&files.collect::<Vec<_>>(), &target)
        });
        match made.await {
            Ok(Ok(())) => Ok(folder),
            Ok(Err(error)) => Err(error),
            Err(error) => Err(StageError::Failed {
                message: format!("making the folder of `{location}` was interrupted"),
                source: Some(Box::new(error)),
            }),
        }
    }

    async fn content_hash(
        &self,
        workspace: &Workspace,
        location: &str,
    ) -> Result<String, StageError> {
        self.check(location)?;
        self.jobs.content_hash(workspace, location).await
    }
}

/// One archive is unpacked; anything else is copied as it is. The folder appears as a whole.
fn make(files: &[(&str, &Path)], target: &Path) -> Result<(), StageError> {
    let failed = |what: String| {
        move |source: std::io::Error| StageError::Failed {
            message: format!("{what}: {source}"),
            source: Some(Box::new(source)),
        }
    };
    let parent = target.parent().unwrap_or(Path::new("/"));
    fs::create_dir_all(parent).map_err(failed(format!("cannot make `{}`", parent.display())))?;
    if let [(name, source)] = files
        && is_archive(name)
    {
        let file = fs::File::open(source)
            .map_err(failed(format!("cannot read `{}`", source.display())))?;
        return match archive::unpack(file, target, Limits::default()) {
            Ok(_) => Ok(()),
            Err(_) if target.is_dir() => Ok(()),
            Err(error) => Err(StageError::Missing(format!(
                "the archive `{name}` is bad: {error}"
            ))),
        };
    }
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let building = parent.join(format!(".{name}.{}", std::process::id()));
    let _ = fs::remove_dir_all(&building);
    for (path, source) in files {
        let to = building.join(path);
        let folder = to.parent().unwrap_or(&building);
        fs::create_dir_all(folder)
            .map_err(failed(format!("cannot make `{}`", folder.display())))?;
        fs::copy(source, &to).map_err(failed(format!("cannot copy to `{}`", to.display())))?;
    }
    readable(&building)?;
    match fs::rename(&building, target) {
        Ok(()) => Ok(()),
        Err(_) if target.is_dir() => {
            let _ = fs::remove_dir_all(&building);
            Ok(())
        }
        Err(error) => Err(failed(format!("cannot make `{}`", target.display()))(error)),
    }
}

/// Lets everybody read a folder, whose parent is private: what is copied of objects is the server's
/// own, and workers have given up the rights of its user.
fn readable(folder: &Path) -> Result<(), StageError> {
    let failed = |source: std::io::Error| StageError::Failed {
        message: format!("cannot make `{}` readable: {source}", folder.display()),
        source: Some(Box::new(source)),
    };
    let mut pending = vec![folder.to_owned()];
    while let Some(path) = pending.pop() {
        let metadata = fs::symlink_metadata(&path).map_err(failed)?;
        let wanted = if metadata.is_dir() {
            for entry in fs::read_dir(&path).map_err(failed)? {
                pending.push(entry.map_err(failed)?.path());
            }
            0o755
        } else if metadata.is_file() {
            0o644
        } else {
            continue;
        };
        let mode = metadata.permissions().mode();
        if mode & wanted != wanted {
            let permissions = fs::Permissions::from_mode((mode & 0o777) | wanted);
            fs::set_permissions(&path, permissions).map_err(failed)?;
        }
    }
    Ok(())
}

fn is_archive(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".tar.gz", ".tgz", ".tar", ".zip"]
        .iter()
        .any(|ending| name.ends_with(ending))
}
