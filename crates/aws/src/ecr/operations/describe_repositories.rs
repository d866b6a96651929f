//! `DescribeRepositories`: the families of prebuilt images, all or by name.

use crate::ecr::no_such_repository;
use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::image;
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) struct DescribeRepositories;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    #[serde(default)]
    registry_id: Option<String>,
    #[serde(default)]
    repository_names: Vec<String>,
}

impl Operation for DescribeRepositories {
    const NAME: &'static str = "DescribeRepositories";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Input) -> Result<Value, Fault> {
        let registry = input
            .registry_id
            .unwrap_or_else(|| call.aws.account.id.clone());
        let known = image::repositories();
        for name in &input.repository_names {
            if !known.contains(&name.as_str()) {
                return Err(no_such_repository(name, &registry));
            }
        }
        let wanted = known.into_iter().filter(|name| {
            let names = &input.repository_names;
            names.is_empty() || names.iter().any(|wanted| wanted == name)
        });
        let region = call.region;
        let repositories = wanted.map(|name| {
            json!({
                "repositoryArn": format!("arn:aws:ecr:{region}:{registry}:repository/{name}"),
                "registryId": registry,
                "repositoryName": name,
                "repositoryUri": format!("{registry}.dkr.ecr.{region}.amazonaws.com/{name}"),
                "imageTagMutability": "IMMUTABLE",
            })
        });
        let repositories: Vec<Value> = repositories.collect();
        Ok(json!({"repositories": repositories}))
    }
}
