use super::*;
use contracts::store::NewRow;
use domain::{Timestamp, Workspace};

fn row(id: &str, body: Value) -> Row {
    Row {
        row: NewRow {
            key: Key::new("job", &Workspace::default(), id),
            parent: None,
            phase: "queued".to_owned(),
            labels: [].into(),
            due: None,
            body,
        },
        revision: 1,
        created: Timestamp(1),
        updated: Timestamp(1),
    }
}

fn ticket(rows: &Remembered, key: &Key) -> Ticket {
    match rows.look(key) {
        Look::Unknown(ticket) => ticket,
        Look::Found(_) | Look::Unused => panic!("the row is known"),
    }
}

fn is_known(rows: &Remembered, key: &Key) -> bool {
    matches!(rows.look(key), Look::Found(_))
}

#[test]
fn nothing_is_kept_until_it_begins() {
    let rows = Remembered::default();
    let row = row("a", Value::Null);
    assert!(matches!(rows.look(&row.row.key), Look::Unused));
    rows.begin();
    rows.keep(ticket(&rows, &row.row.key), &row);
    assert!(is_known(&rows, &row.row.key));
}

#[test]
fn what_was_read_before_or_during_a_write_is_not_kept() {
    let rows = Remembered::default();
    rows.begin();
    let row = row("a", Value::Null);
    let key = &row.row.key;
    let before = ticket(&rows, key);
    let writing = rows.writing([key].into_iter());
    let during = ticket(&rows, key);
    rows.keep(before, &row);
    assert!(!is_known(&rows, key), "while it is written");
    drop(writing);
    for old in [before, during] {
        rows.keep(old, &row);
        assert!(!is_known(&rows, key), "of before");
    }
    rows.keep(ticket(&rows, key), &row);
    assert!(is_known(&rows, key));
    drop(rows.writing([key].into_iter()));
    assert!(!is_known(&rows, key));
}

#[test]
fn what_was_known_is_known_as_it_was_written() {
    let rows = Remembered::default();
    rows.begin();
    let (known, unknown) = (row("a", Value::Null), row("b", Value::Null));
    rows.keep(ticket(&rows, &known.row.key), &known);
    let both = [&known.row.key, &unknown.row.key];
    let old = ticket(&rows, &unknown.row.key);
    let writing = rows.writing(both.into_iter());
    assert!(writing.was_known(both[0]) && !writing.was_known(both[1]));
    let changed = Row {
        revision: 2,
        ..known.clone()
    };
    writing.end(vec![changed.clone()]);
    rows.keep(old, &known);
    match rows.look(&known.row.key) {
        Look::Found(found) => assert_eq!(*found, changed),
        Look::Unknown(_) | Look::Unused => panic!("it is unknown"),
    }
}

#[test]
fn memory_is_bounded() {
    let rows = Remembered::default();
    rows.begin();
    let large = row("large", Value::String("x".repeat(LARGEST)));
    rows.keep(ticket(&rows, &large.row.key), &large);
    assert!(!is_known(&rows, &large.row.key));
    for number in 0..5_000 {
        let row = row(&number.to_string(), Value::String("x".repeat(20_000)));
        rows.keep(ticket(&rows, &row.row.key), &row);
        assert!(is_known(&rows, &row.row.key));
    }
    for index in 0..PARTS {
        let part = rows.part(index);
        let found: usize = part.rows.values().map(|row| weight(row)).sum();
        assert_eq!(part.bytes, found);
        assert!(found <= MOST);
    }
}
