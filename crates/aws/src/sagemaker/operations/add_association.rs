//! `AddAssociation`: says that one entity led to another.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::lineage::associations::{self, Association};
use serde_json::{Value, json};

pub(crate) struct AddAssociation;

impl Operation for AddAssociation {
    const NAME: &'static str = "AddAssociation";
    type Input = Association;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Association) -> Result<Value, Fault> {
        let answer = json!({
            "SourceArn": input.source_arn,
            "DestinationArn": input.destination_arn,
        });
        associations::add(call, input).await?;
        Ok(answer)
    }
}
