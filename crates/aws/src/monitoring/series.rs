//! Where values are kept: one document a series, and one for each piece of values that came
//! together, so that no two writers get into each other's way. Pieces join a document of their day
//! after three hours.

use super::wire::Dimension;
use crate::Aws;
use crate::fault::Fault;
use crate::kept::{self, Which};
use crate::operation::{Call, read};
use control::documents::NewDocument;
use control::transact::hexadecimal;
use control::{Caller, Control};
use domain::{Refusal, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

/// The kinds of series and of pieces.
pub(super) const SERIES: &str = "cloudwatch/series";
pub(super) const PIECE: &str = "cloudwatch/values";

/// What names a series.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Name {
    pub(super) namespace: String,
    #[serde(rename = "MetricName")]
    pub(super) metric: String,
    pub(super) dimensions: Vec<Dimension>,
}

impl Name {
    /// With the dimensions in order, so that one series has one name.
    pub(super) fn new(namespace: &str, metric: &str, mut dimensions: Vec<Dimension>) -> Self {
        dimensions.sort();
        Self {
            namespace: namespace.to_owned(),
            metric: metric.to_owned(),
            dimensions,
        }
    }

    fn id(&self) -> String {
        let text = json!([self.namespace, self.metric, self.dimensions]).to_string();
        hexadecimal(&Sha256::digest(text))
    }
}

/// Values of one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Sample {
    pub(super) at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) unit: Option<String>,
    #[serde(flatten)]
    pub(super) values: Values,
}

/// Single values with how often each was seen, or only their figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Values {
    /// Value and count.
    Each(Vec<(f64, f64)>),
    /// Count, sum, minimum and maximum.
    Figures {
        count: f64,
        sum: f64,
        min: f64,
        max: f64,
    },
}

/// Keeps values of a series.
pub(super) async fn put(
    aws: &Aws,
    caller: &Caller,
    name: &Name,
    samples: &[Sample],
) -> Result<(), Refusal> {
    keep(&aws.control, caller, name, samples).await
}

pub(super) async fn keep(
    control: &Control,
    caller: &Caller,
    name: &Name,
    samples: &[Sample],
) -> Result<(), Refusal> {
    let id = name.id();
    if control.find_document(caller, SERIES, &id).await?.is_none() {
        let new = NewDocument {
            kind: SERIES.to_owned(),
            id: id.clone(),
            parent: Some(name.namespace.clone()),
            phase: "kept".to_owned(),
            body: json!(name),
            ..NewDocument::default()
        };
        match control.create_document(caller, &new).await {
            Ok(_) | Err(Refusal::AlreadyExists { .. }) => {}
            Err(refusal) => return Err(refusal),
        }
    }
    let new = NewDocument {
        kind: PIECE.to_owned(),
        id: format!("{id}/{}", control.world.fresh_id("v")),
        parent: Some(id),
        phase: "kept".to_owned(),
        body: json!(samples),
        ..NewDocument::default()
    };
    control.create_document(caller, &new).await.map(|_| ())
}

/// The samples of a series from one moment up to another.
pub(super) async fn samples(
    call: &Call<'_>,
    name: &Name,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<Sample>, Fault> {
    let mut found = Vec::new();
    for document in kept::all(call, PIECE, &Which::of(&name.id())).await? {
        let piece: Vec<Sample> = read(document.body)?;
        found.extend(piece);
    }
    found.extend(super::jobs::samples(call, name, found.is_empty()).await?);
    if found.is_empty() {
        found = super::instances::samples(call, name).await?;
    }
    found.retain(|sample| sample.at >= from && sample.at < to);
    Ok(found)
}

/// All series, of one namespace when it is given.
pub(super) async fn all(call: &Call<'_>, namespace: Option<&str>) -> Result<Vec<Name>, Fault> {
    let which = namespace.map(Which::of).unwrap_or_default();
    let mut names = super::jobs::names(call, namespace).await?;
    names.extend(super::instances::names(call, namespace).await?);
    for document in kept::all(call, SERIES, &which).await? {
        names.push(read(document.body)?);
    }
    names.sort();
    names.dedup();
    Ok(names)
}
