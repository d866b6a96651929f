//! What a supervisor is told: everything about one attempt, in one file.

use domain::environment::Environment;
use domain::function::Network;
use domain::metric::MetricPattern;
use domain::pipe::Pipe;
use domain::resources::Limits;
use domain::{ByteSize, Span};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// One attempt of a job, ready to be run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Launch {
    /// The ticket, which is the attempt's name everywhere.
    pub ticket: String,
    /// The job's name as people know it; the clouds' contracts pass it on.
    pub job: String,
    /// Whether it is the whole of its job.
    #[serde(default)]
    pub part: Part,
    /// What is started.
    pub program: Program,
    /// Where the code comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Source>,
    /// Whether a `requirements.txt` at the top of the code adds to the environment, as on
    /// SageMaker.
    #[serde(default)]
    pub code_requirements: CodeRequirements,
    /// What it runs in.
    #[serde(default)]
    pub environment: Environment,
    /// The folder under which environments and tools are kept, shared by all tickets.
    pub data: PathBuf,
    /// What is staged before it starts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<Input>,
    /// What of the environment's own packages is put into inputs' folders besides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub packages: Vec<PackageData>,
    /// What is collected besides the model and the common output folder.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<Output>,
    /// The folder whose files are read while it runs, and kept however it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoints: Option<Output>,
    /// What of the network user code may reach. A machine that cannot keep it from the rest does
    /// not start it.
    #[serde(default)]
    pub network: Network,
    /// The process whose network a host shares with the others of its gang.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared_network: Option<u32>,
    /// Folders that are packed into one file besides, once user code has ended well.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub archives: Vec<Packing>,
    /// Hyperparameters as text.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub hyperparameters: BTreeMap<String, String>,
    /// Variables; they win over all that the contracts set.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, String>,
    /// What it may not exceed.
    #[serde(default)]
    pub limits: Limits,
    /// By what means the limits are watched.
    #[serde(default)]
    pub enforcement: Enforcement,
    /// Metrics to look for in printed lines, besides the usual forms.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<MetricPattern>,
    /// Between SIGTERM and SIGKILL.
    pub grace: Span,
    /// The machine as the clouds' contracts describe it.
    #[serde(default)]
    pub machine: Machine,
    /// How much of what it prints is kept.
    #[serde(default)]
    pub log: LogLimits,
}

/// What a launch is of its job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// All of it.
    #[default]
    Whole,
    /// A gang: as many of it as [`Machine::hosts`] are started, each as a host of its own.
    Gang,
    /// A host of a gang.
    Host,
}

/// Which of its files a host of a gang gets of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Distribution {
    /// All.
    #[default]
    Replicated,
    /// Every n-th, beginning with its own number.
    Sharded,
}

/// What is started, with the code folder as working directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Program {
    /// A file of the code folder: `.py` by the environment's interpreter, `.sh` by `/bin/sh`,
    /// anything else by itself. The hyperparameters follow as `--name value`.
    Script {
        /// Relative to the code folder.
        path: String,
        /// Before the hyperparameters.
        #[serde(default)]
        arguments: Vec<String>,
    },
    /// A Python module (`python -m`); the hyperparameters follow as `--name value`.
    Module {
        /// Its dotted name.
        name: String,
        /// Before the hyperparameters.
        #[serde(default)]
        arguments: Vec<String>,
    },
    /// A command as it stands. `${{inputs.NAME}}` and `${{outputs.NAME}}` in it become paths, as
    /// in Azure's command jobs.
    Command {
        /// Program and arguments.
        arguments: Vec<String>,
    },
    /// A line for `/bin/sh -c`, with the same replacements.
    Shell {
        /// The line.
        line: String,
    },
}

/// Whether the code's own `requirements.txt` is installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CodeRequirements {
    /// It is a file like any other.
    #[default]
    Ignore,
    /// Its lines are added to the environment.
    Install,
}

/// By what means limits are enforced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Enforcement {
    /// Control groups where they can be had, else by watching.
    #[default]
    Best,
    /// By watching only, as on a machine without control groups.
    Watching,
}

/// Where a folder's content comes from. All paths are of this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Source {
    /// Files, each with its name in the folder.
    Files {
        /// Relative path to file.
        files: Vec<StagedFile>,
    },
    /// A folder with all its content.
    Folder {
        /// Which.
        path: PathBuf,
    },
    /// An archive (tar, tar.gz or zip), unpacked.
    Archive {
        /// Which.
        path: PathBuf,
    },
}

/// A file and the name it gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StagedFile {
    /// Relative to the folder, with `/`.
    pub path: String,
    /// The file with the content.
    pub source: PathBuf,
}

/// One input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// Its name; a channel on SageMaker.
    pub channel: String,
    /// Where user code expects it: below `/opt/ml/`, or relative to the code folder. Unset means
    /// `/opt/ml/input/data/<channel>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// How it is spread over the hosts of a gang.
    #[serde(default)]
    pub distribution: Distribution,
    /// Media type, for `inputdataconfig.json`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// How it is streamed; unset stages it as files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pipe: Option<Pipe>,
    /// Its content.
    pub source: Source,
}

/// Data that a package of the environment brings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageData {
    /// The input that it is for.
    pub channel: String,
    /// A file, or a folder whose content is meant, below where packages are installed.
    pub path: String,
}

/// One output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// Its name.
    pub name: String,
    /// Where user code leaves it: below `/opt/ml/`, or relative to the code folder. Unset means
    /// `/opt/ml/output/<name>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

/// An output that is packed as one gzip-compressed tar; collected as an output of its own with
/// the name [`Packing::collected`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packing {
    /// `model`, `output`, or an output's name.
    pub output: String,
    /// The archive's file name.
    pub file: String,
}

impl Packing {
    /// Under which name the archive is collected; no output of a job can have it.
    pub fn collected(&self) -> String {
        format!("{}//{}", self.output, self.file)
    }
}

/// The machine as a job is told of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Machine {
    /// CPUs.
    pub cpus: u32,
    /// Accelerators.
    pub accelerators: u32,
    /// Main memory.
    pub memory: ByteSize,
    /// Machine type by the caller's words, as in `ml.m5.large`.
    pub instance_type: String,
    /// This host's name in a gang.
    pub host: String,
    /// All hosts of the gang.
    pub hosts: Vec<String>,
}

impl Default for Machine {
    fn default() -> Self {
        Self {
            cpus: 1,
            accelerators: 0,
            memory: ByteSize(0),
            instance_type: "local".to_owned(),
            host: "algo-1".to_owned(),
            hosts: vec!["algo-1".to_owned()],
        }
    }
}

/// How much of the printed lines is kept: the beginning and the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LogLimits {
    /// Of the beginning.
    pub head: ByteSize,
    /// Of the end.
    pub tail: ByteSize,
}

impl Default for LogLimits {
    fn default() -> Self {
        Self {
            head: ByteSize::mebibytes(16),
            tail: ByteSize::mebibytes(16),
        }
    }
}

impl Launch {
    /// An attempt that starts `program` and asks for nothing else.
    pub fn new(ticket: impl Into<String>, program: Program, data: impl Into<PathBuf>) -> Self {
        let ticket = ticket.into();
        Self {
            job: ticket.clone(),
            ticket,
            part: Part::default(),
            program,
            code: None,
            code_requirements: CodeRequirements::default(),
            environment: Environment::default(),
            data: data.into(),
            inputs: Vec::new(),
            packages: Vec::new(),
            outputs: Vec::new(),
            checkpoints: None,
            network: Network::default(),
            shared_network: None,
            archives: Vec::new(),
            hyperparameters: BTreeMap::new(),
            variables: BTreeMap::new(),
            limits: Limits::default(),
            enforcement: Enforcement::default(),
            metrics: Vec::new(),
            grace: Span::seconds(10),
            machine: Machine::default(),
            log: LogLimits::default(),
        }
    }
}
