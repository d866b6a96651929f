//! Whether what a request names in S3 may be read or written by the role that SageMaker acts with.
//!
//! Data is brought and taken away by this server, which could reach every bucket. So the role's
//! policies and the bucket's are asked when the request is made, as S3 would ask them. A role that
//! this installation does not know is one of another account in a program that runs here unchanged:
//! then whoever asked must be allowed to.

mod keys;

use super::container::Container;
use super::jobs::channels;
use super::{models, variants};
use crate::fault::Fault;
use crate::iam::{self, Kind, Who};
use crate::operation::Call;
use ::s3::{Facts, Identity, Verdict};
use contracts::objects::{ListObjects, ObjectError};
use control::context::SYSTEM_BUCKET;
use domain::job::JobSpec;
use serde_json::Value;
use std::path::Path;

/// Objects below a prefix whose names are looked at at once.
const EACH: u32 = 1_000;

/// What a session of a role is called that SageMaker assumed.
const SESSION: &str = "SageMaker";

/// Whose policies are asked about buckets.
pub(crate) struct Reach<'a> {
    call: &'a Call<'a>,
    identity: Identity,
    facts: Facts,
}

impl<'a> Reach<'a> {
    /// Of the role of this ARN, or of whoever asked.
    pub(crate) async fn of(call: &'a Call<'a>, role: Option<&str>) -> Result<Self, Fault> {
        let account = &call.aws.account.id;
        let mut identity = Identity {
            principal: call.principal.arn.clone(),
            account: account.clone(),
            workspace: call.principal.workspace.clone(),
            session: call.principal.session.clone(),
        };
        if let Some(role) = role
            && let Some((Kind::Role, name)) = iam::entity_of(role)
        {
            let found = iam::find(call.aws, &call.caller(), Kind::Role, name).await?;
            if found.is_some_and(|entity| entity.arn(Kind::Role, account) == role) {
                identity.principal =
                    format!("arn:aws:sts::{account}:assumed-role/{name}/{SESSION}");
                // The role that every installation has is no way out of a narrowed session.
                if name != iam::EXECUTION_ROLE {
                    identity.session = Vec::new();
                }
            }
        }
        Ok(Self {
            call,
            identity,
            facts: call.facts(call.connection, &Value::Null),
        })
    }

    /// Refuses what a job reads and writes and may not.
    pub(crate) async fn check_job(&self, spec: &JobSpec, request: &Value) -> Result<(), Fault> {
        let said = request.to_string();
        // What the server itself adds is not the request's, unless that names it as well.
        let is_asked = |uri: &str| !is_own(uri) || said.contains(uri);
        for uri in spec.inputs.values().flatten().filter(|uri| is_asked(uri)) {
            self.read(uri).await?;
        }
        let code = spec.code.as_ref().map(|code| code.location.as_str());
        if let Some(uri) = code.filter(|uri| is_asked(uri)) {
            self.read(uri).await?;
        }
        for delivery in &spec.deliveries {
            self.write(&delivery.to).await?;
            self.seal(&delivery.to, delivery.key.as_deref()).await?;
        }
        if let Some(checkpoints) = &spec.checkpoints {
            self.read(&checkpoints.to).await?;
            self.write(&checkpoints.to).await?;
        }
        Ok(())
    }

    /// Refuses to read an object, or all objects below a prefix: its address is asked about, and
    /// each of the objects, for a policy may allow a folder whose name others begin with too, and
    /// may deny some of what is in it.
    pub(crate) async fn read(&self, uri: &str) -> Result<(), Fault> {
        let Ok((bucket, key)) = channels::s3("s3Uri", uri) else {
            return Ok(());
        };
        // Policies name what is below a folder, whether or not the address ends as a folder.
        let folder = format!("{}/", key.trim_end_matches('/'));
        let either = [key.as_str(), folder.as_str()];
        if !self.demand("s3:GetObject", &bucket, &either).await? {
            return Ok(());
        }
        let objects = &self.call.aws.control.objects;
        let workspace = &self.identity.workspace;
        let mut listing = ListObjects {
            prefix: key,
            limit: EACH,
            ..ListObjects::default()
        };
        loop {
            let page = match objects.list(workspace, &bucket, &listing).await {
                Ok(page) => page,
                // It is said where it is looked for.
                Err(ObjectError::NoSuchBucket(_)) => return Ok(()),
                Err(error) => {
                    let refusal = control::error::of_objects(error);
                    return Err(super::fault::fault(refusal));
                }
            };
            for head in page.objects {
                self.object(&bucket, &head.key).await?;
            }
            listing.after = page.next;
            if listing.after.is_none() {
                return Ok(());
            }
        }
    }

    /// Refuses to read one object.
    pub(crate) async fn object(&self, bucket: &str, key: &str) -> Result<(), Fault> {
        if self.demand("s3:GetObject", bucket, &[key]).await? {
            self.open(bucket, key).await?;
        }
        Ok(())
    }

    /// Refuses to read what a container serves: its artifact and its scripts.
    pub(crate) async fn container(&self, container: &Container) -> Result<(), Fault> {
        for uri in container.artifact().iter().chain(&container.code()) {
            let is_archive = Path::new(uri)
                .extension()
                .is_some_and(|ending| ending == "gz");
            match channels::s3("modelDataUrl", uri) {
                Ok((bucket, key)) if is_archive => self.object(&bucket, &key).await?,
                _ => self.read(uri).await?,
            }
        }
        Ok(())
    }

    /// Refuses to write below a prefix.
    pub(crate) async fn write(&self, uri: &str) -> Result<(), Fault> {
        let Ok((bucket, key)) = channels::s3("s3OutputPath", uri) else {
            return Ok(());
        };
        let folder = format!("{}/", key.trim_end_matches('/'));
        let either = [key.as_str(), folder.as_str()];
        self.demand("s3:PutObject", &bucket, &either)
            .await
            .map(|_| ())
    }

    /// Whether the identity's own policies allow it.
    pub(crate) async fn may(&self, action: &str, resource: &str) -> Result<bool, Fault> {
        let verdict = iam::verdict(self.call.aws, self.who(), action, resource, &self.facts);
        Ok(verdict.await? == Verdict::Allowed)
    }

    fn who(&self) -> Who<'_> {
        Who {
            workspace: &self.identity.workspace,
            arn: &self.identity.principal,
            session: &self.identity.session,
        }
    }

    /// Refuses unless one of the keys is allowed, and the first of which anything is said; whether
    /// there is a policy that could say otherwise of what is below.
    async fn demand(&self, action: &str, bucket: &str, keys: &[&str]) -> Result<bool, Fault> {
        let workspace = &self.identity.workspace;
        let record = match self.call.aws.objects.get_bucket(workspace, bucket).await {
            Ok(record) => record,
            Err(objects::Error::NoSuchBucket(_)) => return Ok(false),
            Err(error) => {
                return Err(Fault::common(domain::Refusal::Unavailable {
                    message: error.to_string(),
                }));
            }
        };
        if self.may_everything() && !::s3::has_policy(&record) {
            return Ok(false);
        }
        let mut said = Verdict::Unsaid;
        for key in keys {
            let resource = format!("arn:aws:s3:::{bucket}/{}", key.trim_start_matches('/'));
            said = self.said(&record, action, &resource).await?;
            if said != Verdict::Unsaid {
                break;
            }
        }
        if said == Verdict::Allowed {
            return Ok(true);
        }
        let key = keys.first().copied().unwrap_or_default();
        Err(Fault::validation(format!(
            "Could not access S3 data at s3://{bucket}/{key}: {} is not authorized to perform: \
             {action} on resource: arn:aws:s3:::{bucket}/{key}",
            self.identity.principal
        )))
    }

    /// The installation's own role, whose session was not narrowed.
    fn may_everything(&self) -> bool {
        let role = iam::entity_of(&self.identity.principal);
        role == Some((Kind::Role, iam::EXECUTION_ROLE)) && self.identity.session.is_empty()
    }

    async fn said(
        &self,
        bucket: &objects::Bucket,
        action: &str,
        resource: &str,
    ) -> Result<Verdict, Fault> {
        let by_identity = iam::verdict(self.call.aws, self.who(), action, resource, &self.facts);
        let by_identity = by_identity.await?;
        let asked = ::s3::Asked {
            principal: Some(&self.identity),
            action,
            resource,
            facts: &self.facts,
        };
        let by_bucket = ::s3::said_by_bucket(bucket, &asked)
            .map_err(|error| Fault::common(domain::Refusal::internal(error.to_string())))?;
        Ok(match (by_identity, by_bucket) {
            (Verdict::Denied, _) | (_, Verdict::Denied) => Verdict::Denied,
            (Verdict::Allowed, _) | (_, Verdict::Allowed) => Verdict::Allowed,
            (Verdict::Unsaid, Verdict::Unsaid) => Verdict::Unsaid,
        })
    }
}

/// The role of the first model of an endpoint's configuration.
pub(crate) async fn role_of_config(call: &Call<'_>, config: &str) -> Result<Option<String>, Fault> {
    let all = variants::of_config(call, config).await?;
    let Some(model) = all.first().and_then(|first| first.model_name.as_deref()) else {
        return Ok(None);
    };
    match models::find(call, model).await {
        Ok((model, _)) => Ok(model.request["ExecutionRoleArn"]
            .as_str()
            .map(str::to_owned)),
        Err(fault) if fault.status.is_client_error() => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// Whether an address is in the bucket of the server's own files.
fn is_own(uri: &str) -> bool {
    channels::s3("s3Uri", uri).is_ok_and(|(bucket, _)| bucket == SYSTEM_BUCKET)
}
