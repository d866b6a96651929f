//! The folder being unpacked and the model of it that decisions are made on. Symbolic links are
//! created only when everything else is there, so nothing can be written through one.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt, symlink};
use std::path::PathBuf;

use sha2::{Digest as _, Sha256};

use super::Unpacked;
use crate::digest::{Leaf, of_leaves};
use crate::error::Error;
use crate::limits::Budget;
use crate::links::{self, Found};
use crate::name;

pub(super) struct Tree {
    root: PathBuf,
    nodes: BTreeMap<String, Node>,
    pub(super) budget: Budget,
}

enum Node {
    Folder,
    File(Leaf),
    Link(String),
    /// A file whose content is being written.
    Unfinished,
}

/// A file that is being written.
pub(super) struct NewFile {
    name: String,
    path: PathBuf,
    file: File,
    hash: Sha256,
    executable: bool,
}

impl NewFile {
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.hash.update(bytes);
        self.file
            .write_all(bytes)
            .map_err(Error::file("write", &self.path))
    }
}

impl Tree {
    pub(super) fn new(root: PathBuf, budget: Budget) -> Self {
        Self {
            root,
            nodes: BTreeMap::new(),
            budget,
        }
    }

    /// The safe form of an entry's name.
    pub(super) fn name(&self, raw: &[u8]) -> Result<String, Error> {
        name::clean(raw, self.budget.limits.name_length)
    }

    pub(super) fn add_folder(&mut self, name: &str) -> Result<(), Error> {
        if name.is_empty() {
            return Ok(());
        }
        match self.nodes.get(name) {
            // Folders may be named again: many writers do, and nothing is overwritten.
            Some(Node::Folder) => Ok(()),
            Some(_) => Err(Error::Duplicate {
                name: name.to_owned(),
            }),
            None => {
                self.prepare_parents(name)?;
                self.make_folder(name)
            }
        }
    }

    pub(super) fn create_file(&mut self, name: &str, executable: bool) -> Result<NewFile, Error> {
        self.claim(name, Node::Unfinished)?;
        let path = self.root.join(name);
        let mode = if executable { 0o755 } else { 0o644 };
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(mode)
            .open(&path);
        let file = file.map_err(Error::file("create", &path))?;
        // The mode at creation is reduced by this process's mask.
        file.set_permissions(Permissions::from_mode(mode))
            .map_err(Error::file("set the mode of", &path))?;
        Ok(NewFile {
            name: name.to_owned(),
            path,
            file,
            hash: Sha256::new(),
            executable,
        })
    }

    pub(super) fn keep_file(&mut self, file: NewFile) {
        let leaf = Leaf::File {
            content: file.hash.finalize().into(),
            executable: file.executable,
        };
        self.nodes.insert(file.name, Node::File(leaf));
    }

    pub(super) fn add_link(&mut self, name: &str, target: &[u8]) -> Result<(), Error> {
        let Ok(text) = std::str::from_utf8(target) else {
            return Err(unsafe_link(name, target, "its target is not UTF-8"));
        };
        if text.len() > self.budget.limits.name_length {
            return Err(unsafe_link(name, target, "its target is too long"));
        }
        self.claim(name, Node::Link(text.to_owned()))
    }

    /// A hard link to a file that the archive has already brought.
    pub(super) fn add_hard_link(&mut self, name: &str, target: &[u8]) -> Result<(), Error> {
        let clean = self.name(target).map_err(|error| match error {
            Error::UnsafeName { reason, .. } => unsafe_link(name, target, reason),
            other => other,
        })?;
        let Some(Node::File(leaf)) = self.nodes.get(&clean) else {
            let reason = "a hard link must be to a file earlier in the archive";
            return Err(unsafe_link(name, target, reason));
        };
        let leaf = leaf.clone();
        self.claim(name, Node::File(leaf))?;
        let path = self.root.join(name);
        fs::hard_link(self.root.join(clean), &path).map_err(Error::file("create", path))
    }

    /// Creates the links and sums up.
    pub(super) fn finish(self) -> Result<Unpacked, Error> {
        let mut leaves = BTreeMap::new();
        for (name, node) in &self.nodes {
            match node {
                Node::Folder | Node::Unfinished => {}
                Node::File(leaf) => {
                    leaves.insert(name.clone(), leaf.clone());
                }
                Node::Link(target) => {
                    if let Some(reason) = links::refusal(name, target, |at| self.look_up(at)) {
                        return Err(unsafe_link(name, target.as_bytes(), reason));
                    }
                    let path = self.root.join(name);
                    symlink(target, &path).map_err(Error::file("create", path))?;
                    leaves.insert(
                        name.clone(),
                        Leaf::Link {
                            target: target.clone(),
                        },
                    );
                }
            }
        }
        fs::set_permissions(&self.root, Permissions::from_mode(0o755))
            .map_err(Error::file("set the mode of", &self.root))?;
        Ok(Unpacked {
            sha256: of_leaves(&leaves),
            bytes: self.budget.content_so_far(),
            files: leaves.len() as u64,
        })
    }

    fn look_up(&self, name: &str) -> Found {
        match self.nodes.get(name) {
            None => Found::Nothing,
            Some(Node::Folder) => Found::Folder,
            Some(Node::File(_) | Node::Unfinished) => Found::File,
            Some(Node::Link(target)) => Found::Link(target.clone()),
        }
    }

    /// Takes a name for a file or link, with the folders above it.
    fn claim(&mut self, name: &str, node: Node) -> Result<(), Error> {
        if name.is_empty() || self.nodes.contains_key(name) {
            let name = if name.is_empty() { "." } else { name }.to_owned();
            return Err(Error::Duplicate { name });
        }
        self.budget.entry(name)?;
        self.prepare_parents(name)?;
        self.nodes.insert(name.to_owned(), node);
        Ok(())
    }

    fn prepare_parents(&mut self, name: &str) -> Result<(), Error> {
        for parent in name::parents(name) {
            let kind = match self.nodes.get(parent) {
                Some(Node::Folder) => continue,
                None => {
                    self.make_folder(parent)?;
                    continue;
                }
                Some(Node::Link(_)) => "link",
                Some(Node::File(_) | Node::Unfinished) => "file",
            };
            let (name, parent) = (name.to_owned(), parent.to_owned());
            return Err(Error::ParentNotFolder { name, parent, kind });
        }
        Ok(())
    }

    fn make_folder(&mut self, name: &str) -> Result<(), Error> {
        self.budget.entry(name)?;
        let path = self.root.join(name);
        fs::create_dir(&path).map_err(Error::file("create", &path))?;
        fs::set_permissions(&path, Permissions::from_mode(0o755))
            .map_err(Error::file("set the mode of", &path))?;
        self.nodes.insert(name.to_owned(), Node::Folder);
        Ok(())
    }
}

fn unsafe_link(name: &str, target: &[u8], reason: &'static str) -> Error {
    Error::UnsafeLink {
        name: name.to_owned(),
        target: name::printable(target),
        reason,
    }
}
