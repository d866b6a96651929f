//! Where alarms are kept: one document each, below the series that they watch.

use super::definition::Definition;
use super::history::{Item, KEPT, Kind};
use crate::fault::Fault;
use crate::kept::{self, Which};
use crate::operation::{Call, read};
use crate::protocol::moment;
use control::documents::NewDocument;
use domain::{Refusal, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The kind of these documents.
pub(super) const KIND: &str = "cloudwatch/alarm";

/// How an alarm stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum State {
    #[serde(rename = "OK")]
    Ok,
    #[serde(rename = "ALARM")]
    Alarm,
    #[serde(rename = "INSUFFICIENT_DATA")]
    Insufficient,
}

impl State {
    /// As CloudWatch writes it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Alarm => "ALARM",
            Self::Insufficient => "INSUFFICIENT_DATA",
        }
    }
}

/// An alarm.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Alarm {
    pub(crate) definition: Definition,
    pub(crate) region: String,
    pub(crate) configured: Timestamp,
    pub(crate) state: State,
    pub(crate) reason: String,
    #[serde(default)]
    pub(crate) data: Option<String>,
    pub(crate) updated: Timestamp,
    pub(crate) history: Vec<Item>,
    #[serde(skip)]
    pub(crate) revision: Option<i64>,
}

/// The parent of the alarms on one series.
pub(super) fn parent(namespace: &str, metric: &str) -> String {
    format!("{namespace}\u{1e}{metric}")
}

impl Alarm {
    /// Goes over to a state, with what is done then.
    pub(crate) fn turn(
        &mut self,
        state: State,
        reason: String,
        data: Option<String>,
        now: Timestamp,
    ) {
        if state == self.state {
            (self.reason, self.data) = (reason, data);
            return;
        }
        let summary = format!(
            "Alarm updated from {} to {}",
            self.state.word(),
            state.word()
        );
        self.note(Kind::StateUpdate, summary, now);
        (self.state, self.reason, self.data, self.updated) = (state, reason, data, now);
        let actions = match state {
            State::Ok => &self.definition.ok_actions,
            State::Alarm => &self.definition.alarm_actions,
            State::Insufficient => &self.definition.insufficient_data_actions,
        };
        if !self.definition.actions_enabled.0 {
            return;
        }
        for action in actions.clone() {
            tracing::warn!(
                alarm = self.definition.alarm_name,
                state = state.word(),
                action,
                "an alarm's action cannot be carried out: nothing here sends notifications or scales"
            );
            let summary = format!(
                "Failed to execute action {action}: nothing here sends notifications or scales"
            );
            self.note(Kind::Action, summary, now);
        }
    }

    /// Adds to its history.
    pub(crate) fn note(&mut self, kind: Kind, summary: String, at: Timestamp) {
        self.history.push(Item { at, kind, summary });
        if self.history.len() > KEPT {
            self.history.remove(0);
        }
    }

    /// As CloudWatch describes it.
    pub(crate) fn shown(&self, call: &Call<'_>) -> Value {
        let name = &self.definition.alarm_name;
        let mut shown = json!(self.definition);
        let arn = call
            .aws
            .account
            .arn("cloudwatch", &self.region, &format!("alarm:{name}"));
        shown["AlarmArn"] = json!(arn);
        shown["AlarmConfigurationUpdatedTimestamp"] = moment::marked(self.configured);
        shown["StateValue"] = json!(self.state.word());
        shown["StateReason"] = json!(self.reason);
        shown["StateUpdatedTimestamp"] = moment::marked(self.updated);
        shown["StateTransitionedTimestamp"] = moment::marked(self.updated);
        if let Some(data) = &self.data {
            shown["StateReasonData"] = json!(data);
        }
        if let Some(metrics) = shown.get_mut("Metrics").and_then(Value::as_array_mut) {
            for query in metrics {
                let returned = query
                    .get("ReturnData")
                    .and_then(Value::as_bool)
                    .unwrap_or(true);
                query["ReturnData"] = json!(returned);
            }
        }
        shown
    }
}

/// An alarm by its name, if it is there.
pub(crate) async fn find(call: &Call<'_>, name: &str) -> Result<Option<Alarm>, Fault> {
    let found = call
        .aws
        .control
        .find_document(&call.caller(), KIND, name)
        .await?;
    let Some(known) = found else {
        return Ok(None);
    };
    let mut alarm: Alarm = read(known.document.body)?;
    alarm.revision = Some(known.revision);
    Ok(Some(alarm))
}

/// An alarm by its name.
pub(crate) async fn require(call: &Call<'_>, name: &str) -> Result<Alarm, Fault> {
    find(call, name).await?.ok_or_else(|| {
        let name: String = name.chars().take(255).collect();
        Fault::new("ResourceNotFound", format!("there is no alarm `{name}`"))
            .with_status(http::StatusCode::NOT_FOUND)
    })
}

/// All alarms, or those on one series, by name.
pub(crate) async fn all(call: &Call<'_>, of: Option<&str>) -> Result<Vec<Alarm>, Fault> {
    let which = of.map(Which::of).unwrap_or_default();
    let mut alarms = Vec::new();
    for document in kept::all(call, KIND, &which).await? {
        alarms.push(read::<Alarm>(document.body)?);
    }
    alarms.sort_by(|a, b| a.definition.alarm_name.cmp(&b.definition.alarm_name));
    Ok(alarms)
}

/// Keeps an alarm; somebody else's change since it was read is a conflict.
pub(crate) async fn put(call: &Call<'_>, alarm: &Alarm) -> Result<(), Fault> {
    let new = NewDocument {
        kind: KIND.to_owned(),
        id: alarm.definition.alarm_name.clone(),
        parent: alarm.definition.of_series(),
        phase: alarm.state.word().to_lowercase(),
        body: json!(alarm),
        ..NewDocument::default()
    };
    let written = call
        .aws
        .control
        .put_document(&call.caller(), &new, alarm.revision)
        .await;
    Ok(written.map(|_| ())?)
}

/// Forgets an alarm; one that is not there is no error.
pub(crate) async fn delete(call: &Call<'_>, name: &str) -> Result<(), Fault> {
    match call
        .aws
        .control
        .delete_document(&call.caller(), KIND, name)
        .await
    {
        Ok(()) | Err(Refusal::NotFound { .. }) => Ok(()),
        Err(refusal) => Err(refusal.into()),
    }
}
