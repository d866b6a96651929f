//! Signature Version 4: who signed a request, and whether the signature is theirs
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>).

mod canonical;
mod claim;
mod verify;

pub(crate) use canonical::host;
pub(crate) use claim::Claim;
pub(crate) use verify::verify;
