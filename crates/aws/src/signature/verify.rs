//! Proves a claim with the secret of its key.

use super::canonical;
use super::claim::{ALGORITHM, Claim};
use crate::credentials::{Found, Secret};
use crate::fault::Fault;
use control::transact::hexadecimal;
use domain::{Span, Timestamp};
use http::StatusCode;
use http::request::Parts;
use ring::hmac;
use sha2::{Digest, Sha256};

/// How far a signer's clock may be off.
const SKEW: Span = Span::minutes(5);

/// Checks time, session, key state, body and signature, in the order that tells least.
pub(crate) fn verify(
    parts: &Parts,
    body: &[u8],
    claim: &Claim,
    found: &Found,
    now: Timestamp,
) -> Result<(), Fault> {
    timely(claim, now)?;
    all_signed(parts, claim)?;
    let payload = payload(parts, body)?;
    let text = canonical::request(parts, claim, &payload);
    let scope = format!(
        "{}/{}/{}/aws4_request",
        claim.day, claim.region, claim.service
    );
    let digest = hexadecimal(&Sha256::digest(text.as_bytes()));
    let to_sign = format!("{ALGORITHM}\n{}\n{scope}\n{digest}", claim.date);
    let signature = unhex(&claim.signature).ok_or_else(mismatch)?;
    hmac::verify(
        &signing_key(&found.secret, claim),
        to_sign.as_bytes(),
        &signature,
    )
    .map_err(|_| mismatch())?;
    session(claim, found, now)
}

fn timely(claim: &Claim, now: Timestamp) -> Result<(), Fault> {
    let latest = match claim.presigned {
        Some(life) => claim.at + life,
        None => claim.at + SKEW,
    };
    let stamp = |at: Timestamp| {
        let iso = crate::time::iso(at);
        iso.replace(['-', ':'], "")
    };
    if now > latest {
        let text = format!(
            "Signature expired: {} is now earlier than {} ({} - 5 min.)",
            claim.date,
            stamp(Timestamp(now.0 - SKEW.0)),
            stamp(now)
        );
        return Err(forbidden("InvalidSignatureException", text));
    }
    if claim.at > now + SKEW {
        let text = format!(
            "Signature not yet current: {} is still later than {} ({} + 5 min.)",
            claim.date,
            stamp(now + SKEW),
            stamp(now)
        );
        return Err(forbidden("InvalidSignatureException", text));
    }
    Ok(())
}

/// What a header of AWS' own asks for counts only when it was signed: the operation stands in one.
fn all_signed(parts: &Parts, claim: &Claim) -> Result<(), Fault> {
    let names = parts.headers.keys().map(http::HeaderName::as_str);
    let signed = |name: &str| claim.signed_headers.iter().any(|signed| signed == name);
    let mut unsigned = names.filter(|name| name.starts_with("x-amz-") && !signed(name));
    match unsigned.next() {
        None => Ok(()),
        Some(name) => Err(forbidden(
            "InvalidSignatureException",
            format!("'{name}' must be a 'SignedHeader' in the AWS Authorization."),
        )),
    }
}

/// The hash that was signed is that of the body.
fn payload(parts: &Parts, body: &[u8]) -> Result<String, Fault> {
    let computed = hexadecimal(&Sha256::digest(body));
    let header = parts.headers.get("x-amz-content-sha256");
    match header.and_then(|value| value.to_str().ok()) {
        Some("UNSIGNED-PAYLOAD") => Ok("UNSIGNED-PAYLOAD".to_owned()),
        Some(sent) if sent.eq_ignore_ascii_case(&computed) => Ok(sent.to_owned()),
        Some(_) => Err(mismatch()),
        None => Ok(computed),
    }
}

fn signing_key(secret: &Secret, claim: &Claim) -> hmac::Key {
    let mut key = format!("AWS4{}", secret.reveal()).into_bytes();
    for part in [&claim.day, &claim.region, &claim.service, "aws4_request"] {
        let hmac_key = hmac::Key::new(hmac::HMAC_SHA256, &key);
        key = hmac::sign(&hmac_key, part.as_bytes()).as_ref().to_vec();
    }
    hmac::Key::new(hmac::HMAC_SHA256, &key)
}

fn session(claim: &Claim, found: &Found, now: Timestamp) -> Result<(), Fault> {
    let invalid = || {
        forbidden(
            "UnrecognizedClientException",
            "The security token included in the request is invalid.".to_owned(),
        )
    };
    if !found.holder.active {
        return Err(invalid());
    }
    match (&found.holder.session, &claim.token) {
        (None, None) => Ok(()),
        (Some(session), Some(token)) => {
            if hexadecimal(&Sha256::digest(token.as_bytes())) != session.token_hash {
                return Err(invalid());
            }
            if now >= session.expires {
                return Err(forbidden(
                    "ExpiredTokenException",
                    "The security token included in the request is expired".to_owned(),
                ));
            }
            Ok(())
        }
        _ => Err(invalid()),
    }
}

/// Both hexadecimal digits of every byte.
fn unhex(text: &str) -> Option<Vec<u8>> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    let pairs = (0..text.len()).step_by(2);
    pairs
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok())
        .collect()
}

fn mismatch() -> Fault {
    forbidden(
        "InvalidSignatureException",
        "The request signature we calculated does not match the signature you provided. Check \
         your AWS Secret Access Key and signing method. Consult the service documentation for \
         details."
            .to_owned(),
    )
}

fn forbidden(code: &'static str, message: String) -> Fault {
    Fault::new(code, message).with_status(StatusCode::FORBIDDEN)
}
