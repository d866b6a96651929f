//! AWS Lambda: functions, versions, aliases, permissions, layers, addresses and calls
//! (<https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html>). Operations are methods
//! and paths; a function is named by its name, a partial or a whole ARN, with its qualifier or
//! without.

mod actions;
mod credentials;
mod destinations;
mod fault;
mod layers;
mod names;
mod operations;
mod render;
mod spec;

pub(crate) use actions::action;
use actions::{KNOWN, operation};
pub use credentials::FunctionKeys;
pub(crate) use names::function;

use crate::fault::Fault;
use crate::operation::Call;
use crate::protocol::{json, respond};
use crate::service::RestService;
use axum::response::Response;
use bytes::Bytes;
use domain::FunctionName;
use domain::function::Qualifier;
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use std::collections::BTreeMap;

/// The row of the table of services with paths.
pub(crate) const SERVICE: RestService = RestService {
    signing_name: "lambda",
    paths: &[
        "/2014-11-13/",
        "/2015-03-31/",
        "/2016-08-19/",
        "/2017-03-31/",
        "/2017-10-31/",
        "/2018-10-31/",
        "/2019-09-25/",
        "/2019-09-30/",
        "/2020-04-22/",
        "/2020-06-30/",
        "/2021-07-20/",
        "/2021-10-31/",
        "/2021-11-15/",
        "/2024-08-31/",
        "/2025-11-30/",
        "/2025-12-01/",
        "/2026-07-09/",
    ],
    answer: |call, parts, body| Box::pin(answer(call, parts, body)),
};

/// The service's operations and, of those that are not served, why.
pub(crate) fn coverage() -> impl Iterator<Item = (&'static str, Option<&'static str>)> {
    KNOWN.iter().map(|known| (known.name, known.refused))
}

const JSON: &str = "application/json";

/// A request for one of the operations.
pub(crate) struct Asked<'a> {
    pub(crate) call: &'a Call<'a>,
    pub(crate) query: BTreeMap<String, String>,
    /// The query's pairs, of which a name may be there several times.
    pub(crate) pairs: Vec<(String, String)>,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: Bytes,
}

/// What an operation answers: a status and JSON.
pub(crate) type Answered = Result<(StatusCode, Value), Fault>;

impl Asked<'_> {
    /// The body's members.
    pub(crate) fn members(&self) -> Result<Value, Fault> {
        json::read(&self.body)
    }

    /// A header's text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The function of a path's part, with the qualifier of the name or of the query.
    pub(crate) fn function(&self, part: &str) -> Result<(FunctionName, Qualifier), Fault> {
        let (name, qualifier) = names::function(part)?;
        let asked = self
            .query
            .get("Qualifier")
            .map(String::as_str)
            .or(qualifier.as_deref());
        let qualifier = Qualifier::try_from(asked.unwrap_or_default().to_owned());
        Ok((name, qualifier.map_err(fault::parameter)?))
    }
}

async fn answer(call: &Call<'_>, parts: &Parts, body: Bytes) -> Response {
    let query = parts.uri.query().unwrap_or("");
    let pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    let asked = Asked {
        call,
        query: pairs.iter().cloned().collect(),
        pairs,
        headers: &parts.headers,
        body,
    };
    let decode = |part: &str| {
        percent_encoding::percent_decode_str(part)
            .decode_utf8_lossy()
            .into_owned()
    };
    let path: Vec<String> = parts
        .uri
        .path()
        .trim_matches('/')
        .split('/')
        .map(decode)
        .collect();
    let words: Vec<&str> = path.iter().map(String::as_str).collect();
    let found = operation(parts.method.as_str(), &words, query);
    let Some(known) = found else {
        let fault = Fault::unsupported(format!(
            "Lambda has no operation `{} {}`",
            parts.method,
            parts.uri.path().chars().take(80).collect::<String>()
        ));
        return json::fault(&fault, JSON, call.request_id);
    };
    if let Some(reason) = known.refused {
        let message = format!("{} of Lambda is not served here: {reason}", known.name);
        return json::fault(&Fault::unsupported(message), JSON, call.request_id);
    }
    let values = known.values(&words);
    if let ("Invoke", [name]) = (known.name, values.as_slice()) {
        let invoked = operations::invoke(&asked, name).await;
        return invoked.unwrap_or_else(|fault| json::fault(&fault, JSON, call.request_id));
    }
    match route(&asked, known.name, &values).await {
        Ok((StatusCode::NO_CONTENT, _)) => {
            respond(StatusCode::NO_CONTENT, JSON, Vec::new(), call.request_id)
        }
        Ok((status, value)) => respond(
            status,
            JSON,
            value.to_string().into_bytes(),
            call.request_id,
        ),
        Err(fault) => json::fault(&fault, JSON, call.request_id),
    }
}

/// Answers an operation whose path has these values.
async fn route(asked: &Asked<'_>, operation: &str, values: &[&str]) -> Answered {
    use operations as op;
    match (operation, values) {
        ("AddPermission", [name]) => op::add_permission(asked, name).await,
        ("CreateAlias", [name]) => op::create_alias(asked, name).await,
        ("CreateFunction", []) => op::create_function(asked).await,
        ("CreateFunctionUrlConfig" | "UpdateFunctionUrlConfig", [name]) => {
            op::put_url(asked, name).await
        }
        ("DeleteAlias", [name, alias]) => op::delete_alias(asked, name, alias).await,
        ("DeleteFunction", [name]) => op::delete_function(asked, name).await,
        ("DeleteFunctionConcurrency", [name]) => op::delete_concurrency(asked, name).await,
        ("DeleteFunctionEventInvokeConfig", [name]) => op::delete_event_invoke(asked, name).await,
        ("DeleteFunctionUrlConfig", [name]) => op::delete_url(asked, name).await,
        ("DeleteLayerVersion", [name, version]) => layers::delete(asked, name, version).await,
        ("GetAlias", [name, alias]) => op::get_alias(asked, name, alias).await,
        ("GetFunction", [name]) => op::get_function(asked, name).await,
        ("GetFunctionConcurrency", [name]) => op::get_concurrency(asked, name).await,
        ("GetFunctionConfiguration", [name]) => op::get_configuration(asked, name).await,
        ("GetFunctionEventInvokeConfig", [name]) => op::get_event_invoke(asked, name).await,
        ("GetFunctionUrlConfig", [name]) => op::get_url(asked, name).await,
        ("GetLayerVersion", [name, version]) => layers::get(asked, name, version).await,
        ("GetLayerVersionByArn", []) => layers::get_by_arn(asked).await,
        ("GetPolicy", [name]) => op::get_policy(asked, name).await,
        ("InvokeAsync", [name]) => op::invoke_async(asked, name).await,
        ("ListAliases", [name]) => op::list_aliases(asked, name).await,
        ("ListFunctionEventInvokeConfigs", [name]) => op::list_event_invoke(asked, name).await,
        ("ListFunctionUrlConfigs", [name]) => op::list_urls(asked, name).await,
        ("ListFunctions", []) => op::list_functions(asked).await,
        ("ListLayerVersions", [name]) => layers::list(asked, name).await,
        ("ListLayers", []) => layers::list_all(asked).await,
        ("ListTags", [arn]) => op::list_tags(asked, arn).await,
        ("ListVersionsByFunction", [name]) => op::list_versions(asked, name).await,
        ("PublishLayerVersion", [name]) => layers::publish(asked, name).await,
        ("PublishVersion", [name]) => op::publish_version(asked, name).await,
        ("PutFunctionConcurrency", [name]) => op::put_concurrency(asked, name).await,
        ("PutFunctionEventInvokeConfig", [name]) => op::put_event_invoke(asked, name).await,
        ("RemovePermission", [name, id]) => op::remove_permission(asked, name, id).await,
        ("TagResource", [arn]) => op::tag(asked, arn).await,
        ("UntagResource", [arn]) => op::untag(asked, arn).await,
        ("UpdateAlias", [name, alias]) => op::update_alias(asked, name, alias).await,
        ("UpdateFunctionCode", [name]) => op::update_code(asked, name).await,
        ("UpdateFunctionConfiguration", [name]) => op::update_configuration(asked, name).await,
        ("UpdateFunctionEventInvokeConfig", [name]) => op::update_event_invoke(asked, name).await,
        _ => Err(Fault::unsupported(format!(
            "{operation} of Lambda is not served here"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_path_of_the_model_comes_here() {
        for line in include_str!("operations.txt").lines() {
            let path = line.split('\t').nth(1).unwrap();
            let mut starts = SERVICE.paths.iter();
            assert!(starts.any(|start| path.starts_with(start)), "{path}");
        }
    }

    #[test]
    fn what_is_called_served_is_routed() {
        let source = include_str!("mod.rs");
        for (name, refused) in coverage() {
            let routed = source.contains(&format!("\"{name}\""));
            assert_eq!(routed, refused.is_none(), "{name}");
        }
    }
}
