//! API keys: making, checking, revoking.

use super::{Caller, Role};
use crate::rows::Stored;
use crate::transact::{Draft, event, hexadecimal};
use crate::{Control, Error};
use contracts::store::{Commit, Expect};
use domain::audit::Actor;
use domain::{Name, Refusal, Timestamp, Workspace};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A key as it is stored, by the hash of its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// SHA-256 of the secret, hexadecimal.
    pub hash: String,
    /// For people and the audit.
    pub name: Name,
    /// The workspace that it opens.
    pub opens: Workspace,
    /// What it may do.
    pub role: Role,
    /// When it was made.
    pub created: Timestamp,
}

/// A key that was just made; the only time its secret is seen.
#[derive(Clone, Serialize, Deserialize, schemars::JsonSchema)]
pub struct NewKey {
    /// Its name.
    pub name: Name,
    /// To be sent as `Authorization: Bearer <secret>`.
    pub secret: String,
}

/// All keys are rows of one workspace, since the secret alone must find them.
fn registry() -> Workspace {
    Workspace::default()
}

impl Stored for Key {
    const KIND: &'static str = "key";
    fn workspace(&self) -> &Workspace {
        static REGISTRY: std::sync::LazyLock<Workspace> = std::sync::LazyLock::new(registry);
        &REGISTRY
    }
    fn row_id(&self) -> String {
        self.hash.clone()
    }
    fn phase_word(&self) -> String {
        "active".to_owned()
    }
}

fn hash_of(secret: &str) -> String {
    hexadecimal(&Sha256::digest(secret.as_bytes()))
}

impl Control {
    /// Makes a key.
    pub async fn make_key(
        &self,
        caller: &Caller,
        name: Name,
        opens: Workspace,
        role: Role,
    ) -> Result<NewKey, Refusal> {
        caller.may_administer()?;
        let secret = format!("tw-{}", self.world.fresh_secret());
        let key = Key {
            hash: hash_of(&secret),
            name,
            opens,
            role,
            created: self.world.now(),
        };
        // The secret is in the answer, which an idempotency record would keep in clear.
        let caller = Caller {
            token: None,
            ..caller.clone()
        };
        let caller = &caller;
        self.transact(caller, &key, || {
            Box::pin(async {
                let detail = serde_json::json!({"name": key.name, "role": key.role});
                let commit = Commit {
                    expect: vec![Expect::Absent(key.key())],
                    put: vec![key.row(None)?],
                    events: vec![event(caller, &key.key(), "created", detail)],
                    ..Commit::default()
                };
                let answer = NewKey {
                    name: key.name.clone(),
                    secret: secret.clone(),
                };
                Ok(Draft { commit, answer })
            })
        })
        .await
    }

    /// Who a secret belongs to.
    pub async fn authenticate(&self, secret: &str) -> Result<Caller, Refusal> {
        let unknown = || Refusal::Unauthenticated {
            message: "the API key is not known to this server".to_owned(),
        };
        if secret.len() > 200 {
            return Err(unknown());
        }
        let address = contracts::store::Key::new(Key::KIND, &registry(), hash_of(secret));
        let found: Option<(Key, _)> = self.find(&address).await?;
        let (key, _) = found.ok_or_else(unknown)?;
        Ok(Caller {
            actor: Actor::Key {
                name: key.name.to_string(),
            },
            workspace: key.opens,
            role: key.role,
            token: None,
        })
    }

    /// Revokes all keys of a name; the caller's own may be among them.
    pub async fn revoke_key(&self, caller: &Caller, name: &Name) -> Result<(), Refusal> {
        caller.may_administer()?;
        self.transact(caller, &("revoke", name), || {
            Box::pin(async {
                let query = contracts::store::Query {
                    kind: Key::KIND.to_owned(),
                    workspace: Some(registry()),
                    limit: 1_000,
                    ..Default::default()
                };
                let mut commit = Commit::default();
                for row in self.store.list(&query).await?.rows {
                    let key: Key = crate::rows::read(&row)?;
                    if key.name == *name {
                        commit.events.push(event(
                            caller,
                            &key.key(),
                            "revoked",
                            serde_json::json!({}),
                        ));
                        commit.delete.push(key.key());
                    }
                }
                if commit.delete.is_empty() {
                    return Err(Error::from(Refusal::not_found("key", name)));
                }
                Ok(Draft { commit, answer: () })
            })
        })
        .await
    }
}
