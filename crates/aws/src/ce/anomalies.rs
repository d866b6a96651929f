//! Monitors of anomalies and what they find. A monitor says by what the ledger is watched; the
//! days that were not as expected are found when they are asked for.

use super::expression::{Expression, tag};
use super::reading::reading;
use crate::fault::Fault;
use crate::kept::{self, Which};
use crate::operation::{Call, read};
use control::documents::NewDocument;
use control::transact::hexadecimal;
use costs::anomalies::{Anomaly, Watch, anomalies};
use costs::query::Key;
use domain::day::Day;
use domain::{Refusal, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The kinds of documents.
const MONITOR: &str = "ce/anomaly-monitor";
const SUBSCRIPTION: &str = "ce/anomaly-subscription";
const FEEDBACK: &str = "ce/anomaly-feedback";
/// The monitor that is always there, as AWS makes it for each account.
const DEFAULT: &str = "default-services-monitor";
/// Most monitors and subscriptions.
const MOST: usize = 500;

/// What a monitor or a subscription is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    Monitor,
    Subscription,
}

impl Sort {
    fn kind(self) -> &'static str {
        match self {
            Self::Monitor => MONITOR,
            Self::Subscription => SUBSCRIPTION,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Monitor => "anomalymonitor",
            Self::Subscription => "anomalysubscription",
        }
    }

    pub(super) fn arn(self, call: &Call<'_>, id: &str) -> String {
        call.aws
            .account
            .arn("ce", "", &format!("{}/{id}", self.word()))
    }

    fn unknown(self, arn: &str) -> Fault {
        let (code, what) = match self {
            Self::Monitor => ("UnknownMonitorException", "monitor"),
            Self::Subscription => ("UnknownSubscriptionException", "subscription"),
        };
        let arn: String = arn.chars().take(200).collect();
        Fault::new(code, format!("the {what} `{arn}` does not exist"))
    }
}

/// A monitor as it was sent.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Monitor {
    pub(super) monitor_name: String,
    pub(super) monitor_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    monitor_dimension: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    monitor_specification: Option<Value>,
}

impl Monitor {
    fn default_one() -> Self {
        Self {
            monitor_name: "Default-Services-Monitor".to_owned(),
            monitor_type: "DIMENSIONAL".to_owned(),
            monitor_dimension: Some("SERVICE".to_owned()),
            monitor_specification: None,
        }
    }

    /// What it watches.
    pub(super) fn watch(&self) -> Result<Watch, Fault> {
        let mut watch = Watch::default();
        let key = |name: &str| Key::parse(name).map_err(|error| Fault::common(error.into()));
        let specification = match &self.monitor_specification {
            None => None,
            Some(value) => Some(read::<Expression>(value.clone())?),
        };
        match (
            self.monitor_type.as_str(),
            self.monitor_dimension.as_deref(),
        ) {
            ("DIMENSIONAL", Some("SERVICE")) => {}
            ("DIMENSIONAL", Some("LINKED_ACCOUNT")) => watch.by = key("account")?,
            ("DIMENSIONAL", Some("TAG")) => {
                let specification = self.monitor_specification.as_ref();
                let name = specification.and_then(|value| value.pointer("/Tags/Key")?.as_str());
                let name = name.ok_or_else(|| {
                    Fault::validation("a monitor of a TAG names its key in MonitorSpecification")
                })?;
                watch.by = tag(name)?;
                return Ok(watch);
            }
            ("DIMENSIONAL", _) => {
                let message = "monitors watch by SERVICE, LINKED_ACCOUNT or TAG";
                return Err(Fault::validation(message));
            }
            _ if specification.is_none() => {
                let message = "a CUSTOM monitor needs a MonitorSpecification";
                return Err(Fault::validation(message));
            }
            _ => {}
        }
        if let Some(specification) = specification {
            let cubes = specification.cubes()?;
            let [cube] = cubes.as_slice() else {
                let message = "a monitor is narrowed by conditions that all hold";
                return Err(Fault::validation(message));
            };
            watch.filters.clone_from(cube);
        }
        Ok(watch)
    }
}

/// A document with its times and revision.
pub(super) struct Kept {
    pub(super) id: String,
    pub(super) body: Value,
    pub(super) created: Option<Timestamp>,
    pub(super) updated: Option<Timestamp>,
    pub(super) revision: Option<i64>,
}

/// All monitors or subscriptions, the default monitor first.
pub(super) async fn all(call: &Call<'_>, sort: Sort) -> Result<Vec<Kept>, Fault> {
    call.caller().may_administer()?;
    let mut found = Vec::new();
    if sort == Sort::Monitor {
        found.push(default_monitor());
    }
    for document in kept::all(call, sort.kind(), &Which::default()).await? {
        found.push(Kept {
            id: document.id,
            body: document.body,
            created: Some(document.created),
            updated: Some(document.updated),
            revision: None,
        });
    }
    Ok(found)
}

fn default_monitor() -> Kept {
    Kept {
        id: DEFAULT.to_owned(),
        body: json!(Monitor::default_one()),
        created: None,
        updated: None,
        revision: None,
    }
}

/// The one of an ARN.
pub(super) async fn require(call: &Call<'_>, sort: Sort, arn: &str) -> Result<Kept, Fault> {
    call.caller().may_administer()?;
    let id = arn
        .strip_prefix(&sort.arn(call, ""))
        .ok_or_else(|| sort.unknown(arn))?;
    if sort == Sort::Monitor && id == DEFAULT {
        return Ok(default_monitor());
    }
    let known = call
        .aws
        .control
        .find_document(&call.caller(), sort.kind(), id)
        .await?;
    let known = known.ok_or_else(|| sort.unknown(arn))?;
    Ok(Kept {
        id: known.document.id,
        body: known.document.body,
        created: Some(known.document.created),
        updated: Some(known.document.updated),
        revision: Some(known.revision),
    })
}

/// Makes one; its ARN.
pub(super) async fn create(call: &Call<'_>, sort: Sort, body: Value) -> Result<String, Fault> {
    if all(call, sort).await?.len() >= MOST {
        return Err(Fault::new(
            "LimitExceededException",
            format!("there are {MOST} already"),
        ));
    }
    let id = call.aws.control.world.fresh_id("a").replacen("a-", "", 1);
    let new = NewDocument {
        kind: sort.kind().to_owned(),
        id: id.clone(),
        phase: "kept".to_owned(),
        body,
        ..NewDocument::default()
    };
    call.aws
        .control
        .create_document(&call.caller(), &new)
        .await?;
    Ok(sort.arn(call, &id))
}

/// Writes one anew.
pub(super) async fn update(call: &Call<'_>, sort: Sort, kept: Kept) -> Result<(), Fault> {
    if kept.id == DEFAULT {
        return Err(Fault::validation("the default monitor stays as it is"));
    }
    let new = NewDocument {
        kind: sort.kind().to_owned(),
        id: kept.id,
        phase: "kept".to_owned(),
        body: kept.body,
        ..NewDocument::default()
    };
    call.aws
        .control
        .put_document(&call.caller(), &new, kept.revision)
        .await?;
    Ok(())
}

/// Forgets one.
pub(super) async fn delete(call: &Call<'_>, sort: Sort, arn: &str) -> Result<(), Fault> {
    let kept = require(call, sort, arn).await?;
    if kept.id == DEFAULT {
        return Err(Fault::validation(
            "the default monitor watches the whole ledger and stays",
        ));
    }
    match call
        .aws
        .control
        .delete_document(&call.caller(), sort.kind(), &kept.id)
        .await
    {
        Ok(()) => Ok(()),
        Err(Refusal::NotFound { .. }) => Err(sort.unknown(arn)),
        Err(refusal) => Err(refusal.into()),
    }
}

/// What was thought of an anomaly, if somebody said it.
pub(super) async fn feedback(call: &Call<'_>, id: &str) -> Result<Option<String>, Fault> {
    let known = call
        .aws
        .control
        .find_document(&call.caller(), FEEDBACK, id)
        .await?;
    Ok(known.and_then(|known| known.document.body.as_str().map(str::to_owned)))
}

/// Keeps what is thought of an anomaly.
pub(super) async fn think(call: &Call<'_>, id: &str, feedback: &str) -> Result<(), Fault> {
    let new = NewDocument {
        kind: FEEDBACK.to_owned(),
        id: id.to_owned(),
        phase: "kept".to_owned(),
        body: json!(feedback),
        ..NewDocument::default()
    };
    call.aws
        .control
        .put_document(&call.caller(), &new, None)
        .await?;
    Ok(())
}

/// Days on which a monitor saw more than was expected, each with its id. Days that cost less than
/// expected are none to Cost Explorer.
pub(super) async fn found(
    call: &Call<'_>,
    monitor: &Kept,
    from: Day,
    to: Day,
) -> Result<Vec<(String, Anomaly)>, Fault> {
    let watch = read::<Monitor>(monitor.body.clone())?.watch()?;
    let all = reading(call, move |ledger| anomalies(&ledger, &watch, from, to)).await?;
    let more = all
        .into_iter()
        .filter(|anomaly| anomaly.actual > anomaly.expected);
    Ok(more
        .map(|anomaly| (id_of(&monitor.id, &anomaly), anomaly))
        .collect())
}

fn id_of(monitor: &str, anomaly: &Anomaly) -> String {
    let text = json!([
        monitor,
        anomaly.key,
        anomaly.currency,
        anomaly.first.to_string()
    ]);
    let digest = hexadecimal(&Sha256::digest(text.to_string()));
    let part = |range: std::ops::Range<usize>| digest[range].to_owned();
    let parts = [
        part(0..8),
        part(8..12),
        part(12..16),
        part(16..20),
        part(20..32),
    ];
    parts.join("-")
}
