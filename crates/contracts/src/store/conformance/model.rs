//! Lists against a plain model: many rows and many queries from a fixed seed.

use super::{labels, put, row, workspace};
use crate::store::{NewRow, Order, Query, Row, Store};

/// Numbers that look random and are always the same (SplitMix64, Steele and others 2014).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % end as u64) as usize
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    fn maybe<'a>(&mut self, of: &[&'a str]) -> Option<&'a str> {
        let some = self.below(3) == 0;
        some.then(|| self.one(of))
    }
}

const PHASES: &[&str] = &["queued", "running", "done"];
const PARENTS: &[&str] = &["p", "q", "p/q"];
const COLOURS: &[&str] = &["red", "green", "röt"];
const LETTERS: &[&str] = &["a", "b", "/", "%", "ä", "_"];
const SCOPES: &[&str] = &["default", "other"];

fn id(numbers: &mut Numbers) -> String {
    (0..=numbers.below(5))
        .map(|_| numbers.one(LETTERS))
        .collect()
}

fn random_row(numbers: &mut Numbers) -> NewRow {
    let mut new = row(&id(numbers));
    new.key.workspace = workspace(numbers.one(SCOPES));
    numbers.one(PHASES).clone_into(&mut new.phase);
    new.parent = numbers.maybe(PARENTS).map(ToOwned::to_owned);
    if let Some(colour) = numbers.maybe(COLOURS) {
        new.labels = labels(&[("colour", colour), ("tier", numbers.one(&["1", "2"]))]);
    }
    new
}

fn random_query(numbers: &mut Numbers) -> Query {
    let mut query = Query {
        kind: "job".to_owned(),
        workspace: numbers.maybe(SCOPES).map(workspace),
        parent: numbers.maybe(PARENTS).map(ToOwned::to_owned),
        phases: numbers
            .maybe(PHASES)
            .into_iter()
            .map(ToOwned::to_owned)
            .collect(),
        prefix: (numbers.below(3) == 0).then(|| id(numbers)),
        limit: 1 + numbers.below(40) as u32,
        ..Query::default()
    };
    if numbers.below(2) == 0 {
        query.order = Order::Newest;
    } else if numbers.below(3) == 0 {
        query.after_id = Some(id(numbers));
    }
    if let Some(colour) = numbers.maybe(COLOURS) {
        query.labels = labels(&[("colour", colour)]);
        if numbers.below(2) == 0 {
            query.labels.extend(labels(&[("tier", "1")]));
        }
    }
    query
}

fn wanted(rows: &[Row], query: &Query) -> Vec<Row> {
    let mut found: Vec<Row> = rows
        .iter()
        .filter(|found| {
            let row = &found.row;
            query
                .workspace
                .as_ref()
                .is_none_or(|scope| *scope == row.key.workspace)
                && query
                    .parent
                    .as_ref()
                    .is_none_or(|parent| row.parent.as_ref() == Some(parent))
                && (query.phases.is_empty() || query.phases.contains(&row.phase))
                && query
                    .labels
                    .iter()
                    .all(|(name, value)| row.labels.get(name) == Some(value))
                && query
                    .prefix
                    .as_ref()
                    .is_none_or(|prefix| row.key.id.starts_with(&**prefix))
                && query
                    .after_id
                    .as_ref()
                    .is_none_or(|after| row.key.id > *after)
        })
        .cloned()
        .collect();
    let place = |row: &Row| (row.row.key.id.clone(), row.row.key.workspace.clone());
    match query.order {
        Order::Id => found.sort_by_key(place),
        Order::Newest => {
            found.sort_by_key(|row| std::cmp::Reverse((row.created, place(row))));
        }
    }
    found
}

/// Hundreds of rows, some replaced and some deleted; every random query gives, over all of its
/// pages, exactly the rows of a plain filter in exactly that order.
pub async fn lists_agree_with_a_plain_model(store: &dyn Store) {
    let mut numbers = Numbers(2_026);
    let mut rows = std::collections::BTreeMap::new();
    for now in 0..400_i64 {
        let new = random_row(&mut numbers);
        let key = new.key.clone();
        if numbers.below(8) == 0 {
            store
                .commit(super::delete(now, [key.clone()]))
                .await
                .expect("delete");
            rows.remove(&key);
            continue;
        }
        store.commit(put(now / 5, [new])).await.expect("commit");
        let written = store.get(&key).await.expect("get").expect("the row");
        rows.insert(key, written);
    }
    let rows: Vec<Row> = rows.into_values().collect();
    assert!(rows.len() > 100, "{}", rows.len());
    for _ in 0..150 {
        let mut query = random_query(&mut numbers);
        let mut found = Vec::new();
        loop {
            let page = store.list(&query).await.expect("list");
            found.extend(page.rows);
            query.after = page.next;
            if query.after.is_none() {
                break;
            }
        }
        assert_eq!(found, wanted(&rows, &query), "{query:?}");
    }
}
