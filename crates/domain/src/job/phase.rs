//! Where a job stands.

use super::{Exit, Outcome};
use crate::{TicketId, Timestamp};
use serde::{Deserialize, Serialize};

/// Where an attempt runs and by which plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Placement {
    /// `local`, `kubernetes`, …
    pub provider: String,
    /// Region or site; `here` for this machine.
    pub region: String,
    /// Zone of the region; unset where any will do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Machine type by the provider's name.
    pub machine_type: String,
    /// How it is bought; unset means on demand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purchase: Option<crate::policy::PurchaseKind>,
    /// Price per hour that the plan assumed.
    pub hourly_price: crate::Money,
    /// Hash of the plan that chose it; the plan is kept beside the job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
}

/// What follows once an attempt's remains are cleared away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum After {
    /// Another attempt.
    Retry {
        /// Not before this.
        at: Timestamp,
    },
    /// The end.
    End {
        /// Which.
        outcome: Outcome,
    },
}

/// The state of a job. Only live phases hold a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "phase")]
pub enum Phase {
    /// Waits for its turn.
    Queued {
        /// Back-off of a repetition.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        not_before: Option<Timestamp>,
    },
    /// The ticket is stored; the provider may or may not have heard of it.
    Starting {
        /// Of the current attempt.
        ticket: TicketId,
        /// Where.
        placement: Placement,
    },
    /// The provider has it.
    Running {
        /// Of the current attempt.
        ticket: TicketId,
        /// Where.
        placement: Placement,
        /// Since user code began; unset while it is prepared.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<Timestamp>,
        /// What is being prepared: `environment`, `inputs`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        preparing: Option<String>,
    },
    /// User code ended; its log, metrics and, when it ended well, its outputs are being kept.
    Collecting {
        /// Of the current attempt.
        ticket: TicketId,
        /// Where.
        placement: Placement,
        /// How it ended.
        exit: Exit,
    },
    /// The outcome is certain; the provider is clearing the attempt away.
    Cleaning {
        /// Of the ended attempt.
        ticket: TicketId,
        /// Where.
        placement: Placement,
        /// What follows.
        after: After,
    },
    /// Over.
    Ended {
        /// How.
        outcome: Outcome,
        /// When.
        at: Timestamp,
    },
}

impl Phase {
    /// The ticket of the live attempt.
    pub fn ticket(&self) -> Option<&TicketId> {
        match self {
            Self::Starting { ticket, .. }
            | Self::Running { ticket, .. }
            | Self::Collecting { ticket, .. }
            | Self::Cleaning { ticket, .. } => Some(ticket),
            Self::Queued { .. } | Self::Ended { .. } => None,
        }
    }

    /// Where the live attempt is.
    pub fn placement(&self) -> Option<&Placement> {
        match self {
            Self::Starting { placement, .. }
            | Self::Running { placement, .. }
            | Self::Collecting { placement, .. }
            | Self::Cleaning { placement, .. } => Some(placement),
            Self::Queued { .. } | Self::Ended { .. } => None,
        }
    }

    /// The outcome as soon as it is certain.
    pub fn outcome(&self) -> Option<&Outcome> {
        match self {
            Self::Cleaning {
                after: After::End { outcome },
                ..
            }
            | Self::Ended { outcome, .. } => Some(outcome),
            _ => None,
        }
    }

    /// All words of [`Self::word`] by which jobs can be asked for.
    pub const WORDS: [&str; 8] = [
        "queued",
        "starting",
        "running",
        "collecting",
        "retrying",
        "succeeded",
        "failed",
        "stopped",
    ];

    /// One word for lists and filters.
    pub fn word(&self) -> &'static str {
        match (self, self.outcome()) {
            (_, Some(Outcome::Succeeded { .. })) => "succeeded",
            (_, Some(Outcome::Failed { .. })) => "failed",
            (_, Some(Outcome::Stopped)) => "stopped",
            (Self::Queued { .. }, _) => "queued",
            (Self::Starting { .. } | Self::Running { since: None, .. }, _) => "starting",
            (Self::Running { .. }, _) => "running",
            (Self::Collecting { .. }, _) => "collecting",
            (Self::Cleaning { .. }, _) => "retrying",
            (Self::Ended { .. }, None) => "ended",
        }
    }
}
