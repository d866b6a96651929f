//! Which of the providers that a step may use are there to be used.

use std::collections::BTreeMap;

use domain::policy::Policy;
use serde::{Deserialize, Serialize};

use super::LOCAL;

/// Places that are configured, and what they cannot do.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Places {
    /// Providers that a backend is configured for. Empty means that this is not known: steps
    /// without a list are planned for this machine, and those with one for all on it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub connected: Vec<String>,
    /// Why a backend cannot run a step, by step and provider.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub unable: BTreeMap<String, BTreeMap<String, String>>,
}

/// A step that cannot be planned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoPlace {
    /// What it may use has no price list.
    #[error(
        "`{step}` may only use {}, which has no price list and cannot be planned; \
         `--any-provider` shows what else there is",
        providers.join(" and ")
    )]
    Unpriced {
        /// The step.
        step: String,
        /// Providers that it may use.
        providers: Vec<String>,
    },
    /// No configured backend can run it.
    #[error("no place may take `{step}`: {}", reasons.join("; "))]
    Unable {
        /// The step.
        step: String,
        /// Why, by provider.
        reasons: Vec<String>,
    },
}

impl Places {
    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Leaves those providers in a step's policy that can be planned: without a list what is
    /// connected, with one those of it that are, or all when none is.
    pub(super) fn narrow(
        &self,
        policy: &mut Policy,
        step: &str,
        notes: &mut Vec<String>,
    ) -> Result<(), NoPlace> {
        if policy.providers.is_empty() {
            policy.providers = match self.connected.as_slice() {
                [] => vec![LOCAL.to_owned()],
                connected => connected.to_vec(),
            };
        }
        if policy
            .providers
            .iter()
            .any(|it| self.connected.contains(it))
        {
            policy.providers.retain(|provider| {
                let there = self.connected.contains(provider);
                if !there {
                    notes.push(format!(
                        "`{provider}` is not configured on this server; `{step}` is planned \
                         without it"
                    ));
                }
                there
            });
        }
        self.drop_unable(policy, step, notes)?;
        let unpriced = |it: &String| matches!(it.as_str(), "kubernetes" | "slurm");
        let (dropped, kept): (Vec<_>, Vec<_>) = policy.providers.drain(..).partition(unpriced);
        if kept.is_empty() {
            return Err(NoPlace::Unpriced {
                step: step.to_owned(),
                providers: dropped,
            });
        }
        for provider in dropped {
            notes.push(format!(
                "`{provider}` has no price list; `{step}` is planned without it"
            ));
        }
        policy.providers = kept;
        Ok(())
    }

    fn drop_unable(
        &self,
        policy: &mut Policy,
        step: &str,
        notes: &mut Vec<String>,
    ) -> Result<(), NoPlace> {
        let Some(unable) = self.unable.get(step) else {
            return Ok(());
        };
        let mut reasons = Vec::new();
        policy.providers.retain(|provider| {
            let Some(why) = unable.get(provider) else {
                return true;
            };
            reasons.push(format!("`{provider}` cannot run `{step}` ({why})"));
            false
        });
        if policy.providers.is_empty() && !reasons.is_empty() {
            return Err(NoPlace::Unable {
                step: step.to_owned(),
                reasons,
            });
        }
        notes.extend(reasons);
        Ok(())
    }
}
