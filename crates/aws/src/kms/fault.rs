//! The key ring's errors as KMS says them
//! (<https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html>).

use crate::fault::Fault;
use domain::Refusal;

/// Every error of the ring.
pub(super) fn fault(error: objects::Error) -> Fault {
    match error {
        objects::Error::Key { key, reason } if reason.contains("is not in the key ring") => {
            Fault::new("NotFoundException", format!("Key '{key}' does not exist"))
        }
        objects::Error::Key { key, reason } if reason.contains("is not an alias") => {
            Fault::new("NotFoundException", format!("Alias {key} is not found."))
        }
        objects::Error::Key { key, reason } if reason.contains("is disabled") => {
            Fault::new("DisabledException", format!("{key} is disabled."))
        }
        objects::Error::Key { key, reason } if reason.contains("is about to be deleted") => {
            Fault::new(
                "KMSInvalidStateException",
                format!("{key} is pending deletion."),
            )
        }
        objects::Error::Key { .. } => {
            Fault::new("InvalidCiphertextException", "the ciphertext does not fit")
        }
        objects::Error::InvalidName { name, .. } => Fault::new(
            "InvalidAliasNameException",
            format!("Alias must start with the prefix \"alias/\" and be a name: {name}"),
        ),
        objects::Error::Invalid(message) if message.contains("ciphertext") => {
            Fault::new("InvalidCiphertextException", message)
        }
        objects::Error::Invalid(message) => Fault::validation(message),
        other => Fault::common(Refusal::internal(other.to_string())),
    }
}
