//! Rows come back as they were written.

use super::{at, delete, jobs, key, labels, put, row, workspace};
use crate::store::{Key, NewRow, Query, Store};
use domain::Timestamp;
use serde_json::json;

/// What was never written is `None`, also under ids that no row can have.
pub async fn absent_rows_are_none(store: &dyn Store) {
    for id in ["nothing", "a\0b", "", &"x".repeat(2_000)] {
        assert_eq!(store.get(&key(id)).await.expect("get"), None, "{id:?}");
    }
}

/// Every column and every kind of JSON value survives, to the letter.
pub async fn rows_come_back_as_written(store: &dyn Store) {
    let full = NewRow {
        key: key("full"),
        parent: Some("ünder/a 'parent'".to_owned()),
        phase: "running".to_owned(),
        labels: labels(&[("team", "Größe \"1\""), ("empty", ""), ("", "nameless")]),
        due: Some(Timestamp(-7)),
        body: json!({
            "z first": 1, "a second": [null, true, false, "\u{0}\n\t\"\\/ \u{1F980}"],
            "integers": [i64::MIN, i64::MAX, u64::MAX, 0],
            "floats": [0.1, 1e-308, 1.797_693_134_862_315_7e308, -0.0, 2.5, 0.964_912_280_701_754_4,
                       1.0e15, 123_456_789.123_456_79, 5e-324],
            "deep": { "er": { "est": {} } }, "": [],
        })
        .into(),
    };
    let empty = NewRow {
        parent: Some(String::new()),
        phase: String::new(),
        body: json!(null).into(),
        ..row("empty")
    };
    store
        .commit(put(5, [full.clone(), empty.clone()]))
        .await
        .expect("commit");
    for wanted in [full, empty] {
        let found = store.get(&wanted.key).await.expect("get").expect("the row");
        assert_eq!(found.row, wanted);
        assert_eq!(
            found.row.body.text(),
            wanted.body.text(),
            "the order of members"
        );
        let query = Query {
            prefix: Some(wanted.key.id.clone()),
            ..jobs()
        };
        assert_eq!(store.list(&query).await.expect("list").rows, [found]);
    }
}

/// Revisions count from 1; the first write's time stays, the last one's follows.
pub async fn revisions_count_writes(store: &dyn Store) {
    for (revision, now) in (1_i64..).zip([10, 20, 30]) {
        store.commit(put(now, [row("a")])).await.expect("commit");
        let found = store.get(&key("a")).await.expect("get").expect("the row");
        assert_eq!(found.revision, revision);
        assert_eq!(found.created, Timestamp(10));
        assert_eq!(found.updated, Timestamp(now));
    }
}

/// A replaced row keeps no parent, label or due time of the old one, in the row or in any list.
pub async fn replacing_leaves_nothing_of_the_old_row(store: &dyn Store) {
    let old = NewRow {
        parent: Some("p".to_owned()),
        phase: "old".to_owned(),
        labels: labels(&[("a", "1"), ("b", "2")]),
        due: Some(Timestamp(1)),
        ..row("x")
    };
    store.commit(put(1, [old])).await.expect("commit");
    let new = NewRow {
        labels: labels(&[("a", "3")]),
        phase: "new".to_owned(),
        ..row("x")
    };
    store.commit(put(2, [new.clone()])).await.expect("commit");
    assert_eq!(
        store
            .get(&new.key)
            .await
            .expect("get")
            .expect("the row")
            .row,
        new
    );
    let with = |pairs| Query {
        labels: labels(pairs),
        ..jobs()
    };
    let parent = Query {
        parent: Some("p".to_owned()),
        ..jobs()
    };
    let phase = Query {
        phases: vec!["old".to_owned()],
        ..jobs()
    };
    for query in [with(&[("a", "1")]), with(&[("b", "2")]), parent, phase] {
        assert!(
            store.list(&query).await.expect("list").rows.is_empty(),
            "{query:?}"
        );
    }
    assert_eq!(
        store
            .list(&with(&[("a", "3")]))
            .await
            .expect("list")
            .rows
            .len(),
        1
    );
    let claimed = store.claim(&super::claim("me", 100)).await.expect("claim");
    assert!(claimed.is_empty(), "the old due time is gone");
}

/// A deleted row is in no list and counts from 1 when it comes again; deleting what is not there
/// is no error.
pub async fn deleting_leaves_nothing(store: &dyn Store) {
    let labelled = NewRow {
        labels: labels(&[("a", "1")]),
        ..row("x")
    };
    store.commit(put(1, [labelled])).await.expect("commit");
    store.commit(put(2, [row("x")])).await.expect("commit");
    store
        .commit(delete(3, [key("x"), key("never")]))
        .await
        .expect("commit");
    assert_eq!(store.get(&key("x")).await.expect("get"), None);
    assert!(store.list(&jobs()).await.expect("list").rows.is_empty());
    store.commit(put(4, [row("x")])).await.expect("commit");
    let again = store.get(&key("x")).await.expect("get").expect("the row");
    assert_eq!((again.revision, again.created), (1, Timestamp(4)));
    let query = Query {
        labels: labels(&[("a", "1")]),
        ..jobs()
    };
    assert!(store.list(&query).await.expect("list").rows.is_empty());
    store.commit(at(5)).await.expect("an empty commit");
}

/// The same id of another kind or workspace is another row.
pub async fn kinds_and_workspaces_are_apart(store: &dyn Store) {
    let other = workspace("other");
    let keys = [
        key("x"),
        Key::new("run", &other, "x"),
        Key::new("job", &other, "x"),
    ];
    for (index, key) in keys.iter().enumerate() {
        let mut new = row("x");
        new.key = key.clone();
        new.body = json!(index).into();
        store.commit(put(1, [new])).await.expect("commit");
    }
    store
        .commit(delete(2, [keys[0].clone()]))
        .await
        .expect("commit");
    let bodies = [None, Some(json!(1).into()), Some(json!(2).into())];
    for (key, body) in keys.iter().zip(bodies) {
        let found = store.get(key).await.expect("get");
        assert_eq!(found.map(|row| row.row.body), body, "{key:?}");
    }
}

/// Ids are any text but NUL, up to 1,400 bytes, and differ when a byte does.
pub async fn strange_ids_are_kept(store: &dyn Store) {
    let long = "k".repeat(1_400);
    let ids = [
        "a",
        "A",
        "a ",
        " a",
        "ä",
        "a\u{308}",
        "%",
        "_",
        "'",
        "\"; DROP TABLE x; --",
        "\\",
        "\n",
        "bucket/key/../..",
        "🦀",
        "\u{7f}",
        "\u{10FFFF}",
        "$1",
        "é",
        "e\u{301}",
        &long,
    ];
    let parted = |id: &&str| NewRow {
        labels: labels(&[("same", "1")]),
        ..row(id)
    };
    store
        .commit(put(1, ids.iter().map(parted)))
        .await
        .expect("commit");
    for id in ids {
        let found = store.get(&key(id)).await.expect("get").expect("the row");
        assert_eq!(found.row.key.id, id);
        let query = Query {
            prefix: Some(id.to_owned()),
            labels: labels(&[("same", "1")]),
            limit: 1_000,
            ..jobs()
        };
        let page = store.list(&query).await.expect("list");
        assert!(super::ids(&page.rows).contains(&id), "{id:?}");
    }
    assert_eq!(
        store.list(&jobs()).await.expect("list").rows.len(),
        ids.len()
    );
}
