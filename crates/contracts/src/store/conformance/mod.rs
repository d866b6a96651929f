//! What every [`super::Store`] must do, as functions that any implementation is run against. Each
//! wants a store to itself and panics with what was wrong. [`crate::store_conformance`] makes a
//! test of each.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "these are tests that other crates run; they fail by panicking"
)]

mod answers;
mod claims;
mod commits;
mod events;
mod leases;
mod lists;
mod model;
mod pages;
mod rows;

pub use answers::*;
pub use claims::*;
pub use commits::*;
pub use events::*;
pub use leases::*;
pub use lists::*;
pub use model::*;
pub use pages::*;
pub use rows::*;

use super::{Claim, Commit, Expect, Key, NewEvent, NewRow, Query};
use domain::audit::Actor;
use domain::{Span, Timestamp, Workspace};
use serde_json::json;
use std::collections::BTreeMap;

/// Makes one test of each conformance function. The expression gives a fresh store (an `Arc<dyn
/// Store>` or the like) and whatever must live as long; it may await.
#[macro_export]
macro_rules! store_conformance {
    ($open:expr) => {
        $crate::store_conformance! { $open =>
            absent_rows_are_none rows_come_back_as_written revisions_count_writes
            replacing_leaves_nothing_of_the_old_row deleting_leaves_nothing
            kinds_and_workspaces_are_apart strange_ids_are_kept
            expectations_guard_commits failed_commits_change_nothing
            commits_take_the_callers_time broken_rules_are_refused
            large_commits_are_whole passing_commits_are_seen_at_once one_of_many_rivals_wins counters_lose_no_increment
            lists_go_by_bytes lists_filter_by_parent_and_phase lists_filter_by_labels
            prefixes_are_bytes_not_patterns lists_skip_to_an_id lists_go_newest_first
            pages_have_limits pages_cover_everything_once pages_bear_changes_between_them
            page_tokens_are_checked lists_agree_with_a_plain_model
            events_come_back_in_order events_have_no_gap_under_concurrency waiting_ends_with_news
            answers_are_remembered answers_expire
            claims_take_what_is_due claims_of_hints_need_not_be_due leases_keep_others_out
            leases_end_by_time leases_end_by_writes leases_are_given_back
            lost_leases_cannot_be_given_back two_owners_never_hold_one_row
        }
    };
    ($open:expr => $($check:ident)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $check() {
                let (store, _alive) = $open;
                $crate::store::conformance::$check(&*store).await;
            }
        )*
    };
}

/// A scope by its name.
fn workspace(name: &str) -> Workspace {
    Workspace::new(name).expect("a workspace's name")
}

/// A job's address in the default workspace.
fn key(id: &str) -> Key {
    Key::new("job", &Workspace::default(), id)
}

/// A plain row.
fn row(id: &str) -> NewRow {
    NewRow {
        key: key(id),
        parent: None,
        phase: "queued".to_owned(),
        labels: BTreeMap::new(),
        due: None,
        body: json!({ "id": id }).into(),
    }
}

fn due(id: &str, due: i64) -> NewRow {
    NewRow {
        due: Some(Timestamp(due)),
        ..row(id)
    }
}

fn labels(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    pairs.iter().map(own).collect()
}

/// A commit at a time.
fn at(now: i64) -> Commit {
    Commit {
        now: Timestamp(now),
        ..Commit::default()
    }
}

fn put(now: i64, rows: impl IntoIterator<Item = NewRow>) -> Commit {
    Commit {
        put: rows.into_iter().collect(),
        ..at(now)
    }
}

fn delete(now: i64, keys: impl IntoIterator<Item = Key>) -> Commit {
    Commit {
        delete: keys.into_iter().collect(),
        ..at(now)
    }
}

fn expecting(expect: Expect, commit: Commit) -> Commit {
    Commit {
        expect: vec![expect],
        ..commit
    }
}

fn event(id: &str, action: &str) -> NewEvent {
    NewEvent {
        key: key(id),
        action: action.to_owned(),
        actor: Actor::System,
        detail: json!({}),
    }
}

fn jobs() -> Query {
    Query {
        kind: "job".to_owned(),
        workspace: Some(Workspace::default()),
        ..Query::default()
    }
}

fn claim(owner: &str, now: i64) -> Claim {
    Claim {
        kinds: vec!["job".to_owned()],
        ids: Vec::new(),
        owner: owner.to_owned(),
        now: Timestamp(now),
        lease: Span(1_000),
        limit: 100,
    }
}

/// The ids of rows in their order.
fn ids(rows: &[super::Row]) -> Vec<&str> {
    rows.iter().map(|row| row.row.key.id.as_str()).collect()
}
