//! Facts of a request for conditions (IAM user guide, "AWS global condition context keys").

use ::s3::{Connection, Facts};
use domain::Timestamp;
use serde_json::Value;

/// What is known of a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct About<'a> {
    pub(crate) arn: &'a str,
    pub(crate) user_id: &'a str,
    pub(crate) account: &'a str,
    pub(crate) region: &'a str,
    pub(crate) now: Timestamp,
    pub(crate) connection: Option<Connection>,
    /// The request's members, for its tags.
    pub(crate) members: &'a Value,
}

/// The facts, by key in lower case.
pub(crate) fn facts(about: &About<'_>) -> Facts {
    let mut facts = Facts::new();
    let mut fact = |key: &str, value: String| facts.insert(key.to_owned(), vec![value]);
    fact("aws:principalarn", about.arn.to_owned());
    fact("aws:principalaccount", about.account.to_owned());
    fact("aws:userid", about.user_id.to_owned());
    fact("aws:requestedregion", about.region.to_owned());
    let seconds = (about.now.0 / 1_000).to_string();
    fact("aws:currenttime", seconds.clone());
    fact("aws:epochtime", seconds);
    if let Some(connection) = about.connection {
        fact("aws:securetransport", connection.secure.to_string());
        if let Some(peer) = connection.peer {
            fact("aws:sourceip", peer.to_canonical().to_string());
        }
    }
    identify(&mut facts, about.arn);
    let tags = about.members.get("Tags").and_then(Value::as_array);
    let mut keys = Vec::new();
    for tag in tags.into_iter().flatten() {
        let text = |name: &str| tag.get(name).and_then(Value::as_str);
        if let Some(key) = text("Key") {
            let name = format!("aws:requesttag/{}", key.to_lowercase());
            facts.insert(name, vec![text("Value").unwrap_or("").to_owned()]);
            keys.push(key.to_owned());
        }
    }
    if !keys.is_empty() {
        facts.insert("aws:tagkeys".to_owned(), keys);
    }
    facts
}

/// Adds what an ARN tells of a principal, for services that gather their own facts.
pub(crate) fn identify(facts: &mut Facts, arn: &str) {
    let mut fact = |key: &str, value: &str| facts.insert(key.to_owned(), vec![value.to_owned()]);
    if arn.contains(":user/")
        && let Some(name) = arn.rsplit('/').next()
    {
        fact("aws:username", name);
    }
    let is_session = arn.contains(":assumed-role/");
    fact(
        "aws:principaltype",
        if is_session { "AssumedRole" } else { "User" },
    );
}
