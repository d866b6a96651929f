//! Metric math: expressions over series
//! (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html>).

mod evaluate;
mod functions;
mod parse;

pub(super) use evaluate::{Series, evaluate};
pub(super) use parse::{Expression, parse};
