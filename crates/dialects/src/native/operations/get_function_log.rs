//! `GET /functions/{name}/log`: reads the last lines that a function logged on this server.

use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path, Query};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use contracts::functions::FunctionLogLine;
use domain::FunctionName;

pub(super) const DESCRIBED: Described = Described {
    id: "get_function_log",
    method: "get",
    path: "/api/v1/functions/{name}/log",
    summary: "reads the last lines that a function logged on this server",
    query: &["limit"],
    takes: None,
    gives: None,
};

#[derive(serde::Deserialize)]
pub(super) struct Which {
    limit: Option<usize>,
}

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path(name): Path<FunctionName>,
    Query(which): Query<Which>,
) -> Result<Json<Vec<FunctionLogLine>>, Fault> {
    let lines = native
        .control
        .function_log(&caller, &name, which.limit.unwrap_or(100));
    Ok(Json(lines.await?))
}
