//! The native REST API: JSON over HTTP under `/api/v1`, described by `/api/v1/openapi.json`.
//!
//! Every request but health and the description carries `Authorization: Bearer <key>`; a change
//! may carry `Idempotency-Key`. Lists are pages with `next`, given back as `after`.

mod access;
mod advice;
mod audit;
mod extract;
mod fault;
mod object_fault;
mod openapi;
mod operations;
mod stream;

use axum::Router;
use axum::middleware;
use control::Control;
use costs::Ledger;
use objects::ObjectStore;
use serving::Endpoints;
use std::sync::Arc;

pub use fault::Fault;

/// What the operations work with.
#[derive(Clone)]
pub struct Native {
    /// Commands and queries.
    pub control: Arc<Control>,
    /// The ledger of costs.
    pub ledger: Ledger,
    /// Buckets with their settings, for advice that changes them.
    pub objects: ObjectStore,
    /// The data plane's endpoints, for the Open Inference Protocol and figures.
    pub endpoints: Endpoints,
    /// Most bytes of a body that is JSON or a payload of a prediction.
    pub largest_body: usize,
}

/// Whether a path is this API's own; every other path could be an object of a bucket.
pub fn is_native(path: &str) -> bool {
    let first = path.trim_start_matches('/').split('/').next();
    matches!(
        first,
        None | Some(
            "" | "api" | "apis" | "functions" | "v2" | "metrics" | "inference.GRPCInferenceService"
        )
    )
}

/// The routes of the native API and of the Open Inference Protocol.
pub fn router(native: Native) -> Router {
    let open = Router::new()
        .route("/api/v1/health", axum::routing::get(operations::health))
        .route("/api/v1/openapi.json", axum::routing::get(openapi::answer))
        // It proves its callers itself: they are refused in gRPC's form.
        .route(
            "/inference.GRPCInferenceService/{method}",
            axum::routing::post(operations::grpc),
        );
    let guarded = operations::router()
        // The last parts of Azure ML's scoring addresses and of SageMaker's containers, so that a
        // client that is given the whole address needs no other change.
        .route(
            "/api/v1/endpoints/{name}/score",
            axum::routing::post(operations::send),
        )
        .route(
            "/api/v1/endpoints/{name}/invocations",
            axum::routing::post(operations::send),
        )
        .route("/metrics", axum::routing::get(operations::metrics))
        .route("/v2", axum::routing::any(operations::oip))
        .route("/v2/{*rest}", axum::routing::any(operations::oip))
        .layer(middleware::from_fn_with_state(
            native.clone(),
            access::authenticate,
        ));
    open.merge(guarded)
        .merge(operations::functions_over_http())
        .fallback(operations::unknown)
        .with_state(native)
}
