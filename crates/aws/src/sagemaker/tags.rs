//! Tags by ARN: one document for each resource that has some.

use crate::Aws;
use crate::fault::Fault;
use crate::operation::Call;
use control::Caller;
use control::documents::NewDocument;
use domain::Refusal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The document's kind.
pub(crate) const KIND: &str = "sagemaker/tags";

/// A tag as it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tag {
    pub(crate) key: String,
    #[serde(default)]
    pub(crate) value: String,
}

/// The ARN that a request about tags names, when it is one of this account.
pub(crate) fn named<'a>(call: &Call<'_>, arn: &'a str) -> Result<&'a str, Fault> {
    let account = arn.split(':').nth(4).unwrap_or_default();
    if account == call.aws.account.id {
        return Ok(arn);
    }
    let text = format!("You are not authorized to access the tags of resource: {arn}");
    Err(Fault::new("AccessDeniedException", text))
}

/// The tags of a resource.
pub(crate) async fn of(
    aws: &Aws,
    caller: &Caller,
    arn: &str,
) -> Result<BTreeMap<String, String>, Refusal> {
    let found = aws.control.find_document(caller, KIND, arn).await?;
    let Some(known) = found else {
        return Ok(BTreeMap::new());
    };
    serde_json::from_value(known.document.body).map_err(|e| Refusal::internal(e.to_string()))
}

/// Adds tags to a resource, or replaces their values.
pub(crate) async fn add(
    aws: &Aws,
    caller: &Caller,
    arn: &str,
    tags: &[Tag],
) -> Result<(), Refusal> {
    if tags.is_empty() {
        return Ok(());
    }
    let mut all = of(aws, caller, arn).await?;
    all.extend(tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())));
    put(aws, caller, arn, &all).await
}

/// Replaces all tags of a resource.
pub(crate) async fn put(
    aws: &Aws,
    caller: &Caller,
    arn: &str,
    tags: &BTreeMap<String, String>,
) -> Result<(), Refusal> {
    let new = NewDocument {
        kind: KIND.to_owned(),
        id: arn.to_owned(),
        phase: "kept".to_owned(),
        labels: tags
            .iter()
            .filter(|(key, value)| key.len() <= 128 && value.len() <= 256)
            .map(|(key, value)| (format!("tag:{key}"), value.clone()))
            .collect(),
        body: serde_json::to_value(tags).map_err(|e| Refusal::internal(e.to_string()))?,
        ..NewDocument::default()
    };
    aws.control
        .put_document(caller, &new, None)
        .await
        .map(|_| ())
}

/// Forgets the tags of a resource that is deleted.
pub(crate) async fn forget(aws: &Aws, caller: &Caller, arn: &str) -> Result<(), Refusal> {
    match aws.control.delete_document(caller, KIND, arn).await {
        Ok(()) | Err(Refusal::NotFound { .. }) => Ok(()),
        Err(refusal) => Err(refusal),
    }
}
