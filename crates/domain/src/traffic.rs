//! How requests find a deployment of their endpoint beyond its shares: sticky callers, copies to
//! shadows, a canary that is judged; and what of them is kept for monitoring.

mod check;
mod moves;

pub use check::InvalidTraffic;
pub use moves::CanaryMove;

use crate::{Name, Share};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Most shadows of one endpoint.
pub const MOST_SHADOWS: usize = 4;
/// Most steps of one canary.
pub const MOST_STEPS: usize = 20;

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

impl Traffic {
    /// Whether nothing was asked for.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl Sticky {
    /// The name of what is looked at.
    pub fn name(&self) -> &str {
        match self {
            Self::Header(name) | Self::Cookie(name) | Self::Field(name) => name,
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ModelName;
    use crate::endpoint::{Deployment, DeploymentOptions, EndpointSpec};
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
