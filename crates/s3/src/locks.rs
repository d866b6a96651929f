//! Object locks between the words of S3 and those of the store.

use objects::{BucketLock, Lock, LockMode, Retention, UsualRetention};
use s3s::dto::{
    DefaultRetention, ObjectLockConfiguration, ObjectLockEnabled, ObjectLockLegalHoldStatus,
    ObjectLockMode, ObjectLockRetention, ObjectLockRetentionMode, ObjectLockRule, Timestamp,
};
use s3s::{S3Result, s3_error};

/// Longest usual retention: a hundred years.
const MOST_DAYS: u32 = 36_500;
const YEAR: u32 = 365;

fn mode(text: &str) -> S3Result<LockMode> {
    match text {
        ObjectLockRetentionMode::GOVERNANCE => Ok(LockMode::Governance),
        ObjectLockRetentionMode::COMPLIANCE => Ok(LockMode::Compliance),
        _ => Err(s3_error!(InvalidArgument, "Unknown wormMode directive.")),
    }
}

/// A mode in S3's word.
pub(crate) fn word(mode: LockMode) -> &'static str {
    match mode {
        LockMode::Governance => ObjectLockRetentionMode::GOVERNANCE,
        LockMode::Compliance => ObjectLockRetentionMode::COMPLIANCE,
    }
}

fn is_held(status: &ObjectLockLegalHoldStatus) -> S3Result<bool> {
    match status.as_str() {
        ObjectLockLegalHoldStatus::ON => Ok(true),
        ObjectLockLegalHoldStatus::OFF => Ok(false),
        _ => Err(s3_error!(MalformedXML)),
    }
}

/// The lock that the headers of a writing request ask for.
pub(crate) fn asked(
    asked: Option<&ObjectLockMode>,
    until: Option<&Timestamp>,
    hold: Option<&ObjectLockLegalHoldStatus>,
) -> S3Result<Lock> {
    let retention = match (asked, until) {
        (None, None) => None,
        (Some(asked), Some(until)) => Some(Retention {
            mode: mode(asked.as_str())?,
            until: crate::times::read(until.clone()),
        }),
        _ => {
            return Err(s3_error!(
                InvalidArgument,
                "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied"
            ));
        }
    };
    Ok(Lock {
        retention,
        hold: hold.map(is_held).transpose()?,
    })
}

/// A retention of an XML body; an empty one is none.
pub(crate) fn retention(sent: Option<ObjectLockRetention>) -> S3Result<Option<Retention>> {
    let Some(sent) = sent else {
        return Err(s3_error!(MalformedXML));
    };
    match (sent.mode, sent.retain_until_date) {
        (None, None) => Ok(None),
        (Some(asked), Some(until)) => Ok(Some(Retention {
            mode: mode(asked.as_str())?,
            until: crate::times::read(until),
        })),
        _ => Err(s3_error!(MalformedXML)),
    }
}

/// A hold of an XML body.
pub(crate) fn hold(sent: Option<&ObjectLockLegalHoldStatus>) -> S3Result<bool> {
    sent.map_or_else(|| Err(s3_error!(MalformedXML)), is_held)
}

/// The locks of a bucket from an XML body.
pub(crate) fn of_bucket(sent: Option<ObjectLockConfiguration>) -> S3Result<BucketLock> {
    let malformed = || s3_error!(MalformedXML);
    let sent = sent.ok_or_else(malformed)?;
    let enabled = sent.object_lock_enabled.as_ref();
    if enabled.map(ObjectLockEnabled::as_str) != Some(ObjectLockEnabled::ENABLED) {
        return Err(malformed());
    }
    let Some(rule) = sent.rule else {
        return Ok(BucketLock::default());
    };
    let usual = rule.default_retention.ok_or_else(malformed)?;
    let (days, in_years) = match (usual.days, usual.years) {
        (Some(days), None) => (u32::try_from(days).ok(), false),
        (None, Some(years)) => (
            u32::try_from(years)
                .ok()
                .and_then(|years| years.checked_mul(YEAR)),
            true,
        ),
        _ => return Err(malformed()),
    };
    let days = days.filter(|days| (1..=MOST_DAYS).contains(days));
    let days = days.ok_or_else(|| {
        s3_error!(
            InvalidArgument,
            "Default retention period must be a positive integer value."
        )
    })?;
    Ok(BucketLock {
        usual: Some(UsualRetention {
            mode: mode(usual.mode.ok_or_else(malformed)?.as_str())?,
            days,
            in_years,
        }),
    })
}

/// The locks of a bucket as S3 shows them.
pub(crate) fn shown_bucket(lock: BucketLock) -> ObjectLockConfiguration {
    let rule = lock.usual.map(|usual| {
        let days = i32::try_from(usual.days).unwrap_or(i32::MAX);
        let years = i32::try_from(usual.days / YEAR).unwrap_or(i32::MAX);
        ObjectLockRule {
            default_retention: Some(DefaultRetention {
                days: (!usual.in_years).then_some(days),
                mode: Some(ObjectLockRetentionMode::from_static(word(usual.mode))),
                years: usual.in_years.then_some(years),
            }),
        }
    });
    ObjectLockConfiguration {
        object_lock_enabled: Some(ObjectLockEnabled::from_static(ObjectLockEnabled::ENABLED)),
        rule,
    }
}

/// A hold as S3 shows it.
pub(crate) fn shown_hold(hold: bool) -> ObjectLockLegalHoldStatus {
    ObjectLockLegalHoldStatus::from_static(if hold {
        ObjectLockLegalHoldStatus::ON
    } else {
        ObjectLockLegalHoldStatus::OFF
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(days: Option<i32>, years: Option<i32>) -> ObjectLockConfiguration {
        ObjectLockConfiguration {
            object_lock_enabled: Some(ObjectLockEnabled::from_static(ObjectLockEnabled::ENABLED)),
            rule: Some(ObjectLockRule {
                default_retention: Some(DefaultRetention {
                    days,
                    mode: Some(ObjectLockRetentionMode::from_static("GOVERNANCE")),
                    years,
                }),
            }),
        }
    }

    #[test]
    fn a_configuration_comes_back_as_it_was_sent() {
        for sent in [config(Some(3), None), config(None, Some(2))] {
            let kept = of_bucket(Some(sent.clone())).unwrap();
            assert_eq!(shown_bucket(kept), sent);
        }
        for bad in [
            config(None, None),
            config(Some(1), Some(1)),
            config(Some(0), None),
            config(Some(-1), None),
            config(None, Some(101)),
        ] {
            assert!(of_bucket(Some(bad)).is_err());
        }
        assert!(of_bucket(None).is_err());
    }
}
