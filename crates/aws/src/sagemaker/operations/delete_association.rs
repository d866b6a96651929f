//! `DeleteAssociation`: takes an association away.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::lineage::associations::{self, Association};
use serde_json::{Value, json};

pub(crate) struct DeleteAssociation;

impl Operation for DeleteAssociation {
    const NAME: &'static str = "DeleteAssociation";
    type Input = Association;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Association) -> Result<Value, Fault> {
        associations::delete(call, &input).await?;
        Ok(json!({
            "SourceArn": input.source_arn,
            "DestinationArn": input.destination_arn,
        }))
    }
}
