//! `GenerateRandom`: unpredictable bytes.

use crate::fault::Fault;
use crate::kms::keys::Blob;
use crate::operation::{Call, Operation};
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) struct GenerateRandom;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[serde(default)]
    number_of_bytes: Option<usize>,
}

impl Operation for GenerateRandom {
    const NAME: &'static str = "GenerateRandom";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Input) -> Result<Value, Fault> {
        let length = input.number_of_bytes.unwrap_or(0);
        if !(1..=1_024).contains(&length) {
            return Err(Fault::validation(
                "NumberOfBytes must be between 1 and 1024",
            ));
        }
        let mut bytes = vec![0_u8; length];
        call.aws.control.world.entropy.fill(&mut bytes);
        Ok(json!({"Plaintext": Blob(bytes)}))
    }
}
