//! AWS Lambda: functions, versions, aliases, permissions, layers, addresses and calls
//! (<https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html>). Operations are methods
//! and paths; a function is named by its name, a partial or a whole ARN, with its qualifier or
//! without.

mod actions;
mod fault;
mod layers;
mod names;
mod operations;
mod render;
mod spec;

pub(crate) use actions::action;
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
        "/2015-03-31/",
        "/2017-10-31/",
        "/2018-10-31/",
        "/2019-09-30/",
        "/2021-10-31/",
    ],
    answer: |call, parts, body| Box::pin(answer(call, parts, body)),
};

const JSON: &str = "application/json";

/// A request for one of the operations.
pub(crate) struct Asked<'a> {
    pub(crate) call: &'a Call<'a>,
    pub(crate) query: BTreeMap<String, String>,
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
    let query = form_urlencoded::parse(parts.uri.query().unwrap_or("").as_bytes());
    let asked = Asked {
        call,
        query: query.into_owned().collect(),
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
    if let ("POST", ["2015-03-31", "functions", name, "invocations"]) =
        (parts.method.as_str(), words.as_slice())
    {
        let invoked = operations::invoke(&asked, name).await;
        return invoked.unwrap_or_else(|fault| json::fault(&fault, JSON, call.request_id));
    }
    match route(&asked, parts.method.as_str(), &words).await {
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

async fn route(asked: &Asked<'_>, method: &str, path: &[&str]) -> Answered {
    use operations as op;
    let Some((_, path)) = path.split_first() else {
        return Err(Fault::unsupported("the path names no operation"));
    };
    match (method, path) {
        ("POST", ["functions"]) => op::create_function(asked).await,
        ("GET", ["functions"]) => op::list_functions(asked).await,
        ("GET", ["functions", name]) => op::get_function(asked, name).await,
        ("DELETE", ["functions", name]) => op::delete_function(asked, name).await,
        ("GET", ["functions", name, "configuration"]) => op::get_configuration(asked, name).await,
        ("PUT", ["functions", name, "configuration"]) => {
            op::update_configuration(asked, name).await
        }
        ("PUT", ["functions", name, "code"]) => op::update_code(asked, name).await,
        ("POST", ["functions", name, "versions"]) => op::publish_version(asked, name).await,
        ("GET", ["functions", name, "versions"]) => op::list_versions(asked, name).await,
        ("POST", ["functions", name, "aliases"]) => op::create_alias(asked, name).await,
        ("GET", ["functions", name, "aliases"]) => op::list_aliases(asked, name).await,
        ("GET", ["functions", name, "aliases", alias]) => op::get_alias(asked, name, alias).await,
        ("PUT", ["functions", name, "aliases", alias]) => {
            op::update_alias(asked, name, alias).await
        }
        ("DELETE", ["functions", name, "aliases", alias]) => {
            op::delete_alias(asked, name, alias).await
        }
        ("POST", ["functions", name, "policy"]) => op::add_permission(asked, name).await,
        ("GET", ["functions", name, "policy"]) => op::get_policy(asked, name).await,
        ("DELETE", ["functions", name, "policy", id]) => {
            op::remove_permission(asked, name, id).await
        }
        ("PUT", ["functions", name, "concurrency"]) => op::put_concurrency(asked, name).await,
        ("GET", ["functions", name, "concurrency"]) => op::get_concurrency(asked, name).await,
        ("DELETE", ["functions", name, "concurrency"]) => op::delete_concurrency(asked, name).await,
        ("POST" | "PUT", ["functions", name, "url"]) => op::put_url(asked, name).await,
        ("GET", ["functions", name, "url"]) => op::get_url(asked, name).await,
        ("DELETE", ["functions", name, "url"]) => op::delete_url(asked, name).await,
        ("POST", ["layers", name, "versions"]) => layers::publish(asked, name).await,
        ("GET", ["layers", name, "versions"]) => layers::list(asked, name).await,
        ("GET", ["layers", name, "versions", version]) => layers::get(asked, name, version).await,
        ("DELETE", ["layers", name, "versions", version]) => {
            layers::delete(asked, name, version).await
        }
        _ => Err(Fault::unsupported(format!(
            "{method} /{} of Lambda is not served here",
            path.join("/")
        ))),
    }
}
