//! The command line of runs, of plans and of the price catalog.

use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// What a plan makes as small as possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Aim {
    /// Money.
    Cost,
    /// Time until all is done.
    Time,
    /// Money, everything done within the deadline.
    CostByDeadline,
}

#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    /// Folder with a `tradewind.yaml`, or the file itself.
    #[arg(default_value = ".")]
    pub(crate) path: PathBuf,
    /// Give a parameter of the file another value.
    #[arg(long = "set", short = 's', value_name = "NAME=VALUE")]
    pub(crate) set: Vec<String>,
    /// Do every step again, whatever the cache has.
    #[arg(long)]
    pub(crate) no_cache: bool,
    /// Return as soon as the run is accepted.
    #[arg(long)]
    pub(crate) detach: bool,
}

#[derive(Debug, Default, Args)]
pub(crate) struct PlanArguments {
    /// Folder with a `tradewind.yaml`, or the file itself.
    #[arg(default_value = ".")]
    pub(crate) path: PathBuf,
    /// Give a parameter of the file another value.
    #[arg(long = "set", short = 's', value_name = "NAME=VALUE")]
    pub(crate) set: Vec<String>,
    /// What is made as small as possible; unset is cost, by the file's deadline when it has one.
    #[arg(long, value_enum)]
    pub(crate) objective: Option<Aim>,
    /// When all must be done, from now: `6h`; unset is the file's.
    #[arg(long, value_name = "TIME")]
    pub(crate) deadline: Option<String>,
    /// How long every step takes (`2h`) or one of them (`train=2h`); unset is its time limit, else
    /// an hour.
    #[arg(long, value_name = "[STEP=]TIME")]
    pub(crate) run_time: Vec<String>,
    /// How much data a step hands on to each step that needs it.
    #[arg(long, value_name = "STEP=SIZE")]
    pub(crate) output_size: Vec<String>,
    /// How much has left a provider for the internet this month (`aws=0`); its free volume counts
    /// as used up unless this says otherwise.
    #[arg(long, value_name = "PROVIDER=SIZE")]
    pub(crate) egress_used: Vec<String>,
    /// What an hour of this machine costs: `0.40 USD`.
    #[arg(long, value_name = "MONEY", default_value = "0 USD")]
    pub(crate) local_rate: String,
    /// Only places at most so far from a region, along the great circle: `aws/eu-central-1=500km`.
    /// Places whose position is not known are left out.
    #[arg(long, value_name = "PROVIDER/REGION=DISTANCE")]
    pub(crate) near: Option<String>,
    /// Only regions whose grid carries at most so many grams of CO2 equivalent a kilowatt-hour;
    /// regions where that is not known pass, and the plan says so.
    #[arg(long, value_name = "GRAMS")]
    pub(crate) max_carbon: Option<u32>,
    /// Only this region, by its code or as `provider/code`; may be repeated.
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Vec<String>,
    /// Only regions that are known to have this certification, such as `iso-27001`; may be repeated.
    #[arg(long, value_name = "NAME")]
    pub(crate) certification: Vec<String>,
    /// Buy a provider's machines through a managed service, at its prices: `aws=sagemaker`,
    /// `google=vertex`, `azure=azureml`.
    #[arg(long, value_name = "PROVIDER=SERVICE")]
    pub(crate) service: Vec<String>,
    /// A JSON file with what is known of the accounts: quotas, commitments that are paid for, and
    /// queues.
    #[arg(long, value_name = "FILE")]
    pub(crate) accounts: Option<PathBuf>,
    /// Consider every provider of the catalog, whatever the policy lists and is connected.
    #[arg(long)]
    pub(crate) any_provider: bool,
    /// Show the front of cost against time.
    #[arg(long)]
    pub(crate) pareto: bool,
    /// Show the next best offers, and the rejected ones with the rule that rejected them.
    #[arg(long)]
    pub(crate) explain: bool,
    /// Draw the steps with where each goes and what data moves.
    #[arg(long)]
    pub(crate) dag: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CatalogArguments {
    #[command(subcommand)]
    pub(crate) action: CatalogAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CatalogAction {
    /// List offers, cheapest first.
    Show(OfferFilter),
    /// Compare two catalog files; `embedded` and `current` name the program's and the used one.
    Diff {
        /// The earlier one.
        old: String,
        /// The later one.
        new: String,
        /// At most so many prices of each kind of change.
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// Read new prices from the vendors' public price lists.
    Refresh(RefreshArguments),
    /// List prices that are not planned on, with the reason.
    Quarantine(OfferFilter),
}

#[derive(Debug, Args)]
pub(crate) struct OfferFilter {
    /// Only this provider.
    #[arg(long)]
    pub(crate) provider: Option<String>,
    /// Only this region.
    #[arg(long)]
    pub(crate) region: Option<String>,
    /// Only machine types with this in their name.
    #[arg(long)]
    pub(crate) machine: Option<String>,
    /// Only machines with this accelerator; `none` for machines without.
    #[arg(long)]
    pub(crate) accelerator: Option<String>,
    /// Only machines with at least so many virtual CPUs.
    #[arg(long, value_name = "N")]
    pub(crate) cpus: Option<u32>,
    /// Only machines with at least so much memory: `64GiB`.
    #[arg(long, value_name = "SIZE")]
    pub(crate) memory: Option<String>,
    /// At most so many.
    #[arg(long, default_value_t = 20)]
    pub(crate) limit: usize,
}

#[derive(Debug, Args)]
pub(crate) struct RefreshArguments {
    /// Only these providers; unset is all whose lists can be read.
    #[arg(long, value_parser = ["aws", "azure", "google"])]
    pub(crate) provider: Vec<String>,
    /// Only these regions (AWS and Azure).
    #[arg(long)]
    pub(crate) region: Vec<String>,
    /// Read from this address instead of the vendor's, as a mirror has it; needs one `--provider`.
    #[arg(long, value_name = "URL", requires = "provider")]
    pub(crate) base_url: Option<String>,
    /// API key for Google Cloud's list, which has none without.
    #[arg(
        long,
        env = "GOOGLE_API_KEY",
        hide_env_values = true,
        value_name = "KEY"
    )]
    pub(crate) google_key: Option<String>,
}
