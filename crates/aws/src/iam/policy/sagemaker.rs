//! Which ARNs a request to SageMaker is about.

use super::resource::{Place, text, texts};
use crate::account::Account;
use serde_json::Value;

/// What an operation's name begins with; the rest is the kind of resource.
const VERBS: &[&str] = &[
    "Create", "Describe", "Delete", "Update", "Stop", "Start", "Get", "Put", "Invoke", "Retry",
];

/// Operations of SageMaker whose names do not tell which members name their resources: the member,
/// and the kind of what it names.
const OTHERWISE: &[(&[&str], &str, &str)] = &[
    (&["AddTags", "DeleteTags", "ListTags"], "ResourceArn", ""),
    (&["AddAssociation", "DeleteAssociation"], "SourceArn", ""),
    (
        &["AddAssociation", "DeleteAssociation"],
        "DestinationArn",
        "",
    ),
    (
        &["AssociateTrialComponent", "DisassociateTrialComponent"],
        "TrialName",
        "experiment-trial",
    ),
    (
        &["AssociateTrialComponent", "DisassociateTrialComponent"],
        "TrialComponentName",
        "experiment-trial-component",
    ),
    (
        &["BatchDescribeModelPackage"],
        "ModelPackageArnList",
        "model-package",
    ),
    (
        &["DescribeFeatureMetadata", "UpdateFeatureMetadata"],
        "FeatureGroupName",
        "feature-group",
    ),
    (
        &[
            "StartPipelineExecution",
            "ListPipelineExecutions",
            "ListPipelineVersions",
        ],
        "PipelineName",
        "pipeline",
    ),
    (&["UpdatePipelineVersion"], "PipelineArn", "pipeline"),
    (
        &[
            "ListPipelineExecutionSteps",
            "ListPipelineParametersForExecution",
            "DescribePipelineDefinitionForExecution",
        ],
        "PipelineExecutionArn",
        "pipeline",
    ),
    (
        &["UpdateEndpointWeightsAndCapacities"],
        "EndpointName",
        "endpoint",
    ),
    (
        &["ListTrainingJobsForHyperParameterTuningJob"],
        "HyperParameterTuningJobName",
        "hyper-parameter-tuning-job",
    ),
];

/// The resources of an operation of SageMaker.
pub(super) fn resources(place: Place<'_>, operation: &str, members: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for (operations, member, kind) in OTHERWISE {
        if operations.contains(&operation) {
            for text in texts(members, member) {
                in_sagemaker(place, kind, &text, &mut found);
            }
        }
    }
    if operation == "CreateModelPackage"
        && let Some(group) = text(members, "ModelPackageGroupName")
    {
        let group = Account::name_of(group, "model-package-group");
        found.push(place.arn("sagemaker", &format!("model-package/{group}/*")));
    }
    let noun = VERBS.iter().find_map(|verb| operation.strip_prefix(verb));
    if let Some(noun) = noun {
        for member in [format!("{noun}Arn"), format!("{noun}Name")] {
            for text in texts(members, &member) {
                in_sagemaker(place, &kind_of(noun), &text, &mut found);
            }
        }
    }
    found
}

/// The ARN of what a member names. An ARN is asked about as it was sent and as one of here, which
/// is what is looked up.
fn in_sagemaker(place: Place<'_>, kind: &str, text: &str, found: &mut Vec<String>) {
    if !text.starts_with("arn:") {
        found.push(place.arn("sagemaker", &format!("{kind}/{text}")));
        return;
    }
    found.push(text.to_owned());
    let mut parts = text.splitn(6, ':');
    let is_here = parts.nth(2) == Some("sagemaker") || !kind.is_empty();
    if let Some(resource) = parts.nth(2).filter(|_| is_here) {
        found.push(place.arn("sagemaker", resource));
    }
}

/// `TrainingJob` as `training-job`.
fn kind_of(noun: &str) -> String {
    let mut dashed = String::new();
    if noun == "Trial" || noun == "TrialComponent" {
        dashed.push_str("experiment");
    }
    for letter in noun.chars() {
        if letter.is_ascii_uppercase() && !dashed.is_empty() {
            dashed.push('-');
        }
        dashed.push(letter.to_ascii_lowercase());
    }
    dashed
}
