//! `GetSearchSuggestions`: names of properties that resources have, by how they begin.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::search::{properties, resources};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Most suggestions, and most resources that are looked at for them.
const MOST: usize = 20;
const LOOKED_AT: usize = 1_000;

pub(crate) struct GetSearchSuggestions;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    resource: String,
    #[serde(default)]
    suggestion_query: Option<Query>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Query {
    #[serde(default)]
    property_name_query: Option<NameQuery>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NameQuery {
    property_name_hint: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    property_name_suggestions: Vec<Suggestion>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Suggestion {
    property_name: String,
}

impl Operation for GetSearchSuggestions {
    const NAME: &'static str = "GetSearchSuggestions";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let resource = resources::named(&input.resource)?;
        let hint = input
            .suggestion_query
            .and_then(|query| query.property_name_query);
        let hint = hint
            .map(|query| query.property_name_hint)
            .unwrap_or_default();
        let mut names = BTreeSet::new();
        for item in resources::all(call, resource).await?.iter().take(LOOKED_AT) {
            properties::names(item, "", &mut names);
        }
        let fitting = names
            .into_iter()
            .filter(|name| name.starts_with(&hint))
            .take(MOST);
        let suggestions = fitting.map(|property_name| Suggestion { property_name });
        Ok(Output {
            property_name_suggestions: suggestions.collect(),
        })
    }
}
