//! Finds the `uv` program, or fetches it once into the data folder.

use super::Environments;
use super::interpreters::Interpreter;
use crate::{Error, files};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::PathBuf;

impl Environments {
    /// `uv` from `PATH`, else the private one, else fetched from PyPI by pip; `None` when that
    /// fails, so that pip has to do.
    pub(super) fn uv(
        &self,
        interpreter: &Interpreter,
        progress: &mut dyn FnMut(&str),
    ) -> Result<Option<PathBuf>, Error> {
        let on_path = self
            .surroundings
            .search_path()
            .into_iter()
            .map(|folder| folder.join("uv"));
        if let Some(found) = on_path.into_iter().find(|path| path.is_file()) {
            return Ok(Some(found));
        }
        let folder = self.tools().join("uv");
        let program = folder.join("bin/uv");
        if program.is_file() {
            return Ok(Some(program));
        }
        files::create_folder(&self.tools())?;
        let lock = self.tools().join("uv.lock");
        let lock = File::create(&lock).map_err(Error::file("create", &lock))?;
        lock.lock().map_err(Error::file("lock", &folder))?;
        if program.is_file() {
            return Ok(Some(program));
        }
        progress("fetching `uv`, which makes environments quickly; this is done once");
        let temporary = self.tools().join("uv.part");
        files::remove_folder(&temporary)?;
        let target = temporary.as_os_str();
        let words = ["-m", "pip", "install", "--quiet", "--no-input", "--target"];
        let mut arguments: Vec<&OsStr> = words.iter().map(OsStr::new).collect();
        arguments.extend([target, OsStr::new("uv")]);
        let ran = self.run(&interpreter.executable, &arguments, &[], &mut |_| {})?;
        if !ran.success || !temporary.join("bin/uv").is_file() {
            files::remove_folder(&temporary)?;
            let reason = ran.last.last().map_or("no reason given", String::as_str);
            progress(&format!(
                "`uv` could not be fetched ({reason}); pip is used instead"
            ));
            return Ok(None);
        }
        files::remove_folder(&folder)?;
        fs::rename(&temporary, &folder).map_err(Error::file("replace", &folder))?;
        Ok(Some(program))
    }
}
