//! How requests find a deployment of their endpoint beyond its shares: sticky callers, copies to
//! shadows, a canary that is judged; and what of them is kept for monitoring.

use crate::endpoint::{Deployment, EndpointSpec};
use crate::{Name, Share};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Most shadows of one endpoint.
pub const MOST_SHADOWS: usize = 4;
/// Most steps of one canary.
pub const MOST_STEPS: usize = 20;
/// Longest name of a header, cookie or field that makes callers sticky.
const LONGEST_NAME: usize = 200;

/// Rules of an endpoint's traffic; the default leaves all to the shares.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Traffic {
    /// What makes requests belong together; unset divides each by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sticky: Option<Sticky>,
    /// Deployments that are sent copies and whose answers nobody gets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shadows: Vec<Shadow>,
    /// The deployment that is on probation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canary: Option<Canary>,
}

/// Requests with the same value here reach the same deployment while the shares stay as they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "by", content = "name")]
pub enum Sticky {
    /// The value of a header.
    Header(String),
    /// The value of a cookie.
    Cookie(String),
    /// The value of a member of a JSON body, names of objects in objects joined by dots.
    Field(String),
}

/// A deployment that is sent copies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Shadow {
    /// Which; its share of the traffic itself is none.
    pub deployment: Name,
    /// Of the requests.
    pub share: Share,
}

/// A deployment on probation: judged by its errors and its latency beside the others', given more
/// of the traffic step by step, and none as soon as it does worse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Canary {
    /// Which; its share of the traffic is where it begins.
    pub deployment: Name,
    /// Its next shares, ascending; after the last it gets everything.
    #[serde(default)]
    pub steps: Vec<Share>,
    /// How long each step lasts at least.
    #[serde(default = "minute")]
    pub step_seconds: u32,
    /// Answers that it must have given in a step before it is judged good.
    #[serde(default = "hundred")]
    pub answers: u32,
    /// Failed requests that it may have beyond those of the others, as a share of its own.
    #[serde(default = "one_percent")]
    pub most_errors: Share,
    /// The 99th percentile of its latency in per cent of the others' at most; unset lets it be as
    /// slow as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most_latency_percent: Option<u32>,
}

fn minute() -> u32 {
    60
}

fn hundred() -> u32 {
    100
}

fn one_percent() -> Share {
    Share::percent(1).unwrap_or(Share::NONE)
}

impl Canary {
    /// With the usual limits.
    pub fn new(deployment: Name) -> Self {
        Self {
            deployment,
            steps: Vec::new(),
            step_seconds: minute(),
            answers: hundred(),
            most_errors: one_percent(),
            most_latency_percent: None,
        }
    }
}

/// What is kept of requests and answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Capture {
    /// Of the requests that were answered.
    pub share: Share,
    /// Where the records go: `s3://bucket/prefix` or another form of the same.
    pub location: String,
    /// Training data in CSV with names in its first line that the requests are compared with; unset
    /// compares with the first requests that were captured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<String>,
    /// What is kept of each.
    #[serde(default, skip_serializing_if = "Kept::is_both")]
    pub keeps: Kept,
}

/// What is kept of a request that is captured.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Kept {
    /// The request and its answer.
    #[default]
    Both,
    /// The request.
    Requests,
    /// The answer.
    Answers,
}

impl Kept {
    /// The usual.
    pub fn is_both(&self) -> bool {
        *self == Self::Both
    }
}

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
    /// Whether nothing was asked for.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

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
    /// The name of what is looked at.
    pub fn name(&self) -> &str {
        match self {
            Self::Header(name) | Self::Cookie(name) | Self::Field(name) => name,
        }
    }

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

impl fmt::Display for Sticky {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = match self {
            Self::Header(_) => "header",
            Self::Cookie(_) => "cookie",
            Self::Field(_) => "field",
        };
        write!(f, "{by}:{}", self.name())
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

/// What a canary's next spec is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CanaryMove {
    /// It gets this share.
    Step(Share),
    /// It gets everything and is no canary any more.
    Promoted,
}

impl EndpointSpec {
    /// The spec without its canary's share: the others divide it among them as they did before.
    /// None when there is no canary.
    #[must_use]
    pub fn rolled_back(&self) -> Option<Self> {
        let canary = self.traffic.canary.as_ref()?;
        let mut spec = self.with_share(&canary.deployment, Share::NONE);
        spec.traffic.canary = None;
        Some(spec)
    }

    /// The spec with its canary one step further. None when there is no canary.
    #[must_use]
    pub fn advanced(&self) -> Option<(Self, CanaryMove)> {
        let canary = self.traffic.canary.as_ref()?;
        let name = &canary.deployment;
        let present = self.deployments.iter().find(|one| one.name == *name)?.share;
        let next = canary.steps.iter().find(|step| **step > present).copied();
        let mut spec = self.with_share(name, next.unwrap_or(Share::ALL));
        let Some(share) = next else {
            spec.traffic.canary = None;
            return Some((spec, CanaryMove::Promoted));
        };
        if let Some(canary) = &mut spec.traffic.canary {
            // What is behind it is no step any more: the spec can be sent back as it was read.
            canary.steps.retain(|step| *step > share);
        }
        Some((spec, CanaryMove::Step(share)))
    }

    /// One deployment gets this share, the others what is left in their present proportion: rounded
    /// down, and what is left over goes to the largest of them.
    pub(crate) fn with_share(&self, name: &Name, share: Share) -> Self {
        let mut spec = self.clone();
        let left = u32::from(Share::ALL.basis_points() - share.basis_points());
        let of_others: u32 = self
            .deployments
            .iter()
            .filter(|one| one.name != *name)
            .map(|one| u32::from(one.share.basis_points()))
            .sum();
        let mut given = 0;
        for deployment in &mut spec.deployments {
            let present = u32::from(deployment.share.basis_points());
            let points = if deployment.name == *name {
                u32::from(share.basis_points())
            } else {
                let part = (present * left).checked_div(of_others).unwrap_or(0);
                given += part;
                part
            };
            deployment.share = points_of(points);
        }
        let others = spec.deployments.iter_mut().filter(|one| one.name != *name);
        if let Some(largest) = others.max_by_key(|one| one.share) {
            let points = u32::from(largest.share.basis_points()) + left - given;
            largest.share = points_of(points);
        }
        spec
    }
}

fn points_of(points: u32) -> Share {
    u16::try_from(points)
        .ok()
        .and_then(|points| Share::try_from(points).ok())
        .unwrap_or(Share::ALL)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ModelName;
    use crate::endpoint::DeploymentOptions;
    use std::collections::BTreeMap;

    fn name(text: &str) -> Name {
        Name::new(text).unwrap()
    }

    fn points(points: u16) -> Share {
        Share::try_from(points).unwrap()
    }

    fn spec(shares: &[(&str, u16)], traffic: Traffic) -> EndpointSpec {
        let deployments = shares.iter().map(|(which, share)| Deployment {
            name: name(which),
            model: ModelName::new("m").unwrap(),
            version: 1,
            replicas: 1,
            share: points(*share),
            options: DeploymentOptions::default(),
        });
        EndpointSpec {
            deployments: deployments.collect(),
            tags: BTreeMap::new(),
            traffic,
            capture: None,
        }
    }

    fn canary(steps: &[u16]) -> Traffic {
        Traffic {
            canary: Some(Canary {
                steps: steps.iter().map(|step| points(*step)).collect(),
                ..Canary::new(name("green"))
            }),
            ..Traffic::default()
        }
    }

    fn shares(spec: &EndpointSpec) -> Vec<u16> {
        let deployments = spec.deployments.iter();
        deployments.map(|one| one.share.basis_points()).collect()
    }

    #[test]
    fn a_canary_goes_up_its_steps_and_down_at_once() {
        let first = spec(
            &[("blue", 6_000), ("teal", 3_000), ("green", 1_000)],
            canary(&[2_500, 5_000]),
        );
        assert_eq!(first.check(), Ok(()));
        let (second, moved) = first.advanced().unwrap();
        assert_eq!(moved, CanaryMove::Step(points(2_500)));
        assert_eq!(shares(&second), [5_000, 2_500, 2_500]);
        let (third, _) = second.advanced().unwrap();
        assert_eq!(shares(&third), [3_334, 1_666, 5_000]);
        assert_eq!(third.check(), Ok(()));
        let (last, moved) = third.advanced().unwrap();
        assert_eq!(
            (moved, shares(&last)),
            (CanaryMove::Promoted, vec![0, 0, 10_000])
        );
        assert_eq!((last.advanced(), last.rolled_back()), (None, None));
        let back = third.rolled_back().unwrap();
        assert_eq!(shares(&back), [6_668, 3_332, 0]);
        assert_eq!((back.check(), back.traffic.canary), (Ok(()), None));
    }

    #[test]
    fn rules_that_cannot_be_followed_are_refused() {
        let two = [("blue", 9_000), ("green", 1_000)];
        for steps in [&[1_000][..], &[5_000, 4_000], &[10_000]] {
            assert!(spec(&two, canary(steps)).check().is_err(), "{steps:?}");
        }
        assert!(spec(&[("green", 10_000)], canary(&[])).check().is_err());
        assert!(spec(&[("blue", 10_000)], canary(&[])).check().is_err());
        let shadow = |which: &str, share| Traffic {
            shadows: vec![Shadow {
                deployment: name(which),
                share: points(share),
            }],
            ..Traffic::default()
        };
        let with_spare = [("blue", 10_000), ("grey", 0)];
        assert_eq!(spec(&with_spare, shadow("grey", 10_000)).check(), Ok(()));
        assert!(spec(&with_spare, shadow("grey", 0)).check().is_err());
        assert!(spec(&with_spare, shadow("blue", 5_000)).check().is_err());
        assert!(spec(&with_spare, shadow("none", 5_000)).check().is_err());
        for bad in ["", "a b", "x\ny", "ä"] {
            let traffic = Traffic {
                sticky: Some(Sticky::Header(bad.to_owned())),
                ..Traffic::default()
            };
            assert!(spec(&with_spare, traffic).check().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn the_written_form_is_short_and_closed() {
        let read = |text: &str| serde_json::from_str::<Traffic>(text);
        let traffic = read(r#"{"sticky": {"by": "header", "name": "x-user"}}"#).unwrap();
        assert_eq!(traffic.sticky, Some(Sticky::Header("x-user".to_owned())));
        let traffic = read(r#"{"canary": {"deployment": "green"}}"#).unwrap();
        assert_eq!(traffic.canary, Some(Canary::new(name("green"))));
        assert!(read(r#"{"canery": {"deployment": "green"}}"#).is_err());
        assert_eq!(serde_json::to_string(&Traffic::default()).unwrap(), "{}");
    }
}
