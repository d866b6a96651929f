//! The arguments of the commands about functions.

use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Args)]
pub(crate) struct FunctionArguments {
    #[command(subcommand)]
    pub(crate) action: FunctionAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum FunctionAction {
    /// List functions.
    Ls,
    /// Show a function with its versions, aliases and figures.
    Show {
        /// The function.
        name: String,
    },
    /// Deploy a folder or an object as a function.
    Deploy(Box<FunctionDeployArguments>),
    /// Print what a function logged last.
    Log {
        /// The function.
        name: String,
        /// At most so many lines.
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// Make a version of what is deployed; it never changes.
    Publish {
        /// The function.
        name: String,
        /// For people.
        #[arg(long, default_value = "")]
        description: String,
    },
    /// Point an alias to a version, or to two by shares: `3`, or `3 4=10`.
    Alias {
        /// The function.
        name: String,
        /// The alias.
        alias: String,
        /// The version.
        #[arg(value_name = "VERSION")]
        number: u32,
        /// A second version with its share in per cent.
        #[arg(value_name = "VERSION=PERCENT")]
        second: Option<String>,
    },
    /// Forget a function with its versions and aliases.
    Rm {
        /// The function.
        name: String,
    },
}

/// The forms of functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormWord {
    /// AWS Lambda.
    Aws,
    /// Google Cloud Functions.
    Google,
    /// Azure Functions.
    Azure,
}

/// The network policies of functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum NetworkWord {
    /// Nothing.
    None,
    /// A loopback of its own.
    Loopback,
    /// Whatever the machine reaches.
    Open,
}

#[derive(Debug, Args)]
pub(crate) struct FunctionDeployArguments {
    /// The function; made when it is not there.
    pub(crate) name: String,
    /// A folder, or an archive in a bucket such as `s3://bucket/code.zip`.
    pub(crate) code: String,
    /// How the code wants to be called.
    #[arg(long, value_enum, default_value = "aws")]
    pub(crate) form: FormWord,
    /// `module.function` on AWS, the function's name on Google Cloud, a folder or nothing on Azure.
    #[arg(long, default_value = "")]
    pub(crate) handler: String,
    /// Python version; unset means the machine's.
    #[arg(long, value_name = "VERSION")]
    pub(crate) python: Option<String>,
    /// Run the program `bootstrap` of the code, which speaks Lambda's Runtime API.
    #[arg(long, conflicts_with = "command")]
    pub(crate) bootstrap: bool,
    /// Run this command, which speaks Lambda's Runtime API, such as `python -m awslambdaric app.handler`.
    #[arg(long, value_name = "COMMAND")]
    pub(crate) command: Option<String>,
    /// Most memory, such as `256MiB`.
    #[arg(long, default_value = "128MiB")]
    pub(crate) memory: String,
    /// Most time of a call, such as `30s`.
    #[arg(long, default_value = "3s")]
    pub(crate) timeout: String,
    /// CPUs of an instance, such as `0.5`; unset leaves it all that is free.
    #[arg(long, value_name = "CPUS")]
    pub(crate) cpus: Option<f64>,
    /// A variable.
    #[arg(long = "env", short = 'e', value_name = "NAME=VALUE")]
    pub(crate) env: Vec<String>,
    /// A layer: a folder or an archive in a bucket, unpacked below `/opt`.
    #[arg(long = "layer", value_name = "LAYER")]
    pub(crate) layers: Vec<String>,
    /// Instances that are kept warm.
    #[arg(long, default_value_t = 0)]
    pub(crate) min: u32,
    /// Instances at most.
    #[arg(long, default_value_t = 10)]
    pub(crate) max: u32,
    /// What of the network it may reach.
    #[arg(long, value_enum, default_value = "open")]
    pub(crate) network: NetworkWord,
    /// Let everybody who reaches the server send requests to its address.
    #[arg(long)]
    pub(crate) public: bool,
    /// Call it by a cron expression, such as `*/5 * * * *`, or every so often, such as `10m`.
    #[arg(long, value_name = "WHEN")]
    pub(crate) schedule: Option<String>,
    /// Call it for each new object of a bucket, such as `s3://bucket/prefix`.
    #[arg(long, value_name = "LOCATION")]
    pub(crate) on_object: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct InvokeArguments {
    /// The function; `name:3` or `name:alias` for another version.
    pub(crate) name: String,
    /// A file with the event, `-` for standard input, or JSON itself.
    #[arg(default_value = "{}")]
    pub(crate) event: String,
    /// Have the event taken in and answered in its turn, again when that fails.
    #[arg(long)]
    pub(crate) later: bool,
    /// Print the end of what the call logged on standard error.
    #[arg(long)]
    pub(crate) log: bool,
}
