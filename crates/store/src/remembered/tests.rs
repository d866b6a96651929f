use super::*;
use contracts::store::{Body, NewRow, Page, Query};
use domain::job::{Entry, Job, JobSpec};
use domain::{JobId, Timestamp, Workspace};
use serde_json::Value;
use std::io::Write as _;
use std::process::Command;

fn row(id: &str, body: Value) -> Row {
    Row {
        row: NewRow {
            key: Key::new("job", &Workspace::default(), id),
            parent: None,
            phase: "queued".to_owned(),
            labels: [].into(),
            due: None,
            body: body.into(),
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
        let found: usize = part.rows.values().map(Kept::bytes).sum();
        assert_eq!(part.bytes, found);
        assert!(found <= MOST);
    }
}

#[test]
fn what_is_read_of_a_kept_row_is_counted() {
    let rows = Remembered::default();
    rows.begin();
    let bytes = || -> usize { (0..PARTS).map(|index| rows.part(index).bytes).sum() };
    let one = row("a", Value::String("x".repeat(1_000)));
    rows.keep(ticket(&rows, &one.row.key), &one);
    let unread = bytes();
    one.row.body.shared::<String>().unwrap();
    assert!(is_known(&rows, &one.row.key));
    assert!(bytes() > unread + 1_000);
    drop(rows.writing([&one.row.key].into_iter()));
    assert_eq!(bytes(), 0);
}

/// A job as it is kept, with `number` in its texts.
fn job(number: usize) -> Job {
    let entry = Entry::Script {
        path: "train.py".to_owned(),
        arguments: vec!["--fast".to_owned()],
    };
    let mut spec = JobSpec::new(entry);
    let texts = |all: &[(&str, &str)]| {
        let all = all.iter();
        all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    };
    spec.hyperparameters = texts(&[("n_estimators", "100"), ("max_depth", "10")]);
    spec.inputs = [(
        "train".to_owned(),
        vec![format!("s3://data/{number}/train.csv")],
    )]
    .into();
    spec.outputs = vec!["report".to_owned()];
    spec.tags = texts(&[("team", "red")]);
    let id = JobId::new(format!("job-{number:08}")).unwrap();
    Job::new(id, Workspace::default(), spec, Timestamp(number as i64))
}

fn resident_bytes() -> usize {
    let text = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find(|line| line.starts_with("VmRSS:"));
    let kibibytes = line.unwrap().split_whitespace().nth(1).unwrap();
    kibibytes.parse::<usize>().unwrap() * 1024
}

const MEASURING: &str = "remembered::tests::child_that_keeps_rows";

/// In a process of its own, where nothing else takes memory.
#[test]
fn a_row_takes_as_much_memory_as_is_counted() {
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", MEASURING, "--ignored", "--nocapture"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&child.stdout);
    let line = text.lines().find_map(|line| line.split_once("measured "));
    let numbers = line.unwrap_or_else(|| panic!("{text}")).1;
    let mut numbers = numbers.split(' ').map(|one| one.parse::<usize>().unwrap());
    let (taken, counted) = (numbers.next().unwrap(), numbers.next().unwrap());
    assert!(
        taken * 5 <= counted * 6 && counted * 5 <= taken * 6,
        "{taken} bytes were taken and {counted} counted"
    );
}

#[test]
#[ignore = "the test above starts it"]
fn child_that_keeps_rows() {
    let rows = Remembered::default();
    rows.begin();
    let keep = |number: usize| {
        let mut row = row(&format!("job-{number:08}"), Value::Null);
        row.row.body = Body::of(&job(number)).unwrap();
        row.row.labels = [("team".to_owned(), "red".to_owned())].into();
        row.row.body.shared::<Job>().unwrap();
        rows.keep(ticket(&rows, &row.row.key), &row);
    };
    let counted = || -> usize { (0..PARTS).map(|index| rows.part(index).bytes).sum() };
    // What an allocator takes at first is not the rows'.
    (0..100).for_each(keep);
    let (before, counted_before) = (resident_bytes(), counted());
    // As many as fit.
    (100..1_000).for_each(keep);
    let (taken, counted) = (resident_bytes() - before, counted() - counted_before);
    writeln!(std::io::stdout(), "measured {taken} {counted}").unwrap();
}

fn page(rows: &[Row]) -> Page {
    Page {
        rows: rows.to_vec(),
        next: None,
    }
}

fn jobs() -> Query {
    Query {
        kind: "job".to_owned(),
        ..Query::default()
    }
}

fn is_current(rows: &Remembered) -> bool {
    matches!(rows.pages.look(&jobs()), pages::Look::Found(_))
}

#[test]
fn a_page_is_answered_until_its_kind_is_written() {
    let rows = Remembered::default();
    rows.begin();
    let one = row("a", Value::Null);
    rows.pages
        .keep(&jobs(), 0, &page(std::slice::from_ref(&one)), true);
    assert!(is_current(&rows));
    let run = Key::new("run", &Workspace::default(), "a");
    drop(rows.writing([&run].into_iter()));
    assert!(is_current(&rows), "another kind");
    let writing = rows.writing([&one.row.key].into_iter());
    assert!(!is_current(&rows), "while it is written");
    // What was read before the write ended is not kept as current.
    rows.pages
        .keep(&jobs(), 0, &page(std::slice::from_ref(&one)), true);
    drop(writing);
    assert!(!is_current(&rows), "after it was written");
    rows.pages
        .keep(&jobs(), 0, &page(std::slice::from_ref(&one)), true);
    assert!(!is_current(&rows), "read before the write");
    rows.pages.keep(&jobs(), 1, &page(&[one]), true);
    assert!(is_current(&rows));
}

#[test]
fn where_others_write_a_page_only_lends_its_bodies() {
    let rows = Remembered::default();
    let before = page(&[row("a", 1.into()), row("b", 1.into())]);
    rows.pages.keep(&jobs(), 0, &before, false);
    let pages::Look::Unknown(Some(before), _) = rows.pages.look(&jobs()) else {
        panic!("the page is answered as it is");
    };
    let one = before.rows[0].row.body.shared::<u32>().unwrap();
    let mut now = page(&[row("a", 1.into()), row("b", 2.into()), row("c", 1.into())]);
    pages::same_bodies(&mut now, &before);
    let bodies: Vec<u32> = now
        .rows
        .iter()
        .map(|row| row.row.body.read().unwrap())
        .collect();
    assert_eq!(bodies, [1, 2, 1]);
    assert!(Arc::ptr_eq(&one, &now.rows[0].row.body.shared().unwrap()));
}
