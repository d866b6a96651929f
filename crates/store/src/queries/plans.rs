//! How SQLite answers the statements: from an index that fits, not by reading a table. Its
//! planner decides without statistics, so the decisions are the same for every database.

use super::{claim, list};
use crate::fault::Place;
use crate::open;
use crate::sql::Sql;
use contracts::store::{Claim, Key, Order, Query};
use domain::{Span, Timestamp, Workspace};
use sqlx::Row as _;

async fn plan(sql: Sql, on: &mut sqlx::AnyConnection) -> String {
    let text = format!("EXPLAIN QUERY PLAN {}", sql.text());
    let rows = sqlx::query(sqlx::AssertSqlSafe(text))
        .fetch_all(on)
        .await
        .unwrap();
    let steps: Vec<String> = rows.iter().map(|row| row.try_get(3).unwrap()).collect();
    steps.join("\n")
}

fn query(order: Order) -> Query {
    Query {
        kind: "job".to_owned(),
        workspace: Some(Workspace::default()),
        order,
        ..Query::default()
    }
}

fn label(order: Order) -> Query {
    Query {
        labels: [
            ("team".to_owned(), "red".to_owned()),
            ("tier".to_owned(), "1".to_owned()),
        ]
        .into(),
        ..query(order)
    }
}

#[tokio::test]
async fn every_list_has_its_index() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let mut opened = open::sqlite::open(&path, Timestamp(1)).await.unwrap();
    let parent = |order| Query {
        parent: Some("p".to_owned()),
        ..query(order)
    };
    let phases = |phases: &[&str]| Query {
        phases: phases.iter().copied().map(ToOwned::to_owned).collect(),
        ..query(Order::Newest)
    };
    let everywhere = Query {
        workspace: None,
        ..query(Order::Id)
    };
    let prefix = Query {
        prefix: Some("bucket/".to_owned()),
        after_id: Some("bucket/key".to_owned()),
        ..query(Order::Id)
    };
    for (query, index, sorted) in [
        (
            query(Order::Id),
            "autoindex_resource_1 (kind=? AND workspace=?)",
            true,
        ),
        (
            prefix,
            "autoindex_resource_1 (kind=? AND workspace=? AND id>? AND id<?)",
            true,
        ),
        (everywhere, "resource_by_id (kind=?)", true),
        (
            query(Order::Newest),
            "resource_by_creation (kind=? AND workspace=?)",
            true,
        ),
        (
            parent(Order::Id),
            "resource_by_parent (kind=? AND parent=? AND workspace=?)",
            true,
        ),
        (
            parent(Order::Newest),
            "resource_by_parent_creation (kind=? AND parent=? AND workspace=?)",
            true,
        ),
        (
            phases(&["a"]),
            "resource_by_phase (kind=? AND workspace=? AND phase=?)",
            true,
        ),
        (
            phases(&["a", "b"]),
            "resource_by_phase (kind=? AND workspace=? AND phase=?)",
            false,
        ),
        (
            label(Order::Id),
            "label_by_id (kind=? AND name=? AND value=? AND workspace=?)",
            true,
        ),
        (
            label(Order::Newest),
            "label_by_creation (kind=? AND name=? AND value=? AND workspace=?)",
            true,
        ),
    ] {
        let plan = plan(list::statement(&query, None, 101), &mut opened.writer).await;
        assert!(plan.contains(index), "{query:?}\n{plan}");
        assert!(
            !plan.contains("SCAN r") && !plan.contains("SCAN l"),
            "{query:?}\n{plan}"
        );
        assert!(
            !sorted || !plan.contains("TEMP B-TREE"),
            "{query:?}\n{plan}"
        );
    }
}

#[tokio::test]
async fn claims_read_what_is_due() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let mut opened = open::sqlite::open(&path, Timestamp(1)).await.unwrap();
    let claim = Claim {
        kinds: vec!["job".to_owned()],
        ids: vec![],
        owner: "me".to_owned(),
        now: Timestamp(1),
        lease: Span(1),
        limit: 10,
    };
    let ids = ["a", "b"].map(|id| Key::new("job", &Workspace::default(), id));
    let address = "autoindex_resource_1 (kind=? AND workspace=? AND id=?)";
    for (ids, index) in [
        (&ids[..0], "resource_by_due (kind=? AND due>? AND due<?)"),
        (&ids, address),
    ] {
        let place = Place::Sqlite(String::new());
        let statement = claim::statement(&place, &claim, ids, 10);
        let plan = plan(statement, &mut opened.writer).await;
        let lease = "autoindex_lease_1 (kind=? AND workspace=? AND id=?)";
        assert!(plan.contains(index) && plan.contains(lease), "{plan}");
        assert!(
            !plan.contains("SCAN r") && !plan.contains("SCAN l"),
            "{plan}"
        );
    }
}
