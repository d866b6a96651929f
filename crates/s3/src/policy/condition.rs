//! Conditions of statements. Which keys there are is a closed list: those that the service has a
//! fact for. A policy with another is refused when it is put.

use super::document::{PolicyError, fail, shorten, texts};
use super::pattern::matches;
use super::variables::fill;
use crate::access::Facts;
use serde_json::Value;
use std::net::IpAddr;

/// Keys that can be honoured, in lower case (Service authorization reference, "Amazon S3"; IAM
/// user guide, "AWS global condition context keys").
const KEYS: [&str; 17] = [
    "aws:currenttime",
    "aws:epochtime",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:referer",
    "aws:securetransport",
    "aws:sourceip",
    "aws:useragent",
    "s3:authtype",
    "s3:delimiter",
    "s3:max-keys",
    "s3:prefix",
    "s3:signatureversion",
    "s3:versionid",
    "s3:x-amz-acl",
    "s3:x-amz-server-side-encryption",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
];

/// How a value is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Test {
    Equal,
    EqualInAnyCase,
    Like,
    Flag,
    Address,
    Number(Order),
    Time(Order),
    Absent,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Over which of a fact's values it speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Over {
    /// The facts have one value each; of several, one is enough.
    One,
    /// Each of them; none at all is good too.
    All,
    /// At least one of them.
    Any,
}

/// One operator with one key.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Condition {
    test: Test,
    negated: bool,
    if_exists: bool,
    over: Over,
    key: String,
    values: Vec<String>,
}

fn operator(name: &str) -> Option<(Test, bool)> {
    Some(match name {
        "StringEquals" => (Test::Equal, false),
        "StringNotEquals" => (Test::Equal, true),
        "StringEqualsIgnoreCase" => (Test::EqualInAnyCase, false),
        "StringNotEqualsIgnoreCase" => (Test::EqualInAnyCase, true),
        "StringLike" | "ArnLike" | "ArnEquals" => (Test::Like, false),
        "StringNotLike" | "ArnNotLike" | "ArnNotEquals" => (Test::Like, true),
        "Bool" => (Test::Flag, false),
        "IpAddress" => (Test::Address, false),
        "NotIpAddress" => (Test::Address, true),
        "Null" => (Test::Absent, false),
        other => {
            let (kind, order) = if let Some(rest) = other.strip_prefix("Numeric") {
                (Test::Number as fn(Order) -> Test, rest)
            } else {
                (Test::Time as fn(Order) -> Test, other.strip_prefix("Date")?)
            };
            let (order, negated) = match order {
                "Equals" => (Order::Equal, false),
                "NotEquals" => (Order::Equal, true),
                "LessThan" => (Order::Less, false),
                "LessThanEquals" => (Order::LessOrEqual, false),
                "GreaterThan" => (Order::Greater, false),
                "GreaterThanEquals" => (Order::GreaterOrEqual, false),
                _ => return None,
            };
            (kind(order), negated)
        }
    })
}

impl Condition {
    /// Reads the element `Condition`. Only the keys of buckets can be honoured there; an identity's
    /// policies may ask for any, and one without a fact is absent.
    pub(super) fn read_all(value: &Value, any_key: bool) -> Result<Vec<Self>, PolicyError> {
        let Value::Object(operators) = value else {
            return fail("Condition must be an object");
        };
        let mut all = vec![];
        for (name, keys) in operators {
            let (over, plain) = match name.split_once(':') {
                Some(("ForAllValues", plain)) => (Over::All, plain),
                Some(("ForAnyValue", plain)) => (Over::Any, plain),
                _ => (Over::One, name.as_str()),
            };
            let (plain, if_exists) = match plain.strip_suffix("IfExists") {
                Some(plain) => (plain, true),
                None => (plain, false),
            };
            let Some((test, negated)) = operator(plain) else {
                return fail(format!("the condition {} is not supported", shorten(name)));
            };
            let Value::Object(keys) = keys else {
                return fail("Invalid Condition type");
            };
            for (key, value) in keys {
                let condition = Self {
                    test,
                    negated,
                    if_exists,
                    over,
                    key: key.to_ascii_lowercase(),
                    values: texts(value, "Condition")?,
                };
                condition.check(key, any_key)?;
                all.push(condition);
            }
        }
        Ok(all)
    }

    fn check(&self, key: &str, any_key: bool) -> Result<(), PolicyError> {
        if !any_key && !KEYS.contains(&self.key.as_str()) {
            return fail(format!(
                "the condition key {} is not supported",
                shorten(key)
            ));
        }
        let is_good = |value: &String| match self.test {
            Test::Equal | Test::EqualInAnyCase | Test::Like => true,
            Test::Flag | Test::Absent => ["true", "false"].contains(&value.as_str()),
            Test::Address => network(value).is_some(),
            Test::Number(_) => number(value).is_some(),
            Test::Time(_) => time(value).is_some(),
        };
        match self.values.iter().find(|value| !is_good(value)) {
            Some(bad) => fail(format!(
                "{} is not a value for this condition",
                shorten(bad)
            )),
            None => Ok(()),
        }
    }

    /// Whether it holds for these facts.
    pub(super) fn holds(&self, facts: &Facts) -> bool {
        let actual = facts.get(&self.key).filter(|values| !values.is_empty());
        if self.test == Test::Absent {
            return self
                .values
                .iter()
                .any(|v| (v == "true") == actual.is_none());
        }
        let Some(actual) = actual else {
            // A negated operator holds when there is no such fact.
            return match self.over {
                Over::One => self.if_exists || self.negated,
                Over::All => true,
                Over::Any => false,
            };
        };
        let fits_one = |actual: &String| {
            let fits = |wanted: &String| {
                fill(wanted, facts).is_some_and(|wanted| self.fits(actual, &wanted))
            };
            self.values.iter().any(fits)
        };
        match self.over {
            Over::One => actual.iter().any(fits_one) != self.negated,
            Over::All => actual.iter().all(|actual| fits_one(actual) != self.negated),
            Over::Any => actual.iter().any(|actual| fits_one(actual) != self.negated),
        }
    }

    fn fits(&self, actual: &str, wanted: &str) -> bool {
        match self.test {
            Test::Equal | Test::Absent => actual == wanted,
            Test::EqualInAnyCase | Test::Flag => actual.eq_ignore_ascii_case(wanted),
            Test::Like => matches(wanted, actual),
            Test::Address => actual
                .parse()
                .is_ok_and(|address| network(wanted).is_some_and(|net| contains(net, address))),
            Test::Number(order) => compare(order, number(actual), number(wanted)),
            Test::Time(order) => compare(order, time(actual), time(wanted)),
        }
    }
}

fn compare<T: PartialOrd>(order: Order, actual: Option<T>, wanted: Option<T>) -> bool {
    let (Some(actual), Some(wanted)) = (actual, wanted) else {
        return false;
    };
    match order {
        Order::Equal => actual == wanted,
        Order::Less => actual < wanted,
        Order::LessOrEqual => actual <= wanted,
        Order::Greater => actual > wanted,
        Order::GreaterOrEqual => actual >= wanted,
    }
}

fn number(text: &str) -> Option<i64> {
    text.parse().ok()
}

/// Milliseconds since 1970, from ISO 8601 or seconds.
fn time(text: &str) -> Option<i64> {
    if let Ok(seconds) = text.parse::<i64>() {
        return seconds.checked_mul(1_000);
    }
    s3s::dto::Timestamp::parse(s3s::dto::TimestampFormat::DateTime, text)
        .ok()
        .map(|time| crate::times::read(time).0)
}

/// An address and how many of its bits count.
fn network(text: &str) -> Option<(IpAddr, u32)> {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(bits.parse().ok()?)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let width = if address.is_ipv4() { 32 } else { 128 };
    let bits = bits.unwrap_or(width);
    (bits <= width).then_some((address, bits))
}

fn contains((network, bits): (IpAddr, u32), address: IpAddr) -> bool {
    let (network, address, width) = match (network, address.to_canonical()) {
        (IpAddr::V4(n), IpAddr::V4(a)) => (n.to_bits().into(), a.to_bits().into(), 32),
        (IpAddr::V6(n), IpAddr::V6(a)) => (n.to_bits(), a.to_bits(), 128),
        _ => return false,
    };
    let differing: u128 = network ^ address;
    differing.checked_shr(width - bits).unwrap_or(0) == 0
}
