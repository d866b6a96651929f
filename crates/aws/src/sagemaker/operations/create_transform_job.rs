//! `CreateTransformJob`: makes a job that answers for each object of a prefix with a model.

use crate::fault::Fault;
use crate::operation::{Call, Operation, read};
use crate::sagemaker::jobs::commands::{Making, make};
use crate::sagemaker::jobs::{TRANSFORM, transform, transform_id};
use crate::sagemaker::names;
use serde::Serialize;
use serde_json::Value;

pub(crate) struct CreateTransformJob;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    transform_job_arn: String,
}

impl Operation for CreateTransformJob {
    const NAME: &'static str = "CreateTransformJob";
    type Input = Value;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Value) -> Result<Output, Fault> {
        let request: transform::Request = read(input.clone())?;
        let name = &request.transform_job_name;
        names::check("TransformJobName", name, 63)?;
        let spec = transform::spec(call, &request).await?;
        let making = Making {
            kind: TRANSFORM,
            word: "transform-job",
            name,
            id: &transform_id(name),
            document: input,
            tags: &request.tags,
        };
        let transform_job_arn = make(call, making, spec).await?;
        Ok(Output { transform_job_arn })
    }
}
