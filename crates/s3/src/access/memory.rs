//! The reference of [`Access`]: keys in memory, each with one identity policy. Tests use it.

use super::{Access, AccessError, Identity, Question, Secret, Verdict};
use crate::notifications::Notification;
use crate::policy::{Asked, Policy};
use domain::Workspace;
use std::collections::HashMap;

/// One access key.
#[derive(Debug, Clone)]
struct Held {
    secret: Secret,
    identity: Identity,
    token: Option<Secret>,
    policy: Option<Policy>,
}

/// Access keys in memory.
#[derive(Debug, Clone, Default)]
pub struct Keyring {
    keys: HashMap<String, Held>,
    public: Option<Workspace>,
}

impl Keyring {
    /// Without keys; anonymous callers find the buckets of that workspace.
    pub fn new(public: Option<Workspace>) -> Self {
        Self {
            keys: HashMap::new(),
            public,
        }
    }

    /// Adds a key that may do everything.
    pub fn with(mut self, access_key: &str, secret: &str, identity: Identity) -> Self {
        let held = Held {
            secret: Secret::new(secret),
            identity,
            token: None,
            policy: None,
        };
        self.keys.insert(access_key.to_owned(), held);
        self
    }

    /// Makes a key temporary: its requests need this session token.
    pub fn with_token(mut self, access_key: &str, token: &str) -> Self {
        if let Some(held) = self.keys.get_mut(access_key) {
            held.token = Some(Secret::new(token));
        }
        self
    }

    /// Limits a key to what a policy says.
    pub fn with_policy(mut self, access_key: &str, policy: Policy) -> Self {
        if let Some(held) = self.keys.get_mut(access_key) {
            held.policy = Some(policy);
        }
        self
    }
}

#[async_trait::async_trait]
impl Access for Keyring {
    async fn secret(&self, access_key: &str) -> Result<Secret, AccessError> {
        let held = self.keys.get(access_key).ok_or(AccessError::UnknownKey)?;
        Ok(held.secret.clone())
    }

    async fn identify(
        &self,
        access_key: &str,
        token: Option<&str>,
    ) -> Result<Identity, AccessError> {
        let held = self.keys.get(access_key).ok_or(AccessError::UnknownKey)?;
        if held.token.as_ref().map(Secret::expose) == token {
            return Ok(held.identity.clone());
        }
        Err(AccessError::InvalidToken)
    }

    async fn authorise(&self, question: &Question<'_>) -> Result<Verdict, AccessError> {
        let held = self
            .keys
            .values()
            .find(|held| held.identity == *question.identity);
        Ok(match held.map(|held| &held.policy) {
            None => Verdict::Unsaid,
            Some(None) => Verdict::Allowed,
            Some(Some(policy)) => policy.evaluate(&Asked {
                principal: Some(question.identity),
                action: question.action,
                resource: question.resource,
                facts: question.facts,
            }),
        })
    }

    async fn public_workspace(&self, _: &str) -> Result<Option<Workspace>, AccessError> {
        Ok(self.public.clone())
    }

    /// There are no functions here.
    async fn notify(
        &self,
        _: &Identity,
        _: &str,
        _: &[Notification],
        wanted: &mut [Notification],
    ) -> Result<(), AccessError> {
        match wanted.first() {
            Some(one) => Err(AccessError::NoDestination(one.function.clone())),
            None => Ok(()),
        }
    }
}
