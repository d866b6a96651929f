//! `DescribeLogGroups`: a page of the groups: of jobs, of endpoints, of functions, and those that were made.

use crate::fault::Fault;
use crate::logs::fault::fault;
use crate::logs::own;
use crate::logs::streams::Group;
use crate::logs::{endpoints, functions};
use crate::operation::{Call, Operation};
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) struct DescribeLogGroups;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    #[serde(default)]
    log_group_name_prefix: Option<String>,
    #[serde(default)]
    log_group_name_pattern: Option<String>,
    #[serde(default)]
    next_token: Option<String>,
    #[serde(default)]
    limit: Option<usize>,
}

/// Groups of a page.
const MOST: usize = 50;

impl Operation for DescribeLogGroups {
    const NAME: &'static str = "DescribeLogGroups";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Input) -> Result<Value, Fault> {
        let prefix = input.log_group_name_prefix.unwrap_or_default();
        let mut groups: Vec<(String, i64, Value)> = Vec::new();
        for name in Group::ALL.iter().map(|group| group.name()) {
            groups.push((name.to_owned(), 0, json!({})));
        }
        let (caller, mut after) = (call.caller(), None);
        loop {
            let page = call.aws.control.endpoints(&caller, after, 500).await;
            let (page, next) = page.map_err(fault)?;
            for endpoint in page {
                let name = format!("{}{}", endpoints::PREFIX, endpoint.name);
                groups.push((name, endpoint.created.0, json!({})));
            }
            after = next;
            if after.is_none() {
                break;
            }
        }
        loop {
            let page = call.aws.control.functions(&caller, after, 500).await;
            let (page, next) = page.map_err(fault)?;
            for function in page {
                let name = format!("{}{}", functions::PREFIX, function.name);
                groups.push((name, function.created.0, json!({})));
            }
            after = next;
            if after.is_none() {
                break;
            }
        }
        for document in own::groups(call).await? {
            // One that was made ahead of its function or endpoint says how long it is kept.
            groups.retain(|(name, _, _)| *name != document.id);
            groups.push((document.id, document.created.0, document.body));
        }
        let pattern = input.log_group_name_pattern.unwrap_or_default();
        groups.retain(|(name, _, _)| name.starts_with(&prefix) && name.contains(&pattern));
        groups.sort_by(|a, b| a.0.cmp(&b.0));
        let from: usize = match input.next_token.as_deref() {
            None => 0,
            Some(token) => token.parse().map_err(|_| {
                Fault::new(
                    "InvalidParameterException",
                    "The specified nextToken is invalid.",
                )
            })?,
        };
        let limit = input.limit.unwrap_or(MOST).clamp(1, MOST);
        let more = groups.len() > from.saturating_add(limit);
        let page = groups.into_iter().skip(from).take(limit);
        let shown = page.map(|(name, created, body)| {
            let arn = call.arn("logs", &format!("log-group:{name}"));
            let mut shown = json!({
                "logGroupName": name,
                "creationTime": created,
                "arn": format!("{arn}:*"),
                "logGroupArn": arn,
                "storedBytes": 0,
            });
            for member in ["retentionInDays", "kmsKeyId"] {
                if let Some(value) = body.get(member) {
                    shown[member] = value.clone();
                }
            }
            shown
        });
        let shown: Vec<Value> = shown.collect();
        let mut answer = json!({"logGroups": shown});
        if more {
            answer["nextToken"] = json!((from + limit).to_string());
        }
        Ok(answer)
    }
}
