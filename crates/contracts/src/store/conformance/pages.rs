//! Lists come in pages.

use super::{delete, ids, jobs, key, put, row, workspace};
use crate::store::{Order, Query, Store, StoreError};

async fn walk(store: &dyn Store, mut query: Query) -> Vec<String> {
    let mut found = Vec::new();
    loop {
        let page = store.list(&query).await.expect("list");
        assert!(page.rows.len() <= query.limit as usize);
        found.extend(page.rows.into_iter().map(|row| row.row.key.id));
        query.after = page.next;
        if query.after.is_none() {
            return found;
        }
    }
}

/// A page has as many rows as asked for, 100 when not said, and more than 1,000 is refused. Only
/// a page that others follow has a `next`.
pub async fn pages_have_limits(store: &dyn Store) {
    let rows = (0..150).map(|index| row(&format!("{index:03}")));
    store.commit(put(1, rows)).await.expect("commit");
    for (limit, length, more) in [
        (0, 100, true),
        (1, 1, true),
        (149, 149, true),
        (150, 150, false),
        (151, 150, false),
        (1_000, 150, false),
    ] {
        for order in [Order::Id, Order::Newest] {
            let query = Query {
                order,
                limit,
                ..jobs()
            };
            let page = store.list(&query).await.expect("list");
            assert_eq!(
                (page.rows.len(), page.next.is_some()),
                (length, more),
                "{limit}"
            );
        }
    }
    let query = Query {
        limit: 1_001,
        ..jobs()
    };
    assert!(matches!(
        store.list(&query).await,
        Err(StoreError::Invalid(_))
    ));
    let nothing = Query {
        prefix: Some("x".to_owned()),
        ..jobs()
    };
    let page = store.list(&nothing).await.expect("list");
    assert_eq!((page.rows.len(), page.next), (0, None));
}

/// Going on with `next` gives every row once, in both orders, in one workspace or all, also where
/// many rows share a time or an id.
pub async fn pages_cover_everything_once(store: &dyn Store) {
    for index in 0..120_i64 {
        let mut new = row(&format!("{:03}", index / 2));
        new.key.workspace = workspace(if index % 2 == 0 { "default" } else { "other" });
        store.commit(put(index / 10, [new])).await.expect("commit");
    }
    for order in [Order::Id, Order::Newest] {
        for (scope, count) in [(Some(workspace("default")), 60), (None, 120)] {
            let whole = Query {
                workspace: scope,
                order,
                limit: 1_000,
                ..jobs()
            };
            let all = walk(store, whole.clone()).await;
            assert_eq!(all.len(), count);
            for limit in [1, 7, 60] {
                let query = Query {
                    limit,
                    ..whole.clone()
                };
                assert_eq!(walk(store, query).await, all, "{order:?} {limit}");
            }
        }
    }
}

/// Rows that come or go between two pages do not make others come twice or be left out, not even
/// when the row that a page ended with is gone.
pub async fn pages_bear_changes_between_them(store: &dyn Store) {
    for (now, id) in (1_i64..).zip(["b", "d", "f", "h", "k"]) {
        store.commit(put(now, [row(id)])).await.expect("commit");
    }
    for (order, first, rest) in [
        (Order::Id, ["b", "d"], vec!["f", "h", "k"]),
        (Order::Newest, ["k", "h"], vec!["f", "b"]),
    ] {
        let mut query = Query {
            limit: 2,
            order,
            ..jobs()
        };
        let page = store.list(&query).await.expect("list");
        assert_eq!(ids(&page.rows), first);
        store.commit(delete(50, [key("d")])).await.expect("commit");
        store.commit(put(60, [row("a")])).await.expect("commit");
        query.after = page.next;
        query.limit = 10;
        let page = store.list(&query).await.expect("list");
        assert_eq!(ids(&page.rows), rest, "{order:?}");
        store.commit(delete(70, [key("a")])).await.expect("commit");
    }
}

/// A token that is none, or that of another order, is refused as invalid.
pub async fn page_tokens_are_checked(store: &dyn Store) {
    store
        .commit(put(1, ["a", "b", "c"].map(row)))
        .await
        .expect("commit");
    let in_order = |order, after: Option<String>| Query {
        order,
        after,
        limit: 1,
        ..jobs()
    };
    let by_id = store
        .list(&in_order(Order::Id, None))
        .await
        .expect("list")
        .next;
    let newest = store
        .list(&in_order(Order::Newest, None))
        .await
        .expect("list")
        .next;
    let mut bad = vec![in_order(Order::Newest, by_id), in_order(Order::Id, newest)];
    for order in [Order::Id, Order::Newest] {
        for token in [
            "",
            "x",
            "id/",
            "newest/",
            "id/ /a",
            "newest/x/default/a",
            "\0",
            "' OR 1=1",
        ] {
            bad.push(in_order(order, Some(token.to_owned())));
        }
    }
    for query in bad {
        let refused = store.list(&query).await;
        assert!(matches!(refused, Err(StoreError::Invalid(_))), "{query:?}");
    }
}
