//! A record: features and their values as texts, checked against the group's definitions.

use super::group::{Collection, Feature, FeatureType, Group};
use super::moment::Moment;
use crate::fault::Fault;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A feature's value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct FeatureValue {
    #[serde(rename = "FeatureName")]
    pub(crate) name: String,
    #[serde(
        default,
        rename = "ValueAsString",
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) text: Option<String>,
    #[serde(
        default,
        rename = "ValueAsStringList",
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) list: Option<Vec<String>>,
}

/// What names and dates a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) identifier: String,
    pub(crate) event: Moment,
}

/// What the data plane says of a wrong request.
pub(crate) fn wrong(message: impl Into<String>) -> Fault {
    Fault::new("ValidationError", message)
}

/// Checks a record; says what names and dates it.
pub(crate) fn check(group: &Group, record: &[FeatureValue]) -> Result<Head, Fault> {
    let mut seen = BTreeSet::new();
    for value in record {
        let name = &value.name;
        let feature = group.feature(name).ok_or_else(|| {
            wrong(format!(
                "Validation Error: Feature {name} is not part of the feature group {}",
                group.entity.id
            ))
        })?;
        if !seen.insert(name.as_str()) {
            return Err(wrong(format!(
                "Validation Error: Feature {name} is there twice"
            )));
        }
        fits(feature, value)?;
    }
    let text = |name: &str| {
        let found = record.iter().find(|value| value.name == name);
        let text = found
            .and_then(|value| value.text.clone())
            .filter(|text| !text.is_empty());
        text.ok_or_else(|| {
            wrong(format!(
                "Validation Error: Missing value for Feature {name}"
            ))
        })
    };
    let definition = &group.definition;
    let identifier = text(&definition.record_identifier_feature_name)?;
    let event = event(group, &text(&definition.event_time_feature_name)?)?;
    Ok(Head { identifier, event })
}

/// Reads an event time of a group.
pub(crate) fn event(group: &Group, text: &str) -> Result<Moment, Fault> {
    let name = &group.definition.event_time_feature_name;
    let fractional = group
        .feature(name)
        .is_some_and(|f| f.kind == FeatureType::Fractional);
    Moment::read(text, fractional).ok_or_else(|| {
        wrong(format!(
            "Validation Error: the event time {name} must be {}",
            if fractional {
                "seconds since 1970"
            } else {
                "of the form yyyy-MM-dd'T'HH:mm:ssZ or yyyy-MM-dd'T'HH:mm:ss.SSSZ"
            }
        ))
    })
}

fn fits(feature: &Feature, value: &FeatureValue) -> Result<(), Fault> {
    let name = &feature.name;
    let texts: Vec<&String> = match (&value.text, &value.list, feature.collection) {
        (None, None, _) => return Ok(()),
        (Some(text), None, None) => vec![text],
        (None, Some(list), Some(_)) => list.iter().collect(),
        _ => {
            return Err(wrong(format!(
                "Validation Error: Feature {name} takes {}",
                if feature.collection.is_some() {
                    "a ValueAsStringList"
                } else {
                    "a ValueAsString"
                }
            )));
        }
    };
    for text in &texts {
        let good = match feature.kind {
            FeatureType::String => true,
            FeatureType::Integral => text.parse::<i64>().is_ok(),
            FeatureType::Fractional => text.parse::<f64>().is_ok(),
        };
        if !good {
            return Err(wrong(format!(
                "Validation Error: Value of Feature {name} is not {:?}",
                feature.kind
            )));
        }
    }
    let distinct: BTreeSet<&&String> = texts.iter().collect();
    if feature.collection == Some(Collection::Set) && distinct.len() != texts.len() {
        return Err(wrong(format!(
            "Validation Error: the Set {name} has a value twice"
        )));
    }
    let dimension = feature.dimension();
    if feature.collection == Some(Collection::Vector) && dimension.is_some_and(|d| d != texts.len())
    {
        return Err(wrong(format!(
            "Validation Error: the Vector {name} has {} values",
            texts.len()
        )));
    }
    Ok(())
}
