//! Cost Explorer's filters as conditions of the ledger.

use super::matching::Match;
use super::tree::Tree;
use crate::fault::Fault;
use crate::operation::Call;
use costs::query::{Filter, Key, Test};
use serde::Deserialize;

/// An expression; exactly one member is given.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Expression {
    or: Option<Vec<Expression>>,
    and: Option<Vec<Expression>>,
    not: Option<Box<Expression>>,
    dimensions: Option<OneOf>,
    tags: Option<OneOf>,
    cost_categories: Option<serde_json::Value>,
    product_attributes: Option<serde_json::Value>,
}

/// A key and the values that it may have.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct OneOf {
    key: String,
    values: Vec<String>,
    match_options: Vec<String>,
}

/// The dimensions that lines of the ledger have. Of two names of one key the first is given back.
const DIMENSIONS: [(&str, &str); 17] = [
    ("AZ", "zone"),
    ("BILLING_ENTITY", "InvoiceIssuerName"),
    ("INSTANCE_TYPE", "resource-type"),
    ("INVOICING_ENTITY", "InvoiceIssuerName"),
    ("LEGAL_ENTITY_NAME", "publisher"),
    ("LINKED_ACCOUNT", "account"),
    ("LINKED_ACCOUNT_NAME", "SubAccountName"),
    ("OPERATION", "ServiceSubcategory"),
    ("PAYER_ACCOUNT", "billing-account"),
    ("PURCHASE_TYPE", "pricing"),
    ("RECORD_TYPE", "charge"),
    ("REGION", "region"),
    ("RESERVATION_ID", "commitment"),
    ("RESOURCE_ID", "resource"),
    ("SAVINGS_PLAN_ARN", "commitment"),
    ("SERVICE", "service"),
    ("USAGE_TYPE", "SkuMeter"),
];

/// The key of a dimension.
pub(crate) fn dimension(name: &str) -> Result<Key, Fault> {
    let mut known = DIMENSIONS.iter();
    let named = known.find(|(known, _)| *known == name).map(|(_, key)| *key);
    let key = named.and_then(|key| Key::parse(key).ok());
    key.ok_or_else(|| {
        let name: String = name.chars().take(60).collect();
        Fault::validation(format!("the ledger has no dimension `{name}`"))
    })
}

/// The dimension of a key, or the key's own name where Cost Explorer has none.
pub(crate) fn named(key: &Key) -> String {
    let own = |name: &str| Key::parse(name).is_ok_and(|known| known == *key);
    let mut known = DIMENSIONS.iter();
    let found = known.find(|(_, name)| own(name));
    found.map_or_else(|| key.name(), |(dimension, _)| (*dimension).to_owned())
}

/// The key of a tag.
pub(crate) fn tag(name: &str) -> Result<Key, Fault> {
    Key::parse(&format!("tag:{name}")).map_err(|error| Fault::validation(error.to_string()))
}

impl Expression {
    /// The lines that it selects, as sets of conditions of which exactly one holds for each of them.
    /// Texts that are not compared as they stand are looked up in the ledger first.
    pub(super) async fn sets(&self, call: &Call<'_>) -> Result<Vec<Vec<Filter>>, Fault> {
        let mut tree = self.tree()?;
        for (filter, matched) in tree.unsettled() {
            let values = super::reading::values_of(call, filter.key.clone()).await?;
            let fitting = values.into_iter().filter(|value| matched.fits(value));
            filter.test = Test::Is(fitting.collect());
        }
        tree.disjoint()
    }

    /// The same without asking anything, for what is kept: texts are compared as they stand.
    pub(crate) fn cubes(&self) -> Result<Vec<Vec<Filter>>, Fault> {
        let mut tree = self.tree()?;
        if !tree.unsettled().is_empty() {
            let message =
                "what is kept compares values as they stand: EQUALS, CASE_SENSITIVE, ABSENT";
            return Err(Fault::validation(message));
        }
        tree.disjoint()
    }

    fn tree(&self) -> Result<Tree, Fault> {
        if self.cost_categories.is_some() || self.product_attributes.is_some() {
            let message = "there are no cost categories and product attributes in the ledger";
            return Err(Fault::validation(message));
        }
        let mut trees = Vec::new();
        if let Some(all) = &self.and {
            trees.push(Tree::All(many(all, "And")?));
        }
        if let Some(any) = &self.or {
            trees.push(Tree::Any(many(any, "Or")?));
        }
        if let Some(not) = &self.not {
            trees.push(Tree::Not(Box::new(not.tree()?)));
        }
        if let Some(values) = &self.dimensions {
            trees.push(leaf(dimension(&values.key)?, values)?);
        }
        if let Some(values) = &self.tags {
            trees.push(leaf(tag(&values.key)?, values)?);
        }
        match (trees.pop(), trees.is_empty()) {
            (Some(only), true) => Ok(only),
            (Some(_), false) => {
                let message = "Expression must have exactly one root element: And, Or, Not, \
                               Dimensions, Tags";
                Err(Fault::validation(message))
            }
            (None, _) => Ok(Tree::All(Vec::new())),
        }
    }
}

fn many(expressions: &[Expression], operator: &str) -> Result<Vec<Tree>, Fault> {
    if expressions.len() < 2 {
        let message = format!("{operator} needs at least two operands");
        return Err(Fault::validation(message));
    }
    expressions.iter().map(Expression::tree).collect()
}

fn leaf(key: Key, values: &OneOf) -> Result<Tree, Fault> {
    let matched = Match::read(&values.match_options, &values.values)?;
    let test = match &matched {
        Match::Absent => Test::Missing,
        Match::Exact(wanted) => Test::Is(wanted.clone()),
        // Decided by what the ledger has; nothing passes until then.
        Match::Alike(..) => Test::Is(Vec::new()),
    };
    let unsettled = matches!(matched, Match::Alike(..)).then_some(matched);
    Ok(Tree::Leaf(Filter { key, test }, unsettled))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn cubes(json: serde_json::Value) -> Result<Vec<Vec<Filter>>, Fault> {
        serde_json::from_value::<Expression>(json).unwrap().cubes()
    }

    #[test]
    fn expressions_become_conditions() {
        let service = json!({"Dimensions": {"Key": "SERVICE", "Values": ["S3", "EC2"]}});
        let team = json!({"Tags": {"Key": "team", "MatchOptions": ["ABSENT"]}});
        let both = cubes(json!({"And": [service, {"Not": team}]})).unwrap();
        let [both] = both.as_slice() else {
            panic!("{both:?}")
        };
        assert_eq!(
            both[0].test,
            Test::Is(vec!["S3".to_owned(), "EC2".to_owned()])
        );
        assert_eq!(
            (both[1].key.name().as_str(), &both[1].test),
            ("tag:team", &Test::Given)
        );
        let other = json!({"Dimensions": {"Key": "SERVICE", "Values": ["RDS"]}});
        let either = cubes(json!({"Or": [service, other]})).unwrap();
        assert!(matches!(&either[0][0].test, Test::Is(values) if values.len() == 3));
        assert_eq!(cubes(json!({"Or": [service, team]})).unwrap().len(), 2);
        for bad in [
            json!({"Dimensions": {"Key": "TENANCY", "Values": ["x"]}}),
            json!({"Dimensions": {"Key": "SERVICE", "Values": []}}),
            json!({"Or": [service]}),
            json!({"Dimensions": {"Key": "SERVICE", "Values": ["x"]}, "Not": team}),
            json!({"CostCategories": {"Key": "x", "Values": ["y"]}}),
            json!({"Tags": {"Key": "team", "Values": ["x"], "MatchOptions": ["SOUNDS_LIKE"]}}),
        ] {
            assert_eq!(
                cubes(bad.clone()).unwrap_err().code,
                "ValidationException",
                "{bad}"
            );
        }
    }

    #[test]
    fn dimensions_are_named_by_their_keys() {
        for (dimension_name, _) in DIMENSIONS {
            let key = dimension(dimension_name).unwrap();
            assert_eq!(dimension(&named(&key)).unwrap(), key);
        }
        assert_eq!(named(&Key::parse("service").unwrap()), "SERVICE");
    }
}
