//! Search over resources of one kind: an expression picks them, a property orders them.

pub(crate) mod expression;
pub(crate) mod properties;
pub(crate) mod resources;

use crate::fault::Fault;
use crate::operation::Call;
use crate::sagemaker::listing;
use expression::Expression;
use serde::Deserialize;
use serde_json::Value;
use std::cmp::Ordering;

/// Results of a page unless asked otherwise, and at most.
const DEFAULT_RESULTS: usize = 10;
const MOST_RESULTS: usize = 100;

/// The request.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Request {
    resource: String,
    #[serde(default)]
    search_expression: Option<Expression>,
    #[serde(default)]
    sort_by: Option<String>,
    #[serde(default)]
    sort_order: Option<String>,
    #[serde(default)]
    next_token: Option<String>,
    #[serde(default)]
    max_results: Option<usize>,
    #[serde(default)]
    visibility_conditions: Option<Value>,
}

/// A page of results.
pub(crate) struct Found {
    /// The member of a result that holds the resource.
    pub(crate) member: &'static str,
    pub(crate) results: Vec<Value>,
    pub(crate) next: Option<String>,
    pub(crate) total: usize,
}

/// Runs a search.
pub(crate) async fn search(call: &Call<'_>, request: &Request) -> Result<Found, Fault> {
    let resource = resources::named(&request.resource)?;
    if request.visibility_conditions.is_some() {
        return Err(Fault::unsupported("VisibilityConditions are not served"));
    }
    let most = request.max_results.unwrap_or(DEFAULT_RESULTS);
    if !(1..=MOST_RESULTS).contains(&most) {
        return Err(Fault::validation(format!(
            "1 validation error detected: Value '{most}' at 'maxResults' failed to satisfy \
             constraint: Member must be between 1 and {MOST_RESULTS}"
        )));
    }
    let offset = listing::offset(request.next_token.as_deref())?;
    if let Some(expression) = &request.search_expression {
        expression.check()?;
    }
    let mut all = resources::all(call, resource).await?;
    if let Some(expression) = &request.search_expression {
        all.retain(|item| expression.admits(item));
    }
    let by = request.sort_by.as_deref().unwrap_or("LastModifiedTime");
    // Groups of packages are never modified.
    all.sort_by(|a, b| order(a, b, by).then_with(|| order(a, b, "CreationTime")));
    if request.sort_order.as_deref() != Some("Ascending") {
        all.reverse();
    }
    let total = all.len();
    let results: Vec<Value> = all.into_iter().skip(offset).take(most).collect();
    let next = (total > offset + results.len()).then(|| listing::token(offset + results.len()));
    Ok(Found {
        member: resource.member,
        results,
        next,
        total,
    })
}

fn order(a: &Value, b: &Value, by: &str) -> Ordering {
    let (a, b) = (properties::values(a, by), properties::values(b, by));
    match (a.first(), b.first()) {
        (Some(a), Some(b)) => match (a.as_f64(), b.as_f64()) {
            (Some(a), Some(b)) => a.total_cmp(&b),
            _ => properties::text(a).cmp(&properties::text(b)),
        },
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}
