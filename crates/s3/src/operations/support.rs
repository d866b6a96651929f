//! What several operations share.

use crate::caller::Caller;
use crate::fault::fault;
use crate::gate::Gate;
use crate::names::object_arn;
use objects::{Bucket, BucketSettings, Error, Redescribe};
use s3s::dto::{CopySource, Grant, Grantee, Permission, Type};
use s3s::{S3Error, S3Response, S3Result, s3_error};

/// Name of the kept document with a bucket's policy.
pub(crate) const POLICY: &str = "policy";
/// Name of the kept word of a bucket's default encryption.
pub(crate) const ENCRYPTION: &str = "s3:encryption";
/// Name of the kept document with a bucket's public access block.
pub(crate) const PUBLIC_ACCESS: &str = "s3:public-access-block";

/// Most bytes of one upload or copy (Amazon S3, "Uploading objects"): 5 GiB.
pub(crate) const MOST_AT_ONCE: u64 = 5 << 30;

/// The service as the operations see it.
#[derive(Clone)]
pub(crate) struct S3 {
    pub(crate) gate: Gate,
}

impl std::ops::Deref for S3 {
    type Target = Gate;

    fn deref(&self) -> &Gate {
        &self.gate
    }
}

impl S3 {
    /// Changes a bucket's settings.
    pub(crate) async fn configure(
        &self,
        caller: &Caller,
        bucket: &str,
        mut change: impl FnMut(&mut BucketSettings) + Send,
    ) -> S3Result<()> {
        self.store
            .update_bucket(&caller.workspace, bucket, |settings| {
                change(settings);
                Ok(())
            })
            .await
            .map(|_| ())
            .map_err(fault)
    }

    /// A version in a bucket whose versions can be locked.
    pub(crate) async fn lockable(
        &self,
        caller: &Caller,
        bucket: &str,
        key: &str,
        version: Option<&str>,
    ) -> S3Result<objects::Object> {
        if caller.bucket(bucket)?.settings.lock.is_none() {
            return Err(fault(Error::Unlockable(bucket.to_owned())));
        }
        self.object(caller, bucket, key, version).await
    }

    /// A version without its bytes; the present one unless it is named.
    pub(crate) async fn object(
        &self,
        caller: &Caller,
        bucket: &str,
        key: &str,
        version: Option<&str>,
    ) -> S3Result<objects::Object> {
        let found = self
            .store
            .head_object(&caller.workspace, bucket, key, version)
            .await;
        match found {
            Ok(object) => Ok(object),
            Err(error) => Err(self.unread(caller, bucket, error).await),
        }
    }

    /// Changes what describes a version; the present one unless it is named.
    pub(crate) async fn redescribe(
        &self,
        caller: &Caller,
        (bucket, key): (&str, &str),
        version: Option<&str>,
        change: &Redescribe,
    ) -> S3Result<objects::Object> {
        let changed = self
            .store
            .redescribe(&caller.workspace, bucket, key, version, change)
            .await;
        match changed {
            Ok(object) => Ok(object),
            Err(error) => Err(self.unread(caller, bucket, error).await),
        }
    }

    /// The error of a read. Who may not list a bucket does not learn which keys are absent.
    pub(crate) async fn unread(&self, caller: &Caller, bucket: &str, error: Error) -> S3Error {
        let is_absence = matches!(
            error,
            Error::NoSuchObject { .. } | Error::NoSuchVersion { .. }
        );
        if is_absence {
            let resource = crate::names::bucket_arn(bucket);
            let of = caller.bucket.as_deref();
            let listed = self.authorise(caller, of, "s3:ListBucket", &resource).await;
            if let Err(denied) = listed {
                return denied;
            }
        }
        fault(error)
    }

    /// The source of a copy, if the caller may read it.
    pub(crate) async fn source(
        &self,
        caller: &Caller,
        source: &CopySource,
        expected_owner: Option<&String>,
    ) -> S3Result<Source> {
        let CopySource::Bucket {
            bucket,
            key,
            version_id,
        } = source
        else {
            return Err(s3_error!(
                NotImplemented,
                "copies from access points and outposts are not implemented"
            ));
        };
        let held = self
            .store
            .get_bucket(&caller.workspace, bucket)
            .await
            .map_err(fault)?;
        if expected_owner.is_some_and(|owner| *owner != caller.account) {
            return Err(s3_error!(AccessDenied, "Access Denied"));
        }
        let action = if version_id.is_some() {
            "s3:GetObjectVersion"
        } else {
            "s3:GetObject"
        };
        self.authorise(caller, Some(&held), action, &object_arn(bucket, key))
            .await?;
        Ok(Source {
            bucket: held,
            key: key.to_string(),
            version: version_id.as_deref().map(str::to_owned),
        })
    }
}

/// What is copied from.
pub(crate) struct Source {
    pub(crate) bucket: Bucket,
    pub(crate) key: String,
    pub(crate) version: Option<String>,
}

/// How many entries a listing may have; `Some(0)` is an empty page.
pub(crate) fn page_size(asked: Option<i32>, name: &str) -> S3Result<u32> {
    let Some(asked) = asked else { return Ok(1_000) };
    u32::try_from(asked)
        .map(|count| count.min(1_000))
        .map_err(|_| {
            s3_error!(
                InvalidArgument,
                "Argument {name} must be an integer between 0 and 2147483647"
            )
        })
}

/// Marks an answer whose root element lacks the namespace of S3, which the service then adds:
/// `s3s` leaves it out where the answer is one member of its output.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bare;

/// An answer that needs the namespace.
pub(crate) fn bare<T>(output: T) -> S3Response<T> {
    let mut response = S3Response::new(output);
    response.extensions.insert(Bare);
    response
}

/// Whether a bucket's public access block keeps anonymous callers out in spite of its policy.
pub(crate) fn blocks_public_access(bucket: &Bucket) -> bool {
    public_access(bucket).restrict_public_buckets
}

/// The public access block of a bucket; all off when there is none.
pub(crate) fn public_access(bucket: &Bucket) -> PublicAccess {
    let text = bucket.settings.documents.get(PUBLIC_ACCESS);
    text.and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default()
}

pub(crate) fn no_policy() -> S3Error {
    s3_error!(NoSuchBucketPolicy, "The bucket policy does not exist")
}

/// The one grant that there is.
pub(crate) fn owner_only(account: &str) -> Vec<Grant> {
    vec![Grant {
        grantee: Some(Grantee {
            display_name: None,
            email_address: None,
            id: Some(crate::names::canonical_id(account)),
            type_: Type::from_static(Type::CANONICAL_USER),
            uri: None,
        }),
        permission: Some(Permission::from_static(Permission::FULL_CONTROL)),
    }]
}

/// A public access block as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub(crate) struct PublicAccess {
    pub(crate) block_public_acls: bool,
    pub(crate) ignore_public_acls: bool,
    pub(crate) block_public_policy: bool,
    pub(crate) restrict_public_buckets: bool,
}
