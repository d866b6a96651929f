//! The document: read from JSON, checked, and matched statement by statement.

use super::Asked;
use super::condition::Condition;
use super::pattern::matches;
use super::variables::fill;
use serde_json::{Map, Value};

/// Longest policy in bytes (Amazon S3, "Bucket policies").
const LONGEST: usize = 20 * 1024;

/// A policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    pub(super) statements: Vec<Statement>,
}

/// Whether a statement allows or denies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It allows.
    Allow,
    /// It denies.
    Deny,
}

/// Whom a statement speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// Everybody, also anonymous callers.
    Everybody,
    /// All of an account.
    Account(String),
    /// One user, role or session, by ARN.
    Arn(String),
    /// A service or an identity provider, which signs nothing here: asked about by its name, with
    /// no account.
    Other(String),
}

/// Why a policy is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PolicyError(pub(super) String);

pub(super) fn fail<T>(text: impl Into<String>) -> Result<T, PolicyError> {
    Err(PolicyError(text.into()))
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Statement {
    pub(super) effect: Effect,
    pub(super) principals: Vec<Principal>,
    principals_negated: bool,
    actions: Vec<String>,
    actions_negated: bool,
    resources: Vec<String>,
    resources_negated: bool,
    pub(super) conditions: Vec<Condition>,
}

/// Whether a policy is attached to a bucket, to an identity, or to a role as its trust.
#[derive(Clone, Copy)]
enum Attached<'a> {
    Bucket(&'a str),
    Identity,
    Role,
}

impl Policy {
    /// Reads a bucket's policy. Every statement must name principals, actions of S3 and resources
    /// of that bucket.
    pub fn for_bucket(text: &str, bucket: &str) -> Result<Self, PolicyError> {
        Self::read(text, Attached::Bucket(bucket))
    }

    /// Reads a policy of an identity, whose statements name no principals.
    pub fn for_identity(text: &str) -> Result<Self, PolicyError> {
        Self::read(text, Attached::Identity)
    }

    /// Reads a role's trust policy, whose statements name who may assume it, and no resource.
    pub fn for_role(text: &str) -> Result<Self, PolicyError> {
        Self::read(text, Attached::Role)
    }

    fn read(text: &str, attached: Attached<'_>) -> Result<Self, PolicyError> {
        if text.len() > LONGEST {
            return fail("Policy exceeds the maximum allowed document size.");
        }
        let document: Map<String, Value> = serde_json::from_str(text)
            .map_err(|error| PolicyError(format!("Policies must be valid JSON: {error}")))?;
        for (name, value) in &document {
            match name.as_str() {
                "Version"
                    if ["2012-10-17", "2008-10-17"]
                        .map(Value::from)
                        .contains(value) => {}
                "Id" | "Statement" => {}
                "Version" => return fail("The policy must contain a valid version string"),
                other => return fail(format!("Unknown field {}", shorten(other))),
            }
        }
        let statements = match document.get("Statement") {
            Some(Value::Array(all)) => all.iter().collect(),
            Some(one @ Value::Object(_)) => vec![one],
            _ => vec![],
        };
        if statements.is_empty() {
            return fail("Could not parse the policy: Statement is empty!");
        }
        let statements = statements
            .into_iter()
            .map(|value| Statement::read(value, attached))
            .collect::<Result<_, _>>()?;
        Ok(Self { statements })
    }
}

impl Statement {
    fn read(value: &Value, attached: Attached<'_>) -> Result<Self, PolicyError> {
        let Value::Object(fields) = value else {
            return fail("A statement must be an object");
        };
        let mut read = Self {
            effect: Effect::Deny,
            principals: vec![],
            principals_negated: fields.contains_key("NotPrincipal"),
            actions: vec![],
            actions_negated: fields.contains_key("NotAction"),
            resources: vec![],
            resources_negated: fields.contains_key("NotResource"),
            conditions: vec![],
        };
        let mut has_effect = false;
        for (name, value) in fields {
            match name.as_str() {
                "Sid" => {}
                "Effect" => {
                    has_effect = true;
                    read.effect = match value.as_str() {
                        Some("Allow") => Effect::Allow,
                        Some("Deny") => Effect::Deny,
                        _ => return fail("Invalid effect"),
                    };
                }
                "Principal" | "NotPrincipal" => {
                    read.principals.extend(principals(value, attached)?);
                }
                "Action" | "NotAction" => read.actions.extend(texts(value, "Action")?),
                "Resource" | "NotResource" => read.resources.extend(texts(value, "Resource")?),
                "Condition" => {
                    let any_key = !matches!(attached, Attached::Bucket(_));
                    read.conditions = Condition::read_all(value, any_key)?;
                }
                other => return fail(format!("Unknown field {}", shorten(other))),
            }
        }
        if !has_effect {
            return fail("Missing required field Effect");
        }
        read.check(fields, attached)?;
        Ok(read)
    }

    fn check(
        &self,
        fields: &Map<String, Value>,
        attached: Attached<'_>,
    ) -> Result<(), PolicyError> {
        for (one, other) in [
            ("Action", "NotAction"),
            ("Resource", "NotResource"),
            ("Principal", "NotPrincipal"),
        ] {
            let count = [one, other]
                .iter()
                .filter(|f| fields.contains_key(**f))
                .count();
            let wanted = match attached {
                Attached::Identity if one == "Principal" => 0,
                Attached::Role if one == "Resource" => 0,
                _ => 1,
            };
            if count != wanted {
                return fail(format!("Missing or surplus field {one}"));
            }
        }
        let Attached::Bucket(bucket) = attached else {
            return Ok(());
        };
        if self.effect == Effect::Allow && self.principals_negated {
            return fail("Allow with NotPrincipal is not allowed.");
        }
        for action in &self.actions {
            let is_s3 = action == "*" || action.to_ascii_lowercase().starts_with("s3:");
            if !is_s3 {
                return fail("Policy has invalid action");
            }
        }
        for resource in &self.resources {
            let own = resource.strip_prefix("arn:aws:s3:::").map(|rest| {
                let name = rest.split('/').next().unwrap_or_default();
                matches(name, bucket)
            });
            if own != Some(true) {
                return fail("Policy has invalid resource");
            }
        }
        Ok(())
    }

    /// Whether the statement is about what is asked.
    pub(super) fn speaks_of(&self, asked: &Asked<'_>) -> bool {
        let who = self.principals.is_empty()
            || self.principals.iter().any(|p| p.is(asked)) != self.principals_negated;
        let action = asked.action.to_ascii_lowercase();
        let does = self
            .actions
            .iter()
            .any(|pattern| matches(&pattern.to_ascii_lowercase(), &action));
        let with = self.resources.is_empty()
            || self.resources.iter().any(|pattern| {
                fill(pattern, asked.facts).is_some_and(|p| matches(&p, asked.resource))
            });
        who && does != self.actions_negated
            && with != self.resources_negated
            && self.conditions.iter().all(|c| c.holds(asked.facts))
    }
}

impl Principal {
    fn is(&self, asked: &Asked<'_>) -> bool {
        match (self, asked.principal) {
            (Self::Everybody, _) => true,
            (_, None) => false,
            // A service acts for itself; whoever signs has an account.
            (Self::Other(name), Some(who)) => who.account.is_empty() && *name == who.principal,
            (Self::Account(account), Some(who)) => *account == who.account,
            (Self::Arn(arn), Some(who)) => {
                *arn == who.principal || is_session_of(&who.principal, arn)
            }
        }
    }
}

/// Whether a session (`…:assumed-role/Name/session`) is one of a role (`…:role/path/Name`).
fn is_session_of(session: &str, role: &str) -> bool {
    let Some((before, rest)) = session.split_once(":assumed-role/") else {
        return false;
    };
    let Some((owner, path)) = role.split_once(":role/") else {
        return false;
    };
    let name = rest.split('/').next().unwrap_or_default();
    before.replace(":sts:", ":iam:") == owner && path.rsplit('/').next() == Some(name)
}

fn principals(value: &Value, attached: Attached<'_>) -> Result<Vec<Principal>, PolicyError> {
    if value == "*" {
        return Ok(vec![Principal::Everybody]);
    }
    let Value::Object(kinds) = value else {
        return fail("Invalid principal in policy");
    };
    let mut all = vec![];
    for (kind, value) in kinds {
        let is_other = ["Service", "Federated"].contains(&kind.as_str());
        if is_other && matches!(attached, Attached::Role) {
            let others = texts(value, "Principal")?;
            all.extend(others.into_iter().map(Principal::Other));
            continue;
        }
        if kind != "AWS" {
            return fail(format!(
                "principals of the kind {} are not supported",
                shorten(kind)
            ));
        }
        for name in texts(value, "Principal")? {
            all.push(principal(&name)?);
        }
    }
    if all.is_empty() {
        return fail("Invalid principal in policy");
    }
    Ok(all)
}

fn principal(name: &str) -> Result<Principal, PolicyError> {
    let is_account = |text: &str| text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
    if name == "*" {
        return Ok(Principal::Everybody);
    }
    if is_account(name) {
        return Ok(Principal::Account(name.to_owned()));
    }
    let parts: Vec<&str> = name.splitn(6, ':').collect();
    let [_, _, service, _, account, resource] = parts[..] else {
        return fail("Invalid principal in policy");
    };
    if !name.starts_with("arn:aws:") || !["iam", "sts"].contains(&service) || !is_account(account) {
        return fail("Invalid principal in policy");
    }
    if resource == "root" {
        return Ok(Principal::Account(account.to_owned()));
    }
    if resource.is_empty() || resource.contains(['*', '?']) {
        return fail("Invalid principal in policy");
    }
    Ok(Principal::Arn(name.to_owned()))
}

/// One text or several.
pub(super) fn texts(value: &Value, what: &str) -> Result<Vec<String>, PolicyError> {
    let read = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(flag) if what == "Condition" => Ok(flag.to_string()),
        Value::Number(number) if what == "Condition" => Ok(number.to_string()),
        _ => fail(format!("{what} must be a text or a list of texts")),
    };
    let all: Vec<String> = match value {
        Value::Array(all) => all.iter().map(read).collect::<Result<_, _>>()?,
        one => vec![read(one)?],
    };
    if all.is_empty() {
        return fail(format!("{what} must not be empty"));
    }
    Ok(all)
}

pub(super) fn shorten(text: &str) -> String {
    text.chars().take(60).collect()
}
