//! Lists: order and filters.

use super::{ids, jobs, labels, put, row, workspace};
use crate::store::{Key, NewRow, Order, Query, Store};

type Labels = &'static [(&'static str, &'static str)];

async fn listed(store: &dyn Store, query: Query) -> Vec<String> {
    let page = store.list(&query).await.expect("list");
    ids(&page.rows).into_iter().map(ToOwned::to_owned).collect()
}

/// Ids sort by their bytes, not by a language; a list is of one kind and of one workspace, or of
/// all workspaces.
pub async fn lists_go_by_bytes(store: &dyn Store) {
    let names = [
        "b", "a", "B", "ä", "a-1", "a/1", "a_1", "aa", "Z", "é", "🦀", "\u{ffff}", "10", "9",
    ];
    store.commit(put(1, names.map(row))).await.expect("commit");
    let other = workspace("other");
    let mut run = row("run");
    run.key = Key::new("run", &workspace("default"), "run");
    let mut elsewhere = row("a");
    elsewhere.key = Key::new("job", &other, "a");
    store
        .commit(put(1, [run, elsewhere]))
        .await
        .expect("commit");
    let mut sorted = names.map(ToOwned::to_owned);
    sorted.sort_by(|a, b| a.as_bytes().cmp(b.as_bytes()));
    assert_eq!(listed(store, jobs()).await, sorted);
    let theirs = Query {
        workspace: Some(other),
        ..jobs()
    };
    assert_eq!(listed(store, theirs).await, ["a"]);
    let all = Query {
        workspace: None,
        ..jobs()
    };
    let all = store.list(&all).await.expect("list").rows;
    assert_eq!(all.len(), names.len() + 1);
    assert!(all.is_sorted_by_key(|row| &row.row.key.id));
    let none = Query {
        kind: "jo".to_owned(),
        ..jobs()
    };
    assert!(listed(store, none).await.is_empty());
}

/// Parents and phases are compared whole; several phases are alternatives, none is all.
pub async fn lists_filter_by_parent_and_phase(store: &dyn Store) {
    let of = |id: &str, parent: Option<&str>, phase: &str| NewRow {
        parent: parent.map(ToOwned::to_owned),
        phase: phase.to_owned(),
        ..row(id)
    };
    let rows = [
        of("a", Some("p"), "running"),
        of("b", Some("p"), "done"),
        of("c", Some("pp"), "running"),
        of("d", None, "failed"),
        of("e", Some(""), "run"),
    ];
    store.commit(put(1, rows)).await.expect("commit");
    for (parent, phases, wanted) in [
        (Some("p"), vec![], vec!["a", "b"]),
        (Some("p"), vec!["running"], vec!["a"]),
        (None, vec!["running"], vec!["a", "c"]),
        (None, vec!["failed", "done", "failed"], vec!["b", "d"]),
        (None, vec!["runnin"], vec![]),
        (Some("%"), vec![], vec![]),
        (Some(""), vec![], vec!["e"]),
        (Some("\0"), vec![], vec![]),
        (None, vec!["\0", "x"], vec![]),
    ] {
        for order in [Order::Id, Order::Newest] {
            let query = Query {
                parent: parent.map(ToOwned::to_owned),
                phases: phases.iter().copied().map(ToOwned::to_owned).collect(),
                order,
                ..jobs()
            };
            let mut found = listed(store, query).await;
            found.sort();
            assert_eq!(found, wanted, "{parent:?} {phases:?}");
        }
    }
}

/// All of the given labels must be there with exactly these values.
pub async fn lists_filter_by_labels(store: &dyn Store) {
    let of = |id: &str, pairs: &[(&str, &str)]| NewRow {
        labels: labels(pairs),
        ..row(id)
    };
    let rows = [
        of("a", &[("team", "red"), ("tier", "1")]),
        of("b", &[("team", "red"), ("tier", "2")]),
        of("c", &[("team", "Red")]),
        of("d", &[("tier", "1"), ("it's", "a \"value\"%")]),
        of("e", &[]),
    ];
    store.commit(put(1, rows)).await.expect("commit");
    let mut twin = of("a", &[("team", "red")]);
    twin.key.workspace = workspace("other");
    store.commit(put(1, [twin])).await.expect("commit");
    let cases: [(Labels, &[&str]); 8] = [
        (&[("team", "red")], &["a", "b"]),
        (&[("team", "red"), ("tier", "1")], &["a"]),
        (&[("team", "Red")], &["c"]),
        (&[("tier", "1")], &["a", "d"]),
        (&[("it's", "a \"value\"%")], &["d"]),
        (&[("team", "r%")], &[]),
        (&[("red", "team")], &[]),
        (&[("\0", "\0")], &[]),
    ];
    for (pairs, wanted) in cases {
        let query = Query {
            labels: labels(pairs),
            ..jobs()
        };
        assert_eq!(listed(store, query).await, wanted, "{pairs:?}");
    }
    let everywhere = Query {
        workspace: None,
        labels: labels(&[("team", "red")]),
        ..jobs()
    };
    assert_eq!(listed(store, everywhere).await, ["a", "a", "b"]);
}

/// `%`, `_`, `*` and the like in a prefix stand for themselves, and case matters.
pub async fn prefixes_are_bytes_not_patterns(store: &dyn Store) {
    let names = [
        "data/a",
        "data/b",
        "data",
        "dat_/a",
        "dat%/a",
        "data0",
        "Data/a",
        "dat\\a",
        "dä/x",
        "d\u{10FFFF}a",
        "d\u{10FFFF}\u{10FFFF}b",
        "e",
        "\u{10FFFF}",
        "d\u{D7FF}x",
        "d\u{E000}x",
    ];
    store.commit(put(1, names.map(row))).await.expect("commit");
    for prefix in [
        "",
        "d",
        "data",
        "data/",
        "dat_",
        "dat%",
        "dat\\",
        "D",
        "dä",
        "d\u{10FFFF}",
        "\u{10FFFF}",
        "d\u{D7FF}",
        "zzz",
        "%",
        "data/a",
        "data/a/",
        "\0",
    ] {
        let query = Query {
            prefix: Some(prefix.to_owned()),
            ..jobs()
        };
        let mut wanted: Vec<&str> = names
            .into_iter()
            .filter(|id| id.starts_with(prefix))
            .collect();
        wanted.sort_unstable();
        assert_eq!(listed(store, query).await, wanted, "{prefix:?}");
    }
}

/// `after_id` leaves out ids up to and including it, also together with a prefix and with pages,
/// also when no such id exists.
pub async fn lists_skip_to_an_id(store: &dyn Store) {
    let names = ["a/1", "a/2", "b/1", "b/1x", "b/2", "b0", "c/1"];
    store.commit(put(1, names.map(row))).await.expect("commit");
    for (prefix, after) in [
        (None, "a/2"),
        (None, ""),
        (None, "a/\u{10FFFF}"),
        (Some("b/"), "b/1"),
        (Some("b/"), "a"),
        (Some("b/"), "c"),
        (None, "zz"),
        (None, "b/1\0zz"),
        (Some(""), "b/1"),
    ] {
        let mut query = Query {
            prefix: prefix.map(ToOwned::to_owned),
            after_id: Some(after.to_owned()),
            limit: 1,
            ..jobs()
        };
        let wanted: Vec<&str> = names
            .into_iter()
            .filter(|id| *id > after && id.starts_with(prefix.unwrap_or_default()))
            .collect();
        let mut found = Vec::new();
        loop {
            let page = store.list(&query).await.expect("list");
            found.extend(page.rows.into_iter().map(|row| row.row.key.id));
            query.after = page.next;
            if query.after.is_none() {
                break;
            }
        }
        assert_eq!(found, wanted, "{prefix:?} {after:?}");
    }
}

/// The newest come first by when they were first written; ids decide, descending, between equals.
/// Writing a row again does not move it.
pub async fn lists_go_newest_first(store: &dyn Store) {
    store
        .commit(put(10, [row("b"), row("a"), row("ä")]))
        .await
        .expect("commit");
    store.commit(put(30, [row("c")])).await.expect("commit");
    store.commit(put(20, [row("d")])).await.expect("commit");
    store.commit(put(99, [row("b")])).await.expect("commit");
    let newest = Query {
        order: Order::Newest,
        ..jobs()
    };
    assert_eq!(
        listed(store, newest.clone()).await,
        ["c", "d", "ä", "b", "a"]
    );
    let mut twin = row("b");
    twin.key.workspace = workspace("other");
    store.commit(put(10, [twin])).await.expect("commit");
    let all = Query {
        workspace: None,
        ..newest
    };
    assert_eq!(listed(store, all).await, ["c", "d", "ä", "b", "b", "a"]);
}
