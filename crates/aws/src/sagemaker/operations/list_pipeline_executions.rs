//! `ListPipelineExecutions`: a page of a pipeline's executions, the newest first unless asked
//! otherwise.

use super::list_pipelines::with_common_names;
use crate::fault::Fault;
use crate::operation::{Call, Operation, read};
use crate::sagemaker::fault::fault;
use crate::sagemaker::listing::{Listing, Page};
use crate::sagemaker::pipelines::executions::{self, View};
use crate::sagemaker::pipelines::store;
use crate::time::Epoch;
use control::executions::ExecutionFilter;
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) struct ListPipelineExecutions;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Filter {
    pipeline_name: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    pipeline_execution_summaries: Vec<Summary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Summary {
    pipeline_execution_arn: String,
    start_time: Epoch,
    pipeline_execution_status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pipeline_execution_description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pipeline_execution_display_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pipeline_execution_failure_reason: Option<String>,
}

impl Operation for ListPipelineExecutions {
    const NAME: &'static str = "ListPipelineExecutions";
    type Input = Value;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Value) -> Result<Output, Fault> {
        let filter: Filter = read(input.clone())?;
        let listing: Listing = read(with_common_names(input))?;
        let (name, _, _) = store::find(call, &filter.pipeline_name).await?;
        let caller = call.caller();
        let (caller, name) = (&caller, &name);
        let page = |after, limit| -> BoxFuture<'_, Result<Page<View>, Fault>> {
            Box::pin(async move {
                let filter = ExecutionFilter {
                    graph: Some(name.clone()),
                    after,
                    limit,
                    ..ExecutionFilter::default()
                };
                let found = call.aws.control.executions(caller, &filter).await;
                let (found, next) = found.map_err(fault)?;
                let views: Result<Vec<View>, Fault> = found.into_iter().map(View::of).collect();
                Ok((views?, next))
            })
        };
        let (views, next_token) = listing.run(page).await?;
        Ok(Output {
            pipeline_execution_summaries: views.into_iter().map(summary).collect(),
            next_token,
        })
    }
}

fn summary(view: View) -> Summary {
    Summary {
        pipeline_execution_arn: view.arn(),
        start_time: Epoch(view.execution.created),
        pipeline_execution_status: executions::status(&view.execution),
        pipeline_execution_failure_reason: view.execution.failure,
        pipeline_execution_description: view.document.description,
        pipeline_execution_display_name: view.document.display_name,
    }
}
