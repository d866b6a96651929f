//! The workload file `tradewind.yaml`: a single job, or a pipeline of steps.
//!
//! A file goes through four stages, and each collects all the mistakes it can see before it gives
//! up: bytes become a tree whose every key and value knows its place ([`node`], bounded against
//! hostile YAML); the tree is compared with the JSON Schema of the types ([`check`]); the types
//! are converted into the words of the domain ([`convert`]); references between steps are
//! resolved. Nothing is started by a file with a mistake.

mod check;
mod context;
mod convert;
mod error;
mod file;
mod folder;
mod node;
mod parameters;
pub mod sam;
mod schema;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};

use domain::pipeline::PipelineSpec;
use serde::de::DeserializeOwned;
use serde_json::Value;

use context::Context;
use error::Mistake;
use node::{Kind, LARGEST_FILE, Node};

pub use error::{Error, Located, Mistakes};
pub use parameters::parse_override;
pub use schema::schema;

/// The names that are looked for in a folder, in this order.
pub const FILE_NAMES: [&str; 2] = ["tradewind.yaml", "tradewind.yml"];

/// A workload that can be submitted once its code is packed.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// What shall be done. The jobs' `code` is unset; inputs that are paths are relative to
    /// [`Loaded::folder`]; samples are already in the steps that send them.
    pub spec: PipelineSpec,
    /// The file that was read.
    pub file: PathBuf,
    /// Its folder, which is the code that travels.
    pub folder: PathBuf,
    /// What is odd but no mistake.
    pub warnings: Vec<String>,
}

/// Loads a workload file, or the one in a folder. `overrides` give parameters other values; they
/// are read by [`parse_override`].
///
/// # Errors
/// [`Error::Mistakes`] with every mistake found; others when there is nothing to read.
pub fn load(path: &Path, overrides: &BTreeMap<String, String>) -> Result<Loaded, Error> {
    let file = find(path)?;
    let folder = match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    let failed = |source| Error::Read {
        path: file.clone(),
        source,
    };
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(&file).map_err(failed)?;
    opened
        .take(LARGEST_FILE as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    let name = file.display().to_string();
    let (spec, warnings) = parse(&bytes, &name, Some(&folder), overrides)?;
    Ok(Loaded {
        spec,
        file,
        folder,
        warnings,
    })
}

fn find(path: &Path) -> Result<PathBuf, Error> {
    if !path.is_dir() {
        return Ok(path.to_owned());
    }
    let candidates = FILE_NAMES.iter().map(|name| path.join(name));
    let found = candidates.into_iter().find(|file| file.is_file());
    found.ok_or_else(|| Error::NoFile {
        folder: path.to_owned(),
    })
}

/// Reads a workload file's content. `name` is what mistakes call it. Without a folder the files
/// that it names are not looked at, and samples and requirements files cannot be had.
///
/// # Errors
/// [`Error::Mistakes`] with every mistake found, or [`Error::TooLarge`]. No input panics.
pub fn parse(
    bytes: &[u8],
    name: &str,
    folder: Option<&Path>,
    overrides: &BTreeMap<String, String>,
) -> Result<(PipelineSpec, Vec<String>), Error> {
    if bytes.len() > LARGEST_FILE {
        return Err(Error::TooLarge {
            file: name.to_owned(),
            most: LARGEST_FILE,
        });
    }
    let lossy = String::from_utf8_lossy(bytes);
    let source = lossy.strip_prefix('\u{feff}').unwrap_or(&lossy);
    let mistakes = |found| Error::from(Mistakes::new(name, source, found));
    if let Err(error) = std::str::from_utf8(bytes) {
        // Up to the bad byte the lossy text is the file itself.
        let dropped = lossy.len() - source.len();
        let at = error.valid_up_to().saturating_sub(dropped);
        return Err(mistakes(vec![Mistake::at(
            at..at,
            "the file is not UTF-8 here",
        )]));
    }
    if let Some(at) = source.find('\0') {
        return Err(mistakes(vec![Mistake::at(
            at..at,
            "the file has a NUL character here",
        )]));
    }
    let root = Node::read(source).map_err(|mistake| mistakes(vec![mistake]))?;
    if !matches!(root.kind, Kind::Map(_)) {
        let message = format!(
            "expected `name:` and `script:` or `steps:`, found {}",
            if root.kind == Kind::Null {
                "an empty file".to_owned()
            } else {
                root.describe()
            }
        );
        return Err(mistakes(vec![Mistake::at(root.span.clone(), message)]));
    }
    understand(source, &root, folder, overrides).map_err(mistakes)
}

fn understand(
    source: &str,
    root: &Node,
    folder: Option<&Path>,
    overrides: &BTreeMap<String, String>,
) -> Result<(PipelineSpec, Vec<String>), Vec<Mistake>> {
    let (value, mut mistakes) = check::check(root, &schema());
    let parameters = parameters::resolve(root, overrides, &mut mistakes);
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    let mut context = Context {
        source,
        root,
        folder,
        parameters,
        used: BTreeSet::new(),
        uses: Vec::new(),
        mistakes,
        warnings: Vec::new(),
    };
    let spec = if root.get("steps").is_some() {
        context.pipeline(&typed(value)?)
    } else {
        context.single(&typed(value)?)
    };
    match spec {
        Some(spec) => Ok((spec, context.warnings)),
        None if context.mistakes.is_empty() => {
            Err(vec![Mistake::at(0..0, "the file could not be understood")])
        }
        None => Err(context.mistakes),
    }
}

/// The types read what the schema lets through; should they ever disagree, that is told as well.
fn typed<T: DeserializeOwned>(value: Value) -> Result<T, Vec<Mistake>> {
    serde_json::from_value(value).map_err(|error| vec![Mistake::at(0..0, error.to_string())])
}
