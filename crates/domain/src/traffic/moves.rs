//! How a canary changes the shares of its endpoint.

use crate::endpoint::EndpointSpec;
use crate::{Name, Share};

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
