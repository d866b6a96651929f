//! Versions that may not be removed: until a time, or until somebody lets them go (Amazon S3, "Locking
//! objects with Object Lock").

use domain::{Span, Timestamp};
use serde::{Deserialize, Serialize};

/// How strictly a version is retained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LockMode {
    /// Who has a permission for it may remove it earlier.
    Governance,
    /// Nobody may.
    Compliance,
}

/// Until when a version stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retention {
    /// How strictly.
    pub mode: LockMode,
    /// Until then.
    pub until: Timestamp,
}

/// What keeps a version from being removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Lock {
    /// A time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retention: Option<Retention>,
    /// Somebody who has said so and has not taken it back; unset was never said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold: Option<bool>,
}

/// The locks of a bucket whose versions can be locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BucketLock {
    /// What new versions get that come without a retention of their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usual: Option<UsualRetention>,
}

/// A retention that begins when a version is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsualRetention {
    /// How strictly.
    pub mode: LockMode,
    /// How long, in days.
    pub days: u32,
    /// Whether it was given in years of 365 days.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub in_years: bool,
}

impl Lock {
    /// Whether there is none.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Whether the version must stay now; `bypass` is of somebody who may end a governance.
    pub fn holds(self, now: Timestamp, bypass: bool) -> bool {
        let retained = self.retention.is_some_and(|retention| {
            retention.until > now && !(bypass && retention.mode == LockMode::Governance)
        });
        retained || self.hold == Some(true)
    }

    /// Whether its retention may become another one now.
    pub fn may_become(self, wanted: Option<Retention>, now: Timestamp, bypass: bool) -> bool {
        let Some(present) = self.retention.filter(|present| present.until > now) else {
            return true;
        };
        let is_longer = wanted.is_some_and(|wanted| {
            let as_strict = wanted.mode == present.mode || wanted.mode == LockMode::Compliance;
            as_strict && wanted.until >= present.until
        });
        is_longer || (bypass && present.mode == LockMode::Governance)
    }
}

impl UsualRetention {
    /// The retention of a version that is written at a time.
    pub fn starting(self, now: Timestamp) -> Retention {
        Retention {
            mode: self.mode,
            until: now + Span::hours(24 * i64::from(self.days)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn retained(mode: LockMode, until: i64) -> Lock {
        Lock {
            retention: Some(Retention {
                mode,
                until: Timestamp(until),
            }),
            hold: None,
        }
    }

    #[test]
    fn a_version_stays_until_it_may_go() {
        let now = Timestamp(100);
        assert!(!Lock::default().holds(now, false));
        assert!(retained(LockMode::Compliance, 101).holds(now, true));
        assert!(!retained(LockMode::Compliance, 100).holds(now, false));
        assert!(retained(LockMode::Governance, 101).holds(now, false));
        assert!(!retained(LockMode::Governance, 101).holds(now, true));
        let held = Lock {
            hold: Some(true),
            ..retained(LockMode::Governance, 0)
        };
        assert!(held.holds(now, true));
    }

    #[test]
    fn a_retention_is_not_weakened() {
        let now = Timestamp(100);
        let strict = retained(LockMode::Compliance, 200);
        let other = |mode, until| retained(mode, until).retention;
        assert!(strict.may_become(other(LockMode::Compliance, 300), now, false));
        for weaker in [
            None,
            other(LockMode::Compliance, 150),
            other(LockMode::Governance, 300),
        ] {
            assert!(!strict.may_become(weaker, now, true), "{weaker:?}");
        }
        let loose = retained(LockMode::Governance, 200);
        assert!(!loose.may_become(None, now, false));
        assert!(loose.may_become(None, now, true));
        assert!(loose.may_become(other(LockMode::Compliance, 200), now, false));
        assert!(strict.may_become(None, Timestamp(200), false), "it is over");
    }
}
