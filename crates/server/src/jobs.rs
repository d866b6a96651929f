//! The variables that every job gets, so that code of an SDK inside of it comes here.
//!
//! Jobs come by the plain endpoint and not through the proxy: they outlive the server, and a proxy
//! that is gone would take the whole network from them. Keys are given only where nobody else can
//! reach the server: they open all that it has, and with several people at work a job must not have
//! more than whoever submitted it.

use crate::Settings;
use crate::announce::{Announcement, credentials};
use frontdoor::environment::{Environment, Route, Via};
use std::collections::BTreeMap;
use std::path::Path;

/// The variables for a server that listens where it announced.
pub(crate) fn variables(
    settings: &Settings,
    announcement: &Announcement,
) -> BTreeMap<String, String> {
    let address = announcement.address.clone();
    let mut variables = match credentials(&settings.data).and_then(|kept| kept.aws) {
        Some(aws) if settings.is_loopback() => {
            let route = Route {
                address: &address,
                // The plain endpoint needs no certificates.
                bundle: Path::new(""),
                aws: &aws,
                via: Via::Endpoint,
            };
            Environment::of(&route, &BTreeMap::new()).set
        }
        _ => BTreeMap::from([("AWS_ENDPOINT_URL".to_owned(), address.clone())]),
    };
    variables.insert("TRADEWIND_SERVER".to_owned(), address);
    variables
}
