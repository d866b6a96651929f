//! Leases: who works on which row.

use super::{claim, due, expecting, ids, key, put, row, workspace};
use crate::store::{Claim, Expect, Key, NewRow, Row, Store, StoreError};
use domain::{Span, Timestamp};
use futures::future::join_all;
use std::collections::HashMap;

async fn claimed(store: &dyn Store, claim: Claim) -> Vec<String> {
    let rows: Vec<Row> = store.claim(&claim).await.expect("claim");
    ids(&rows).into_iter().map(ToOwned::to_owned).collect()
}

/// Only what is due, of the asked kinds, the longest due first, at most so many; the rows come
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

/// Hints are claimed though not due, but only they, only of the asked kinds, only when nobody
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

/// While a lease lives nobody gets the row, not even its owner; it can be read by all.
pub async fn leases_keep_others_out(store: &dyn Store) {
    store.commit(put(5, [due("a", 1)])).await.expect("commit");
    let before = store.get(&key("a")).await.expect("get");
    assert_eq!(claimed(store, claim("me", 10)).await, ["a"]);
    for owner in ["other", "me"] {
        assert_eq!(claimed(store, claim(owner, 11)).await, [""; 0]);
        let hint = Claim {
            ids: vec![key("a")],
            ..claim(owner, 11)
        };
        assert_eq!(claimed(store, hint).await, [""; 0]);
    }
    assert_eq!(store.get(&key("a")).await.expect("get"), before);
    assert_eq!(
        store.list(&super::jobs()).await.expect("list").rows.len(),
        1
    );
}

/// A lease lives until `now + lease` and not at that instant any more; then others get the row.
pub async fn leases_end_by_time(store: &dyn Store) {
    store.commit(put(5, [due("a", 1)])).await.expect("commit");
    assert_eq!(claimed(store, claim("me", 10)).await, ["a"]);
    assert_eq!(claimed(store, claim("other", 1_009)).await, [""; 0]);
    assert_eq!(claimed(store, claim("other", 1_010)).await, ["a"]);
    assert_eq!(
        claimed(store, claim("me", 1_011)).await,
        [""; 0],
        "the other's lease is new"
    );
}

/// A write by anybody ends the lease; a commit that fails does not.
pub async fn leases_end_by_writes(store: &dyn Store) {
    store
        .commit(put(5, [due("a", 1), due("b", 2)]))
        .await
        .expect("commit");
    assert_eq!(claimed(store, claim("me", 10)).await, ["a", "b"]);
    let stale = expecting(Expect::Absent(key("a")), put(11, [due("a", 1)]));
    assert!(store.commit(stale).await.is_err());
    assert_eq!(claimed(store, claim("other", 12)).await, [""; 0]);
    let mine = expecting(Expect::Revision(key("a"), 1), put(12, [due("a", 12)]));
    store
        .commit(mine)
        .await
        .expect("leasing changes no revision");
    assert_eq!(claimed(store, claim("other", 12)).await, ["a"]);
    store
        .commit(put(13, [due("b", 50)]))
        .await
        .expect("a write without a lease");
    assert_eq!(
        claimed(store, claim("other", 49)).await,
        [""; 0],
        "not due yet"
    );
    assert_eq!(claimed(store, claim("other", 50)).await, ["b"]);
    store
        .commit(super::delete(51, [key("b")]))
        .await
        .expect("commit");
    store.commit(put(52, [due("b", 52)])).await.expect("commit");
    assert_eq!(
        claimed(store, claim("me", 52)).await,
        ["b"],
        "a new row has no old lease"
    );
}

/// Giving back frees the row and sets when it is due, without a write: revision, time and body
/// stay.
pub async fn leases_are_given_back(store: &dyn Store) {
    let new = NewRow {
        phase: "running".to_owned(),
        ..due("a", 1)
    };
    store.commit(put(5, [new])).await.expect("commit");
    assert_eq!(claimed(store, claim("me", 10)).await, ["a"]);
    store
        .release(&key("a"), "me", Some(Timestamp(30)))
        .await
        .expect("release");
    let found = store.get(&key("a")).await.expect("get").expect("the row");
    assert_eq!((found.revision, found.updated), (1, Timestamp(5)));
    assert_eq!(
        (found.row.due, &*found.row.phase),
        (Some(Timestamp(30)), "running")
    );
    assert_eq!(claimed(store, claim("other", 29)).await, [""; 0]);
    assert_eq!(claimed(store, claim("other", 30)).await, ["a"]);
    store
        .release(&key("a"), "other", None)
        .await
        .expect("release");
    assert_eq!(
        store
            .get(&key("a"))
            .await
            .expect("get")
            .expect("the row")
            .row
            .due,
        None
    );
    assert_eq!(
        claimed(store, claim("me", 1_000_000)).await,
        [""; 0],
        "at rest"
    );
}

/// Who does not hold the lease any more changes nothing by giving it back, and is told no error.
pub async fn lost_leases_cannot_be_given_back(store: &dyn Store) {
    store.commit(put(5, [due("a", 1)])).await.expect("commit");
    let later = Some(Timestamp(9_999_999));
    store
        .release(&key("a"), "me", later)
        .await
        .expect("never held");
    store
        .release(&key("absent"), "me", later)
        .await
        .expect("never there");
    assert_eq!(claimed(store, claim("me", 10)).await, ["a"]);
    store
        .release(&key("a"), "other", later)
        .await
        .expect("somebody else's");
    assert_eq!(
        claimed(store, claim("other", 20)).await,
        [""; 0],
        "still held"
    );
    assert_eq!(
        claimed(store, claim("other", 2_000)).await,
        ["a"],
        "expired and taken over"
    );
    store
        .release(&key("a"), "me", later)
        .await
        .expect("lost by time");
    assert_eq!(
        claimed(store, claim("third", 2_001)).await,
        [""; 0],
        "still the other's"
    );
    store
        .commit(put(2_002, [due("a", 2)]))
        .await
        .expect("commit");
    store
        .release(&key("a"), "other", later)
        .await
        .expect("lost by a write");
    assert_eq!(claimed(store, claim("third", 2_003)).await, ["a"]);
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
