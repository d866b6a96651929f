//! `Search`: resources of one kind that an expression admits.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::search::{self, Request};
use serde::Serialize;
use serde_json::{Map, Value, json};

pub(crate) struct Search;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    results: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
    total_hits: Value,
}

impl Operation for Search {
    const NAME: &'static str = "Search";
    type Input = Request;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Request) -> Result<Output, Fault> {
        let found = search::search(call, &input).await?;
        let results = found.results.into_iter().map(|item| {
            let one = (found.member.to_owned(), item);
            Value::Object(Map::from_iter([one]))
        });
        Ok(Output {
            results: results.collect(),
            next_token: found.next,
            total_hits: json!({"Value": found.total, "Relation": "EqualTo"}),
        })
    }
}
