//! Data keys: random bytes, encrypted by a key of the ring.

use super::context::{Context, bytes};
use super::fault::fault;
use super::keys::Blob;
use crate::fault::Fault;
use crate::operation::Call;
use serde::Deserialize;

/// The request.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Request {
    key_id: String,
    #[serde(default)]
    encryption_context: Context,
    #[serde(default)]
    number_of_bytes: Option<usize>,
    #[serde(default)]
    key_spec: Option<String>,
}

/// A data key.
pub(crate) struct DataKey {
    /// The ring's key that encrypted it.
    pub(crate) key: String,
    pub(crate) plain: Blob,
    pub(crate) sealed: Vec<u8>,
}

/// Makes a data key.
pub(crate) fn fresh(call: &Call<'_>, request: &Request) -> Result<DataKey, Fault> {
    let length = match (request.key_spec.as_deref(), request.number_of_bytes) {
        (Some("AES_256"), None) => 32,
        (Some("AES_128"), None) => 16,
        (None, Some(length)) if (1..=1_024).contains(&length) => length,
        _ => {
            return Err(Fault::validation(
                "Please specify either number of bytes or key spec.",
            ));
        }
    };
    let mut plain = vec![0_u8; length];
    call.aws.control.world.entropy.fill(&mut plain);
    let context = bytes(&request.encryption_context);
    let keys = call.aws.objects.keys();
    let (key, sealed) = keys
        .encrypt(&request.key_id, &plain, &context)
        .map_err(fault)?;
    Ok(DataKey {
        key,
        plain: Blob(plain),
        sealed,
    })
}
