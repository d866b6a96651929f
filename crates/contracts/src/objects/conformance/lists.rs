//! Listings.

use super::{Outcome, Violation, bucket, demand, put};
use crate::objects::{ListObjects, Listing, Objects};
use domain::Workspace;

async fn pages(
    objects: &dyn Objects,
    name: &str,
    mut list: ListObjects,
) -> Result<(Vec<String>, Vec<String>), Violation> {
    let workspace = Workspace::default();
    let (mut keys, mut prefixes) = (Vec::new(), Vec::new());
    loop {
        let page: Listing = objects.list(&workspace, name, &list).await?;
        let count = page.objects.len() + page.prefixes.len();
        demand(
            list.limit == 0 || count <= list.limit as usize,
            "a page keeps its limit",
        )?;
        demand(
            page.next.is_none() || count > 0,
            "a page with a next one is not empty",
        )?;
        keys.extend(page.objects.into_iter().map(|head| head.key));
        prefixes.extend(page.prefixes);
        list.after = page.next;
        if list.after.is_none() {
            return Ok((keys, prefixes));
        }
    }
}

/// Listings are in bytewise order, whatever the size of pages.
pub async fn lists_in_order(objects: &dyn Objects) -> Outcome {
    bucket(objects, "orders").await?;
    let mut keys: Vec<String> = [
        "a",
        "a/",
        "a/b",
        "a0",
        "B",
        "b",
        "ä",
        "\u{1F600}",
        "\u{FFFD}",
        "_",
    ]
    .map(str::to_owned)
    .to_vec();
    for key in &keys {
        put(objects, "orders", key, b"x").await?;
    }
    keys.sort_unstable();
    for limit in [0, 1, 3, 10] {
        let list = ListObjects {
            limit,
            ..ListObjects::default()
        };
        let (found, _) = pages(objects, "orders", list).await?;
        demand(
            found == keys,
            format!("pages of {limit} give all keys in order"),
        )?;
    }
    let list = ListObjects {
        prefix: "a".to_owned(),
        after: Some("a/".to_owned()),
        ..ListObjects::default()
    };
    let (found, _) = pages(objects, "orders", list).await?;
    demand(
        found == ["a/b", "a0"],
        "prefix and start are honoured together",
    )
}

/// Delimiters.
pub async fn folds(objects: &dyn Objects) -> Outcome {
    bucket(objects, "folds").await?;
    for folder in ["x", "y", "z"] {
        for n in 0..120 {
            put(objects, "folds", &format!("{folder}/{n:03}/leaf"), b"").await?;
        }
    }
    for key in ["x", "x-", "x0", "y/plain", "top"] {
        put(objects, "folds", key, b"").await?;
    }
    for limit in [0, 1, 2, 5] {
        let list = ListObjects {
            delimiter: Some("/".to_owned()),
            limit,
            ..ListObjects::default()
        };
        let (keys, prefixes) = pages(objects, "folds", list).await?;
        demand(
            keys == ["top", "x", "x-", "x0"] && prefixes == ["x/", "y/", "z/"],
            format!("pages of {limit} fold: {keys:?} {prefixes:?}"),
        )?;
    }
    let list = ListObjects {
        prefix: "y/".to_owned(),
        delimiter: Some("/".to_owned()),
        limit: 50,
        ..ListObjects::default()
    };
    let (keys, prefixes) = pages(objects, "folds", list).await?;
    demand(
        keys == ["y/plain"] && prefixes.len() == 120,
        "folds below a prefix",
    )?;
    let list = ListObjects {
        delimiter: Some("/1".to_owned()),
        ..ListObjects::default()
    };
    let (_, prefixes) = pages(objects, "folds", list).await?;
    demand(
        prefixes == ["x/1", "y/1", "z/1"],
        "delimiters have any length",
    )
}
