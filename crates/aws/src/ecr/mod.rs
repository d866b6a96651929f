//! The Elastic Container Registry, as far as SDKs look up prebuilt images in it: the repositories
//! are the families of images that map onto environments. No images are kept.

mod operations;

use crate::fault::Fault;
use crate::service::{Protocol, Service};

/// The row of the service's table.
pub(crate) const SERVICE: Service = Service {
    signing_name: "ecr",
    title: "ECR",
    protocol: Protocol::Json {
        target: "AmazonEC2ContainerRegistry_V20150921",
        content_type: "application/x-amz-json-1.1",
        model: None,
    },
    served: operations::SERVED,
    known: include_str!("known.txt"),
};

/// What is said of a repository that is not there.
fn no_such_repository(name: &str, registry: &str) -> Fault {
    let name: String = name.chars().take(256).collect();
    Fault::new(
        "RepositoryNotFoundException",
        format!(
            "The repository with name '{name}' does not exist in the registry with id '{registry}'"
        ),
    )
}
