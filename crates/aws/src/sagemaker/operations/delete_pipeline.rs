//! `DeletePipeline`: forgets a pipeline; refused while an execution is under way.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::fault::fault;
use crate::sagemaker::pipelines::{KIND, store, versions};
use crate::sagemaker::tags;
use control::executions::ExecutionFilter;
use serde::{Deserialize, Serialize};

pub(crate) struct DeletePipeline;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    pipeline_name: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    pipeline_arn: String,
}

impl Operation for DeletePipeline {
    const NAME: &'static str = "DeletePipeline";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let (name, _, _) = store::find(call, &input.pipeline_name).await?;
        let (caller, arn) = (call.caller(), store::arn(call, &name));
        let filter = ExecutionFilter {
            graph: Some(name.clone()),
            phases: vec!["running".to_owned(), "stopping".to_owned()],
            limit: 1,
            ..ExecutionFilter::default()
        };
        let (live, _) = call
            .aws
            .control
            .executions(&caller, &filter)
            .await
            .map_err(fault)?;
        if !live.is_empty() {
            return Err(Fault::new(
                "ConflictException",
                format!("Pipeline '{arn}' has an execution under way; stop it first."),
            ));
        }
        call.aws
            .control
            .delete_document(&caller, KIND, &name)
            .await
            .map_err(fault)?;
        versions::forget(call, &name).await?;
        tags::forget(call.aws, &caller, &arn).await.map_err(fault)?;
        Ok(Output { pipeline_arn: arn })
    }
}
