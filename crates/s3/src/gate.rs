//! The gate before every operation: whose key it is, whether its session is good, whose bucket,
//! and whether identity policies and the bucket's policy let it through.

use crate::access::{Access, Facts, Identity, Question, Verdict};
use crate::caller::{Caller, Connection};
use crate::fault::{access_fault, fault};
use crate::policy::{Asked, Policy, PolicyError};
use crate::settings::Settings;
use crate::signed::{self, Authenticated};
use crate::{actions, coverage, names};
use http::{HeaderMap, Uri};
use objects::{Bucket, ObjectStore};
use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::{S3Auth, SecretKey};
use s3s::{S3Error, S3ErrorCode, S3Result, s3_error};
use std::net::SocketAddr;
use std::sync::Arc;

/// What every part of the service needs.
#[derive(Clone)]
pub(crate) struct Gate {
    pub(crate) store: ObjectStore,
    pub(crate) access: Arc<dyn Access>,
    pub(crate) settings: Arc<Settings>,
}

#[async_trait::async_trait]
impl S3Auth for Gate {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        let secret = self.access.secret(access_key).await;
        Ok(SecretKey::from(secret.map_err(access_fault)?.expose()))
    }
}

#[async_trait::async_trait]
impl S3Access for Gate {
    async fn check(&self, cx: &mut S3AccessContext<'_>) -> S3Result<()> {
        let operation = cx.s3_op().name().to_owned();
        let (bucket, key) = {
            let path = cx.s3_path();
            let own = |text: Option<&str>| text.map(str::to_owned);
            (own(path.get_bucket_name()), own(path.get_object_key()))
        };
        let mut caller = self.caller(cx, bucket.as_deref()).await?;
        if let Some(why) = coverage::refusal(&operation) {
            return Err(S3Error::with_message(S3ErrorCode::NotImplemented, why));
        }
        if let Some(name) = &bucket {
            caller.bucket = self.bucket_of(&caller, name).await?.map(Arc::new);
        }
        let owner = cx.headers().get("x-amz-expected-bucket-owner");
        if caller.bucket.is_some() && owner.is_some_and(|owner| owner != caller.account.as_str()) {
            return Err(s3_error!(AccessDenied, "Access Denied"));
        }
        let is_versioned = signed::query(cx.uri(), "versionId").is_some();
        let action = actions::action(&operation, is_versioned);
        // Keys of these stand in the body; the operations ask for each.
        if !matches!(operation.as_str(), "DeleteObjects" | "PostObject") {
            let resource = match (&bucket, &key) {
                (Some(bucket), Some(key)) => names::object_arn(bucket, key),
                (Some(bucket), None) => names::bucket_arn(bucket),
                _ => "*".to_owned(),
            };
            let target = caller.bucket.clone();
            self.authorise(&caller, target.as_deref(), &action, &resource)
                .await?;
        } else if caller.identity.is_none() && caller.bucket.is_none() {
            return Err(s3_error!(AccessDenied, "Access Denied"));
        }
        cx.extensions_mut().insert(caller);
        Ok(())
    }
}

impl Gate {
    /// Who sent the request.
    async fn caller(&self, cx: &mut S3AccessContext<'_>, bucket: Option<&str>) -> S3Result<Caller> {
        let connection = connection(cx);
        let Some(key) = cx.credentials().map(|held| held.access_key.clone()) else {
            return self.anonymous(cx, bucket, connection).await;
        };
        let how = signed::check(cx.headers(), cx.uri(), self.settings.world.now())?;
        let token = signed::token(cx.headers(), cx.uri());
        let identity = self.access.identify(&key, token.as_deref()).await;
        let identity = identity.map_err(access_fault)?;
        let facts = self.facts(cx.headers(), cx.uri(), connection, Some((&identity, how)));
        Ok(Caller {
            account: identity.account.clone(),
            workspace: identity.workspace.clone(),
            identity: Some(identity),
            facts: Arc::new(facts),
            payload: signed::payload(cx.headers(), how),
            bucket: None,
        })
    }

    async fn anonymous(
        &self,
        cx: &S3AccessContext<'_>,
        bucket: Option<&str>,
        connection: Connection,
    ) -> S3Result<Caller> {
        let denied = || s3_error!(AccessDenied, "Access Denied");
        let bucket = bucket.ok_or_else(denied)?;
        let found = self.access.public_workspace(bucket).await;
        let workspace = found.map_err(access_fault)?.ok_or_else(denied)?;
        Ok(Caller {
            identity: None,
            account: self.settings.account.clone(),
            workspace,
            facts: Arc::new(self.facts(cx.headers(), cx.uri(), connection, None)),
            payload: None,
            bucket: None,
        })
    }

    async fn bucket_of(&self, caller: &Caller, name: &str) -> S3Result<Option<Bucket>> {
        match self.store.get_bucket(&caller.workspace, name).await {
            Ok(bucket) => Ok(Some(bucket)),
            Err(objects::Error::NoSuchBucket(name)) if caller.identity.is_none() => {
                Err(crate::fault::no_such_bucket(&name))
            }
            Err(objects::Error::NoSuchBucket(_) | objects::Error::InvalidName { .. }) => Ok(None),
            Err(error) => Err(fault(error)),
        }
    }

    /// Facts for conditions of policies.
    fn facts(
        &self,
        headers: &HeaderMap,
        uri: &Uri,
        connection: Connection,
        who: Option<(&Identity, Authenticated)>,
    ) -> Facts {
        let mut facts = Facts::new();
        let mut fact = |key: &str, value: Option<String>| {
            if let Some(value) = value {
                facts.insert(key.to_owned(), vec![value]);
            }
        };
        let header = |name: &str| headers.get(name)?.to_str().ok().map(str::to_owned);
        let now = self.settings.world.now().0;
        fact("aws:currenttime", Some((now / 1_000).to_string()));
        fact("aws:epochtime", Some((now / 1_000).to_string()));
        fact("aws:securetransport", Some(connection.secure.to_string()));
        fact(
            "aws:sourceip",
            connection.peer.map(|peer| peer.to_canonical().to_string()),
        );
        fact("aws:referer", header("referer"));
        fact("aws:useragent", header("user-agent"));
        if let Some((identity, how)) = who {
            fact("aws:principalarn", Some(identity.principal.clone()));
            fact("aws:principalaccount", Some(identity.account.clone()));
            fact("s3:authtype", Some(how.how.to_owned()));
            fact("s3:signatureversion", Some(how.version.to_owned()));
        }
        for name in ["prefix", "delimiter", "max-keys"] {
            fact(&format!("s3:{name}"), signed::query(uri, name));
        }
        fact("s3:versionid", signed::query(uri, "versionId"));
        for name in [
            "x-amz-acl",
            "x-amz-server-side-encryption",
            "x-amz-server-side-encryption-aws-kms-key-id",
        ] {
            fact(&format!("s3:{name}"), header(name));
        }
        facts
    }

    /// Lets an action through or refuses it. `bucket` is the one whose policy speaks.
    pub(crate) async fn authorise(
        &self,
        caller: &Caller,
        bucket: Option<&Bucket>,
        action: &str,
        resource: &str,
    ) -> S3Result<()> {
        let by_bucket = bucket_verdict(caller, bucket, action, resource)?;
        let by_identity = match &caller.identity {
            None => Verdict::Unsaid,
            Some(identity) => {
                let question = Question {
                    identity,
                    action,
                    resource,
                    facts: &caller.facts,
                };
                self.access
                    .authorise(&question)
                    .await
                    .map_err(access_fault)?
            }
        };
        match (by_bucket, by_identity) {
            (Verdict::Denied, _) | (_, Verdict::Denied) => Err(denied(
                caller,
                action,
                resource,
                "with an explicit deny in a policy",
            )),
            (Verdict::Allowed, _) | (_, Verdict::Allowed) => Ok(()),
            (Verdict::Unsaid, Verdict::Unsaid) => Err(denied(
                caller,
                action,
                resource,
                "because no policy allows the action",
            )),
        }
    }
}

/// Whether a bucket has a policy of its own.
pub fn has_policy(bucket: &Bucket) -> bool {
    let documents = &bucket.settings.documents;
    documents.contains_key(crate::operations::POLICY)
}

/// What the policy of a bucket says to one who is known.
///
/// # Errors
/// [`PolicyError`] when the policy that is kept cannot be read.
pub fn said_by_bucket(bucket: &Bucket, asked: &Asked<'_>) -> Result<Verdict, PolicyError> {
    let policy = policy_of(bucket)?;
    Ok(policy.map_or(Verdict::Unsaid, |policy| policy.evaluate(asked)))
}

fn policy_of(bucket: &Bucket) -> Result<Option<Policy>, PolicyError> {
    let text = bucket.settings.documents.get(crate::operations::POLICY);
    text.map(|text| Policy::for_bucket(text, &bucket.name))
        .transpose()
}

fn bucket_verdict(
    caller: &Caller,
    bucket: Option<&Bucket>,
    action: &str,
    resource: &str,
) -> S3Result<Verdict> {
    let Some(bucket) = bucket else {
        return Ok(Verdict::Unsaid);
    };
    let policy = policy_of(bucket)
        .map_err(|error| s3_error!(error, InternalError, "the bucket's policy is unreadable"))?;
    let Some(policy) = policy else {
        return Ok(Verdict::Unsaid);
    };
    let is_blocked = caller.identity.is_none()
        && policy.is_public()
        && crate::operations::blocks_public_access(bucket);
    let said = policy.evaluate(&Asked {
        principal: caller.identity.as_ref(),
        action,
        resource,
        facts: &caller.facts,
    });
    Ok(match said {
        Verdict::Allowed if is_blocked => Verdict::Unsaid,
        said => said,
    })
}

pub(crate) fn denied(caller: &Caller, action: &str, resource: &str, why: &str) -> S3Error {
    let Some(identity) = &caller.identity else {
        return s3_error!(AccessDenied, "Access Denied");
    };
    s3_error!(
        AccessDenied,
        "User: {} is not authorized to perform: {action} on resource: \"{resource}\" {why}",
        identity.principal
    )
}

/// How the request came in, from what the server that mounts the service says.
fn connection(cx: &mut S3AccessContext<'_>) -> Connection {
    let extensions = cx.extensions_mut();
    if let Some(known) = extensions.get::<Connection>() {
        return *known;
    }
    let peer = extensions
        .get::<axum::extract::ConnectInfo<SocketAddr>>()
        .map(|info| info.0.ip());
    Connection {
        peer,
        secure: false,
    }
}
