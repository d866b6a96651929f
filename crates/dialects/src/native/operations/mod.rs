//! One operation a file; this is their table.

use super::openapi::Described;
use super::{Fault, Native};
use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, on};
use contracts::backend::LogLine;
use contracts::objects::ObjectHead;
use domain::{Refusal, Timestamp};
use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use std::sync::Arc;

mod bucket_facts;
mod function_http;
mod grpc;
mod metrics;
mod oip;
mod upload_facts;

pub(super) use function_http::router as functions_over_http;
pub(super) use grpc::grpc;
pub(super) use metrics::metrics;
pub(super) use oip::oip;
pub(super) use predict::handle as send;

macro_rules! operations {
    ($($name:ident),* $(,)?) => {
        $(mod $name;)*

        /// The routes of all operations.
        pub(super) fn router() -> Router<Native> {
            let router = Router::new();
            $(let router = router.route($name::DESCRIBED.path, on(method(&$name::DESCRIBED), $name::handle));)*
            router
        }

        /// The descriptions of all operations.
        pub(super) fn described() -> Vec<Described> {
            vec![$($name::DESCRIBED),*]
        }
    };
}

operations! {
    abort_upload,
    allocate_costs,
    apply_advice,
    approve_model_version,
    begin_upload,
    complete_upload,
    delete_bucket,
    delete_budget,
    delete_endpoint,
    delete_function,
    delete_function_alias,
    delete_job,
    delete_model,
    delete_model_alias,
    delete_model_version,
    delete_object,
    delete_run,
    explain_job_costs,
    explain_run_costs,
    forecast_costs,
    get_bucket,
    get_endpoint,
    get_endpoint_drift,
    get_endpoint_status,
    get_endpoint_traces,
    get_function,
    get_function_figures,
    get_function_log,
    get_job,
    get_job_logs,
    get_job_plans,
    get_model,
    get_model_version,
    get_object,
    get_run,
    get_run_plan,
    invoke_function,
    list_advice,
    list_applied_advice,
    list_buckets,
    list_budgets,
    list_cost_anomalies,
    list_endpoints,
    list_events,
    list_function_aliases,
    list_function_versions,
    list_functions,
    list_job_metrics,
    list_jobs,
    list_model_versions,
    list_models,
    list_object_versions,
    list_objects,
    list_runs,
    list_upload_parts,
    list_uploads,
    make_key,
    predict,
    publish_function_version,
    put_bucket,
    put_budget,
    put_endpoint,
    put_function,
    put_function_alias,
    put_object,
    put_upload_part,
    query_costs,
    register_model_version,
    resume_run,
    revoke_key,
    set_model_alias,
    stop_job,
    stop_run,
    submit_job,
    submit_run,
    undo_advice,
    unit_costs,
}

fn method(described: &Described) -> MethodFilter {
    match described.method {
        "post" => MethodFilter::POST,
        "put" => MethodFilter::PUT,
        "delete" => MethodFilter::DELETE,
        _ => MethodFilter::GET,
    }
}

/// A page of a list.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Page<T> {
    items: Vec<T>,
    /// For `after` of the next page; absent when this was the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A resource that is shown as it is, whoever else holds it.
#[derive(Debug)]
pub(super) struct Shared<T>(Arc<T>);

impl<T: Serialize> Serialize for Shared<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// The answer of an operation that has nothing to say.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Done {}

/// A line of a log, as it is described; it is sent in the form of the contracts.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct LogPage {
    #[schemars(with = "Vec<serde_json::Value>")]
    lines: Vec<LogLine>,
    /// Where reading goes on.
    next: u64,
    /// Whether the job is over and this was the end.
    complete: bool,
}

/// An object without its bytes.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ObjectFacts {
    bucket: String,
    key: String,
    version: String,
    bytes: u64,
    etag: String,
    sha256: String,
    content_type: Option<String>,
    modified: Timestamp,
}

impl From<ObjectHead> for ObjectFacts {
    fn from(head: ObjectHead) -> Self {
        Self {
            bucket: head.bucket,
            key: head.key,
            version: head.version,
            bytes: head.bytes,
            etag: head.etag,
            sha256: head.sha256,
            content_type: head.content_type,
            modified: head.modified,
        }
    }
}

/// A page of objects.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ObjectPage {
    items: Vec<ObjectFacts>,
    prefixes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// `GET /api/v1/health`: the server answers.
pub(super) async fn health(State(_): State<Native>) -> Response {
    axum::Json(serde_json::json!({
        "status": "serving",
        "version": env!("CARGO_PKG_VERSION"),
    }))
    .into_response()
}

/// Whatever has no route.
pub(super) async fn unknown(request: Request) -> Fault {
    Fault(Refusal::not_found("path", request.uri().path()))
}
