//! What is told of a bucket's new objects: functions are called (Amazon S3, "Amazon S3 Event
//! Notifications").

use objects::Bucket;
use s3s::dto::{
    Event, EventList, FilterRule, FilterRuleName, LambdaFunctionConfiguration,
    NotificationConfiguration, NotificationConfigurationFilter, S3KeyFilter,
};
use s3s::{S3Error, S3Result, s3_error};
use serde::{Deserialize, Serialize};

/// The document of a bucket's settings.
pub(crate) const DOCUMENT: &str = "notification";

/// Most configurations of a bucket (Amazon S3, "Service quotas").
const MOST: usize = 100;

/// What begins the name of every event of a new object.
const CREATED: &str = "s3:ObjectCreated:";

/// A function that is called for new objects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// The caller's name for it, or one that was made.
    pub id: String,
    /// ARN of the function.
    pub function: String,
    /// What the caller wants to be told; always all new objects.
    pub events: Vec<String>,
    /// Only keys that begin so.
    pub prefix: String,
    /// Only keys that end so.
    pub suffix: String,
    /// The function's own name for it, which whoever calls it has given.
    #[serde(default)]
    pub trigger: String,
}

/// What a bucket notifies.
pub(crate) fn of(bucket: &Bucket) -> Vec<Notification> {
    let text = bucket.settings.documents.get(DOCUMENT);
    text.and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default()
}

/// What a caller wants to be notified; `name` makes names for those that have none.
pub(crate) fn read(
    config: NotificationConfiguration,
    name: impl Fn() -> String,
) -> S3Result<Vec<Notification>> {
    let elsewhere = config
        .queue_configurations
        .is_some_and(|all| !all.is_empty())
        || config
            .topic_configurations
            .is_some_and(|all| !all.is_empty())
        || config.event_bridge_configuration.is_some();
    if elsewhere {
        return Err(s3_error!(
            NotImplemented,
            "events are sent to functions, not to queues, topics or EventBridge"
        ));
    }
    let sent = config.lambda_function_configurations.unwrap_or_default();
    if sent.len() > MOST {
        return Err(s3_error!(
            InvalidArgument,
            "a bucket has at most {MOST} notifications"
        ));
    }
    let all = sent.into_iter().map(|one| one_of(one, &name));
    let all: Vec<Notification> = all.collect::<S3Result<_>>()?;
    for (position, one) in all.iter().enumerate() {
        if all[..position].iter().any(|other| other.id == one.id) {
            return Err(s3_error!(
                InvalidArgument,
                "Same ID used for multiple configurations. IDs must be unique"
            ));
        }
    }
    Ok(all)
}

fn one_of(sent: LambdaFunctionConfiguration, name: &impl Fn() -> String) -> S3Result<Notification> {
    let events: Vec<String> = sent
        .events
        .iter()
        .map(|event| event.as_ref().to_owned())
        .collect();
    if events.is_empty() {
        return Err(s3_error!(MalformedXML));
    }
    let all = format!("{CREATED}*");
    if let Some(other) = events.iter().find(|event| **event != all) {
        return Err(s3_error!(
            NotImplemented,
            "functions are told of all new objects ({all}); {other} is not told by itself"
        ));
    }
    let (prefix, suffix) = filter(sent.filter)?;
    Ok(Notification {
        id: sent.id.filter(|id| !id.is_empty()).unwrap_or_else(name),
        function: sent.lambda_function_arn,
        events,
        prefix,
        suffix,
        trigger: String::new(),
    })
}

fn filter(sent: Option<NotificationConfigurationFilter>) -> S3Result<(String, String)> {
    let rules = sent.and_then(|filter| filter.key?.filter_rules);
    let (mut prefix, mut suffix) = (None, None);
    for rule in rules.unwrap_or_default() {
        let name = rule.name.as_ref().map(FilterRuleName::as_str);
        let place = match name.map(str::to_ascii_lowercase).as_deref() {
            Some(FilterRuleName::PREFIX) => &mut prefix,
            Some(FilterRuleName::SUFFIX) => &mut suffix,
            _ => {
                return Err(s3_error!(
                    InvalidArgument,
                    "filter rule name must be either prefix or suffix"
                ));
            }
        };
        if place.replace(rule.value.unwrap_or_default()).is_some() {
            return Err(s3_error!(
                InvalidArgument,
                "Cannot specify more than one prefix or suffix rule in a filter."
            ));
        }
    }
    Ok((prefix.unwrap_or_default(), suffix.unwrap_or_default()))
}

/// As S3 shows it.
pub(crate) fn shown(kept: Vec<Notification>) -> Vec<LambdaFunctionConfiguration> {
    let shown = kept.into_iter().map(|one| {
        let rules: Vec<FilterRule> = [
            (FilterRuleName::PREFIX, one.prefix),
            (FilterRuleName::SUFFIX, one.suffix),
        ]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| FilterRule {
            name: Some(FilterRuleName::from_static(name)),
            value: Some(value),
        })
        .collect();
        let events: EventList = one.events.into_iter().map(Event::from).collect();
        LambdaFunctionConfiguration {
            events,
            filter: (!rules.is_empty()).then_some(NotificationConfigurationFilter {
                key: Some(S3KeyFilter {
                    filter_rules: Some(rules),
                }),
            }),
            id: Some(one.id),
            lambda_function_arn: one.function,
        }
    });
    shown.collect()
}

/// As a document of a bucket's settings.
pub(crate) fn kept(all: &[Notification]) -> S3Result<String> {
    serde_json::to_string(all).map_err(S3Error::internal_error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(event: &str, rules: &[(&'static str, &str)]) -> NotificationConfiguration {
        let rules = rules.iter().map(|(name, value)| FilterRule {
            name: Some(FilterRuleName::from_static(name)),
            value: Some((*value).to_owned()),
        });
        NotificationConfiguration {
            lambda_function_configurations: Some(vec![LambdaFunctionConfiguration {
                events: vec![Event::from(event.to_owned())],
                filter: Some(NotificationConfigurationFilter {
                    key: Some(S3KeyFilter {
                        filter_rules: Some(rules.collect()),
                    }),
                }),
                id: None,
                lambda_function_arn: "arn:f".to_owned(),
            }]),
            ..NotificationConfiguration::default()
        }
    }

    #[test]
    fn what_is_kept_is_shown_as_it_was_sent() {
        let sent = config(
            "s3:ObjectCreated:*",
            &[("prefix", "in/"), ("suffix", ".csv")],
        );
        let read = read(sent.clone(), || "made".to_owned()).unwrap();
        assert_eq!(
            (read[0].prefix.as_str(), read[0].suffix.as_str()),
            ("in/", ".csv")
        );
        assert_eq!(read[0].id, "made");
        let shown = shown(read);
        let sent = sent.lambda_function_configurations.unwrap();
        assert_eq!(shown[0].filter, sent[0].filter);
        assert_eq!(shown[0].events, sent[0].events);
    }

    #[test]
    fn what_would_not_be_told_is_refused() {
        for (event, rules) in [
            ("s3:ObjectRemoved:*", &[][..]),
            ("s3:ObjectCreated:Put", &[]),
            ("s3:ObjectCreated:*", &[("infix", "x")]),
            ("s3:ObjectCreated:*", &[("prefix", "x"), ("prefix", "y")]),
        ] {
            assert!(
                read(config(event, rules), String::new).is_err(),
                "{event} {rules:?}"
            );
        }
        let bridge = NotificationConfiguration {
            event_bridge_configuration: Some(s3s::dto::EventBridgeConfiguration::default()),
            ..NotificationConfiguration::default()
        };
        assert!(read(bridge, String::new).is_err());
    }
}
