//! `BatchDescribeModelPackage`: several packages at once; one that is not there is an error of its
//! own.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::registry::{find, summary};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Most packages of one request.
const MOST: usize = 100;

const FURTHER: &[&str] = &[
    "InferenceSpecification",
    "ModelPackageDescription",
    "ModelPackageRegistrationType",
];

pub(crate) struct BatchDescribeModelPackage;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    model_package_arn_list: Vec<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    model_package_summaries: BTreeMap<String, Value>,
    batch_describe_model_package_error_map: BTreeMap<String, Value>,
}

impl Operation for BatchDescribeModelPackage {
    const NAME: &'static str = "BatchDescribeModelPackage";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let arns = input.model_package_arn_list;
        if !(1..=MOST).contains(&arns.len()) {
            return Err(Fault::validation(format!(
                "1 validation error detected: Value at 'modelPackageArnList' failed to satisfy \
                 constraint: Member must have length between 1 and {MOST}"
            )));
        }
        let (mut found, mut missing) = (BTreeMap::new(), BTreeMap::new());
        for arn in arns {
            match find(call, &arn).await {
                Ok(package) if package.request().get("InferenceSpecification").is_some() => {
                    let mut summary = summary(call, &package, FURTHER);
                    summary["ModelPackageGroupName"] = json!(package.identifier.name());
                    if let Value::Object(members) = &mut summary {
                        members.remove("ModelPackageName");
                    }
                    found.insert(arn, summary);
                }
                Ok(_) => {
                    let text = "the package has no InferenceSpecification";
                    missing.insert(arn, error("ValidationException", text));
                }
                Err(fault) if fault.status.is_client_error() => {
                    missing.insert(arn, error(&fault.code, &fault.message));
                }
                Err(fault) => return Err(fault),
            }
        }
        Ok(Output {
            model_package_summaries: found,
            batch_describe_model_package_error_map: missing,
        })
    }
}

fn error(code: &str, text: &str) -> Value {
    json!({"ErrorCode": code, "ErrorResponse": text})
}
