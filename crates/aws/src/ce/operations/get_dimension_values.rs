//! `GetDimensionValues`: the distinct values of a dimension.

use crate::ce::expression::{Expression, dimension};
use crate::ce::period::Interval;
use crate::ce::reading::{distinct, page};
use crate::fault::Fault;
use crate::operation::{Call, Operation};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(crate) struct GetDimensionValues;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    time_period: Interval,
    dimension: String,
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
    dimension_values: Vec<Value>,
    return_size: usize,
    total_size: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page_token: Option<String>,
}

impl Operation for GetDimensionValues {
    const NAME: &'static str = "GetDimensionValues";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let key = dimension(&input.dimension)?;
        let filter = input.filter.as_ref();
        let all = distinct(call, &input.time_period, filter, key, input.search_string).await?;
        let total_size = all.len();
        let size = input.max_results.unwrap_or(1_000).max(1);
        let (values, next_page_token) = page(all, input.next_page_token.as_deref(), size)?;
        let values = values
            .into_iter()
            .map(|value| json!({"Value": value, "Attributes": {}}));
        let dimension_values: Vec<Value> = values.collect();
        Ok(Output {
            return_size: dimension_values.len(),
            dimension_values,
            total_size,
            next_page_token,
        })
    }
}
