//! Policies in the language of IAM, as buckets have them: read strictly, so that a policy which
//! cannot be honoured is refused when it is put and not silently half-applied.
//!
//! Sources: IAM user guide, "JSON policy element reference" and "Policy evaluation logic".

mod condition;
mod document;
mod pattern;
mod variables;

pub use document::{Effect, Policy, PolicyError, Principal};

use crate::access::{Facts, Identity, Verdict};

/// What a policy is asked.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Who; `None` for an anonymous caller, and where policies of an identity are asked.
    pub principal: Option<&'a Identity>,
    /// What, such as `s3:GetObject`.
    pub action: &'a str,
    /// With what, by ARN.
    pub resource: &'a str,
    /// Facts of the request.
    pub facts: &'a Facts,
}

impl Policy {
    /// What the policy says: a denial wins over everything.
    pub fn evaluate(&self, asked: &Asked<'_>) -> Verdict {
        let mut verdict = Verdict::Unsaid;
        for statement in &self.statements {
            if !statement.speaks_of(asked) {
                continue;
            }
            match statement.effect {
                Effect::Deny => return Verdict::Denied,
                Effect::Allow => verdict = Verdict::Allowed,
            }
        }
        verdict
    }

    /// Whether it allows something to everybody, without conditions that narrow it down.
    pub(crate) fn is_public(&self) -> bool {
        self.statements.iter().any(|statement| {
            statement.effect == Effect::Allow
                && statement.principals.contains(&Principal::Everybody)
                && statement.conditions.is_empty()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Workspace;

    fn ann() -> Identity {
        Identity {
            principal: "arn:aws:iam::123456789012:user/ann".to_owned(),
            account: "123456789012".to_owned(),
            workspace: Workspace::default(),
            session: Vec::new(),
        }
    }

    fn ask(policy: &str, who: Option<&Identity>, action: &str, resource: &str) -> Verdict {
        ask_with(policy, who, action, resource, &Facts::new())
    }

    fn ask_with(
        policy: &str,
        who: Option<&Identity>,
        action: &str,
        resource: &str,
        facts: &Facts,
    ) -> Verdict {
        Policy::for_bucket(policy, "data")
            .unwrap()
            .evaluate(&Asked {
                principal: who,
                action,
                resource,
                facts,
            })
    }

    fn statement(effect: &str, rest: &str) -> String {
        format!(r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"{effect}",{rest}}}]}}"#)
    }

    #[test]
    fn principals_actions_and_resources() {
        let open = statement(
            "Allow",
            r#""Principal":"*","Action":"s3:Get*","Resource":"arn:aws:s3:::data/public/*""#,
        );
        let key = "arn:aws:s3:::data/public/a";
        assert_eq!(ask(&open, None, "s3:GetObject", key), Verdict::Allowed);
        assert_eq!(ask(&open, None, "s3:getobject", key), Verdict::Allowed);
        assert_eq!(ask(&open, None, "s3:PutObject", key), Verdict::Unsaid);
        let other = "arn:aws:s3:::data/private/a";
        assert_eq!(ask(&open, None, "s3:GetObject", other), Verdict::Unsaid);
        for named in [
            r#"{"AWS":"arn:aws:iam::123456789012:user/ann"}"#,
            r#"{"AWS":["123456789012"]}"#,
            r#"{"AWS":"arn:aws:iam::123456789012:root"}"#,
        ] {
            let text = statement(
                "Allow",
                &format!(r#""Principal":{named},"Action":["s3:GetObject"],"Resource":"{key}""#),
            );
            let ann = ann();
            assert_eq!(
                ask(&text, Some(&ann), "s3:GetObject", key),
                Verdict::Allowed
            );
            assert_eq!(ask(&text, None, "s3:GetObject", key), Verdict::Unsaid);
        }
    }

    #[test]
    fn a_denial_wins() {
        let text = r#"{"Statement":[
            {"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::data","arn:aws:s3:::data/*"]},
            {"Effect":"Deny","Principal":"*","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::data/*"}]}"#;
        let key = "arn:aws:s3:::data/a";
        assert_eq!(ask(text, None, "s3:GetObject", key), Verdict::Allowed);
        assert_eq!(ask(text, None, "s3:DeleteObject", key), Verdict::Denied);
    }

    #[test]
    fn negations() {
        let text = statement(
            "Deny",
            r#""NotPrincipal":{"AWS":"arn:aws:iam::123456789012:user/ann"},"NotAction":"s3:GetObject","NotResource":"arn:aws:s3:::data/open/*""#,
        );
        let key = "arn:aws:s3:::data/a";
        assert_eq!(ask(&text, None, "s3:PutObject", key), Verdict::Denied);
        assert_eq!(
            ask(&text, Some(&ann()), "s3:PutObject", key),
            Verdict::Unsaid
        );
        assert_eq!(ask(&text, None, "s3:GetObject", key), Verdict::Unsaid);
        let open = "arn:aws:s3:::data/open/a";
        assert_eq!(ask(&text, None, "s3:PutObject", open), Verdict::Unsaid);
    }

    #[test]
    fn conditions() {
        for (condition, fact, holds, fails) in [
            (
                r#"{"StringEquals":{"s3:prefix":["a/","b/"]}}"#,
                "s3:prefix",
                "b/",
                "c/",
            ),
            (
                r#"{"StringLike":{"s3:prefix":"a*"}}"#,
                "s3:prefix",
                "abc",
                "ba",
            ),
            (
                r#"{"StringNotEquals":{"s3:prefix":"a"}}"#,
                "s3:prefix",
                "b",
                "a",
            ),
            (
                r#"{"Bool":{"aws:SecureTransport":"true"}}"#,
                "aws:securetransport",
                "true",
                "false",
            ),
            (
                r#"{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#,
                "aws:sourceip",
                "10.9.8.7",
                "11.0.0.1",
            ),
            (
                r#"{"IpAddress":{"aws:SourceIp":"2001:db8::/32"}}"#,
                "aws:sourceip",
                "2001:db8::1",
                "10.0.0.1",
            ),
            (
                r#"{"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#,
                "aws:sourceip",
                "11.0.0.1",
                "10.0.0.1",
            ),
            (
                r#"{"NumericLessThanEquals":{"s3:max-keys":"10"}}"#,
                "s3:max-keys",
                "10",
                "11",
            ),
            (
                r#"{"StringEqualsIfExists":{"s3:prefix":"a"}}"#,
                "s3:prefix",
                "a",
                "b",
            ),
        ] {
            let text = statement(
                "Allow",
                &format!(
                    r#""Principal":"*","Action":"s3:ListBucket","Resource":"arn:aws:s3:::data","Condition":{condition}"#
                ),
            );
            for (value, expected) in [(holds, Verdict::Allowed), (fails, Verdict::Unsaid)] {
                let facts = Facts::from([(fact.to_owned(), vec![value.to_owned()])]);
                let said = ask_with(&text, None, "s3:ListBucket", "arn:aws:s3:::data", &facts);
                assert_eq!(said, expected, "{condition} with {value}");
            }
            let absent = ask(&text, None, "s3:ListBucket", "arn:aws:s3:::data");
            let holds_without = condition.contains("Not") || condition.contains("IfExists");
            assert_eq!(absent == Verdict::Allowed, holds_without, "{condition}");
        }
    }

    #[test]
    fn what_cannot_be_honoured_is_refused() {
        let good = r#""Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::data/*""#;
        for bad in [
            "nonsense".to_owned(),
            "{}".to_owned(),
            r#"{"Statement":[]}"#.to_owned(),
            r#"{"Version":"2020-01-01","Statement":[]}"#.to_owned(),
            statement("Perhaps", good),
            statement("Allow", r#""Principal":"*","Action":"s3:GetObject""#),
            statement(
                "Allow",
                r#""Action":"s3:GetObject","Resource":"arn:aws:s3:::data/*""#,
            ),
            statement(
                "Allow",
                r#""Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::other/*""#,
            ),
            statement(
                "Allow",
                r#""Principal":"*","Action":"sqs:Send","Resource":"arn:aws:s3:::data/*""#,
            ),
            statement(
                "Allow",
                r#""Principal":{"Service":"x.amazonaws.com"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::data/*""#,
            ),
            statement(
                "Allow",
                &format!(
                    r#"{good},"Condition":{{"StringEquals":{{"s3:ExistingObjectTag/a":"b"}}}}"#
                ),
            ),
            statement(
                "Allow",
                &format!(
                    r#"{good},"Condition":{{"ForMostValues:StringEquals":{{"s3:prefix":"b"}}}}"#
                ),
            ),
            statement(
                "Allow",
                &format!(r#"{good},"Condition":{{"IpAddress":{{"aws:SourceIp":"10.0.0.0/40"}}}}"#),
            ),
            statement("Allow", &format!(r#"{good},"Surprise":1"#)),
        ] {
            assert!(Policy::for_bucket(&bad, "data").is_err(), "{bad}");
        }
        assert!(Policy::for_bucket(&statement("Allow", good), "data").is_ok());
    }
}
