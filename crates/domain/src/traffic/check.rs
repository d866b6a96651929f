//! Which rules of traffic can be followed.

use super::{Canary, Capture, MOST_SHADOWS, MOST_STEPS, Sticky, Traffic};
use crate::endpoint::Deployment;
use crate::{Name, Share};

/// Longest name of a header, cookie or field that makes callers sticky.
const LONGEST_NAME: usize = 200;

/// Why rules of traffic cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTraffic {
    /// A rule names a deployment that is not there.
    #[error("the {rule} `{name}` is not a deployment of the endpoint")]
    Unknown {
        /// Which rule.
        rule: &'static str,
        /// The name.
        name: Name,
    },
    /// A shadow with traffic of its own, one that is there twice, too many, or one without copies.
    #[error(
        "a shadow is a deployment with a share of 0 that is named once and gets between 0.01 % and \
         100 % of the requests as copies, and there are at most 4: `{0}` is not"
    )]
    Shadow(Name),
    /// A canary with no or all of the traffic.
    #[error("the canary `{0}` needs a share of the traffic, and another deployment the rest")]
    Canary(Name),
    /// Steps that do not ascend.
    #[error(
        "the steps of the canary `{0}` ascend from more than its share to less than 100 %, at most \
         20 of them"
    )]
    Steps(Name),
    /// Limits that cannot be met.
    #[error("the canary `{0}` is judged by at least 1 answer, and its latency by at least 100 %")]
    Limits(Name),
    /// A name that no header, cookie or field has.
    #[error("`{0}` is not the name of a header, cookie or field of at most 200 characters")]
    Sticky(String),
    /// A capture without anything to keep.
    #[error("a capture keeps between 0.01 % and 100 % of the requests")]
    Capture,
    /// A place that is none.
    #[error("`{0}` is not a place in a bucket such as `s3://bucket/prefix`")]
    Place(String),
}

impl Traffic {
    /// Checks the rules against the deployments that they are about.
    pub fn check(&self, deployments: &[Deployment]) -> Result<(), InvalidTraffic> {
        let find = |rule, name: &Name| {
            let found = deployments.iter().find(|one| one.name == *name);
            let name = || name.clone();
            found.ok_or_else(|| InvalidTraffic::Unknown { rule, name: name() })
        };
        for (position, shadow) in self.shadows.iter().enumerate() {
            let name = &shadow.deployment;
            let deployment = find("shadow", name)?;
            let before = &self.shadows[..position];
            let twice = before.iter().any(|other| other.deployment == *name);
            let nothing = shadow.share == Share::NONE || deployment.share != Share::NONE;
            if twice || nothing || position >= MOST_SHADOWS {
                return Err(InvalidTraffic::Shadow(name.clone()));
            }
        }
        if let Some(canary) = &self.canary {
            let deployment = find("canary", &canary.deployment)?;
            canary.check(deployment.share)?;
        }
        if let Some(sticky) = &self.sticky {
            sticky.check()?;
        }
        Ok(())
    }
}

impl Canary {
    fn check(&self, share: Share) -> Result<(), InvalidTraffic> {
        let name = || self.deployment.clone();
        if share == Share::NONE || share == Share::ALL {
            return Err(InvalidTraffic::Canary(name()));
        }
        let mut before = share;
        for step in &self.steps {
            if *step <= before || *step == Share::ALL {
                return Err(InvalidTraffic::Steps(name()));
            }
            before = *step;
        }
        if self.steps.len() > MOST_STEPS {
            return Err(InvalidTraffic::Steps(name()));
        }
        if self.answers == 0 || self.most_latency_percent.is_some_and(|most| most < 100) {
            return Err(InvalidTraffic::Limits(name()));
        }
        Ok(())
    }
}

impl Sticky {
    fn check(&self) -> Result<(), InvalidTraffic> {
        let name = self.name();
        let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        let good = match self {
            Self::Header(_) | Self::Cookie(_) => name.chars().all(token),
            Self::Field(_) => name.split('.').all(|part| !part.is_empty()),
        };
        if name.is_empty() || name.len() > LONGEST_NAME || !good {
            return Err(InvalidTraffic::Sticky(name.to_owned()));
        }
        Ok(())
    }
}

impl Capture {
    /// Checks the share and the places.
    pub fn check(&self) -> Result<(), InvalidTraffic> {
        if self.share == Share::NONE {
            return Err(InvalidTraffic::Capture);
        }
        for place in std::iter::once(&self.location).chain(&self.baseline) {
            if !is_object(place) {
                return Err(InvalidTraffic::Place(place.clone()));
            }
        }
        Ok(())
    }
}

fn is_object(place: &str) -> bool {
    matches!(
        crate::Location::parse(place),
        Ok(crate::Location::Object { .. })
    )
}
