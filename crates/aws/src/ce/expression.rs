//! Cost Explorer's filters as conditions of the ledger.

use crate::fault::Fault;
use costs::query::{Filter, Key, Test};
use serde::Deserialize;

/// An expression; exactly one member is given.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Expression {
    or: Option<Vec<Expression>>,
    and: Option<Vec<Expression>>,
    not: Option<Box<Expression>>,
    dimensions: Option<OneOf>,
    tags: Option<OneOf>,
    cost_categories: Option<serde_json::Value>,
}

/// A key and the values that it may have.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct OneOf {
    key: String,
    values: Vec<String>,
    match_options: Vec<String>,
}

/// The dimensions that lines of the ledger have.
const DIMENSIONS: [(&str, &str); 13] = [
    ("AZ", "zone"),
    ("BILLING_ENTITY", "InvoiceIssuerName"),
    ("INSTANCE_TYPE", "resource-type"),
    ("INVOICING_ENTITY", "InvoiceIssuerName"),
    ("LEGAL_ENTITY_NAME", "publisher"),
    ("LINKED_ACCOUNT", "account"),
    ("LINKED_ACCOUNT_NAME", "SubAccountName"),
    ("PAYER_ACCOUNT", "billing-account"),
    ("PURCHASE_TYPE", "pricing"),
    ("RECORD_TYPE", "charge"),
    ("REGION", "region"),
    ("RESOURCE_ID", "resource"),
    ("SERVICE", "service"),
];

/// The key of a dimension.
pub(super) fn dimension(name: &str) -> Result<Key, Fault> {
    let named = match name {
        "USAGE_TYPE" => Some("SkuMeter"),
        "OPERATION" => Some("ServiceSubcategory"),
        _ => DIMENSIONS
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, key)| *key),
    };
    let key = named.and_then(|key| Key::parse(key).ok());
    key.ok_or_else(|| Fault::validation(format!("the ledger has no dimension `{name}`")))
}

/// The key of a tag.
pub(super) fn tag(name: &str) -> Result<Key, Fault> {
    Key::parse(&format!("tag:{name}")).map_err(|error| Fault::validation(error.to_string()))
}

impl Expression {
    /// Conditions that must all hold.
    ///
    /// Alternatives are served where they are values of one key; others the ledger cannot ask at once.
    pub(super) fn filters(&self) -> Result<Vec<Filter>, Fault> {
        if self.cost_categories.is_some() {
            return Err(Fault::validation(
                "there are no cost categories in the ledger",
            ));
        }
        if let Some(all) = &self.and {
            let mut filters = Vec::new();
            for one in all {
                filters.extend(one.filters()?);
            }
            return Ok(filters);
        }
        if let Some(any) = &self.or {
            return either(any).map(|filter| vec![filter]);
        }
        if let Some(not) = &self.not {
            let filters = not.filters()?;
            let [filter] = filters.as_slice() else {
                return Err(Fault::validation(
                    "`Not` is served around one dimension or tag",
                ));
            };
            return Ok(vec![Filter {
                key: filter.key.clone(),
                test: opposite(&filter.test),
            }]);
        }
        let (key, values) = match (&self.dimensions, &self.tags) {
            (Some(values), None) => (dimension(&values.key)?, values),
            (None, Some(values)) => (tag(&values.key)?, values),
            (None, None) => return Ok(Vec::new()),
            (Some(_), Some(_)) => {
                return Err(Fault::validation("an expression has one of its members"));
            }
        };
        Ok(vec![Filter {
            key,
            test: test(values)?,
        }])
    }
}

fn test(values: &OneOf) -> Result<Test, Fault> {
    for option in &values.match_options {
        match option.as_str() {
            "EQUALS" | "CASE_SENSITIVE" => {}
            "ABSENT" => return Ok(Test::Missing),
            other => {
                return Err(Fault::validation(format!(
                    "the match option `{other}` is not served"
                )));
            }
        }
    }
    if values.values.is_empty() {
        return Err(Fault::validation("a dimension or tag needs values"));
    }
    Ok(Test::Is(values.values.clone()))
}

fn opposite(test: &Test) -> Test {
    match test {
        Test::Is(values) => Test::IsNot(values.clone()),
        Test::IsNot(values) => Test::Is(values.clone()),
        Test::Given => Test::Missing,
        Test::Missing => Test::Given,
    }
}

fn either(any: &[Expression]) -> Result<Filter, Fault> {
    let refused = || Fault::validation("`Or` is served between values of one dimension or tag");
    let mut joined: Option<(Key, Vec<String>)> = None;
    for one in any {
        let filters = one.filters()?;
        let [
            Filter {
                key,
                test: Test::Is(values),
            },
        ] = filters.as_slice()
        else {
            return Err(refused());
        };
        match &mut joined {
            None => joined = Some((key.clone(), values.clone())),
            Some((known, all)) if known == key => all.extend(values.iter().cloned()),
            Some(_) => return Err(refused()),
        }
    }
    let (key, values) = joined.ok_or_else(refused)?;
    Ok(Filter {
        key,
        test: Test::Is(values),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filters(json: serde_json::Value) -> Result<Vec<Filter>, Fault> {
        serde_json::from_value::<Expression>(json)
            .unwrap()
            .filters()
    }

    #[test]
    fn expressions_become_conditions() {
        let service =
            serde_json::json!({"Dimensions": {"Key": "SERVICE", "Values": ["S3", "EC2"]}});
        let team = serde_json::json!({"Tags": {"Key": "team", "MatchOptions": ["ABSENT"]}});
        let both = filters(serde_json::json!({"And": [service, {"Not": team}]})).unwrap();
        assert_eq!(
            both[0].test,
            Test::Is(vec!["S3".to_owned(), "EC2".to_owned()])
        );
        assert_eq!(
            (both[1].key.name().as_str(), &both[1].test),
            ("tag:team", &Test::Given)
        );
        let other = serde_json::json!({"Dimensions": {"Key": "SERVICE", "Values": ["RDS"]}});
        let either = filters(serde_json::json!({"Or": [service, other]})).unwrap();
        assert!(matches!(&either[0].test, Test::Is(values) if values.len() == 3));
        assert!(filters(serde_json::json!({"Or": [service, team]})).is_err());
        assert!(
            filters(serde_json::json!({"Dimensions": {"Key": "TENANCY", "Values": ["x"]}}))
                .is_err()
        );
    }
}
