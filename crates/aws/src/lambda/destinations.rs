//! Whether a function's role may reach where what comes of its asynchronous calls is sent: this
//! server sends it, and could reach every bucket and function.

use super::fault::parameter;
use super::{Asked, credentials};
use crate::fault::Fault;
use crate::sagemaker::reach::Reach;
use domain::function::{Destination, FunctionSpec, Retries};

/// Refuses destinations that the role may not reach, or whoever asks where the role is not known
/// here.
pub(super) async fn check(
    asked: &Asked<'_>,
    spec: &FunctionSpec,
    retries: &Retries,
) -> Result<(), Fault> {
    let call = asked.call;
    let reach = Reach::of(call, credentials::role(spec)).await?;
    for destination in [&retries.on_success, &retries.on_failure] {
        let (action, resource, may) = match destination {
            None => continue,
            Some(Destination::Bucket { bucket, prefix }) => {
                let may = match reach.write(&format!("s3://{bucket}/{prefix}")).await {
                    Ok(()) => true,
                    Err(fault) if fault.status.is_client_error() => false,
                    Err(fault) => return Err(fault),
                };
                ("PutObject", format!("arn:aws:s3:::{bucket}"), may)
            }
            Some(Destination::Function { function }) => {
                let arn = call.arn("lambda", &format!("function:{function}"));
                let may = reach.may("lambda:InvokeFunction", &arn).await?;
                ("InvokeFunction", arn, may)
            }
        };
        if !may {
            return Err(parameter(format!(
                "The function's execution role does not have permissions to call {action} on \
                 {resource}"
            )));
        }
    }
    Ok(())
}
