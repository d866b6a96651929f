//! What the policies of a principal say, as pure functions: deny wins, then allow, else nothing is
//! said (IAM user guide, "Policy evaluation logic"). The language itself is read and matched by the
//! engine that bucket policies have too.

mod decision;
mod facts;
mod resource;
mod sagemaker;

pub(crate) use decision::{Decision, Layer, Layers};
pub(super) use facts::{About, facts, identify};
pub(super) use resource::{Place, resources};

use crate::fault::Fault;
use ::s3::{Asked, Facts, Identity, Policy, Verdict};

/// Checks a policy of an identity.
pub(super) fn check(document: &str) -> Result<(), Fault> {
    let read = Policy::for_identity(document);
    read.map(|_| ())
        .map_err(|error| malformed(&error.to_string()))
}

/// Checks a trust policy.
pub(super) fn check_trust(document: &str) -> Result<(), Fault> {
    let read = Policy::for_role(document);
    read.map(|_| ())
        .map_err(|error| malformed(&error.to_string()))
}

fn malformed(text: &str) -> Fault {
    Fault::new("MalformedPolicyDocument", text)
}

/// What several policies say together. A document that cannot be read counts as a denial: it may
/// have been one.
pub(super) fn said<'a>(
    documents: impl IntoIterator<Item = &'a str>,
    action: &str,
    resource: &str,
    facts: &Facts,
) -> Verdict {
    let mut verdict = Verdict::Unsaid;
    for document in documents {
        let asked = Asked {
            principal: None,
            action,
            resource,
            facts,
        };
        let said = match Policy::for_identity(document) {
            Ok(policy) => policy.evaluate(&asked),
            Err(_) => Verdict::Denied,
        };
        match said {
            Verdict::Denied => return Verdict::Denied,
            Verdict::Allowed => verdict = Verdict::Allowed,
            Verdict::Unsaid => {}
        }
    }
    verdict
}

/// What a role's trust policy says to somebody who would assume it.
pub(super) fn trusts(document: &str, who: &Identity, facts: &Facts) -> Verdict {
    let asked = Asked {
        principal: Some(who),
        action: "sts:AssumeRole",
        resource: "*",
        facts,
    };
    Policy::for_role(document).map_or(Verdict::Denied, |policy| policy.evaluate(&asked))
}

/// Whether a role's trust policy names the principal itself, and not only its account: then no
/// policy of the principal has to allow the assumption (IAM user guide, "Cross-account policy
/// evaluation logic" tells why the account alone leaves that to its administrator).
pub(super) fn trusts_by_name(document: &str, who: &Identity, facts: &Facts) -> bool {
    let elsewhere = Identity {
        account: String::new(),
        ..who.clone()
    };
    trusts(document, &elsewhere, facts) == Verdict::Allowed
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Workspace;

    fn statement(effect: &str, rest: &str) -> String {
        format!(r#"{{"Version":"2012-10-17","Statement":{{"Effect":"{effect}",{rest}}}}}"#)
    }

    #[test]
    fn a_denial_in_any_policy_wins() {
        let allow = statement("Allow", r#""Action":"sagemaker:*","Resource":"*""#);
        let deny = statement("Deny", r#""Action":"sagemaker:Delete*","Resource":"*""#);
        let ask = |action| said([allow.as_str(), &deny], action, "arn:x", &Facts::new());
        assert_eq!(ask("sagemaker:DescribeEndpoint"), Verdict::Allowed);
        assert_eq!(ask("sagemaker:DeleteEndpoint"), Verdict::Denied);
        assert_eq!(ask("iam:GetRole"), Verdict::Unsaid);
        assert_eq!(said(["{"], "a:B", "*", &Facts::new()), Verdict::Denied);
    }

    #[test]
    fn conditions_may_ask_for_any_key_and_variables_are_filled_in() {
        let own = statement(
            "Allow",
            r#""Action":"s3:*","Resource":"arn:aws:s3:::home/${aws:username}/*""#,
        );
        let ask = |key: &str, facts: &Facts| said([own.as_str()], "s3:GetObject", key, facts);
        let ann = Facts::from([("aws:username".to_owned(), vec!["ann".to_owned()])]);
        assert_eq!(ask("arn:aws:s3:::home/ann/x", &ann), Verdict::Allowed);
        assert_eq!(ask("arn:aws:s3:::home/bob/x", &ann), Verdict::Unsaid);
        assert_eq!(
            ask("arn:aws:s3:::home/ann/x", &Facts::new()),
            Verdict::Unsaid
        );
        let star = Facts::from([("aws:username".to_owned(), vec!["*".to_owned()])]);
        assert_eq!(ask("arn:aws:s3:::home/bob/x", &star), Verdict::Unsaid);
        let tagged = statement(
            "Allow",
            r#""Action":"*","Resource":"*","Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":["team","cost"]},"StringEquals":{"aws:RequestTag/team":"ml"}}"#,
        );
        let facts = |team: &str, keys: &[&str]| {
            let keys = keys.iter().map(|&k| k.to_owned()).collect();
            Facts::from([
                ("aws:requesttag/team".to_owned(), vec![team.to_owned()]),
                ("aws:tagkeys".to_owned(), keys),
            ])
        };
        let ask = |facts: &Facts| said([tagged.as_str()], "sagemaker:X", "*", facts);
        assert_eq!(ask(&facts("ml", &["team"])), Verdict::Allowed);
        assert_eq!(ask(&facts("ml", &["team", "other"])), Verdict::Unsaid);
        assert_eq!(ask(&facts("web", &["team"])), Verdict::Unsaid);
    }

    #[test]
    fn trust_is_for_whom_it_names() {
        let ann = Identity {
            principal: "arn:aws:iam::123456789012:user/ann".to_owned(),
            account: "123456789012".to_owned(),
            workspace: Workspace::default(),
            session: Vec::new(),
        };
        let trust = |who: &str| {
            statement(
                "Allow",
                &format!(r#""Principal":{who},"Action":"sts:AssumeRole""#),
            )
        };
        let none = Facts::new();
        let service = trust(r#"{"Service":"sagemaker.amazonaws.com"}"#);
        assert_eq!(trusts(&service, &ann, &none), Verdict::Unsaid);
        let itself = |name: &str| Identity {
            principal: name.to_owned(),
            account: String::new(),
            ..ann.clone()
        };
        let sagemaker = itself("sagemaker.amazonaws.com");
        assert_eq!(trusts(&service, &sagemaker, &none), Verdict::Allowed);
        let lambda = itself("lambda.amazonaws.com");
        assert_eq!(trusts(&service, &lambda, &none), Verdict::Unsaid);
        let account = trust(r#"{"AWS":"arn:aws:iam::123456789012:root"}"#);
        assert_eq!(trusts(&account, &ann, &none), Verdict::Allowed);
        assert!(!trusts_by_name(&account, &ann, &none));
        let named = trust(r#"{"AWS":"arn:aws:iam::123456789012:user/ann"}"#);
        assert!(trusts_by_name(&named, &ann, &none));
        let other = trust(r#"{"AWS":"arn:aws:iam::210987654321:root"}"#);
        assert_eq!(trusts(&other, &ann, &none), Verdict::Unsaid);
        assert!(check_trust(&service).is_ok() && check_trust("{}").is_err());
        let with_resource = statement("Allow", r#""Principal":"*","Action":"a:B","Resource":"*""#);
        assert!(check_trust(&with_resource).is_err());
    }
}
