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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_given_only_where_nobody_else_comes() {
        let folder = std::env::temp_dir().join(format!("tradewind-jobs-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let kept = r#"{"key": "k", "aws": {"access_key_id": "AKIA", "secret_access_key": "s",
                      "region": "us-east-1", "account": "123456789012"}}"#;
        std::fs::write(folder.join("credentials.json"), kept).unwrap();
        let announcement = Announcement {
            address: "http://127.0.0.1:1".to_owned(),
            pid: 1,
            version: String::new(),
        };
        let given = |listen: &str| {
            let mut settings = Settings::new(&folder);
            listen.clone_into(&mut settings.listen);
            variables(&settings, &announcement)
        };
        let (near, open) = (given("127.0.0.1:1"), given("0.0.0.0:1"));
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(near["AWS_ACCESS_KEY_ID"], "AKIA");
        assert_eq!(near["AWS_ENDPOINT_URL"], announcement.address);
        assert!(!near.contains_key("HTTPS_PROXY"));
        assert!(!open.contains_key("AWS_ACCESS_KEY_ID"), "{open:?}");
        assert_eq!(open["AWS_ENDPOINT_URL"], announcement.address);
    }
}
