//! An import that is killed in the middle leaves the ledger as it was or as it shall be, and the
//! same command again ends well.

use crate::support::{Fixture, focus, world};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tradewind_costs::Ledger;
use tradewind_costs::import::{Options, import};

const FOLDER: &str = "TRADEWIND_TEST_LEDGER";
const FILE: &str = "TRADEWIND_TEST_BILL";

/// Not a test of its own: what the process that is killed does.
#[test]
fn import_in_a_process_of_its_own() {
    let (Ok(folder), Ok(file)) = (std::env::var(FOLDER), std::env::var(FILE)) else {
        return;
    };
    let ledger = Ledger::open(&PathBuf::from(folder)).unwrap();
    import(
        &ledger,
        &[PathBuf::from(file)],
        &Options::default(),
        &world(),
    )
    .unwrap();
}

fn start(fixture: &Fixture, file: &Path) -> std::process::Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::import_in_a_process_of_its_own"])
        .env(FOLDER, fixture.ledger.folder())
        .env(FILE, file)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn bill(lines: usize) -> String {
    let tags: Vec<String> = (0..40).map(|n| format!(r#"{{"team":"t{n}"}}"#)).collect();
    let lines: Vec<_> = (0..lines)
        .map(|n| ("EC2", n as u32 % 28 + 1, "0.25", tags[n % 40].as_str()))
        .collect();
    focus(&lines)
}

#[test]
fn a_killed_import_changed_all_or_nothing_and_can_be_done_again() {
    let fixture = Fixture::new();
    fixture
        .import(&fixture.file("old.csv", focus(&[("S3", 1, "1", "")])))
        .unwrap();
    let old = fixture.total();
    let file = fixture.file("new.csv", bill(60_000));
    // How long a whole one takes, in a ledger of its own.
    let other = Fixture::new();
    let begin = Instant::now();
    assert!(start(&other, &file).wait().unwrap().success());
    let whole = begin.elapsed();
    let mut killed = 0;
    for step in 0..16 {
        let mut child = start(&fixture, &file);
        let until = Instant::now() + whole * step / 15;
        while Instant::now() < until {
            if child.try_wait().unwrap().is_some() {
                break;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        child.kill().unwrap();
        killed += usize::from(!child.wait().unwrap().success());
        let ledger = Ledger::open(fixture.ledger.folder()).unwrap();
        let files = ledger.manifest().unwrap().deliveries.len();
        let expected = if files == 1 {
            old.as_str()
        } else {
            "15000/15000 USD"
        };
        assert_eq!(fixture.total(), expected, "after {step} fifteenths");
        if files == 2 {
            break;
        }
    }
    assert!(killed > 0, "no import was caught in the middle");
    fixture.import(&file).unwrap();
    assert_eq!(fixture.total(), "15000/15000 USD");
    // What killed imports left is gone: one segment now, and the one before, which readers may hold.
    assert!(fixture.segments() <= 2, "{}", fixture.segments());
}
