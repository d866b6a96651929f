//! Claims: which rows are leased to whom.

use super::{claim, due, ids, key, leases::claimed, put, row, workspace};
use crate::store::{Claim, Key, Store, StoreError};
use domain::{Span, Timestamp};
use futures::future::join_all;
use std::collections::HashMap;

/// as they are and are not changed.
pub async fn claims_take_what_is_due(store: &dyn Store) {
    let mut run = due("run", 1);
    "run".clone_into(&mut run.key.kind);
    let mut elsewhere = due("elsewhere", 25);
    elsewhere.key.workspace = workspace("other");
    let rows = [
        due("c", 30),
        due("a", 40),
        due("b", 20),
        due("later", 51),
        row("never"),
        run,
    ];
    store.commit(put(5, rows)).await.expect("commit");
    store.commit(put(6, [elsewhere])).await.expect("commit");
    let first = store
        .claim(&Claim {
            limit: 3,
            ..claim("me", 50)
        })
        .await
        .expect("claim");
    assert_eq!(ids(&first), ["b", "elsewhere", "c"]);
    assert_eq!(
        Some(&first[0]),
        store.get(&key("b")).await.expect("get").as_ref()
    );
    assert_eq!((first[0].revision, first[0].updated), (1, Timestamp(5)));
    assert_eq!(
        claimed(
            store,
            Claim {
                limit: 0,
                ..claim("me", 50)
            }
        )
        .await,
        [""; 0]
    );
    assert_eq!(claimed(store, claim("me", 50)).await, ["a"]);
    assert_eq!(claimed(store, claim("me", 51)).await, ["later"]);
    let kinds = vec!["model".to_owned(), "run".to_owned()];
    assert_eq!(
        claimed(
            store,
            Claim {
                kinds,
                ..claim("me", 50)
            }
        )
        .await,
        ["run"]
    );
    store
        .commit(put(60, [due("z", 1), due("y", 1)]))
        .await
        .expect("commit");
    let any = Claim {
        kinds: Vec::new(),
        ..claim("me", 60)
    };
    assert_eq!(
        claimed(store, any).await,
        ["y", "z"],
        "no kinds are all kinds"
    );
    for bad in [
        Claim {
            lease: Span(0),
            ..claim("me", 1)
        },
        claim("", 1),
        claim("\0", 1),
    ] {
        assert!(
            matches!(store.claim(&bad).await, Err(StoreError::Invalid(_))),
            "{bad:?}"
        );
    }
}

/// holds them, and only once.
pub async fn claims_of_hints_need_not_be_due(store: &dyn Store) {
    let mut run = row("run");
    "run".clone_into(&mut run.key.kind);
    let rows = [
        due("due", 1),
        due("later", 99),
        row("never"),
        due("held", 1),
        run,
    ];
    store.commit(put(5, rows)).await.expect("commit");
    let hints = |ids: &[&str]| ids.iter().map(|id| key(id)).collect::<Vec<Key>>();
    let held = Claim {
        ids: hints(&["held"]),
        ..claim("other", 10)
    };
    assert_eq!(claimed(store, held).await, ["held"]);
    let mut wanted = hints(&["never", "later", "held", "absent", "later"]);
    wanted.push(Key::new("run", &workspace("default"), "run"));
    wanted.push(Key::new("job", &workspace("other"), "due"));
    let hinted = Claim {
        ids: wanted.clone(),
        ..claim("me", 10)
    };
    assert_eq!(claimed(store, hinted.clone()).await, ["later", "never"]);
    assert_eq!(claimed(store, hinted).await, [""; 0]);
    let limited = Claim {
        ids: wanted,
        limit: 1,
        ..claim("me", 5_000)
    };
    assert_eq!(claimed(store, limited).await.len(), 1);
    assert_eq!(claimed(store, claim("me", 10)).await, ["due"]);
    let many: Vec<String> = (0..150).map(|index| format!("many-{index:03}")).collect();
    store
        .commit(put(6, many.iter().map(|id| row(id))))
        .await
        .expect("commit");
    let all = Claim {
        ids: many.iter().map(|id| key(id)).collect(),
        limit: 120,
        ..claim("me", 10)
    };
    assert_eq!(claimed(store, all.clone()).await.len(), 120);
    assert_eq!(claimed(store, all).await.len(), 30);
}

/// Many owners claiming at once in small bites get every row exactly once.
pub async fn two_owners_never_hold_one_row(store: &dyn Store) {
    const ROWS: usize = 200;
    let rows = (0..ROWS).map(|index| due(&format!("{index:03}"), index as i64));
    store.commit(put(5, rows)).await.expect("commit");
    let mut held: HashMap<String, usize> = HashMap::new();
    for _ in 0..ROWS {
        let claims = (0..8).map(|owner| async move {
            let bite = Claim {
                limit: 7,
                ..claim(&format!("owner-{owner}"), 1_000)
            };
            claimed(store, bite).await
        });
        let taken: Vec<String> = join_all(claims).await.into_iter().flatten().collect();
        let none = taken.is_empty();
        for id in taken {
            *held.entry(id).or_default() += 1;
        }
        if none {
            break;
        }
    }
    assert_eq!(held.len(), ROWS, "every row was claimed");
    assert!(held.values().all(|times| *times == 1), "{held:?}");
}
