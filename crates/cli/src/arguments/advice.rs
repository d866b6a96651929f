//! The words of `advice`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct AdviceArguments {
    #[command(subcommand)]
    pub(crate) action: Option<AdviceAction>,
    /// CPU samples: a CSV of day, machine and samples in per cent, also gzipped; the machine
    /// `NAME:accelerator` is the accelerator of `NAME`.
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) utilization: Option<PathBuf>,
    /// A commitment's discount that you are offered: `compute-1-year=28`, or for a part of the
    /// spend `m5-1-year=41@region=us-east-1`.
    #[arg(long, value_name = "NAME=PERCENT[@KEY=VALUE,…]", global = true)]
    pub(crate) discount: Vec<String>,
    /// How machines are sized.
    #[arg(long, default_value = "percentile", value_parser = ["percentile", "simple"], global = true)]
    pub(crate) policy: String,
    /// Days of lines that are looked at.
    #[arg(long, default_value_t = 30, global = true)]
    pub(crate) days: i32,
    /// As if today were this day; unset is the day after the newest line.
    #[arg(long, value_name = "DAY", global = true)]
    pub(crate) today: Option<String>,
    /// At most so many of each rule.
    #[arg(long, default_value_t = 10, global = true)]
    pub(crate) limit: usize,
    /// Print CSV.
    #[arg(long, conflicts_with = "json", global = true)]
    pub(crate) csv: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AdviceAction {
    /// Carry advice out, as far as that is Tradewind's to do.
    Apply {
        /// The rule.
        rule: String,
        /// What it is about.
        subject: String,
    },
    /// List what was applied.
    Applied,
    /// Set what was there before advice was applied.
    Undo {
        /// Its id, as `apply` and `applied` say it.
        id: String,
    },
}
