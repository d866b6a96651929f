//! The online store: the newest record of each identifier, by event time.

use super::group::Group;
use super::moment::Moment;
use super::record::FeatureValue;
use crate::fault::Fault;
use crate::kept::{self, Which};
use crate::operation::{Call, read};
use control::documents::{Known, NewDocument};
use control::transact::hexadecimal;
use domain::{Refusal, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

/// The documents' kind.
const RECORD: &str = "sagemaker/feature-record";

/// A record as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Kept {
    pub(crate) identifier: String,
    pub(crate) event: Moment,
    /// No features: it was deleted at that time.
    pub(crate) record: Vec<FeatureValue>,
    pub(crate) expires: Option<Timestamp>,
}

fn id(group: &Group, identifier: &str) -> String {
    let digest = hexadecimal(&Sha256::digest(identifier));
    format!("{}/{digest}", group.scope())
}

/// Keeps a record unless a newer one is there; of two of one time the later one stays.
pub(crate) async fn put(call: &Call<'_>, group: &Group, kept: &Kept) -> Result<(), Fault> {
    let new = NewDocument {
        kind: RECORD.to_owned(),
        id: id(group, &kept.identifier),
        parent: Some(group.scope()),
        phase: "kept".to_owned(),
        body: json!(kept),
        ..NewDocument::default()
    };
    let caller = call.caller();
    let control = &call.aws.control;
    loop {
        let done = match control.find_document(&caller, RECORD, &new.id).await? {
            None => control.create_document(&caller, &new).await,
            Some(Known { document, revision }) => {
                let before: Kept = read(document.body)?;
                if before.event > kept.event {
                    return Ok(());
                }
                control.put_document(&caller, &new, Some(revision)).await
            }
        };
        match done {
            Ok(_) => return Ok(()),
            Err(Refusal::AlreadyExists { .. } | Refusal::Conflict { .. }) => {}
            Err(refusal) => return Err(refusal.into()),
        }
    }
}

/// Removes a record wholly, unless a newer one is there.
pub(crate) async fn remove(
    call: &Call<'_>,
    group: &Group,
    identifier: &str,
    event: Moment,
) -> Result<(), Fault> {
    let id = id(group, identifier);
    let caller = call.caller();
    let Some(known) = call.aws.control.find_document(&caller, RECORD, &id).await? else {
        return Ok(());
    };
    let before: Kept = read(known.document.body)?;
    if before.event > event {
        return Ok(());
    }
    match call.aws.control.delete_document(&caller, RECORD, &id).await {
        Ok(()) | Err(Refusal::NotFound { .. }) => Ok(()),
        Err(refusal) => Err(refusal.into()),
    }
}

/// The record of an identifier that is neither deleted nor past its life.
pub(crate) async fn get(
    call: &Call<'_>,
    group: &Group,
    identifier: &str,
) -> Result<Option<Kept>, Fault> {
    let caller = call.caller();
    let id = id(group, identifier);
    let Some(known) = call.aws.control.find_document(&caller, RECORD, &id).await? else {
        return Ok(None);
    };
    let kept: Kept = read(known.document.body)?;
    let now = call.aws.control.world.now();
    let gone = kept.record.is_empty() || kept.expires.is_some_and(|end| end <= now);
    Ok((!gone).then_some(kept))
}

/// Forgets all records of a group.
pub(crate) async fn forget(call: &Call<'_>, group: &Group) -> Result<(), Fault> {
    let caller = call.caller();
    for document in kept::all(call, RECORD, &Which::of(&group.scope())).await? {
        match call
            .aws
            .control
            .delete_document(&caller, RECORD, &document.id)
            .await
        {
            Ok(()) | Err(Refusal::NotFound { .. }) => {}
            Err(refusal) => return Err(refusal.into()),
        }
    }
    Ok(())
}
