//! `DescribeLogGroups`: the groups of jobs.

use crate::fault::Fault;
use crate::logs::streams::Group;
use crate::operation::{Call, Operation};
use serde::{Deserialize, Serialize};

pub(crate) struct DescribeLogGroups;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    #[serde(default)]
    log_group_name_prefix: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Output {
    log_groups: Vec<Found>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    log_group_name: &'static str,
    arn: String,
}

impl Operation for DescribeLogGroups {
    const NAME: &'static str = "DescribeLogGroups";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let prefix = input.log_group_name_prefix.unwrap_or_default();
        let groups = [Group::Processing, Group::Training].into_iter();
        let groups = groups.map(Group::name).filter(|name| name.starts_with(&prefix));
        let found = groups.map(|name| Found {
            log_group_name: name,
            arn: call.arn("logs", &format!("log-group:{name}:*")),
        });
        Ok(Output {
            log_groups: found.collect(),
        })
    }
}
