//! `DescribeImages`: images by their tags, as far as they map onto an environment.

use crate::ecr::no_such_repository;
use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::image;
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) struct DescribeImages;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    #[serde(default)]
    registry_id: Option<String>,
    repository_name: String,
    #[serde(default)]
    image_ids: Vec<ImageId>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ImageId {
    #[serde(default)]
    image_tag: Option<String>,
}

impl Operation for DescribeImages {
    const NAME: &'static str = "DescribeImages";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Input) -> Result<Value, Fault> {
        let registry = input
            .registry_id
            .unwrap_or_else(|| call.aws.account.id.clone());
        let name = &input.repository_name;
        if !image::repositories().contains(&name.as_str()) {
            return Err(no_such_repository(name, &registry));
        }
        if input.image_ids.is_empty() {
            return Err(Fault::unsupported(
                "the images of a repository cannot be listed: none are kept; name them by tags",
            ));
        }
        let mut details = Vec::new();
        for id in input.image_ids {
            let tag = id.image_tag.ok_or_else(|| {
                Fault::unsupported("images are known by their tags; digests are not kept")
            })?;
            details.push(json!({
                "registryId": registry,
                "repositoryName": name,
                "imageTags": [tag],
            }));
        }
        Ok(json!({"imageDetails": details}))
    }
}
