//! `CreateArtifact`: makes an artifact: something at an address, known once by its source.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::entities::{self, ARTIFACT, New};
use control::transact::hexadecimal;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

pub(crate) struct CreateArtifact;

impl Operation for CreateArtifact {
    const NAME: &'static str = "CreateArtifact";
    type Input = Value;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Value) -> Result<Value, Fault> {
        entities::member(&input["Source"], "SourceUri")?;
        entities::member(&input, "ArtifactType")?;
        let digest = hexadecimal(&Sha256::digest(input["Source"].to_string()));
        let new = New {
            kind: &ARTIFACT,
            id: &digest[..32],
            parent: None,
            labels: BTreeMap::new(),
            request: input,
        };
        entities::create(call, new).await
    }
}
