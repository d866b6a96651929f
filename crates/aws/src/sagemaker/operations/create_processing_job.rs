//! `CreateProcessingJob`: makes a job out of an image, a command, inputs and outputs.

use crate::fault::Fault;
use crate::operation::{Call, Operation, read};
use crate::sagemaker::jobs::commands::{Making, make};
use crate::sagemaker::jobs::{PROCESSING, processing, processing_id};
use crate::sagemaker::names;
use serde::Serialize;
use serde_json::Value;

pub(crate) struct CreateProcessingJob;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    processing_job_arn: String,
}

impl Operation for CreateProcessingJob {
    const NAME: &'static str = "CreateProcessingJob";
    type Input = Value;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Value) -> Result<Output, Fault> {
        let request: processing::Request = read(input.clone())?;
        let name = &request.processing_job_name;
        names::check("ProcessingJobName", name, 63)?;
        let spec = processing::spec(call, &request).await?;
        let making = Making {
            kind: PROCESSING,
            word: "processing-job",
            name,
            id: &processing_id(name),
            document: input,
            tags: &request.tags,
        };
        let processing_job_arn = make(call, making, spec).await?;
        Ok(Output { processing_job_arn })
    }
}
