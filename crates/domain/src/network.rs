//! What of the network user code may reach.

use serde::{Deserialize, Serialize};

/// What of the network a job, a function or a worker may reach.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Network {
    /// Nothing.
    None,
    /// A loopback of its own, by which its processes reach each other; nothing beyond.
    Loopback,
    /// Whatever the machine reaches.
    #[default]
    Open,
}

impl Network {
    /// Whether nothing is kept from it.
    pub fn is_open(&self) -> bool {
        *self == Self::Open
    }

    /// The one of two that allows less.
    #[must_use]
    pub fn narrower(self, other: Self) -> Self {
        match (self, other) {
            (Self::None, _) | (_, Self::None) => Self::None,
            (Self::Loopback, _) | (_, Self::Loopback) => Self::Loopback,
            (Self::Open, Self::Open) => Self::Open,
        }
    }
}

/// What of the network processes may reach, and what happens on a machine that cannot keep them to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct NetworkPolicy {
    /// What they may reach.
    pub reach: Network,
    /// Whether they are not started at all where this cannot be enforced, and do not reach this
    /// installation by a loopback of their own either; else they do, and what could not be enforced is
    /// said.
    pub strict: bool,
}

impl NetworkPolicy {
    /// As far as the machine allows.
    pub fn lenient(reach: Network) -> Self {
        Self {
            reach,
            strict: false,
        }
    }

    /// Of a worker of a model that demands `demanded`, which is strict, in a deployment that wishes
    /// for `wished`, which is not: the narrower of both.
    pub fn of_worker(demanded: Network, wished: Network) -> Self {
        Self {
            reach: demanded.narrower(wished),
            strict: !demanded.is_open(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_narrower_of_two_wins_and_only_a_models_demand_is_strict() {
        use Network::{Loopback, None, Open};
        for (demanded, wished, reach, strict) in [
            (Open, Open, Open, false),
            (Open, None, None, false),
            (Open, Loopback, Loopback, false),
            (Loopback, Open, Loopback, true),
            (Loopback, None, None, true),
            (None, Loopback, None, true),
        ] {
            let policy = NetworkPolicy { reach, strict };
            assert_eq!(NetworkPolicy::of_worker(demanded, wished), policy);
        }
    }
}
