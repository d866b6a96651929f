//! `GetBucketLifecycleConfiguration`: the rules as the store keeps them, in the newer form with a
//! filter.

use super::S3;
use crate::caller::Caller;
use crate::{describe, times};
use objects::Rule;
use s3s::dto::{
    AbortIncompleteMultipartUpload, ExpirationStatus, GetBucketLifecycleConfigurationInput,
    GetBucketLifecycleConfigurationOutput, LifecycleExpiration, LifecycleRule,
    LifecycleRuleAndOperator, LifecycleRuleFilter, NoncurrentVersionExpiration,
};
use s3s::{S3Request, S3Response, S3Result, s3_error};

pub(super) async fn handle(
    _: &S3,
    request: S3Request<GetBucketLifecycleConfigurationInput>,
) -> S3Result<S3Response<GetBucketLifecycleConfigurationOutput>> {
    let caller = Caller::of(&request)?;
    let bucket = caller.bucket(&request.input.bucket)?;
    if bucket.settings.lifecycle.is_empty() {
        return Err(s3_error!(
            NoSuchLifecycleConfiguration,
            "The lifecycle configuration does not exist"
        ));
    }
    let rules = bucket.settings.lifecycle.iter().map(shown).collect();
    Ok(S3Response::new(GetBucketLifecycleConfigurationOutput {
        rules: Some(rules),
        transition_default_minimum_object_size: None,
    }))
}

fn number<T: TryInto<U>, U>(value: Option<T>) -> Option<U> {
    value.and_then(|value| value.try_into().ok())
}

fn shown(rule: &Rule) -> LifecycleRule {
    let status = if rule.enabled { "Enabled" } else { "Disabled" };
    let expires = rule.days.is_some() || rule.date.is_some() || rule.lone_markers;
    LifecycleRule {
        abort_incomplete_multipart_upload: rule.abort_upload_days.map(|days| {
            AbortIncompleteMultipartUpload {
                days_after_initiation: number(Some(days)),
            }
        }),
        expiration: expires.then(|| LifecycleExpiration {
            date: rule.date.map(times::shown),
            days: number(rule.days),
            expired_object_delete_marker: rule.lone_markers.then_some(true),
        }),
        filter: Some(filter(rule)),
        id: Some(rule.id.clone()),
        noncurrent_version_expiration: rule.earlier_days.map(|days| NoncurrentVersionExpiration {
            newer_noncurrent_versions: number(Some(rule.earlier_kept)).filter(|n| *n > 0),
            noncurrent_days: number(Some(days)),
        }),
        noncurrent_version_transitions: None,
        prefix: None,
        status: ExpirationStatus::from(status.to_owned()),
        transitions: None,
    }
}

/// One condition stands alone, several under `And`.
fn filter(rule: &Rule) -> LifecycleRuleFilter {
    let mut filter = LifecycleRuleFilter::default();
    let sizes = usize::from(rule.longer_than.is_some()) + usize::from(rule.shorter_than.is_some());
    let count = rule.tags.len() + sizes + usize::from(!rule.prefix.is_empty());
    let mut tags = describe::shown_tags(rule.tags.clone());
    if count > 1 {
        filter.and = Some(LifecycleRuleAndOperator {
            object_size_greater_than: number(rule.longer_than),
            object_size_less_than: number(rule.shorter_than),
            prefix: Some(rule.prefix.clone()).filter(|text| !text.is_empty()),
            tags: (!tags.is_empty()).then_some(tags),
        });
        return filter;
    }
    filter.object_size_greater_than = number(rule.longer_than);
    filter.object_size_less_than = number(rule.shorter_than);
    filter.tag = tags.pop();
    let alone = filter.tag.is_none() && sizes == 0;
    filter.prefix = alone.then(|| rule.prefix.clone());
    filter
}
