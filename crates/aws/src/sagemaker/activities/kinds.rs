//! The kinds of steps that are requests of SageMaker itself, one row each: a step of a new kind is
//! a row, once its operations are served.

use crate::sagemaker::jobs;

/// A kind of activity.
pub(crate) struct Kind {
    /// As definitions name the step.
    pub(crate) word: &'static str,
    /// The operation that makes it.
    pub(crate) create: &'static str,
    /// The operation whose answer is the step's properties.
    pub(crate) describe: &'static str,
    /// The operation that stops it.
    pub(crate) stop: Option<&'static str>,
    /// The request's member with its name.
    pub(crate) name: &'static str,
    /// Longest name.
    pub(crate) longest: usize,
    /// The description's member with its status; without one it is done once it is made.
    pub(crate) status: Option<&'static str>,
    /// The description's member with its ARN, and the member of a step's metadata for it.
    pub(crate) arn: &'static str,
    /// See `arn`.
    pub(crate) metadata: &'static str,
    /// As ARNs name it, where its name makes its ARN.
    pub(crate) resource: Option<&'static str>,
    /// The id of the job behind it.
    pub(crate) job: Option<fn(&str) -> String>,
    /// The arguments that equal steps have equal
    /// (<https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-default-keys.html>); without any
    /// the step is never cached.
    pub(crate) cached: &'static [&'static str],
}

/// All of them.
pub(crate) static KINDS: &[Kind] = &[
    Kind {
        word: "Training",
        create: "CreateTrainingJob",
        describe: "DescribeTrainingJob",
        stop: Some("StopTrainingJob"),
        name: "TrainingJobName",
        longest: 63,
        status: Some("TrainingJobStatus"),
        arn: "TrainingJobArn",
        metadata: "TrainingJob",
        resource: Some("training-job"),
        job: Some(str::to_owned),
        cached: &[
            "AlgorithmSpecification",
            "CheckpointConfig",
            "DebugHookConfig",
            "DebugRuleConfigurations",
            "Environment",
            "HyperParameters",
            "InputDataConfig",
        ],
    },
    Kind {
        word: "Processing",
        create: "CreateProcessingJob",
        describe: "DescribeProcessingJob",
        stop: Some("StopProcessingJob"),
        name: "ProcessingJobName",
        longest: 63,
        status: Some("ProcessingJobStatus"),
        arn: "ProcessingJobArn",
        metadata: "ProcessingJob",
        resource: Some("processing-job"),
        job: Some(jobs::processing_id),
        cached: &["AppSpecification", "Environment", "ProcessingInputs"],
    },
    Kind {
        word: "Transform",
        create: "CreateTransformJob",
        describe: "DescribeTransformJob",
        stop: Some("StopTransformJob"),
        name: "TransformJobName",
        longest: 63,
        status: Some("TransformJobStatus"),
        arn: "TransformJobArn",
        metadata: "TransformJob",
        resource: Some("transform-job"),
        job: Some(jobs::transform_id),
        cached: &[
            "DataProcessing",
            "Environment",
            "ModelName",
            "TransformInput",
        ],
    },
    Kind {
        word: "Tuning",
        create: "CreateHyperParameterTuningJob",
        describe: "DescribeHyperParameterTuningJob",
        stop: Some("StopHyperParameterTuningJob"),
        name: "HyperParameterTuningJobName",
        longest: 32,
        status: Some("HyperParameterTuningJobStatus"),
        arn: "HyperParameterTuningJobArn",
        metadata: "TuningJob",
        resource: Some("hyper-parameter-tuning-job"),
        job: None,
        cached: &[
            "HyperParameterTuningJobConfig",
            "TrainingJobDefinition",
            "TrainingJobDefinitions",
        ],
    },
    Kind {
        word: "Model",
        create: "CreateModel",
        describe: "DescribeModel",
        stop: None,
        name: "ModelName",
        longest: 63,
        status: None,
        arn: "ModelArn",
        metadata: "Model",
        resource: Some("model"),
        job: None,
        cached: &[],
    },
    Kind {
        word: "RegisterModel",
        create: "CreateModelPackage",
        describe: "DescribeModelPackage",
        stop: None,
        name: "ModelPackageName",
        longest: 63,
        status: None,
        arn: "ModelPackageArn",
        metadata: "RegisterModel",
        resource: None,
        job: None,
        cached: &[],
    },
];

/// The kind of a word.
pub(crate) fn kind(word: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.word == word)
}

/// Why steps of a kind are not served, when they are not.
pub(crate) fn served(word: &str) -> Result<(), String> {
    if word == super::lambda::KIND {
        return Ok(());
    }
    let Some(kind) = kind(word) else {
        return Err(match word {
            "QualityCheck" | "ClarifyCheck" => {
                "the monitoring containers cannot be run here; use a Processing step"
            }
            "EMR" | "EMRServerless" => "there is no EMR here; use a Processing step",
            "AutoML" => "AutoML is not served; use a Tuning step",
            _ => "there is no such type of step",
        }
        .to_owned());
    };
    let service = &super::super::SERVICE;
    for name in [kind.create, kind.describe] {
        service.operation(name).map_err(|fault| fault.message)?;
    }
    Ok(())
}
