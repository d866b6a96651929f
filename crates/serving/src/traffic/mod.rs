//! Which deployment a request reaches: by shares, by what makes callers sticky, and not on a canary
//! that did worse than it may; and which shadows get a copy.

mod canary;
mod sampler;
mod shadow;
mod sticky;

pub(crate) use canary::{Evidence, Probation, judge};
pub(crate) use sampler::Sampler;
pub(crate) use shadow::ShadowRule;

use crate::spec::{DeploymentSpec, EndpointSpec};
use crate::split::Split;
use domain::Name;
use domain::traffic::Sticky;
use http::HeaderMap;

/// The rules of one generation of an endpoint; deployments are places in its list.
pub(crate) struct Rules {
    weights: Vec<u16>,
    split: Split,
    sticky: Option<Sticky>,
    names: Vec<String>,
    pub(crate) shadows: Vec<ShadowRule>,
    pub(crate) probation: Option<Probation>,
}

/// What a request shows of itself.
pub(crate) struct Shown<'a> {
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
}

/// Whether a canary may be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Canaries {
    /// As its share says.
    Asked,
    /// Not for this request any more: it failed it.
    Spared,
}

impl Rules {
    /// The rules of a spec that was checked.
    pub(crate) fn new(spec: &EndpointSpec) -> Self {
        let place = |name: &Name| spec.deployments.iter().position(|one| one.name == *name);
        let points = |one: &DeploymentSpec| one.share.basis_points();
        let weights: Vec<u16> = spec.deployments.iter().map(points).collect();
        let shadows = spec.traffic.shadows.iter();
        let probation = spec.traffic.canary.as_ref().and_then(|canary| {
            let place = place(&canary.deployment)?;
            let without = weights.iter().enumerate();
            let without = without.map(|(other, weight)| if other == place { 0 } else { *weight });
            Some(Probation::new(canary.clone(), place, without.collect()))
        });
        Self {
            split: Split::new(weights.clone()),
            weights,
            sticky: spec.traffic.sticky.clone(),
            names: spec
                .deployments
                .iter()
                .map(|one| one.name.to_string())
                .collect(),
            shadows: shadows
                .filter_map(|shadow| {
                    Some(ShadowRule::new(place(&shadow.deployment)?, shadow.share))
                })
                .collect(),
            probation,
        }
    }

    /// The place of the deployment that a request reaches.
    pub(crate) fn choose(&self, shown: &Shown<'_>, canaries: Canaries) -> usize {
        let without = self
            .probation
            .as_ref()
            .filter(|probation| canaries == Canaries::Spared || probation.is_tripped());
        if let Some(sticky) = &self.sticky
            && let Some(value) = sticky::value(sticky, shown.headers, shown.body)
        {
            let weights = without.map_or(&self.weights, |probation| probation.others());
            return sticky::place(&value, &self.names, weights);
        }
        match without {
            Some(probation) => probation.next_other(),
            None => self.split.next(),
        }
    }

    /// Whether the canary is at this place.
    pub(crate) fn on_probation(&self, place: usize) -> bool {
        let probation = self.probation.as_ref();
        probation.is_some_and(|probation| probation.place == place)
    }
}
