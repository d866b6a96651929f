//! How a new version comes to an endpoint that answers already: the rules of its traffic stay, or the
//! version begins as the canary or the shadow that is asked for.

use crate::endpoint::{Deployment, DeploymentOptions, EndpointSpec, Retry};
use crate::traffic::{Canary, MOST_SHADOWS, Shadow, Sticky, Traffic};
use crate::{ByteSize, Network, Share};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The greatest share with which a version begins that takes an unfinished canary's place.
const CAUTION: u16 = 1_000;

/// What a deployment asks of its endpoint; nothing keeps the endpoint's rules as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Rollout {
    /// The version is on probation where another one answers already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canary: Option<Trial>,
    /// The version is sent copies of so many requests and answers none, where another one answers
    /// already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shadow: Option<Share>,
    /// What makes requests belong together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sticky: Option<Sticky>,
    /// Most memory of one worker.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<ByteSize>,
    /// What of the network the workers reach.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<Network>,
    /// Whether a call is made again when its worker ended in the middle of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry: Option<Retry>,
}

/// The probation of a version that is not named yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Trial {
    /// Of the traffic, to begin with.
    pub share: Share,
    /// Its next shares, ascending; after the last it gets everything.
    #[serde(default)]
    pub steps: Vec<Share>,
    /// How long each step lasts at least.
    pub step_seconds: u32,
    /// Answers that it must have given in a step before it is judged good.
    pub answers: u32,
    /// Failed requests that it may have beyond those of the others, as a share of its own.
    pub most_errors: Share,
    /// The 99th percentile of its latency in per cent of the others' at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most_latency_percent: Option<u32>,
}

impl Rollout {
    /// Whether nothing was asked for.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// The options of a deployment, with what is asked of its workers.
    fn applied(&self, options: DeploymentOptions) -> DeploymentOptions {
        DeploymentOptions {
            memory: self.memory.or(options.memory),
            network: self.network.unwrap_or(options.network),
            retry: self.retry.unwrap_or(options.retry),
            ..options
        }
    }
}

impl Trial {
    /// That of an unfinished canary for the version that takes its place, which begins small again.
    fn again(canary: &Canary, present: Share) -> Self {
        let caution = Share::try_from(CAUTION).unwrap_or(Share::NONE);
        let share = present.min(caution);
        let before = (present > share).then_some(present);
        Self {
            share,
            steps: before.into_iter().chain(canary.steps.clone()).collect(),
            step_seconds: canary.step_seconds,
            answers: canary.answers,
            most_errors: canary.most_errors,
            most_latency_percent: canary.most_latency_percent,
        }
    }

    fn of(self, deployment: &Deployment) -> Canary {
        Canary {
            deployment: deployment.name.clone(),
            steps: self.steps,
            step_seconds: self.step_seconds,
            answers: self.answers,
            most_errors: self.most_errors,
            most_latency_percent: self.most_latency_percent,
        }
    }
}

impl EndpointSpec {
    /// The first version of an endpoint: it answers everything, as there is none to compare it with.
    #[must_use]
    pub fn first(next: Deployment, tags: BTreeMap<String, String>, rollout: &Rollout) -> Self {
        Self {
            deployments: vec![Deployment {
                share: Share::ALL,
                options: rollout.applied(next.options),
                ..next
            }],
            tags,
            traffic: Traffic {
                sticky: rollout.sticky.clone(),
                ..Traffic::default()
            },
            capture: None,
        }
    }

    /// The spec with a new version. How it scales and computes is taken over from the version that
    /// answers most, and so are sticky callers, shadows and what is captured. As a canary it begins
    /// beside the others, and so it does where a canary is under way, whose place it takes; as a
    /// shadow it changes nothing for callers; else it takes all traffic over. A version that answers
    /// already stays as it is. Deployments without traffic that are no shadows go.
    #[must_use]
    pub fn rolled_forward(&self, next: Deployment, rollout: &Rollout) -> Self {
        let mut spec = self.clone();
        if let Some(sticky) = &rollout.sticky {
            spec.traffic.sticky = Some(sticky.clone());
        }
        let same = |one: &Deployment| one.model == next.model && one.version == next.version;
        let there = spec
            .deployments
            .iter_mut()
            .find(|one| same(one) && one.share != Share::NONE);
        if let Some(there) = there {
            there.replicas = next.replicas;
            there.options = rollout.applied(there.options.clone());
            there.options.most_replicas = raised(there.options.most_replicas, next.replicas);
            return spec;
        }
        let under_way = spec.traffic.canary.as_ref().and_then(|canary| {
            let found = spec
                .deployments
                .iter()
                .find(|one| one.name == canary.deployment)?;
            Some(Trial::again(canary, found.share))
        });
        spec = spec.rolled_back().unwrap_or(spec);
        spec.traffic.shadows.retain(|shadow| {
            let deployments = self.deployments.iter();
            let mut named = deployments.filter(|one| one.name == shadow.deployment);
            !named.any(same)
        });
        let shadows: Vec<_> = spec.traffic.shadows.iter().collect();
        spec.deployments.retain(|one| {
            one.share != Share::NONE || shadows.iter().any(|shadow| shadow.deployment == one.name)
        });
        let next = spec.fitted(next, rollout);
        if let Some(share) = rollout.shadow {
            return spec.shadowed(next, share);
        }
        let Some(trial) = rollout.canary.clone().or(under_way) else {
            spec.deployments.retain(|one| one.share == Share::NONE);
            spec.deployments.insert(0, next);
            return spec;
        };
        let (name, share) = (next.name.clone(), trial.share);
        spec.traffic.canary = Some(trial.of(&next));
        spec.deployments.push(Deployment {
            share: Share::NONE,
            ..next
        });
        spec.with_share(&name, share)
    }

    /// The deployment as it fits in: with a name of its own and the options of the one that answers
    /// most, but for what is asked of its workers.
    fn fitted(&self, next: Deployment, rollout: &Rollout) -> Deployment {
        let taken = self.deployments.iter().any(|one| one.name == next.name);
        let longer = format!("{}-v{}", next.model, next.version);
        let name = match crate::Name::new(longer) {
            Ok(longer) if taken => longer,
            _ => next.name.clone(),
        };
        let largest = self.deployments.iter().max_by_key(|one| one.share);
        let options = largest.map_or(next.options, |largest| largest.options.clone());
        let mut options = rollout.applied(options);
        options.most_replicas = raised(options.most_replicas, next.replicas);
        Deployment {
            name,
            share: Share::ALL,
            options,
            ..next
        }
    }

    fn shadowed(mut self, next: Deployment, share: Share) -> Self {
        if self.traffic.shadows.len() >= MOST_SHADOWS {
            let oldest = self.traffic.shadows.remove(0);
            self.deployments.retain(|one| one.name != oldest.deployment);
        }
        self.traffic.shadows.push(Shadow {
            deployment: next.name.clone(),
            share,
        });
        self.deployments.push(Deployment {
            share: Share::NONE,
            ..next
        });
        self
    }
}

fn raised(most: Option<u32>, replicas: u32) -> Option<u32> {
    most.map(|most| most.max(replicas))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ModelName, Name};

    fn share(percent: u16) -> Share {
        Share::percent(percent).unwrap()
    }

    fn version(version: u32) -> Deployment {
        Deployment {
            name: Name::new(format!("v{version}")).unwrap(),
            model: ModelName::new("churn").unwrap(),
            version,
            replicas: 1,
            share: Share::ALL,
            options: DeploymentOptions::default(),
        }
    }

    fn trial(percent: u16, steps: &[u16]) -> Rollout {
        Rollout {
            canary: Some(Trial {
                share: share(percent),
                steps: steps.iter().map(|step| share(*step)).collect(),
                step_seconds: 60,
                answers: 100,
                most_errors: share(1),
                most_latency_percent: None,
            }),
            ..Rollout::default()
        }
    }

    fn seen(spec: &EndpointSpec) -> Vec<(u32, u16)> {
        assert_eq!(spec.check(), Ok(()), "{spec:?}");
        let deployments = spec.deployments.iter();
        deployments
            .map(|one| (one.version, one.share.basis_points() / 100))
            .collect()
    }

    fn first() -> EndpointSpec {
        let mut spec = EndpointSpec::first(version(1), BTreeMap::new(), &trial(5, &[]));
        spec.traffic.sticky = Some(Sticky::Header("x-user".to_owned()));
        spec.deployments[0].options.batch = Some(8);
        spec
    }

    #[test]
    fn a_plain_deployment_takes_over_and_keeps_the_rules() {
        let spec = first();
        assert_eq!(seen(&spec), [(1, 100)]);
        let rolled = spec.rolled_forward(version(2), &Rollout::default());
        assert_eq!(seen(&rolled), [(2, 100)]);
        assert_eq!(rolled.traffic, spec.traffic);
        assert_eq!(rolled.deployments[0].options.batch, Some(8));
    }

    #[test]
    fn what_is_asked_of_workers_is_that_of_the_new_version_and_stays_until_it_is_asked_again() {
        let asked = |memory, network| Rollout {
            memory,
            network,
            ..Rollout::default()
        };
        let kept = |spec: &EndpointSpec| {
            let options = &spec.deployments[0].options;
            (options.memory, options.network)
        };
        let (much, little) = (ByteSize::gibibytes(2), ByteSize::gibibytes(1));
        let spec = EndpointSpec::first(version(1), BTreeMap::new(), &asked(Some(much), None));
        assert_eq!(kept(&spec), (Some(much), Network::Open));
        let spec = spec.rolled_forward(version(2), &asked(None, Some(Network::None)));
        assert_eq!(kept(&spec), (Some(much), Network::None));
        let spec = spec.rolled_forward(version(2), &asked(Some(little), None));
        assert_eq!(kept(&spec), (Some(little), Network::None));
        let spec = spec.rolled_forward(version(3), &Rollout::default());
        assert_eq!(kept(&spec), (Some(little), Network::None));
        let never = Rollout {
            retry: Some(Retry::Never),
            ..Rollout::default()
        };
        let spec = spec.rolled_forward(version(4), &never);
        let spec = spec.rolled_forward(version(5), &Rollout::default());
        assert_eq!(spec.deployments[0].options.retry, Retry::Never);
    }

    #[test]
    fn a_canary_begins_beside_what_answers_and_a_first_version_is_none() {
        let rolled = first().rolled_forward(version(2), &trial(5, &[25]));
        assert_eq!(seen(&rolled), [(1, 95), (2, 5)]);
        let canary = rolled.traffic.canary.as_ref().unwrap();
        assert_eq!((canary.deployment.as_str(), canary.steps.len()), ("v2", 1));
        // The same version again changes nothing.
        assert_eq!(rolled.rolled_forward(version(2), &trial(5, &[25])), rolled);
        assert_eq!(
            rolled.rolled_forward(version(2), &Rollout::default()),
            rolled
        );
    }

    #[test]
    fn a_version_that_comes_while_a_canary_is_under_way_begins_small_in_its_place() {
        let begun = first().rolled_forward(version(2), &trial(5, &[50, 75]));
        let (advanced, _) = begun.advanced().unwrap();
        assert_eq!(seen(&advanced), [(1, 50), (2, 50)]);
        let rolled = advanced.rolled_forward(version(3), &Rollout::default());
        assert_eq!(seen(&rolled), [(1, 90), (3, 10)]);
        let canary = rolled.traffic.canary.unwrap();
        assert_eq!(canary.deployment.as_str(), "v3");
        assert_eq!(canary.steps, [share(50), share(75)]);
    }

    #[test]
    fn shadows_stay_and_new_ones_come_beside_them() {
        let shadow = |percent| Rollout {
            shadow: Some(share(percent)),
            ..Rollout::default()
        };
        let shadowed = first().rolled_forward(version(2), &shadow(20));
        assert_eq!(seen(&shadowed), [(1, 100), (2, 0)]);
        let rolled = shadowed.rolled_forward(version(3), &Rollout::default());
        assert_eq!(seen(&rolled), [(3, 100), (2, 0)]);
        assert_eq!(rolled.traffic.shadows, shadowed.traffic.shadows);
        // The shadow itself takes over.
        let promoted = rolled.rolled_forward(version(2), &Rollout::default());
        assert_eq!(seen(&promoted), [(2, 100)]);
        assert!(promoted.traffic.shadows.is_empty());
        let mut many = first();
        for number in 2..9 {
            many = many.rolled_forward(version(number), &shadow(10));
        }
        assert_eq!(seen(&many), [(1, 100), (5, 0), (6, 0), (7, 0), (8, 0)]);
    }

    #[test]
    fn a_canary_that_was_rolled_back_may_try_again_and_else_goes() {
        let begun = first().rolled_forward(version(2), &trial(5, &[]));
        let back = begun.rolled_back().unwrap();
        assert_eq!(seen(&back), [(1, 100), (2, 0)]);
        let again = back.rolled_forward(version(2), &trial(5, &[]));
        assert_eq!(seen(&again), [(1, 95), (2, 5)]);
        let next = back.rolled_forward(version(3), &trial(5, &[]));
        assert_eq!(seen(&next), [(1, 95), (3, 5)]);
    }

    #[test]
    fn another_model_of_the_same_version_gets_a_name_of_its_own() {
        let other = Deployment {
            model: ModelName::new("other").unwrap(),
            ..version(1)
        };
        let rolled = first().rolled_forward(other, &trial(5, &[]));
        assert_eq!(seen(&rolled), [(1, 95), (1, 5)]);
        assert_eq!(rolled.deployments[1].name.as_str(), "other-v1");
    }
}
