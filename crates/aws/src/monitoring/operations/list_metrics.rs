//! `ListMetrics`: a page of the series, by namespace, name and dimensions.

use crate::fault::Fault;
use crate::monitoring::fault::{token, value};
use crate::monitoring::series::{self, Name};
use crate::monitoring::wire::Truth;
use crate::operation::{Call, Operation};
use serde::Deserialize;
use serde_json::{Value, json};

/// Series of a page.
const PAGE: usize = 500;

pub(crate) struct ListMetrics;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[serde(default)]
    namespace: Option<String>,
    #[serde(default)]
    metric_name: Option<String>,
    #[serde(default)]
    dimensions: Vec<Filter>,
    #[serde(default)]
    next_token: Option<String>,
    #[serde(default)]
    include_linked_accounts: Option<Truth>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Filter {
    name: String,
    #[serde(default)]
    value: Option<String>,
}

impl Operation for ListMetrics {
    const NAME: &'static str = "ListMetrics";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Input) -> Result<Value, Fault> {
        if input.include_linked_accounts == Some(Truth(true)) {
            return Err(value(
                "IncludeLinkedAccounts is not served: there is one account.",
            ));
        }
        let skip: usize = match input.next_token.as_deref() {
            None => 0,
            Some(text) => text.parse().map_err(|_| token())?,
        };
        let mut all = series::all(call, input.namespace.as_deref()).await?;
        all.retain(|name| fits(name, &input));
        let more = all.len() > skip.saturating_add(PAGE);
        let page: Vec<Name> = all.into_iter().skip(skip).take(PAGE).collect();
        let mut answer = json!({"Metrics": page});
        if more {
            answer["NextToken"] = json!((skip + PAGE).to_string());
        }
        Ok(answer)
    }
}

fn fits(name: &Name, input: &Input) -> bool {
    let named = input
        .metric_name
        .as_ref()
        .is_none_or(|wanted| *wanted == name.metric);
    let has = |filter: &Filter| {
        name.dimensions.iter().any(|own| {
            own.name == filter.name
                && filter
                    .value
                    .as_ref()
                    .is_none_or(|value| *value == own.value)
        })
    };
    named && input.dimensions.iter().all(has)
}
