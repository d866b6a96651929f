//! `StopInstances`: a job that is stopped is over, so this ends it as `TerminateInstances` does,
//! and the answer's states say so.

use super::terminate_instances::end;
use crate::ec2::reading::truth;
use crate::fault::Fault;
use crate::operation::{Call, Operation};
use serde_json::Value;

pub(crate) struct StopInstances;

impl Operation for StopInstances {
    const NAME: &'static str = "StopInstances";
    type Input = Value;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Value) -> Result<Value, Fault> {
        if truth(&input, "Hibernate")? {
            let text = "What is stopped here does not hibernate: a job is over when it is stopped";
            return Err(Fault::new("UnsupportedHibernationConfiguration", text));
        }
        end(call, &input, "stopped").await
    }
}
