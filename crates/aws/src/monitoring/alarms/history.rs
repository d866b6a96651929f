//! What became of an alarm.

use crate::protocol::moment;
use domain::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Items that are kept of one alarm.
pub(super) const KEPT: usize = 100;

/// What an item is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    ConfigurationUpdate,
    StateUpdate,
    Action,
}

impl Kind {
    /// As CloudWatch writes it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::ConfigurationUpdate => "ConfigurationUpdate",
            Self::StateUpdate => "StateUpdate",
            Self::Action => "Action",
        }
    }
}

/// An item.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Item {
    pub(crate) at: Timestamp,
    pub(crate) kind: Kind,
    pub(crate) summary: String,
}

impl Item {
    /// As CloudWatch describes it.
    pub(crate) fn shown(&self, alarm: &str) -> Value {
        json!({
            "AlarmName": alarm,
            "AlarmType": "MetricAlarm",
            "Timestamp": moment::marked(self.at),
            "HistoryItemType": self.kind.word(),
            "HistorySummary": self.summary,
        })
    }
}
