//! Files that conditions and references read from buckets.

use crate::Aws;
use crate::sagemaker::activities::Actor;
use crate::sagemaker::reach::Reach;
use domain::execution::Execution;
use domain::{Location, Refusal};
use futures::StreamExt;
use serde::Deserialize;
use serde_json::Value;

/// Largest file that a condition reads.
const LARGEST_FILE: u64 = 16 << 20;

/// The JSON of an object, as the pipeline's role may read it, or whoever started it where that is
/// not known here. What is wrong with the object itself is the inner error.
pub(super) async fn read(
    aws: &Aws,
    execution: &Execution,
    role: &str,
    address: &str,
) -> Result<Result<Value, String>, Refusal> {
    let Ok(Location::Object { bucket, key }) = Location::parse(address) else {
        return Ok(Err(format!("`{address}` is no address of an object")));
    };
    let actor = Actor::deserialize(&execution.actor);
    let actor = actor.map_err(|error| Refusal::internal(error.to_string()))?;
    let principal = actor.principal(&execution.workspace);
    let call = actor.call(aws, &principal, &execution.id);
    let reach = Reach::of(&call, Some(role)).await;
    let may = match reach {
        Ok(reach) => reach.object(&bucket, &key).await,
        Err(fault) => Err(fault),
    };
    match may {
        Ok(()) => {}
        Err(fault) if fault.status.is_client_error() => {
            let message = fault.message;
            return Ok(Err(format!("the property file cannot be read: {message}")));
        }
        Err(fault) => {
            return Err(Refusal::Unavailable {
                message: fault.message,
            });
        }
    }
    let objects = &aws.control.objects;
    let found = objects.get(&execution.workspace, &bucket, &key, None).await;
    let mut body = match found {
        Ok((head, _)) if head.bytes > LARGEST_FILE => {
            return Ok(Err(format!(
                "`{address}` is longer than {LARGEST_FILE} bytes"
            )));
        }
        Ok((_, body)) => body,
        Err(
            error @ (contracts::objects::ObjectError::NoSuchBucket(_)
            | contracts::objects::ObjectError::NoSuchObject { .. }),
        ) => return Ok(Err(format!("the property file cannot be read: {error}"))),
        Err(error) => return Err(control::error::of_objects(error)),
    };
    let mut bytes = Vec::new();
    while let Some(piece) = body.next().await {
        bytes.extend_from_slice(&piece.map_err(control::error::of_objects)?);
    }
    Ok(serde_json::from_slice(&bytes).map_err(|error| format!("`{address}` is no JSON: {error}")))
}
