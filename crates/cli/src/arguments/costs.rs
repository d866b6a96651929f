//! The words of `costs`.

use clap::builder::RangedU64ValueParser;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct CostArguments {
    #[command(subcommand)]
    pub(crate) action: Option<CostAction>,
    /// Print CSV.
    #[arg(long, conflicts_with = "json", global = true)]
    pub(crate) csv: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CostAction {
    /// Sum costs by up to four keys: `service,day`, `tag:team`, `workload`, `region`, …
    By(ByArguments),
    /// Import bills: FOCUS, AWS Cost and Usage Report, Google billing export, Azure cost details.
    Import(ImportArguments),
    /// Write the ledger as FOCUS, in CSV or Parquet.
    Export {
        /// Where to; `.parquet` decides the form, `-` is CSV on standard output.
        file: PathBuf,
        /// Billing months from this one on: `2026-05`.
        #[arg(long, value_name = "MONTH")]
        from: Option<String>,
        /// Billing months before this one.
        #[arg(long, value_name = "MONTH")]
        to: Option<String>,
    },
    /// List what was imported.
    Imports,
    /// Take away what an imported file brought.
    Withdraw {
        /// Its name or SHA-256.
        name: String,
    },
    /// What one of something costs.
    Unit(UnitArguments),
    /// What will be spent, with 80 % intervals.
    Forecast {
        /// How many days ahead.
        #[arg(long, default_value_t = 30, value_parser = RangedU64ValueParser::<usize>::new().range(1..=3_660))]
        days: usize,
        /// Which cost.
        #[arg(long, default_value = "effective")]
        metric: String,
        #[command(flatten)]
        narrowing: Narrowing,
        #[command(flatten)]
        drawing: Drawing,
    },
    /// Days that cost more or less than days like them, and what made the difference.
    Anomalies {
        /// Each value of this key is watched by itself.
        #[arg(long, default_value = "service", value_name = "KEY")]
        by: String,
        /// Which cost.
        #[arg(long, default_value = "effective")]
        metric: String,
        /// Differences below this are left out.
        #[arg(long, default_value = "1", value_name = "AMOUNT")]
        least: String,
        #[command(flatten)]
        narrowing: Narrowing,
    },
    /// Spread shared and idle costs over those who cause them.
    Allocate {
        /// Among whom: `tag:team`, `workload`, `account`.
        among: String,
        /// How shared costs are spread.
        #[arg(long, default_value = "direct", value_parser = ["direct", "even"])]
        spread: String,
        /// Which cost.
        #[arg(long, default_value = "effective")]
        metric: String,
        #[command(flatten)]
        narrowing: Narrowing,
        #[command(flatten)]
        drawing: Drawing,
    },
    /// What this machine costs, by which Tradewind's own work is metered.
    Rates(RateArguments),
    /// What a run or job was planned at, what it cost, and what made the difference.
    Run {
        /// Its id.
        id: String,
        /// What it was estimated at, instead of its plan.
        #[arg(long, value_name = "AMOUNT")]
        estimate: Option<String>,
    },
    /// The questions of the FinOps Foundation, each with the command that answers it.
    UseCases,
}

#[derive(Debug, Args)]
pub(crate) struct RateArguments {
    /// An hour of one CPU.
    #[arg(long, value_name = "AMOUNT")]
    pub(crate) cpu_hour: Option<String>,
    /// An hour of one GiB of memory.
    #[arg(long, value_name = "AMOUNT")]
    pub(crate) memory_gib_hour: Option<String>,
    /// A month (730 hours) of one GiB in a bucket.
    #[arg(long, value_name = "AMOUNT")]
    pub(crate) storage_gib_month: Option<String>,
    /// A million requests to endpoints and functions.
    #[arg(long, value_name = "AMOUNT")]
    pub(crate) million_requests: Option<String>,
    /// An hour of the whole machine, used or not: what nobody uses becomes idle cost.
    #[arg(long, value_name = "AMOUNT")]
    pub(crate) machine_hour: Option<String>,
    /// In which currency.
    #[arg(long, value_name = "CODE")]
    pub(crate) currency: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct BudgetArguments {
    #[command(subcommand)]
    pub(crate) action: Option<BudgetAction>,
    /// Print CSV.
    #[arg(long, conflicts_with = "json")]
    pub(crate) csv: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BudgetAction {
    /// Set a budget for every month.
    Set {
        /// Its name.
        name: String,
        /// The most that a month may cost.
        #[arg(long)]
        amount: String,
        /// In which currency.
        #[arg(long, default_value = "USD")]
        currency: String,
        /// Only lines with this tag: `team=search`.
        #[arg(long, value_name = "TAG=VALUE")]
        tag: Vec<String>,
        /// Only lines with this key: `service=Amazon S3`.
        #[arg(long = "where", value_name = "KEY=VALUE")]
        narrow: Vec<String>,
        /// Which cost.
        #[arg(long, default_value = "effective")]
        metric: String,
        /// Shares in per cent at which an alert is given.
        #[arg(
            long,
            value_delimiter = ',',
            default_value = "50,80,100",
            value_name = "PERCENT"
        )]
        alert: Vec<u32>,
        /// Refuse runs that would pass it.
        #[arg(long)]
        hard: bool,
    },
    /// Remove a budget.
    Remove {
        /// Its name.
        name: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Narrowing {
    /// Only lines with this tag: `team=search`; `team=` is lines without it.
    #[arg(long, value_name = "TAG=VALUE")]
    pub(crate) tag: Vec<String>,
    /// Only lines with this key: `service=Amazon S3`; several values separated by `|`.
    #[arg(long = "where", value_name = "KEY=VALUE")]
    pub(crate) narrow: Vec<String>,
    /// Charges from this day on: `2026-05-01`.
    #[arg(long, value_name = "DAY")]
    pub(crate) from: Option<String>,
    /// Charges before this day.
    #[arg(long, value_name = "DAY")]
    pub(crate) to: Option<String>,
    /// Charges of this month: `2026-05`.
    #[arg(long, value_name = "MONTH", conflicts_with_all = ["from", "to"])]
    pub(crate) month: Option<String>,
    /// Only this currency.
    #[arg(long, value_name = "CODE")]
    pub(crate) currency: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ByArguments {
    /// The keys, separated by commas.
    pub(crate) keys: String,
    #[command(flatten)]
    pub(crate) narrowing: Narrowing,
    /// What is summed, separated by commas.
    #[arg(long, default_value = "effective,billed", value_name = "METRICS")]
    pub(crate) metric: String,
    /// At most so many groups.
    #[arg(long, default_value_t = 40)]
    pub(crate) limit: usize,
    #[command(flatten)]
    pub(crate) drawing: Drawing,
}

/// Charts beside or instead of a table.
#[derive(Debug, Args)]
pub(crate) struct Drawing {
    /// Draw bars.
    #[arg(long, conflicts_with = "csv")]
    pub(crate) chart: bool,
    /// Write bars into this file as SVG.
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<PathBuf>,
    /// Write bars into this file as PNG.
    #[arg(long, value_name = "FILE")]
    pub(crate) png: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ImportArguments {
    /// The files, or folders with bills in them; all of them count together or none.
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Their form; unset is told from the columns.
    #[arg(long, value_parser = ["focus", "aws", "google", "azure", "azure-amortized"])]
    pub(crate) form: Option<String>,
    /// Add to months that are there already.
    #[arg(long, conflicts_with = "replace")]
    pub(crate) append: bool,
    /// Replace months that are there already even when days would be lost.
    #[arg(long)]
    pub(crate) replace: bool,
    /// Currency of lines that name none.
    #[arg(long, value_name = "CODE")]
    pub(crate) currency: Option<String>,
    /// Whose bill it is, instead of provider and billing account.
    #[arg(long, value_name = "NAME")]
    pub(crate) issuer: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct UnitArguments {
    /// Per distinct value of this key: `job`, `model`, `workload`, `resource`, `tag:team`.
    #[arg(long, value_name = "KEY", required_unless_present_any = ["consumed", "units"])]
    pub(crate) per: Option<String>,
    /// Per so much of what the lines consumed: `1000`; with `--unit` when they are in several units.
    #[arg(long, value_name = "NUMBER", conflicts_with = "units")]
    pub(crate) consumed: Option<String>,
    /// Of lines in this unit, against the cost of all that are selected: `Requests`.
    #[arg(long, requires = "consumed")]
    pub(crate) unit: Option<String>,
    /// Per one of so many things counted elsewhere.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) units: Option<String>,
    /// Which cost.
    #[arg(long, default_value = "effective")]
    pub(crate) metric: String,
    #[command(flatten)]
    pub(crate) narrowing: Narrowing,
}
