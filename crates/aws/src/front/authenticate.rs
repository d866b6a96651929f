//! From a claim to a principal.

use crate::Aws;
use crate::fault::Fault;
use crate::principal::Principal;
use crate::signature::{Claim, verify};
use http::StatusCode;
use http::request::Parts;

/// Proves the claim of a request and says who made it.
pub(crate) async fn authenticate(
    aws: &Aws,
    parts: &Parts,
    body: &[u8],
    claim: Option<&Claim>,
) -> Result<Principal, Fault> {
    let claim = claim.ok_or_else(|| {
        Fault::new(
            "MissingAuthenticationTokenException",
            "Missing Authentication Token",
        )
        .with_status(StatusCode::FORBIDDEN)
    })?;
    let found = aws.access_key(&claim.access_key).await?;
    let found = found.ok_or_else(|| {
        Fault::new(
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        )
        .with_status(StatusCode::FORBIDDEN)
    })?;
    verify(parts, body, claim, &found, aws.control.world.now())?;
    Ok(Principal {
        arn: found.holder.arn.clone(),
        user_id: found.holder.user_id.clone(),
        access_key: claim.access_key.clone(),
        workspace: found.holder.workspace.clone(),
        role: found.holder.role,
        session: found
            .holder
            .session
            .as_ref()
            .map(|session| session.policies.clone())
            .unwrap_or_default(),
    })
}
