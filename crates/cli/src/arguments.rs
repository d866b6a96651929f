//! The command line as it is typed.

mod advice;
mod costs;
mod front;
mod functions;
mod objects;
mod planning;
mod traffic;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

pub(crate) use advice::{AdviceAction, AdviceArguments};
pub(crate) use costs::{
    BudgetAction, BudgetArguments, ByArguments, CostAction, CostArguments, Drawing,
    ImportArguments, Narrowing, RateArguments, UnitArguments,
};
pub(crate) use front::{DoctorArguments, EnvArguments, ExecArguments, Shell, Via};
pub(crate) use functions::{
    FormWord, FunctionAction, FunctionArguments, FunctionDeployArguments, InvokeArguments,
    NetworkWord,
};
pub(crate) use objects::{ObjectAction, ObjectArguments, PutArguments, VersionsWord};
pub(crate) use traffic::TrafficArguments;

pub(crate) use planning::{
    Aim, CatalogAction, CatalogArguments, OfferFilter, PlanArguments, RefreshArguments,
    RunArguments,
};

/// A machine-learning control plane for every cloud and for none.
#[derive(Debug, Parser)]
#[command(
    name = "tradewind",
    version,
    propagate_version = true,
    max_term_width = 100
)]
pub(crate) struct Arguments {
    /// Folder where the embedded server keeps everything.
    #[arg(long, global = true, env = "TRADEWIND_DATA", value_name = "FOLDER")]
    pub(crate) data: Option<PathBuf>,
    /// A server elsewhere instead of the embedded one.
    #[arg(long, global = true, env = "TRADEWIND_SERVER", value_name = "URL")]
    pub(crate) server: Option<String>,
    /// API key; unset means the embedded server's own.
    #[arg(
        long,
        global = true,
        env = "TRADEWIND_KEY",
        hide_env_values = true,
        value_name = "KEY"
    )]
    pub(crate) key: Option<String>,
    /// Print JSON for programs.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a folder's workload: train, register, deploy, predict.
    Run(RunArguments),
    /// Show where a workload would run, what it would cost and why; starts nothing.
    Plan(PlanArguments),
    /// Show, compare and renew the prices that plans are made of.
    Catalog(CatalogArguments),
    /// List jobs, or show one.
    Jobs(Listing),
    /// Print the log of a job or of a run's jobs.
    Logs(LogArguments),
    /// Stop a job or a run.
    Stop(Named),
    /// List runs of pipelines, show one, or resume one that failed.
    Pipelines(PipelineArguments),
    /// List models, or show one with its versions.
    Models(ModelArguments),
    /// List endpoints, or show one.
    Endpoints(Listing),
    /// Put a model version behind an endpoint, or deploy the functions of a SAM template.
    Deploy(DeployArguments),
    /// Deploy, list, show, version and forget functions.
    Functions(FunctionArguments),
    /// Call a function with an event.
    Invoke(InvokeArguments),
    /// Send a payload to an endpoint.
    Predict(PredictArguments),
    /// Show how far what an endpoint is asked has moved from its baseline.
    Drift(DriftArguments),
    /// Show where the time of an endpoint's slowest requests of the last minutes went.
    Traces(TraceArguments),
    /// Buckets, objects and their versions.
    Objects(ObjectArguments),
    /// Delete a job, run, model, model version or endpoint.
    Delete(DeleteArguments),
    /// Show who changed what and when.
    Events(EventArguments),
    /// Make, show or revoke API keys.
    Keys(KeyArguments),
    /// Run any program so that its cloud SDK comes to this server.
    Exec(ExecArguments),
    /// Print the variables of `exec` for a shell.
    Env(EnvArguments),
    /// What was spent: import bills, sum them by any key, export them.
    Costs(CostArguments),
    /// How budgets stand; set and remove them.
    Budgets(BudgetArguments),
    /// What to change to spend less, with evidence.
    Advice(AdviceArguments),
    /// Run the server in the foreground.
    Serve(ServeArguments),
    /// Say what this machine has and lacks, and how to get it.
    Doctor(DoctorArguments),
    /// Print the JSON Schema of `tradewind.yaml`.
    Schema(Nothing),
    /// Print completions for a shell.
    Completions(CompletionArguments),
}

#[derive(Debug, Args)]
pub(crate) struct Nothing {}

#[derive(Debug, Args)]
pub(crate) struct Listing {
    /// Show this one.
    pub(crate) id: Option<String>,
    /// Only these states, separated by commas.
    #[arg(long)]
    pub(crate) phase: Option<String>,
    /// At most so many.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,
}

#[derive(Debug, Args)]
pub(crate) struct Named {
    /// A job's or run's id, or `latest` for the newest run.
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    pub(crate) id: String,
}

#[derive(Debug, Args)]
pub(crate) struct LogArguments {
    /// A job's or run's id, or `latest` for the newest run.
    #[arg(default_value = "latest")]
    pub(crate) id: String,
    /// Go on until it is over.
    #[arg(long, short = 'f')]
    pub(crate) follow: bool,
}

#[derive(Debug, Args)]
pub(crate) struct PipelineArguments {
    /// Show this run; `latest` for the newest.
    pub(crate) id: Option<String>,
    /// Go on with it: what succeeded stays, the rest is done again.
    #[arg(long, requires = "id")]
    pub(crate) resume: bool,
    /// Show the plan that is kept with it.
    #[arg(long, requires = "id", conflicts_with = "resume")]
    pub(crate) plan: bool,
    /// Plan it again from what its plan was made from and say what differs.
    #[arg(long, requires = "id", conflicts_with_all = ["resume", "plan"])]
    pub(crate) replay: bool,
    /// At most so many.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,
}

#[derive(Debug, Args)]
pub(crate) struct ModelArguments {
    /// Show this one (`name`, `name:3` or `name@alias`).
    pub(crate) name: Option<String>,
    /// Approve the version that was named.
    #[arg(long, requires = "name", conflicts_with = "reject")]
    pub(crate) approve: bool,
    /// Reject the version that was named.
    #[arg(long, requires = "name")]
    pub(crate) reject: bool,
    /// Point this alias to the version that was named.
    #[arg(long, requires = "name", value_name = "ALIAS")]
    pub(crate) alias: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct DeployArguments {
    /// The endpoint, made when it is not there; or an AWS SAM template such as `template.yaml`.
    #[arg(value_name = "ENDPOINT|TEMPLATE")]
    pub(crate) endpoint: String,
    /// Model versions and their shares: `digits:3`, or `digits:3=90 digits:4=10`.
    #[arg(value_name = "MODEL[=PERCENT]")]
    pub(crate) models: Vec<String>,
    /// Of a template: the name of its stack; unset is its folder's.
    #[arg(long, value_name = "NAME")]
    pub(crate) stack: Option<String>,
    /// Of a template: the value of a parameter.
    #[arg(long = "set", short = 's', value_name = "NAME=VALUE")]
    pub(crate) set: Vec<String>,
    /// Take nothing over from the endpoint as it stands. Without it, options that are not said here,
    /// tags, sticky callers and capture stay as they are.
    #[arg(long)]
    pub(crate) reset: bool,
    /// Workers of each that are kept ready; with 0 the first request waits for a start. A new
    /// endpoint has 1.
    #[arg(long)]
    pub(crate) replicas: Option<u32>,
    /// Most workers of each under load; a new endpoint does not scale.
    #[arg(long, value_name = "N")]
    pub(crate) max_replicas: Option<u32>,
    /// Most requests that one prediction answers together; unset joins none.
    #[arg(long, value_name = "N")]
    pub(crate) batch: Option<u32>,
    /// Leave the model to its Python worker even where the server could evaluate it itself.
    #[arg(long)]
    pub(crate) no_native: bool,
    /// Most memory of one worker, such as `512MiB`; one that uses it up is ended and replaced.
    #[arg(long)]
    pub(crate) memory: Option<String>,
    /// What of the network the workers may reach; those of a new endpoint reach all of it.
    #[arg(long, value_enum)]
    pub(crate) network: Option<NetworkWord>,
    /// Whether a prediction is made again on another worker when one ended in the middle of it; a
    /// new endpoint does so once.
    #[arg(long, value_enum)]
    pub(crate) retry: Option<RetryWord>,
    #[command(flatten)]
    pub(crate) traffic: TrafficArguments,
}

/// How often a prediction is made again after its worker ended in the middle of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RetryWord {
    /// Once: right for predictions, which have no effects.
    Once,
    /// Never: right for code with effects.
    Never,
}

#[derive(Debug, Args)]
pub(crate) struct TraceArguments {
    /// The endpoint.
    pub(crate) endpoint: String,
}

#[derive(Debug, Args)]
pub(crate) struct DriftArguments {
    /// The endpoint; it captures what it is asked.
    pub(crate) endpoint: String,
}

#[derive(Debug, Args)]
pub(crate) struct PredictArguments {
    /// The endpoint.
    pub(crate) endpoint: String,
    /// A file with the payload, `-` for standard input, or JSON itself.
    pub(crate) payload: String,
    /// Media type of the payload; unset is told from the file's name.
    #[arg(long, value_name = "TYPE")]
    pub(crate) content_type: Option<String>,
    /// Media type wanted back.
    #[arg(long, default_value = "application/json", value_name = "TYPE")]
    pub(crate) accept: String,
    /// Ask this deployment, whatever the shares.
    #[arg(long)]
    pub(crate) deployment: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct DeleteArguments {
    /// What it is.
    #[arg(value_parser = ["job", "run", "model", "endpoint"])]
    pub(crate) kind: String,
    /// Its name; `model:3` for one version.
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    pub(crate) name: String,
}

#[derive(Debug, Args)]
pub(crate) struct EventArguments {
    /// From this number on, the oldest first; unset are the newest.
    #[arg(long, value_name = "NUMBER", conflicts_with = "before")]
    pub(crate) after: Option<i64>,
    /// The newest of those that came before this number.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) before: Option<i64>,
    /// At most so many, up to 1,000.
    #[arg(long, default_value_t = 100)]
    pub(crate) limit: u32,
}

#[derive(Debug, Args)]
pub(crate) struct KeyArguments {
    #[command(subcommand)]
    pub(crate) action: KeyAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyAction {
    /// Make a key; it is shown only now.
    Make {
        /// Its name.
        name: String,
        /// What it may do.
        #[arg(long, default_value = "editor",
              value_parser = ["reader", "invoker", "editor", "administrator"])]
        role: String,
        /// The workspace that it opens; unset means your own.
        #[arg(long)]
        workspace: Option<String>,
    },
    /// Print the key that this program itself uses, for `curl` and other clients.
    Show,
    /// Revoke all keys of a name.
    Revoke {
        /// The name.
        name: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ServeArguments {
    /// A settings file in TOML.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Address and port; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<String>,
    /// Allow an address that other machines can reach.
    #[arg(long)]
    pub(crate) allow_remote: bool,
    /// Take a free port when the wanted one is not free.
    #[arg(long)]
    pub(crate) any_port: bool,
    /// `postgres://…` instead of SQLite in the data folder.
    #[arg(
        long,
        env = "TRADEWIND_DATABASE",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub(crate) database: Option<String>,
    /// Folder for environments and tools, so that several data folders can share them.
    #[arg(long, env = "TRADEWIND_ENVIRONMENTS", value_name = "FOLDER")]
    pub(crate) environments: Option<PathBuf>,
    /// Base address of a collector of OpenTelemetry, which is sent each prediction as a span
    /// (OTLP over HTTP, JSON).
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT", value_name = "URL")]
    pub(crate) otlp_endpoint: Option<String>,
    /// Jobs that run at once on this machine.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) live_jobs: Option<u32>,
    /// How long what this server claimed stays its own, in milliseconds.
    #[arg(long, value_name = "MS", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) lease_milliseconds: Option<u32>,
    /// Days for which events, the audit trail, are kept; 0 keeps them for ever [default: 90].
    #[arg(long, value_name = "DAYS")]
    pub(crate) keep_events_days: Option<u32>,
    /// Days after which an unused Python environment is removed; 0 never does [default: 30].
    #[arg(long, value_name = "DAYS")]
    pub(crate) keep_environments_days: Option<u32>,
}

#[derive(Debug, Args)]
pub(crate) struct CompletionArguments {
    /// The shell.
    pub(crate) shell: clap_complete::Shell,
}
