//! What a server can suffer, and several stores on one database.

use crate::support::{key, postgres, put, row, world};
use contracts::store::wrappers::{Patience, Retry};
use contracts::store::{Claim, Commit, NewEvent, Store as StoreSeam, StoreError};
use domain::audit::{Actor, Event};
use domain::{Span, Timestamp};
use futures::future::join_all;
use std::collections::BTreeSet;
use std::time::Duration;
use testing_postgres::{Database, Server};
use tradewind_store::Store;

async fn refused(url: &str) -> StoreError {
    Store::open(url, &world()).await.unwrap_err()
}

fn with_event(id: &str) -> Commit {
    let mut commit = put(1, [row(id)]);
    commit.events.push(NewEvent {
        key: key(id),
        action: "created".to_owned(),
        actor: Actor::System,
        detail: serde_json::json!({}),
    });
    commit
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_urls_say_what_to_correct() {
    let database = Database::fresh().await;
    let url = database.url();
    let (_, after) = url.split_once('@').unwrap();
    let role = testing_postgres::GUARDED;
    database
        .execute(&format!("DROP ROLE IF EXISTS {role}"))
        .await;
    database
        .execute(&format!("CREATE ROLE {role} LOGIN PASSWORD 'right'"))
        .await;
    let name = after.split(['/', '?']).nth(1).unwrap();
    for (wrong, word) in [
        (
            format!("postgres://{role}:wrong-secret@{after}"),
            "password",
        ),
        (url.replace(name, "no_such_database"), "createdb"),
        (
            "postgres://u:secret@127.0.0.1:1/d".to_owned(),
            "host and port",
        ),
        (
            "postgres://u:secret@localhost/d?host=%2Fnowhere".to_owned(),
            "host and port",
        ),
    ] {
        let error = refused(&wrong).await;
        let text = error.to_string();
        assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
        assert!(text.contains(word) && !text.contains("secret"), "{text}");
    }
    for wrong in [
        "postgres://u:secret@host:port/d",
        "postgres://u:secret@h/d?sslmode=maybe",
    ] {
        let error = refused(wrong).await;
        assert!(matches!(error, StoreError::Invalid(_)), "{error:?}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn newer_and_foreign_databases_are_refused() {
    let (store, database) = postgres().await;
    drop(store);
    database
        .execute("INSERT INTO schema_version VALUES (99, 'from the future', 5)")
        .await;
    let error = refused(database.url()).await;
    assert!(
        matches!(&error, StoreError::Incompatible(text)
        if text.contains("newer version") && text.contains("99")),
        "{error:?}"
    );
    let foreign = Database::fresh().await;
    foreign.execute("CREATE TABLE event (name TEXT)").await;
    let error = refused(foreign.url()).await;
    assert!(matches!(&error, StoreError::Incompatible(text) if text.contains("another program")));
    foreign.execute("DROP TABLE event").await;
    Store::open(foreign.url(), &world())
        .await
        .expect("nothing was left half-made");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_may_not_write_is_told_so() {
    let database = Database::fresh().await;
    let role = format!("reader_{}", std::process::id());
    database
        .execute(&format!("CREATE ROLE {role} LOGIN PASSWORD 'p'"))
        .await;
    let (_, after) = database.url().split_once('@').unwrap();
    let error = refused(&format!("postgres://{role}:p@{after}")).await;
    assert!(
        matches!(&error, StoreError::Full(text) if text.contains("owner")),
        "{error:?}"
    );
    database.execute(&format!("DROP ROLE {role}")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_servers_may_start_at_once() {
    let database = Database::fresh().await;
    let opened =
        join_all((0..6).map(|_| async { Store::open(database.url(), &world()).await.unwrap() }))
            .await;
    for (index, store) in opened.iter().enumerate() {
        store.commit(with_event(&index.to_string())).await.unwrap();
    }
    assert_eq!(opened[0].changes(0, 100).await.unwrap().len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_wake_each_other() {
    let (one, database) = postgres().await;
    let two = Store::open(database.url(), &world()).await.unwrap();
    let begun = std::time::Instant::now();
    for round in 0..30_i64 {
        let wait = async {
            while two.changes(round, 1).await.unwrap().is_empty() {
                two.changed_since(round).await;
            }
        };
        let id = round.to_string();
        let ((), sequence) = tokio::join!(wait, one.commit(with_event(&id)));
        assert_eq!(sequence.unwrap(), round + 1);
    }
    // Looking once a second by itself would take thirty.
    assert!(
        begun.elapsed() < Duration::from_secs(15),
        "{:?}",
        begun.elapsed()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_several_servers_have_one_order_without_gaps() {
    let (reader, database) = postgres().await;
    let mut servers = Vec::new();
    for _ in 0..3 {
        servers.push(Store::open(database.url(), &world()).await.unwrap());
    }
    let write = join_all(servers.iter().enumerate().flat_map(|(server, store)| {
        (0..4).map(move |task| async move {
            for index in 0..25 {
                store
                    .commit(with_event(&format!("{server}-{task}-{index}")))
                    .await
                    .unwrap();
            }
        })
    }));
    let read = async {
        let mut seen: Vec<Event> = Vec::new();
        while seen.len() < 3 * 4 * 25 {
            let last = seen.last().map_or(0, |event| event.sequence);
            let news = reader.changes(last, 7).await.unwrap();
            if news.is_empty() {
                reader.changed_since(last).await;
            }
            seen.extend(news);
        }
        seen
    };
    let both = async { tokio::join!(read, write) };
    let (seen, _) = tokio::time::timeout(Duration::from_mins(1), both)
        .await
        .unwrap();
    assert!(seen.is_sorted_by(|a, b| a.sequence < b.sequence));
    let ids: BTreeSet<&String> = seen.iter().map(|event| &event.id).collect();
    assert_eq!(ids.len(), seen.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_share_due_rows_without_overlap() {
    let (one, database) = postgres().await;
    let two = Store::open(database.url(), &world()).await.unwrap();
    let rows = (0..300).map(|index| row(&format!("{index:03}")));
    one.commit(put(1, rows)).await.unwrap();
    let take = |store: std::sync::Arc<Store>, owner: &'static str| async move {
        let mut mine = Vec::new();
        loop {
            let claim = Claim {
                kinds: vec!["job".to_owned()],
                ids: vec![],
                owner: owner.to_owned(),
                now: Timestamp(10),
                lease: Span(1_000),
                limit: 5,
            };
            let rows = store.claim(&claim).await.unwrap();
            if rows.is_empty() {
                return mine;
            }
            mine.extend(rows.into_iter().map(|row| row.row.key.id));
        }
    };
    let tasks = [
        take(one.clone(), "a"),
        take(two.clone(), "b"),
        take(one, "c"),
        take(two, "d"),
    ];
    let taken: Vec<String> = join_all(tasks).await.into_iter().flatten().collect();
    let different: BTreeSet<&String> = taken.iter().collect();
    assert_eq!((taken.len(), different.len()), (300, 300));
}

#[tokio::test(flavor = "multi_thread")]
async fn cut_connections_are_made_anew() {
    let (store, database) = postgres().await;
    let patient = Retry::new(store.clone(), Patience::default());
    for round in 0..5 {
        let id = round.to_string();
        store
            .commit(with_event(&id))
            .await
            .expect("the writer reconnects by itself");
        database.disconnect_everybody().await;
        assert!(patient.get(&key(&id)).await.unwrap().is_some());
        assert_eq!(patient.changes(round, 10).await.unwrap().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_of_the_server_is_told_and_outlived() {
    let server = tokio::task::spawn_blocking(Server::start).await.unwrap();
    let database = Database::on(&server).await;
    let store = Store::open(database.url(), &world()).await.unwrap();
    store.commit(with_event("before")).await.unwrap();
    server.crash();
    for error in [
        store.commit(with_event("meanwhile")).await.unwrap_err(),
        store.get(&key("before")).await.unwrap_err(),
        store
            .list(&contracts::store::Query {
                kind: "job".to_owned(),
                ..Default::default()
            })
            .await
            .unwrap_err(),
    ] {
        assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
    }
    let waiting = tokio::time::timeout(Duration::from_mins(1), store.changed_since(1));
    waiting
        .await
        .expect("a store that lost its connection completes");
    let server = tokio::task::spawn_blocking(move || {
        server.run();
        server
    })
    .await
    .unwrap();
    let patient = Retry::new(store, Patience::default());
    assert!(patient.get(&key("before")).await.unwrap().is_some());
    assert!(patient.get(&key("meanwhile")).await.unwrap().is_none());
    let mut guarded = with_event("after");
    guarded
        .expect
        .push(contracts::store::Expect::Absent(key("after")));
    assert_eq!(patient.commit(guarded).await.unwrap(), 2);
    drop(server);
}
