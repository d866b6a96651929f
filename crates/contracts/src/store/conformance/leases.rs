//! Leases: who works on which row.

use super::{claim, due, expecting, ids, key, put};
use crate::store::{Claim, Expect, NewRow, Row, Store};
use domain::Timestamp;

pub(super) async fn claimed(store: &dyn Store, claim: Claim) -> Vec<String> {
    let rows: Vec<Row> = store.claim(&claim).await.expect("claim");
    ids(&rows).into_iter().map(ToOwned::to_owned).collect()
}

/// Only what is due, of the asked kinds, the longest due first, at most so many; the rows come
/// Hints are claimed though not due, but only they, only of the asked kinds, only when nobody
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
