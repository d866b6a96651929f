//! One commit for one command: its rows, its audit event and its idempotency record together.

use crate::access::Caller;
use crate::rows::Stored;
use crate::{Control, Error};
use contracts::store::{Commit, Idempotency, Key, NewEvent, Row, StoreError};
use domain::{Refusal, Span};
use futures::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

/// How long a repetition of a request with the same token gets the same answer; AWS keeps client
/// tokens for about as long.
const REMEMBERED: Span = Span::hours(24);

/// How often a command is decided anew when another writer was faster.
const ATTEMPTS: u32 = 16;

/// A command's result before it is committed.
pub struct Draft<T> {
    /// What is written.
    pub commit: Commit,
    /// What the caller gets.
    pub answer: T,
}

impl Control {
    /// Runs a command: `decide` reads and drafts, the draft is committed; when somebody else was
    /// faster it is decided again. With a token, the same request a second time gets the first
    /// one's answer, and another request under it is a conflict.
    pub async fn transact<'a, T>(
        &self,
        caller: &Caller,
        request: &(impl Serialize + Sync),
        decide: impl Fn() -> BoxFuture<'a, Result<Draft<T>, Error>> + Send + Sync,
    ) -> Result<T, Refusal>
    where
        T: Serialize + DeserializeOwned + Send,
    {
        let fingerprint = fingerprint(request)?;
        for _ in 0..ATTEMPTS {
            if let Some(answer) = self.recalled(caller, &fingerprint).await? {
                return Ok(answer);
            }
            let Draft { mut commit, answer } = decide().await.map_err(Refusal::from)?;
            commit.now = self.world.now();
            if let Some(token) = &caller.token {
                commit.idempotency = Some(Idempotency {
                    workspace: caller.workspace.clone(),
                    token: token.clone(),
                    fingerprint: fingerprint.clone(),
                    answer: serde_json::to_value(&answer)
                        .map_err(|e| Refusal::internal(e.to_string()))?,
                    expires: commit.now + REMEMBERED,
                });
            }
            let touched: Vec<Key> = commit.put.iter().map(|row| row.key.clone()).collect();
            match self.store.commit(commit).await {
                Ok(_) => {
                    self.hints.wake(touched);
                    return Ok(answer);
                }
                Err(StoreError::Stale(_)) => {}
                Err(error) => return Err(Error::from(error).into()),
            }
        }
        Err(Refusal::Throttled {
            message: "too many writers change this at once; try again".to_owned(),
            after: Span::seconds(1),
        })
    }

    async fn recalled<T: DeserializeOwned>(
        &self,
        caller: &Caller,
        fingerprint: &str,
    ) -> Result<Option<T>, Refusal> {
        let Some(token) = &caller.token else {
            return Ok(None);
        };
        let recalled = self
            .store
            .recall(&caller.workspace, token, self.world.now())
            .await;
        let Some(record) = recalled.map_err(Error::from)? else {
            return Ok(None);
        };
        if record.fingerprint != fingerprint {
            return Err(Refusal::conflict(format!(
                "the idempotency key `{token}` was already used for another request"
            )));
        }
        let answer = serde_json::from_value(record.answer);
        answer
            .map(Some)
            .map_err(|e| Refusal::internal(e.to_string()))
    }

    /// The resource and its row, or `None`.
    pub async fn find<T: Stored>(&self, key: &Key) -> Result<Option<(T, Row)>, Error> {
        match self.store.get(key).await? {
            None => Ok(None),
            Some(row) => Ok(Some((crate::rows::read(&row)?, row))),
        }
    }

    /// The resource and its row, or a `NotFound`.
    pub async fn require<T: Stored>(&self, key: &Key) -> Result<(T, Row), Error> {
        let found = self.find(key).await?;
        found.ok_or_else(|| Refusal::not_found(T::KIND, &key.id).into())
    }
}

/// An event by a caller.
pub fn event(caller: &Caller, key: &Key, action: &str, detail: serde_json::Value) -> NewEvent {
    NewEvent {
        key: key.clone(),
        action: action.to_owned(),
        actor: caller.actor.clone(),
        detail,
    }
}

/// An event by a reconciler.
pub fn system_event(key: &Key, action: &str, detail: serde_json::Value) -> NewEvent {
    let actor = domain::audit::Actor::System;
    NewEvent {
        key: key.clone(),
        action: action.to_owned(),
        actor,
        detail,
    }
}

fn fingerprint(request: &impl Serialize) -> Result<String, Refusal> {
    let text = serde_json::to_vec(request).map_err(|e| Refusal::internal(e.to_string()))?;
    Ok(hexadecimal(&Sha256::digest(text)))
}

/// Bytes in hexadecimal.
pub fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
