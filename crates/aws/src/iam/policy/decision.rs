//! What the policies of several layers say together: what a principal's own policies allow, its
//! permissions boundary and the session's policies must allow too, and a denial in any of them
//! wins (IAM user guide, "Policy evaluation logic").

use super::said;
use ::s3::{Facts, Verdict};

/// Where a policy comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layer {
    /// Of the principal itself or of a group that it is in.
    Identity,
    /// The most that the principal may have.
    Boundary,
    /// Given with the session.
    Session,
}

impl Layer {
    /// As texts of refusals name it.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Identity => "identity-based policy",
            Self::Boundary => "permissions boundary",
            Self::Session => "session policy",
        }
    }
}

/// The policies of a principal. A layer that is not there limits nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Layers {
    pub(crate) identity: Vec<String>,
    pub(crate) boundary: Option<Vec<String>>,
    pub(crate) session: Option<Vec<String>>,
}

/// What they say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    Allowed,
    /// A statement of this layer denies it.
    Denied(Layer),
    /// No statement of this layer allows it.
    Silent(Layer),
}

impl Layers {
    fn all(&self) -> impl Iterator<Item = (Layer, &[String])> {
        let layers = [
            (Layer::Identity, Some(&self.identity)),
            (Layer::Boundary, self.boundary.as_ref()),
            (Layer::Session, self.session.as_ref()),
        ];
        layers
            .into_iter()
            .filter_map(|(layer, documents)| Some((layer, documents?.as_slice())))
    }

    /// What they say of an action on a resource.
    pub(crate) fn decide(&self, action: &str, resource: &str, facts: &Facts) -> Decision {
        let mut silent = None;
        for (layer, documents) in self.all() {
            match said(
                documents.iter().map(String::as_str),
                action,
                resource,
                facts,
            ) {
                Verdict::Denied => return Decision::Denied(layer),
                Verdict::Unsaid => silent = silent.or(Some(layer)),
                Verdict::Allowed => {}
            }
        }
        silent.map_or(Decision::Allowed, Decision::Silent)
    }

    /// What the boundary alone says; `None` without one.
    pub(crate) fn boundary_allows(
        &self,
        action: &str,
        resource: &str,
        facts: &Facts,
    ) -> Option<bool> {
        let documents = self.boundary.as_ref()?.iter().map(String::as_str);
        Some(said(documents, action, resource, facts) == Verdict::Allowed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(effect: &str, action: &str) -> String {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"{effect}","Action":"{action}","Resource":"*"}}}}"#
        )
    }

    fn decide(identity: &[String], boundary: Option<&str>, session: Option<&str>) -> Decision {
        let one = |text: Option<&str>| text.map(|text| vec![document("Allow", text)]);
        let layers = Layers {
            identity: identity.to_vec(),
            boundary: one(boundary),
            session: one(session),
        };
        layers.decide("s3:GetObject", "arn:aws:s3:::b/k", &Facts::new())
    }

    #[test]
    fn every_layer_that_is_there_must_allow() {
        let allow = [document("Allow", "s3:*")];
        assert_eq!(decide(&allow, None, None), Decision::Allowed);
        assert_eq!(
            decide(&allow, Some("s3:Get*"), Some("*")),
            Decision::Allowed
        );
        assert_eq!(
            decide(&[], Some("*"), Some("*")),
            Decision::Silent(Layer::Identity)
        );
        assert_eq!(
            decide(&allow, Some("iam:*"), None),
            Decision::Silent(Layer::Boundary)
        );
        assert_eq!(
            decide(&allow, Some("*"), Some("s3:Put*")),
            Decision::Silent(Layer::Session)
        );
    }

    #[test]
    fn a_denial_of_any_layer_wins() {
        let layers = |boundary: &str, session: &str| Layers {
            identity: vec![document("Allow", "*")],
            boundary: Some(vec![document("Allow", "*"), document("Deny", boundary)]),
            session: Some(vec![document("Allow", "*"), document("Deny", session)]),
        };
        let decide = |layers: Layers| layers.decide("s3:GetObject", "*", &Facts::new());
        assert_eq!(
            decide(layers("s3:*", "x:Y")),
            Decision::Denied(Layer::Boundary)
        );
        assert_eq!(
            decide(layers("x:Y", "s3:Get*")),
            Decision::Denied(Layer::Session)
        );
        assert_eq!(decide(layers("x:Y", "x:Y")), Decision::Allowed);
        let unreadable = Layers {
            session: Some(vec!["{".to_owned()]),
            ..layers("x:Y", "x:Y")
        };
        assert_eq!(decide(unreadable), Decision::Denied(Layer::Session));
    }
}
