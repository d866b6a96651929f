//! `PutFunctionConcurrency`, `GetFunctionConcurrency`, `DeleteFunctionConcurrency`.

use super::{present, write};
use crate::lambda::fault::parameter;
use crate::lambda::{Answered, Asked, names};
use domain::function::Scale;
use http::StatusCode;
use serde_json::{Value, json};

const RESERVED: &str = "ReservedConcurrentExecutions";

/// `PutFunctionConcurrency`.
pub(in crate::lambda) async fn put_concurrency(asked: &Asked<'_>, part: &str) -> Answered {
    let members = asked.members()?;
    let (name, _) = names::function(part)?;
    let number = members.get(RESERVED).and_then(Value::as_u64);
    let number = number.and_then(|number| u32::try_from(number).ok());
    let number = number.ok_or_else(|| parameter("ReservedConcurrentExecutions is needed"))?;
    let mut spec = present(asked, &name).await?.spec;
    spec.scale.max = number;
    spec.scale.min = spec.scale.min.min(number);
    spec.foreign.insert(RESERVED.to_owned(), json!(number));
    write(asked, &name, &spec).await?;
    Ok((StatusCode::OK, json!({RESERVED: number})))
}

/// `GetFunctionConcurrency`.
pub(in crate::lambda) async fn get_concurrency(asked: &Asked<'_>, part: &str) -> Answered {
    let (name, _) = names::function(part)?;
    let function = present(asked, &name).await?;
    Ok((
        StatusCode::OK,
        match function.spec.foreign.get(RESERVED) {
            Some(number) => json!({RESERVED: number}),
            None => json!({}),
        },
    ))
}

/// `DeleteFunctionConcurrency`.
pub(in crate::lambda) async fn delete_concurrency(asked: &Asked<'_>, part: &str) -> Answered {
    let (name, _) = names::function(part)?;
    let mut spec = present(asked, &name).await?.spec;
    spec.scale.max = Scale::default().max.max(spec.scale.min);
    spec.foreign.remove(RESERVED);
    write(asked, &name, &spec).await?;
    Ok((StatusCode::NO_CONTENT, Value::Null))
}
