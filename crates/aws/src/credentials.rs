//! Access keys: an id that is public, and a secret that signs. Kept as documents; the secret is
//! sealed by the local key ring, since verifying a signature needs it in clear.

use crate::Aws;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use control::Caller;
use control::access::Role;
use control::documents::{DocumentFilter, NewDocument};
use control::transact::hexadecimal;
use domain::{Refusal, Span, Timestamp, Workspace};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::Arc;

/// The document's kind.
const KIND: &str = "aws/access-key";

/// A text that cannot be printed by accident.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Hides a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for whoever signs, proves, or hands it to its owner.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// An access key as its owner gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessKey {
    /// `AKIA…`, or `ASIA…` for one that expires.
    pub id: String,
    /// What signs.
    pub secret: Secret,
}

/// Whose a key is and what it opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Holder {
    /// The ARN that `GetCallerIdentity` answers.
    pub(crate) arn: String,
    /// The unique id that goes with it.
    pub(crate) user_id: String,
    /// What it opens.
    pub(crate) workspace: Workspace,
    /// What it may do at most.
    pub(crate) role: Role,
    /// Set for a session: until then, and only with this token.
    pub(crate) session: Option<Session>,
    /// Whether it may be used.
    pub(crate) active: bool,
}

/// The temporary side of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Session {
    /// SHA-256 of the token, hexadecimal.
    pub(crate) token_hash: String,
    /// When it ends.
    pub(crate) expires: Timestamp,
    /// Policies that it is narrowed by: texts, and ARNs of managed ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) policies: Vec<String>,
}

impl Session {
    /// Whether this token goes with it.
    pub(crate) fn is_of(&self, token: &Secret) -> bool {
        self.token_hash == hexadecimal(&Sha256::digest(token.reveal().as_bytes()))
    }
}

/// A key as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Stored {
    sealed: String,
    #[serde(flatten)]
    holder: Holder,
}

/// A key that was found, with its secret in clear.
pub(crate) struct Found {
    pub(crate) secret: Secret,
    pub(crate) holder: Holder,
}

/// A key without its secret.
pub(crate) struct Listed {
    /// Its id.
    pub(crate) id: String,
    /// Whose it is.
    pub(crate) holder: Holder,
    /// When it was made.
    pub(crate) created: Timestamp,
}

/// Keys are found by their id alone, whatever they open.
fn registry() -> Caller {
    Caller::system(Workspace::default())
}

fn read(body: serde_json::Value) -> Result<Stored, Refusal> {
    serde_json::from_value(body)
        .map_err(|e| Refusal::internal(format!("an access key cannot be read: {e}")))
}

impl Aws {
    /// Makes and stores a key.
    pub(crate) async fn make_access_key(&self, holder: &Holder) -> Result<AccessKey, Refusal> {
        let prefix = if holder.session.is_some() {
            "ASIA"
        } else {
            "AKIA"
        };
        let id = format!("{prefix}{}", self.letters(16));
        let secret = self.mixed(40);
        let sealed = self.seal(&id, secret.as_bytes())?;
        let stored = Stored {
            sealed,
            holder: holder.clone(),
        };
        let new = NewDocument {
            kind: KIND.to_owned(),
            id: id.clone(),
            phase: "active".to_owned(),
            parent: Some(holder.arn.clone()),
            body: serde_json::to_value(stored).map_err(|e| Refusal::internal(e.to_string()))?,
            ..NewDocument::default()
        };
        self.control.create_document(&registry(), &new).await?;
        let secret = Secret(secret);
        Ok(AccessKey { id, secret })
    }

    /// The key of an id, if there is one.
    pub(crate) async fn access_key(&self, id: &str) -> Result<Option<Arc<Found>>, Refusal> {
        if id.is_empty() || id.len() > 128 || !id.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Ok(None);
        }
        let registry = registry();
        let known = self.control.look_at_document(&registry, KIND, id);
        let Some((document, revision)) = known.await? else {
            return Ok(None);
        };
        let now = self.control.world.now();
        if let Some(found) = self.keys.find(id, revision, now) {
            return Ok(Some(found));
        }
        let stored = read(document.body.clone())?;
        let secret = self.unseal(id, &stored.sealed)?;
        let found = Arc::new(Found {
            secret: Secret(secret),
            holder: stored.holder,
        });
        self.keys.keep(id, revision, now, Arc::clone(&found));
        Ok(Some(found))
    }

    /// The lasting keys of a user of a workspace.
    pub(crate) async fn access_keys(
        &self,
        arn: &str,
        workspace: &Workspace,
    ) -> Result<Vec<Listed>, Refusal> {
        let mut filter = DocumentFilter {
            kind: KIND.to_owned(),
            parent: Some(arn.to_owned()),
            ..DocumentFilter::default()
        };
        let mut keys = Vec::new();
        loop {
            let (documents, next) = self.control.documents(&registry(), &filter).await?;
            for document in documents {
                let stored = read(document.body)?;
                if stored.holder.session.is_none() && stored.holder.workspace == *workspace {
                    keys.push(Listed {
                        id: document.id,
                        holder: stored.holder,
                        created: document.created,
                    });
                }
            }
            match next {
                Some(after) => filter.after = Some(after),
                None => return Ok(keys),
            }
        }
    }

    /// Deletes the keys of sessions that have ended.
    pub(crate) async fn forget_ended_sessions(&self) -> Result<(), Refusal> {
        let mut filter = DocumentFilter {
            kind: KIND.to_owned(),
            limit: 500,
            ..DocumentFilter::default()
        };
        let now = self.control.world.now();
        loop {
            let (documents, next) = self.control.documents(&registry(), &filter).await?;
            for document in documents {
                let id = document.id.clone();
                let session = read(document.body)?.holder.session;
                if session.is_some_and(|session| session.expires <= now) {
                    match self.delete_access_key(&id).await {
                        Ok(()) | Err(Refusal::NotFound { .. }) => {}
                        Err(refusal) => return Err(refusal),
                    }
                }
            }
            match next {
                Some(after) => filter.after = Some(after),
                None => return Ok(()),
            }
        }
    }

    /// Switches a key on or off.
    pub(crate) async fn switch_access_key(&self, id: &str, active: bool) -> Result<(), Refusal> {
        let known = self.control.document(&registry(), KIND, id).await?;
        let mut stored = read(known.document.body)?;
        stored.holder.active = active;
        let new = NewDocument {
            kind: KIND.to_owned(),
            id: id.to_owned(),
            phase: if active { "active" } else { "inactive" }.to_owned(),
            parent: known.document.parent,
            body: serde_json::to_value(stored).map_err(|e| Refusal::internal(e.to_string()))?,
            ..NewDocument::default()
        };
        let revision = Some(known.revision);
        self.control
            .put_document(&registry(), &new, revision)
            .await?;
        Ok(())
    }

    /// Deletes a key.
    pub(crate) async fn delete_access_key(&self, id: &str) -> Result<(), Refusal> {
        self.control.delete_document(&registry(), KIND, id).await
    }

    /// The first key of an installation: the one that is given when it still works, else a new
    /// one. It signs as a session of the execution role, for the SageMaker SDK asks who it is and
    /// expects a role.
    ///
    /// # Errors
    /// [`Refusal`] when the store or the key ring cannot be used.
    pub async fn first_access_key(&self, present: Option<AccessKey>) -> Result<AccessKey, Refusal> {
        if let Some(key) = present
            && let Ok(Some(found)) = self.access_key(&key.id).await
            && found.secret == key.secret
        {
            return Ok(key);
        }
        let role = crate::iam::EXECUTION_ROLE;
        let id = format!("AROA{}", self.letters(17));
        let session = "tradewind";
        let account = &self.account.id;
        self.make_access_key(&Holder {
            arn: format!("arn:aws:sts::{account}:assumed-role/{role}/{session}"),
            user_id: format!("{id}:{session}"),
            workspace: Workspace::default(),
            role: Role::Administrator,
            session: None,
            active: true,
        })
        .await
    }

    /// Makes a key of a session, which ends after `life`; gives its token too.
    pub(crate) async fn make_session_key(
        &self,
        mut holder: Holder,
        life: Span,
        policies: Vec<String>,
    ) -> Result<(AccessKey, Secret), Refusal> {
        let token = self.mixed(344);
        holder.session = Some(Session {
            token_hash: hexadecimal(&Sha256::digest(token.as_bytes())),
            expires: self.control.world.now() + life,
            policies,
        });
        let key = self.make_access_key(&holder).await?;
        Ok((key, Secret(token)))
    }

    /// Seals a text so that only this installation can have made it, for the purpose that `id`
    /// names.
    pub(crate) fn seal(&self, id: &str, plain: &[u8]) -> Result<String, Refusal> {
        let keys = self.objects.keys();
        let sealed = keys
            .default_key()
            .and_then(|key| keys.encrypt(&key.id, plain, id.as_bytes()));
        let (_, sealed) = sealed.map_err(|e| Refusal::internal(e.to_string()))?;
        Ok(BASE64_STANDARD.encode(sealed))
    }

    /// Opens what was sealed for the purpose that `id` names.
    pub(crate) fn unseal(&self, id: &str, sealed: &str) -> Result<String, Refusal> {
        let damaged = || Refusal::internal("an access key's secret cannot be opened");
        let sealed = BASE64_STANDARD.decode(sealed).map_err(|_| damaged())?;
        let opened = self.objects.keys().decrypt(&sealed, id.as_bytes());
        let (_, plain) = opened.map_err(|_| damaged())?;
        String::from_utf8(plain).map_err(|_| damaged())
    }

    /// Random capital letters and digits, as AWS' unique ids have them.
    pub(crate) fn letters(&self, length: usize) -> String {
        self.random(length, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    }

    /// Random letters of both cases and digits.
    pub(crate) fn mixed(&self, length: usize) -> String {
        self.random(
            length,
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
        )
    }

    /// The alphabets have 32 and 64 letters, so that no letter is likelier than another.
    fn random(&self, length: usize, alphabet: &[u8]) -> String {
        let mut bytes = vec![0_u8; length];
        self.control.world.entropy.fill(&mut bytes);
        let letters = bytes
            .iter()
            .map(|b| alphabet[usize::from(*b) % alphabet.len()]);
        letters.map(char::from).collect()
    }
}
