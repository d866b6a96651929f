//! The variables that every job gets, so that code of an SDK inside of it comes here.
//!
//! Jobs come by the plain endpoint and not through the proxy: they outlive the server, and a proxy
//! that is gone would take the whole network from them. Keys are given to jobs of the usual
//! workspace only, and only where nobody else can reach the server: they open that workspace, though
//! neither people's rights nor bills. A job of another workspace would have what is not its own.

use crate::announce::{Announcement, write};
use crate::{Error, Settings};
use ::aws::{AccessKey, Aws, Secret};
use frontdoor::environment::{AwsKeys, Environment, Route, Via};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The variables that are keys.
const KEYS: [&str; 3] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
];

/// What a session of jobs is called.
const SESSION: &str = "jobs";

/// The keys of a data folder's jobs, which outlive its servers.
#[derive(Serialize, Deserialize)]
struct Kept {
    id: String,
    secret: Secret,
    token: Secret,
}

/// The keys that are kept, when they are good for long enough; else new ones.
async fn keys(settings: &Settings, aws: &Aws) -> Result<Kept, Error> {
    let file = settings.data.join("job-keys.json");
    let text = fs::read(&file).ok();
    let present: Option<Kept> = text.and_then(|text| serde_json::from_slice(&text).ok());
    let before = present.as_ref().map(|kept| kept.id.clone());
    let present = present.map(|kept| {
        let (id, secret) = (kept.id, kept.secret);
        (AccessKey { id, secret }, kept.token)
    });
    let (key, token) = aws.lent_key(SESSION, present).await?;
    let kept = Kept {
        id: key.id,
        secret: key.secret,
        token,
    };
    if before.as_ref() != Some(&kept.id) {
        write(settings, &file, &kept)?;
    }
    Ok(kept)
}

/// Tells a control plane what its jobs get from a server that listens where it announced.
pub(crate) async fn lend(
    settings: &Settings,
    announcement: &Announcement,
    aws: &Aws,
    control: &control::Control,
) -> Result<(), Error> {
    let address = announcement.address.as_str();
    let mut all = every(address);
    if settings.is_loopback() {
        let kept = keys(settings, aws).await?;
        let keys = AwsKeys {
            access_key_id: kept.id,
            secret_access_key: kept.secret.reveal().to_owned(),
            region: aws.account.region.clone(),
            account: aws.account.id.clone(),
        };
        let (own, rest) = signing(address, &keys, &kept.token);
        all.extend(rest);
        let _ = control.job_keys.set(own);
    }
    let _ = control.job_env.set(all);
    Ok(())
}

/// Where the server is.
fn every(address: &str) -> BTreeMap<String, String> {
    let names = ["AWS_ENDPOINT_URL", "TRADEWIND_SERVER"];
    let variables = names.map(|name| (name.to_owned(), address.to_owned()));
    BTreeMap::from(variables)
}

/// By what an SDK of AWS signs: the keys, and what keeps it from looking for others.
fn signing(
    address: &str,
    keys: &AwsKeys,
    token: &Secret,
) -> (BTreeMap<String, String>, BTreeMap<String, String>) {
    let route = Route {
        address,
        // The plain endpoint needs no certificates.
        bundle: Path::new(""),
        aws: keys,
        via: Via::Endpoint,
    };
    let mut variables = Environment::of(&route, &BTreeMap::new()).set;
    let token = token.reveal().to_owned();
    variables.insert("AWS_SESSION_TOKEN".to_owned(), token);
    variables
        .into_iter()
        .partition(|(name, _)| KEYS.contains(&name.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_apart_from_what_every_job_gets() {
        let address = "http://127.0.0.1:1";
        let keys = AwsKeys {
            access_key_id: "ASIA".to_owned(),
            secret_access_key: "s".to_owned(),
            region: "us-east-1".to_owned(),
            account: "123456789012".to_owned(),
        };
        let (own, rest) = signing(address, &keys, &Secret::new("token"));
        assert_eq!(own["AWS_ACCESS_KEY_ID"], "ASIA");
        assert_eq!(own["AWS_SESSION_TOKEN"], "token");
        assert_eq!(own.len(), KEYS.len());
        assert_eq!(rest["AWS_ENDPOINT_URL"], address);
        assert!(!rest.contains_key("HTTPS_PROXY"));
        // Nor does a job without these keys find those of whoever runs the server.
        assert!(rest.contains_key("AWS_SHARED_CREDENTIALS_FILE"));
        assert_eq!(every(address)["AWS_ENDPOINT_URL"], address);
    }
}
