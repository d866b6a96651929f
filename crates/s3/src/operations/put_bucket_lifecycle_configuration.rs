//! `PutBucketLifecycleConfiguration`: expiry is carried out by the store; transitions to other
//! storage classes are refused, as there is one.

use super::S3;
use crate::caller::Caller;
use crate::times;
use objects::{Rule, Tags};
use s3s::dto::{
    LifecycleRule, PutBucketLifecycleConfigurationInput, PutBucketLifecycleConfigurationOutput,
};
use s3s::{S3Request, S3Response, S3Result, s3_error};
use std::collections::BTreeSet;

pub(super) async fn handle(
    s3: &S3,
    request: S3Request<PutBucketLifecycleConfigurationInput>,
) -> S3Result<S3Response<PutBucketLifecycleConfigurationOutput>> {
    let caller = Caller::of(&request)?;
    let input = request.input;
    let sent = input.lifecycle_configuration.map(|all| all.rules);
    let sent = sent.filter(|rules| !rules.is_empty());
    let sent = sent.ok_or_else(|| s3_error!(MalformedXML))?;
    let mut rules = Vec::with_capacity(sent.len());
    let mut names = BTreeSet::new();
    for (index, rule) in sent.into_iter().enumerate() {
        let rule = read(rule, index)?;
        if !names.insert(rule.id.clone()) {
            return Err(s3_error!(
                InvalidArgument,
                "Rule ID must be unique. Found same ID for more than one rule"
            ));
        }
        rules.push(rule);
    }
    s3.configure(&caller, &input.bucket, |settings| {
        settings.lifecycle.clone_from(&rules);
    })
    .await?;
    Ok(S3Response::new(
        PutBucketLifecycleConfigurationOutput::default(),
    ))
}

fn read(sent: LifecycleRule, index: usize) -> S3Result<Rule> {
    if sent.transitions.is_some_and(|list| !list.is_empty())
        || sent
            .noncurrent_version_transitions
            .is_some_and(|list| !list.is_empty())
    {
        return Err(s3_error!(
            NotImplemented,
            "transitions are not implemented: this store has one storage class"
        ));
    }
    let mut rule = Rule {
        id: sent.id.unwrap_or_else(|| format!("rule-{}", index + 1)),
        enabled: match sent.status.as_str() {
            "Enabled" => true,
            "Disabled" => false,
            _ => return Err(s3_error!(MalformedXML)),
        },
        prefix: sent.prefix.unwrap_or_default(),
        ..Rule::default()
    };
    if rule.id.len() > 255 {
        return Err(s3_error!(
            InvalidArgument,
            "ID length should not exceed allowed limit of 255"
        ));
    }
    if let Some(filter) = sent.filter {
        let and = filter.and.unwrap_or_default();
        let prefix = filter.prefix.or(and.prefix).unwrap_or_default();
        rule.prefix.push_str(&prefix);
        let tags = filter.tag.into_iter().chain(and.tags.unwrap_or_default());
        rule.tags = tags
            .map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default()))
            .collect::<Tags>();
        let greater = filter
            .object_size_greater_than
            .or(and.object_size_greater_than);
        let less = filter.object_size_less_than.or(and.object_size_less_than);
        rule.longer_than = greater.and_then(|bytes| u64::try_from(bytes).ok());
        rule.shorter_than = less.and_then(|bytes| u64::try_from(bytes).ok());
    }
    let mut does_something = false;
    if let Some(expiration) = sent.expiration {
        does_something = true;
        rule.days = days(expiration.days)?;
        rule.date = expiration.date.map(times::read);
        rule.lone_markers = expiration.expired_object_delete_marker == Some(true);
    }
    if let Some(earlier) = sent.noncurrent_version_expiration {
        does_something = true;
        rule.earlier_days = days(earlier.noncurrent_days)?;
        let kept = earlier.newer_noncurrent_versions.unwrap_or_default();
        rule.earlier_kept = u32::try_from(kept).map_err(|_| s3_error!(MalformedXML))?;
    }
    if let Some(uploads) = sent.abort_incomplete_multipart_upload {
        does_something = true;
        rule.abort_upload_days = days(uploads.days_after_initiation)?;
    }
    if !does_something {
        return Err(s3_error!(
            InvalidRequest,
            "At least one action needs to be specified in a rule"
        ));
    }
    Ok(rule)
}

fn days(sent: Option<i32>) -> S3Result<Option<u32>> {
    let Some(sent) = sent else { return Ok(None) };
    match u32::try_from(sent) {
        Ok(days) if days > 0 => Ok(Some(days)),
        _ => Err(s3_error!(
            InvalidArgument,
            "'Days' for Expiration action must be a positive integer"
        )),
    }
}
