//! What a signed request claims: read out of the `Authorization` header or the query.

use crate::fault::Fault;
use domain::{Span, Timestamp};
use http::request::Parts;

/// The algorithm, the only one there is.
pub(super) const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// Longest life of a presigned request.
const LONGEST: i64 = 604_800;

/// A claim to have signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claim {
    /// The key's id.
    pub(crate) access_key: String,
    /// `20261127`.
    pub(crate) day: String,
    /// The region of the scope.
    pub(crate) region: String,
    /// The service of the scope.
    pub(crate) service: String,
    /// Lower case names of the headers that are signed.
    pub(crate) signed_headers: Vec<String>,
    /// 64 hexadecimal digits.
    pub(crate) signature: String,
    /// When it was signed.
    pub(crate) at: Timestamp,
    /// As it was sent.
    pub(crate) date: String,
    /// Token of a session.
    pub(crate) token: Option<String>,
    /// How long it is good for, when it stands in the query.
    pub(crate) presigned: Option<Span>,
}

impl Claim {
    /// The claim of a request; `None` when it claims nothing.
    pub(crate) fn of(parts: &Parts) -> Result<Option<Self>, Fault> {
        if let Some(value) = parts.headers.get(http::header::AUTHORIZATION) {
            let text = value
                .to_str()
                .map_err(|_| incomplete("the Authorization header"))?;
            return match text.strip_prefix(ALGORITHM) {
                Some(rest) => Self::of_header(parts, rest).map(Some),
                None => Ok(None),
            };
        }
        let query = parts.uri.query().unwrap_or("");
        if query.contains("X-Amz-Signature=") {
            return Self::of_query(query).map(Some);
        }
        Ok(None)
    }

    fn of_header(parts: &Parts, text: &str) -> Result<Self, Fault> {
        let (mut credential, mut headers, mut signature) = (None, None, None);
        for part in text.split(',') {
            match part.trim().split_once('=') {
                Some(("Credential", value)) => credential = Some(value),
                Some(("SignedHeaders", value)) => headers = Some(value),
                Some(("Signature", value)) => signature = Some(value),
                _ => {}
            }
        }
        let date =
            header(parts, "x-amz-date").ok_or_else(|| incomplete("the header X-Amz-Date"))?;
        let mut claim = Self::scoped(credential.ok_or_else(|| incomplete("Credential"))?)?;
        claim.fill(headers, signature, &date)?;
        claim.token = header(parts, "x-amz-security-token");
        Ok(claim)
    }

    fn of_query(query: &str) -> Result<Self, Fault> {
        let find = |name: &str| {
            let mut pairs = form_urlencoded::parse(query.as_bytes());
            pairs.find_map(|(key, value)| (key == name).then(|| value.into_owned()))
        };
        if find("X-Amz-Algorithm").as_deref() != Some(ALGORITHM) {
            return Err(incomplete("X-Amz-Algorithm"));
        }
        let credential = find("X-Amz-Credential").ok_or_else(|| incomplete("X-Amz-Credential"))?;
        let date = find("X-Amz-Date").ok_or_else(|| incomplete("X-Amz-Date"))?;
        let expires = find("X-Amz-Expires").and_then(|text| text.parse::<i64>().ok());
        let expires = expires.filter(|seconds| (1..=LONGEST).contains(seconds));
        let expires = expires.ok_or_else(|| incomplete("X-Amz-Expires"))?;
        let mut claim = Self::scoped(&credential)?;
        let (headers, signature) = (find("X-Amz-SignedHeaders"), find("X-Amz-Signature"));
        claim.fill(headers.as_deref(), signature.as_deref(), &date)?;
        claim.token = find("X-Amz-Security-Token");
        claim.presigned = Some(Span::seconds(expires));
        Ok(claim)
    }

    fn scoped(credential: &str) -> Result<Self, Fault> {
        let parts: Vec<&str> = credential.split('/').collect();
        let [access_key, day, region, service, "aws4_request"] = parts.as_slice() else {
            return Err(incomplete("Credential"));
        };
        Ok(Self {
            access_key: (*access_key).to_owned(),
            day: (*day).to_owned(),
            region: (*region).to_owned(),
            service: (*service).to_owned(),
            signed_headers: Vec::new(),
            signature: String::new(),
            at: Timestamp(0),
            date: String::new(),
            token: None,
            presigned: None,
        })
    }

    fn fill(
        &mut self,
        headers: Option<&str>,
        signature: Option<&str>,
        date: &str,
    ) -> Result<(), Fault> {
        let headers = headers.ok_or_else(|| incomplete("SignedHeaders"))?;
        self.signed_headers = headers.split(';').map(str::to_ascii_lowercase).collect();
        if !self.signed_headers.iter().any(|name| name == "host") {
            return Err(incomplete("the header Host among SignedHeaders"));
        }
        let signature = signature.ok_or_else(|| incomplete("Signature"))?;
        signature.clone_into(&mut self.signature);
        self.at = crate::time::basic(date).ok_or_else(|| incomplete("X-Amz-Date"))?;
        date.clone_into(&mut self.date);
        if !date.starts_with(&self.day) {
            return Err(Fault::new(
                "SignatureDoesNotMatch",
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date",
            )
            .with_status(http::StatusCode::FORBIDDEN));
        }
        Ok(())
    }
}

fn header(parts: &Parts, name: &str) -> Option<String> {
    Some(parts.headers.get(name)?.to_str().ok()?.to_owned())
}

fn incomplete(what: &str) -> Fault {
    Fault::new(
        "IncompleteSignatureException",
        format!("the signature is incomplete: {what} is missing or not in its form"),
    )
}
