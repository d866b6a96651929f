//! Executions as SageMaker shows them.

use super::parameters::Given;
use crate::fault::Fault;
use crate::operation::{Call, read};
use crate::sagemaker::fault::fault;
use crate::sagemaker::listing::Listed;
use domain::execution::{Execution, ExecutionPhase};
use domain::{Refusal, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// What is kept beside an execution.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Document {
    pub(crate) pipeline: String,
    pub(crate) pipeline_arn: String,
    pub(crate) role: String,
    pub(crate) definition: String,
    pub(crate) given: Vec<Given>,
    pub(crate) values: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) display_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) parallelism: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) selection: Option<Value>,
    /// The version of the pipeline that is executed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<i64>,
}

impl Document {
    /// An execution's.
    pub(crate) fn of(execution: &Execution) -> Result<Self, Refusal> {
        let read = Self::deserialize(&execution.document);
        read.map_err(|error| Refusal::internal(error.to_string()))
    }

    /// The ARN of an execution of the same pipeline.
    pub(crate) fn arn_of(&self, execution: &str) -> String {
        format!("{}/execution/{execution}", self.pipeline_arn)
    }

    /// A variable of an execution.
    pub(crate) fn variable(
        &self,
        execution: &Execution,
        name: &str,
        now: Timestamp,
    ) -> Option<Value> {
        Some(Value::String(match name {
            "PipelineName" => self.pipeline.clone(),
            "PipelineArn" => self.pipeline_arn.clone(),
            "PipelineExecutionId" => execution.id.clone(),
            "PipelineExecutionArn" => self.arn_of(&execution.id),
            "RoleArn" => self.role.clone(),
            "StartDateTime" => crate::time::iso(execution.created),
            "CurrentDateTime" => crate::time::iso(now),
            _ => return None,
        }))
    }
}

/// An execution's status.
pub(crate) fn status(execution: &Execution) -> &'static str {
    match execution.phase {
        ExecutionPhase::Running => "Executing",
        ExecutionPhase::Stopping => "Stopping",
        ExecutionPhase::Succeeded => "Succeeded",
        ExecutionPhase::Failed => "Failed",
        ExecutionPhase::Stopped => "Stopped",
    }
}

/// An execution with its document.
pub(crate) struct View {
    pub(crate) execution: Execution,
    pub(crate) document: Document,
}

impl Listed for View {
    fn name(&self) -> String {
        self.execution.id.clone()
    }
    fn created(&self) -> Timestamp {
        self.execution.created
    }
    fn modified(&self) -> Timestamp {
        self.execution.modified
    }
    fn status(&self) -> String {
        status(&self.execution).to_owned()
    }
}

impl View {
    pub(crate) fn of(execution: Execution) -> Result<Self, Fault> {
        let document = Document::of(&execution).map_err(fault)?;
        Ok(Self {
            execution,
            document,
        })
    }

    pub(crate) fn arn(&self) -> String {
        self.document.arn_of(&self.execution.id)
    }
}

/// An execution by its ARN.
pub(crate) async fn find(call: &Call<'_>, arn: &str) -> Result<View, Fault> {
    let missing = || {
        let shown: String = arn.chars().take(256).collect();
        Fault::new(
            "ResourceNotFound",
            format!("Pipeline execution with ARN {shown} does not exist."),
        )
    };
    let (rest, id) = arn.rsplit_once("/execution/").ok_or_else(missing)?;
    match call.aws.control.execution(&call.caller(), id).await {
        Ok(execution) if execution.dialect == crate::DIALECT => {
            let view = View::of(execution)?;
            if view.document.pipeline_arn == rest {
                Ok(view)
            } else {
                Err(missing())
            }
        }
        Ok(_) | Err(Refusal::NotFound { .. }) => Err(missing()),
        Err(refusal) => Err(fault(refusal)),
    }
}

/// How many steps may be under way at once.
pub(crate) fn parallelism(config: Option<&Value>) -> Result<u32, Fault> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Parallelism {
        max_parallel_execution_steps: u32,
    }
    let Some(config) = config else {
        return Ok(0);
    };
    let config: Parallelism = read(config.clone())?;
    if config.max_parallel_execution_steps == 0 {
        return Err(Fault::validation(
            "MaxParallelExecutionSteps must be greater than or equal to 1",
        ));
    }
    Ok(config.max_parallel_execution_steps)
}

/// Who made something, as descriptions say it.
pub(crate) fn made_by(call: &Call<'_>) -> Value {
    json!({"IamIdentity": {"Arn": call.principal.arn, "PrincipalId": call.principal.user_id}})
}
