//! `CreateHyperParameterTuningJob`: a search whose trials are training jobs.

use crate::fault::Fault;
use crate::operation::{Call, Operation, read};
use crate::sagemaker::activities::Actor;
use crate::sagemaker::fault::fault;
use crate::sagemaker::names;
use crate::sagemaker::tags;
use crate::sagemaker::tuning::request::Request;
use crate::sagemaker::tuning::{arn, warm};
use control::tuning::NewTuning;
use domain::Refusal;
use serde::Serialize;
use serde_json::{Value, json};

pub(crate) struct CreateHyperParameterTuningJob;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    hyper_parameter_tuning_job_arn: String,
}

impl Operation for CreateHyperParameterTuningJob {
    const NAME: &'static str = "CreateHyperParameterTuningJob";
    type Input = Value;
    type Output = Output;

    async fn run(call: &Call<'_>, mut input: Value) -> Result<Output, Fault> {
        let request: Request = read(input.clone())?;
        let name = &request.hyper_parameter_tuning_job_name;
        names::check("HyperParameterTuningJobName", name, 32)?;
        let mut seed = [0; 8];
        call.aws.control.world.entropy.fill(&mut seed);
        // A seed that a JSON number holds exactly.
        let mut spec = request.spec(u64::from_le_bytes(seed) >> 12)?;
        if let Some(config) = &request.warm_start_config {
            warm::start(call, config, &mut spec).await?;
        }
        let mut template = request
            .training_job_definition
            .clone()
            .ok_or_else(|| Fault::validation("TrainingJobDefinition must be given"))?;
        let arn = arn(call, name);
        if let Value::Object(members) = &mut template {
            members.insert("TuningJobArn".to_owned(), json!(arn));
        }
        if let Value::Object(members) = &mut input {
            members.remove("Tags");
        }
        let new = NewTuning {
            id: name.clone(),
            dialect: crate::DIALECT.to_owned(),
            kind: crate::sagemaker::activities::TRIAL.to_owned(),
            actor: json!(Actor::of(call)),
            document: input,
            template,
            spec,
        };
        let caller = call.caller();
        match call.aws.control.start_tuning(&caller, &new).await {
            Ok(_) => {}
            Err(Refusal::AlreadyExists { .. }) => {
                return Err(Fault::new(
                    "ResourceInUse",
                    format!(
                        "Tuning job names must be unique within an AWS account and region, and a \
                         tuning job with this name already exists ({arn})"
                    ),
                ));
            }
            Err(refusal) => return Err(fault(refusal)),
        }
        tags::add(call.aws, &caller, &arn, &request.tags)
            .await
            .map_err(fault)?;
        Ok(Output {
            hyper_parameter_tuning_job_arn: arn,
        })
    }
}
