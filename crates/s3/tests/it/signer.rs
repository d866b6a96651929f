//! Signature version 4, by the letter of "Authenticating Requests: Using the Authorization
//! Header", "…Query Parameters" and "…Transferring Payload in Multiple Chunks".

use domain::Timestamp;
use ring::hmac;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// Who signs, and how.
#[derive(Clone)]
pub struct Signer {
    pub key: String,
    pub secret: String,
    pub token: Option<String>,
    pub region: String,
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::sign(&key, text).as_ref().to_vec()
}

/// `20261127T043852Z`.
pub fn stamp(now: Timestamp) -> String {
    let time = time::OffsetDateTime::from_unix_timestamp(now.0 / 1_000).unwrap();
    format!(
        "{:04}{:02}{:02}T{:02}{:02}{:02}Z",
        time.year(),
        u8::from(time.month()),
        time.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

/// Percent-encodes all but unreserved characters.
pub fn encode(text: &str, keeps_slash: bool) -> String {
    text.bytes().fold(String::new(), |mut out, b| {
        match b {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(b as char);
            }
            b'/' if keeps_slash => out.push('/'),
            _ => write!(out, "%{b:02X}").unwrap(),
        }
        out
    })
}

pub fn query_text(query: &[(String, String)]) -> String {
    let mut pairs: Vec<_> = query
        .iter()
        .map(|(name, value)| (encode(name, false), encode(value, false)))
        .collect();
    pairs.sort();
    let pairs: Vec<_> = pairs.iter().map(|(n, v)| format!("{n}={v}")).collect();
    pairs.join("&")
}

impl Signer {
    pub fn scope(&self, stamp: &str) -> String {
        format!("{}/{}/s3/aws4_request", &stamp[..8], self.region)
    }

    pub fn signing_key(&self, stamp: &str) -> Vec<u8> {
        let mut key = format!("AWS4{}", self.secret).into_bytes();
        for part in [&stamp[..8], &self.region, "s3", "aws4_request"] {
            key = hmac(&key, part.as_bytes());
        }
        key
    }

    fn signature(&self, stamp: &str, canonical: &str) -> String {
        let text = format!(
            "AWS4-HMAC-SHA256\n{stamp}\n{}\n{}",
            self.scope(stamp),
            sha256(canonical.as_bytes())
        );
        hex(&hmac(&self.signing_key(stamp), text.as_bytes()))
    }

    /// The header `Authorization` for these headers (lower-case names) and payload word.
    pub fn authorization(
        &self,
        method: &str,
        path: &str,
        query: &[(String, String)],
        headers: &[(String, String)],
        payload: &str,
        stamp: &str,
    ) -> (String, String) {
        let mut headers = headers.to_vec();
        headers.sort();
        let names: Vec<_> = headers.iter().map(|(name, _)| name.as_str()).collect();
        let names = names.join(";");
        let lines = headers
            .iter()
            .fold(String::new(), |mut out, (name, value)| {
                writeln!(out, "{name}:{}", value.trim()).unwrap();
                out
            });
        let canonical = format!(
            "{method}\n{path}\n{}\n{lines}\n{names}\n{payload}",
            query_text(query)
        );
        let signature = self.signature(stamp, &canonical);
        let text = format!(
            "AWS4-HMAC-SHA256 Credential={}/{},SignedHeaders={names},Signature={signature}",
            self.key,
            self.scope(stamp)
        );
        (text, signature)
    }

    /// The query of a presigned URL.
    pub fn presigned(
        &self,
        method: &str,
        host: &str,
        path: &str,
        mut query: Vec<(String, String)>,
        stamp: &str,
        seconds: u32,
    ) -> String {
        let own = |name: &str, value: String| (name.to_owned(), value);
        query.push(own("X-Amz-Algorithm", "AWS4-HMAC-SHA256".to_owned()));
        query.push(own(
            "X-Amz-Credential",
            format!("{}/{}", self.key, self.scope(stamp)),
        ));
        query.push(own("X-Amz-Date", stamp.to_owned()));
        query.push(own("X-Amz-Expires", seconds.to_string()));
        query.push(own("X-Amz-SignedHeaders", "host".to_owned()));
        if let Some(token) = &self.token {
            query.push(own("X-Amz-Security-Token", token.clone()));
        }
        let text = query_text(&query);
        let canonical = format!("{method}\n{path}\n{text}\nhost:{host}\n\nhost\nUNSIGNED-PAYLOAD");
        format!(
            "{text}&X-Amz-Signature={}",
            self.signature(stamp, &canonical)
        )
    }

    /// The signature of a chunk that follows another, or of the trailer.
    pub fn chunk(&self, stamp: &str, kind: &str, before: &str, bytes: &[u8]) -> String {
        let hashed = if kind == "AWS4-HMAC-SHA256-PAYLOAD" {
            format!("{}\n{}", sha256(b""), sha256(bytes))
        } else {
            sha256(bytes)
        };
        let text = format!("{kind}\n{stamp}\n{}\n{before}\n{hashed}", self.scope(stamp));
        hex(&hmac(&self.signing_key(stamp), text.as_bytes()))
    }
}
