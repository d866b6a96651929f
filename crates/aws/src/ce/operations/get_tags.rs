//! `GetTags`: the keys of tags, or the values of one key.

use crate::ce::expression::{Expression, tag};
use crate::ce::period::Interval;
use crate::ce::reading::{distinct, page, reading};
use crate::fault::Fault;
use crate::operation::{Call, Operation};
use serde::{Deserialize, Serialize};

pub(crate) struct GetTags;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    time_period: Interval,
    #[serde(default)]
    tag_key: Option<String>,
    #[serde(default)]
    search_string: Option<String>,
    #[serde(default)]
    filter: Option<Expression>,
    #[serde(default)]
    max_results: Option<usize>,
    #[serde(default)]
    next_page_token: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    tags: Vec<String>,
    return_size: usize,
    total_size: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page_token: Option<String>,
}

impl Operation for GetTags {
    const NAME: &'static str = "GetTags";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let (period, filter) = (&input.time_period, input.filter.as_ref());
        let all = if let Some(key) = &input.tag_key {
            distinct(call, period, filter, tag(key)?, input.search_string).await?
        } else {
            if filter.is_some() {
                let message = "keys of tags are not filtered; give a `TagKey`";
                return Err(Fault::validation(message));
            }
            let (from, to) = period.ends()?;
            let mut keys = reading(call, move |ledger| ledger.tag_keys(from, to)).await?;
            if let Some(search) = &input.search_string {
                keys.retain(|key| key.contains(search));
            }
            keys
        };
        let total_size = all.len();
        let size = input.max_results.unwrap_or(1_000).max(1);
        let (tags, next_page_token) = page(all, input.next_page_token.as_deref(), size)?;
        Ok(Output {
            return_size: tags.len(),
            tags,
            total_size,
            next_page_token,
        })
    }
}
