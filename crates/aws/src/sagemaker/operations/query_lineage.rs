//! `QueryLineage`: walks along associations from one entity.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::lineage::query::{self, Request};
use serde_json::{Value, json};

pub(crate) struct QueryLineage;

impl Operation for QueryLineage {
    const NAME: &'static str = "QueryLineage";
    type Input = Request;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Request) -> Result<Value, Fault> {
        let found = query::query(call, &input).await?;
        let mut answer = json!({"Vertices": found.vertices, "Edges": found.edges});
        if let Some(next) = found.next {
            answer["NextToken"] = json!(next);
        }
        Ok(answer)
    }
}
