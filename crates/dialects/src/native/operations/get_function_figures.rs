//! `GET /functions/{name}/figures`: says how busy a function is on this server.

use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use contracts::functions::FunctionFigures;
use domain::FunctionName;

pub(super) const DESCRIBED: Described = Described {
    id: "get_function_figures",
    method: "get",
    path: "/api/v1/functions/{name}/figures",
    summary: "says how busy a function is on this server",
    query: &[],
    takes: None,
    gives: None,
};

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path(name): Path<FunctionName>,
) -> Result<Json<FunctionFigures>, Fault> {
    Ok(Json(native.control.function_figures(&caller, &name).await?))
}
