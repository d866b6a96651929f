//! How requests find a deployment of an endpoint.

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct TrafficArguments {
    /// Put this deployment on probation, such as `v4`: it is given more of the traffic while it does
    /// well and none as soon as it does worse than the others.
    #[arg(long, value_name = "DEPLOYMENT")]
    pub(crate) canary: Option<String>,
    /// The canary's next shares in per cent, before it gets everything: `25,50`.
    #[arg(
        long,
        value_name = "PERCENT",
        value_delimiter = ',',
        requires = "canary"
    )]
    pub(crate) canary_steps: Vec<String>,
    /// How long each step lasts at least, in seconds.
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 60,
        requires = "canary"
    )]
    pub(crate) canary_seconds: u32,
    /// Answers that the canary must have given in a step.
    #[arg(long, value_name = "N", default_value_t = 100, requires = "canary")]
    pub(crate) canary_answers: u32,
    /// Failed requests that the canary may have beyond those of the others, in per cent.
    #[arg(long, value_name = "PERCENT", default_value = "1", requires = "canary")]
    pub(crate) canary_errors: String,
    /// The canary's 99th percentile of latency at most, in per cent of the others'.
    #[arg(long, value_name = "PERCENT", requires = "canary")]
    pub(crate) canary_latency: Option<u32>,
    /// Send copies of so many requests to this model version, whose answers nobody gets.
    #[arg(long = "shadow", value_name = "MODEL=PERCENT")]
    pub(crate) shadows: Vec<String>,
    /// Keep callers with the same value at one deployment: `header:NAME`, `cookie:NAME` or
    /// `field:NAME` of a JSON body.
    #[arg(long, value_name = "BY:NAME")]
    pub(crate) sticky: Option<String>,
    /// Keep requests and answers in a bucket, or a share of them: `s3://bucket/prefix=10`.
    #[arg(long, value_name = "LOCATION[=PERCENT]")]
    pub(crate) capture: Option<String>,
    /// Training data in CSV that `drift` compares what is captured with.
    #[arg(long, value_name = "LOCATION", requires = "capture")]
    pub(crate) baseline: Option<String>,
}
