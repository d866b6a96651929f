//! What user code may rely on, in the words of each cloud, all at once: a script written for one
//! of them finds its variables, folders and files here too.
//!
//! One file per contract; each adds its variables, and its files where it has some.

mod aws;
mod azure;
mod google;
mod hyperparameters;
mod inherited;
mod program;
mod tradewind;

pub use hyperparameters::arguments;
pub use inherited::inherited;
pub use program::command_line;

use crate::launch::{Input, Launch, Output};
use crate::{Error, files};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What the clouds' containers call the job's folder.
pub const BASE: &str = "/opt/ml";

/// Bytes that the system takes for one variable (`MAX_ARG_STRLEN`, execve(2)).
const LONGEST_VARIABLE: usize = 128 << 10;

/// Where user code finds its things: the same folders by the names that it sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// `/opt/ml`, or the ticket's own folder where no mount namespace can be had.
    pub base: PathBuf,
    /// For temporary files.
    pub temporary: PathBuf,
    /// The environment's interpreter.
    pub python: PathBuf,
}

impl Places {
    /// The working directory.
    pub fn code(&self) -> PathBuf {
        self.base.join("code")
    }

    /// Where the model is left.
    pub fn model(&self) -> PathBuf {
        self.base.join("model")
    }

    /// Where anything else is left.
    pub fn output(&self) -> PathBuf {
        self.base.join("output/data")
    }

    /// Where Azure's scripts leave their files: `outputs` in the working directory.
    pub fn azure_outputs(&self) -> PathBuf {
        self.code().join("outputs")
    }

    /// Where training goes on after an interruption.
    pub fn checkpoints(&self) -> PathBuf {
        self.base.join("checkpoints")
    }

    /// Where an input is.
    pub fn input(&self, input: &Input) -> Result<PathBuf, Error> {
        let owner = format!("the input `{}`", input.channel);
        let Some(path) = &input.path else {
            return files::join_inside(&self.base.join("input/data"), &input.channel, &owner);
        };
        self.inside(path, &owner)
    }

    /// Where an output is left.
    pub fn named_output(&self, output: &Output) -> Result<PathBuf, Error> {
        let owner = format!("the output `{}`", output.name);
        let Some(path) = &output.path else {
            return files::join_inside(&self.base.join("output"), &output.name, &owner);
        };
        self.inside(path, &owner)
    }

    /// A path that is below `/opt/ml/` or relative to the code folder.
    fn inside(&self, path: &str, owner: &str) -> Result<PathBuf, Error> {
        match path.strip_prefix("/opt/ml/") {
            Some(below) => files::join_inside(&self.base, below, owner),
            None => files::join_inside(&self.code(), path, owner),
        }
    }
}

/// The name of a variable for something called `name`: upper case, other characters than letters,
/// digits and `_` replaced.
pub(crate) fn variable_name(prefix: &str, name: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_uppercase()
        } else {
            '_'
        }
    };
    format!("{prefix}{}", name.chars().map(plain).collect::<String>())
}

/// All variables of all contracts; those of the launch win. What a contract would put into a
/// variable that the system does not take is left out; it is in a file as well.
pub fn variables(launch: &Launch, places: &Places) -> Result<BTreeMap<String, String>, Error> {
    let mut variables = BTreeMap::new();
    tradewind::add(launch, places, &mut variables)?;
    aws::add(launch, places, &mut variables)?;
    google::add(launch, places, &mut variables)?;
    azure::add(launch, places, &mut variables)?;
    let usable = |name: &str, value: &str| {
        !name.is_empty()
            && !name.contains(['=', '\0'])
            && !value.contains('\0')
            && name.len() + value.len() + 2 <= LONGEST_VARIABLE
    };
    for (name, value) in &launch.variables {
        if !usable(name, value) {
            return Err(Error::Invalid {
                what: "variable",
                text: name.clone(),
            });
        }
        variables.insert(name.clone(), value.clone());
    }
    variables.retain(|name, value| usable(name, value));
    Ok(variables)
}

/// Makes the folders and configuration files that the contracts promise.
pub fn prepare(launch: &Launch, places: &Places) -> Result<(), Error> {
    let folders = [
        places.code(),
        places.model(),
        places.output(),
        places.azure_outputs(),
        places.base.join("output/intermediate"),
        places.base.join("output/tensorboard"),
        places.checkpoints(),
        places.base.join("input/config"),
        places.base.join("input/data"),
        places.temporary.clone(),
    ];
    for folder in &folders {
        files::create_folder(folder)?;
    }
    for output in &launch.outputs {
        files::create_folder(&places.named_output(output)?)?;
    }
    if let Some(checkpoints) = &launch.checkpoints {
        files::create_folder(&places.named_output(checkpoints)?)?;
    }
    aws::write_configuration(launch, places)
}

/// A path as text; what is no UTF-8 is replaced, which user code could not have opened anyway.
pub(crate) fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
