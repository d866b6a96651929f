//! `CreateBucket`: bound to the region that the request names.

use super::S3;
use crate::caller::Caller;
use crate::fault::fault;
use objects::{BucketLock, BucketSettings, Error, Versioning};
use s3s::dto::{BucketCannedACL, CreateBucketInput, CreateBucketOutput};
use s3s::validation::{AwsNameValidation, NameValidation as _};
use s3s::{S3Request, S3Response, S3Result, s3_error};

/// The region that needs no constraint, and whose old habits differ.
pub(super) const FIRST_REGION: &str = "us-east-1";

pub(super) async fn handle(
    s3: &S3,
    request: S3Request<CreateBucketInput>,
) -> S3Result<S3Response<CreateBucketOutput>> {
    let caller = Caller::of(&request)?;
    let asked = request
        .region
        .as_ref()
        .map(|region| region.as_str().to_owned());
    let asked = asked.unwrap_or_else(|| s3.settings.region.clone());
    let input = request.input;
    refuse(&input)?;
    let is_lockable = input.object_lock_enabled_for_bucket == Some(true);
    let configuration = input.create_bucket_configuration;
    let constraint = configuration.and_then(|wanted| wanted.location_constraint);
    let constraint = constraint.as_ref().map(|c| c.as_str().to_owned());
    let region = region(
        &asked,
        constraint.as_deref().filter(|text| !text.is_empty()),
    )?;
    let settings = BucketSettings {
        region: Some(region.clone()),
        versioning: if is_lockable {
            Versioning::Enabled
        } else {
            Versioning::default()
        },
        lock: is_lockable.then(BucketLock::default),
        ..BucketSettings::default()
    };
    let made = s3
        .store
        .create_bucket(&caller.workspace, &input.bucket, settings)
        .await;
    match made {
        Ok(_) => {}
        // In this one region making a bucket of one's own again is no error.
        Err(Error::BucketExists(_)) if region == FIRST_REGION && is_there(&caller, &region) => {}
        Err(error) => return Err(fault(error)),
    }
    Ok(S3Response::new(CreateBucketOutput {
        location: Some(format!("/{}", input.bucket)),
    }))
}

/// Whether the bucket was there, in that region, before the request.
fn is_there(caller: &Caller, region: &str) -> bool {
    caller
        .bucket
        .as_deref()
        .is_none_or(|bucket| bucket.settings.region.as_deref().unwrap_or(FIRST_REGION) == region)
}

fn refuse(input: &CreateBucketInput) -> S3Result<()> {
    if !AwsNameValidation::new().validate_bucket_name(&input.bucket) {
        return Err(s3_error!(InvalidBucketName));
    }
    let is_private = input
        .acl
        .as_ref()
        .is_none_or(|acl| acl.as_str() == BucketCannedACL::PRIVATE);
    let grants = [
        &input.grant_full_control,
        &input.grant_read,
        &input.grant_read_acp,
        &input.grant_write,
        &input.grant_write_acp,
    ];
    if !is_private || grants.iter().any(|grant| grant.is_some()) {
        return Err(s3_error!(
            InvalidBucketAclWithObjectOwnership,
            "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"
        ));
    }
    let ownership = input.object_ownership.as_ref();
    if ownership.is_some_and(|owner| owner.as_str() != "BucketOwnerEnforced") {
        return Err(s3_error!(
            NotImplemented,
            "access control lists are disabled, so the bucket's owner owns every object"
        ));
    }
    let further = input.create_bucket_configuration.as_ref();
    if further.is_some_and(|wanted| wanted.bucket.is_some() || wanted.location.is_some()) {
        return Err(s3_error!(
            NotImplemented,
            "directory buckets are not implemented"
        ));
    }
    Ok(())
}

/// The region of a new bucket, from the endpoint that was asked and the constraint.
fn region(asked: &str, constraint: Option<&str>) -> S3Result<String> {
    match constraint {
        None if asked == FIRST_REGION => Ok(asked.to_owned()),
        None => Err(s3_error!(
            IllegalLocationConstraintException,
            "The unspecified location constraint is incompatible for the region specific endpoint this request was sent to."
        )),
        Some(FIRST_REGION) => Err(s3_error!(
            InvalidLocationConstraint,
            "The specified location-constraint is not valid"
        )),
        Some("EU") => Ok("eu-west-1".to_owned()),
        Some(region) if asked == FIRST_REGION || asked == region => is_region(region),
        Some(region) => Err(s3_error!(
            IllegalLocationConstraintException,
            "The {region} location constraint is incompatible for the region specific endpoint this request was sent to."
        )),
    }
}

fn is_region(text: &str) -> S3Result<String> {
    let is_word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if (3..=32).contains(&text.len()) && text.bytes().all(is_word) && text.contains('-') {
        return Ok(text.to_owned());
    }
    Err(s3_error!(
        InvalidLocationConstraint,
        "The specified location-constraint is not valid"
    ))
}
