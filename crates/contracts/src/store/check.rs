//! The rules of [`super::Store`]'s requests in one place, so that every implementation refuses
//! the same ones with the same words.
//!
//! The lengths are what a PostgreSQL index entry can hold (at most 2,704 bytes, "Limits" of its
//! B-tree documentation) when all the columns of one index are as long as they may be.

use super::{
    Claim, Commit, Durability, Expect, Idempotency, Key, NewEvent, NewRow, Query, StoreError,
};
use std::collections::HashSet;

/// Longest id in bytes.
pub const LONGEST_ID: usize = 1_400;
/// Longest parent in bytes.
pub const LONGEST_PARENT: usize = 1_100;
/// Longest kind, phase or action in bytes.
pub const LONGEST_WORD: usize = 64;
/// Longest name or value of a label in bytes.
pub const LONGEST_LABEL: usize = 512;
/// Longest idempotency token in bytes.
pub const LONGEST_TOKEN: usize = 1_024;
/// Rows of a page when the query does not say.
pub const USUAL_PAGE: u32 = 100;
/// Most rows of a page.
pub const LARGEST_PAGE: u32 = 1_000;

/// Whether all of a commit keeps the rules: lengths, no NUL characters, no row written twice.
pub fn commit(commit: &Commit) -> Result<(), StoreError> {
    for expect in &commit.expect {
        match expect {
            Expect::Absent(at) | Expect::Revision(at, _) => key(at)?,
        }
    }
    let mut written = HashSet::new();
    for row in &commit.put {
        new_row(row)?;
        once(&mut written, &row.key)?;
    }
    for at in &commit.delete {
        key(at)?;
        once(&mut written, at)?;
    }
    let is_told = !commit.events.is_empty() || commit.idempotency.is_some();
    if commit.durability == Durability::Passing && is_told {
        return Err(StoreError::Invalid(
            "a commit that a power cut may undo cannot write events or remember an answer"
                .to_owned(),
        ));
    }
    commit.events.iter().try_for_each(event)?;
    commit.idempotency.iter().try_for_each(idempotency)
}

/// Whether a query keeps the rules.
pub fn query(query: &Query) -> Result<(), StoreError> {
    text("the kind of a list", &query.kind, 1, LONGEST_WORD)?;
    if query.limit > LARGEST_PAGE {
        return Err(StoreError::Invalid(format!(
            "a page of {} rows was asked for; ask for at most {LARGEST_PAGE} and read on with \
             `next`",
            query.limit
        )));
    }
    Ok(())
}

/// Whether a claim keeps the rules.
pub fn claim(claim: &Claim) -> Result<(), StoreError> {
    text("the owner of a lease", &claim.owner, 1, LONGEST_ID)?;
    for kind in &claim.kinds {
        text("the kind of a claim", kind, 1, LONGEST_WORD)?;
    }
    if claim.lease.0 <= 0 {
        return Err(StoreError::Invalid(format!(
            "a lease must last longer than nothing, not `{}`",
            claim.lease
        )));
    }
    claim.ids.iter().try_for_each(key)
}

/// Whether an address can be one of a row.
pub fn key(key: &Key) -> Result<(), StoreError> {
    text("the kind of a row", &key.kind, 1, LONGEST_WORD)?;
    text("the id of a row", &key.id, 1, LONGEST_ID)
}

fn new_row(row: &NewRow) -> Result<(), StoreError> {
    key(&row.key)?;
    if let Some(parent) = &row.parent {
        text("the parent of a row", parent, 0, LONGEST_PARENT)?;
    }
    text("the phase of a row", &row.phase, 0, LONGEST_WORD)?;
    for (name, value) in &row.labels {
        text("the name of a label", name, 0, LONGEST_LABEL)?;
        text("the value of a label", value, 0, LONGEST_LABEL)?;
    }
    Ok(())
}

fn once<'a>(written: &mut HashSet<&'a Key>, key: &'a Key) -> Result<(), StoreError> {
    if written.insert(key) {
        return Ok(());
    }
    Err(StoreError::Invalid(format!(
        "a commit writes or deletes {} `{}` twice",
        key.kind, key.id
    )))
}

fn event(event: &NewEvent) -> Result<(), StoreError> {
    key(&event.key)?;
    text("the action of an event", &event.action, 1, LONGEST_WORD)
}

fn idempotency(record: &Idempotency) -> Result<(), StoreError> {
    text("the request token", &record.token, 1, LONGEST_TOKEN)?;
    text(
        "the fingerprint of a request",
        &record.fingerprint,
        0,
        LONGEST_ID,
    )
}

fn text(what: &str, text: &str, shortest: usize, longest: usize) -> Result<(), StoreError> {
    let fault = if text.len() < shortest {
        "is empty".to_owned()
    } else if text.len() > longest {
        format!("is {} bytes long; at most {longest} fit", text.len())
    } else if text.contains('\0') {
        "holds a NUL character, which databases cannot keep".to_owned()
    } else {
        return Ok(());
    };
    let shown: String = text.chars().take(80).collect();
    Err(StoreError::Invalid(format!(
        "{what} {fault}: `{}`",
        shown.escape_debug()
    )))
}
