//! Notifications of budgets and their subscribers. Whether one is in alarm is told by how the budget
//! stands; nobody is written to, because there is nothing here that sends mail or messages.

use super::fault::{duplicate, not_found, too_many, value};
use crate::fault::Fault;
use costs::Amount;
use costs::budgets::Standing;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Most notifications of a budget, and subscribers of one.
const MOST: usize = 10;
const MOST_SUBSCRIBERS: usize = 11;

/// What shall be told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Notification {
    notification_type: String,
    comparison_operator: String,
    threshold: f64,
    #[serde(default = "percentage")]
    threshold_type: String,
}

fn percentage() -> String {
    "PERCENTAGE".to_owned()
}

/// Whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Subscriber {
    subscription_type: String,
    address: String,
}

/// A notification with its subscribers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Notified {
    pub(super) notification: Notification,
    pub(super) subscribers: Vec<Subscriber>,
}

impl Notification {
    /// Whether it is as the budget stands.
    pub(super) fn in_alarm(&self, standing: &Standing) -> bool {
        let now = match (self.notification_type.as_str(), standing.forecast) {
            ("FORECASTED", Some([_, mid, _])) => mid,
            ("FORECASTED", None) => return false,
            _ => standing.spent,
        };
        let threshold = Amount::estimated(self.threshold);
        let limit = match self.threshold_type.as_str() {
            "ABSOLUTE_VALUE" => threshold,
            _ => standing
                .budget
                .amount
                .part(threshold.atoms(), Amount::whole(100).atoms()),
        };
        match self.comparison_operator.as_str() {
            "GREATER_THAN" => now > limit,
            "LESS_THAN" => now < limit,
            _ => now == limit,
        }
    }

    /// As AWS describes it.
    pub(super) fn shown(&self, standing: &Standing) -> Value {
        let mut shown = json!(self);
        shown["NotificationState"] = json!(if self.in_alarm(standing) {
            "ALARM"
        } else {
            "OK"
        });
        shown
    }

    /// Whether it can be one at all.
    fn check(&self) -> Result<(), Fault> {
        if !self.threshold.is_finite() || !(0.0..=15e12).contains(&self.threshold) {
            return Err(value("a Threshold is from 0 to 15,000,000,000,000"));
        }
        if self.threshold_type == "PERCENTAGE" && self.threshold > 1_000_000.0 {
            return Err(value("a Threshold is at most 1,000,000 per cent"));
        }
        Ok(())
    }
}

impl Notified {
    /// The share of the budget's amount, in whole per cent, above which it tells of what is spent.
    pub(super) fn threshold(&self) -> Option<u32> {
        let own = &self.notification;
        let told = own.notification_type == "ACTUAL"
            && own.comparison_operator == "GREATER_THAN"
            && own.threshold_type == "PERCENTAGE"
            && (1.0..=10_000.0).contains(&own.threshold);
        told.then(|| own.threshold.ceil() as u32)
    }

    /// Whether it can be kept.
    pub(super) fn check(&self) -> Result<(), Fault> {
        self.notification.check()?;
        if self.subscribers.is_empty() {
            return Err(value("a notification needs a subscriber"));
        }
        for (at, subscriber) in self.subscribers.iter().enumerate() {
            if self.subscribers[..at].contains(subscriber) {
                return Err(duplicate("a subscriber is there twice"));
            }
            subscriber.check()?;
        }
        if self.subscribers.len() > MOST_SUBSCRIBERS {
            return Err(too_many(format!(
                "a notification has at most {MOST_SUBSCRIBERS} subscribers"
            )));
        }
        Ok(())
    }
}

impl Subscriber {
    fn check(&self) -> Result<(), Fault> {
        let good = match self.subscription_type.as_str() {
            "EMAIL" => self.address.split_once('@').is_some_and(|(name, host)| {
                !name.is_empty()
                    && host.contains('.')
                    && !self.address.contains(char::is_whitespace)
            }),
            _ => self.address.starts_with("arn:aws:sns:"),
        };
        if good {
            return Ok(());
        }
        let address: String = self.address.chars().take(80).collect();
        Err(value(format!(
            "`{address}` is no address for {}",
            self.subscription_type
        )))
    }
}

/// Adds a notification.
pub(super) fn add(all: &mut Vec<Notified>, new: Notified) -> Result<(), Fault> {
    new.check()?;
    if all.iter().any(|one| one.notification == new.notification) {
        return Err(duplicate("the notification already exists"));
    }
    if all.len() >= MOST {
        return Err(too_many(format!(
            "a budget has at most {MOST} notifications"
        )));
    }
    all.push(new);
    Ok(())
}

/// The notification that is equal to one.
pub(super) fn find<'a>(
    all: &'a mut [Notified],
    wanted: &Notification,
) -> Result<&'a mut Notified, Fault> {
    let found = all.iter_mut().find(|one| one.notification == *wanted);
    found.ok_or_else(|| not_found("Unable to find the notification"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use costs::budgets::Budget;
    use costs::query::Metric;

    fn standing(spent: &str, forecast: Option<&str>) -> Standing {
        Standing {
            budget: Budget {
                name: "b".to_owned(),
                amount: "200".parse().unwrap(),
                currency: "USD".to_owned(),
                metric: Metric::Billed,
                filters: Vec::new(),
                thresholds: Vec::new(),
                hard: false,
            },
            month: "2026-11".to_owned(),
            spent: spent.parse().unwrap(),
            forecast: forecast.map(|mid| [mid.parse().unwrap(); 3]),
            alerts: Vec::new(),
        }
    }

    fn notification(kind: &str, operator: &str, threshold: f64, of: &str) -> Notification {
        Notification {
            notification_type: kind.to_owned(),
            comparison_operator: operator.to_owned(),
            threshold,
            threshold_type: of.to_owned(),
        }
    }

    #[test]
    fn alarms_follow_what_is_spent_and_what_is_forecast() {
        let eighty = notification("ACTUAL", "GREATER_THAN", 80.0, "PERCENTAGE");
        assert!(!eighty.in_alarm(&standing("160", None)));
        assert!(eighty.in_alarm(&standing("160.01", None)));
        let ahead = notification("FORECASTED", "GREATER_THAN", 250.0, "ABSOLUTE_VALUE");
        assert!(!ahead.in_alarm(&standing("300", None)));
        assert!(ahead.in_alarm(&standing("1", Some("251"))));
        assert!(
            notification("ACTUAL", "LESS_THAN", 1.0, "PERCENTAGE").in_alarm(&standing("1", None))
        );
    }

    #[test]
    fn notifications_are_there_once_and_have_addresses() {
        let mut all = Vec::new();
        let one = |address: &str| Notified {
            notification: notification("ACTUAL", "GREATER_THAN", 79.5, "PERCENTAGE"),
            subscribers: vec![Subscriber {
                subscription_type: "EMAIL".to_owned(),
                address: address.to_owned(),
            }],
        };
        for bad in ["nobody", "@x.y", "a b@x.y", "a@host"] {
            let refused = add(&mut all, one(bad)).unwrap_err();
            assert_eq!(refused.code, "InvalidParameterException", "{bad}");
        }
        add(&mut all, one("a@x.org")).unwrap();
        assert_eq!(all[0].threshold(), Some(80));
        let refused = add(&mut all, one("b@x.org")).unwrap_err();
        assert_eq!(refused.code, "DuplicateRecordException");
        let other = notification("ACTUAL", "GREATER_THAN", 50.0, "PERCENTAGE");
        assert_eq!(
            find(&mut all, &other).unwrap_err().code,
            "NotFoundException"
        );
    }
}
