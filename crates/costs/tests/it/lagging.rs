//! Bills that end on different days.

use crate::support::{Fixture, focus};
use domain::day::Day;
use tradewind_costs::instant;

fn day(text: &str) -> Day {
    Day::from_unix_millis(instant::read(text).unwrap().0)
}

/// Lines of a dollar, or of a cent, on days of June.
fn bill(provider: &str, cost: &str, days: impl Iterator<Item = u32>) -> String {
    let lines: Vec<_> = days.map(|day| ("S3", day, cost, "")).collect();
    focus(&lines).replace("AWS", provider)
}

#[test]
fn what_is_known_ends_with_the_bill_that_is_furthest_behind() {
    let fixture = Fixture::new();
    let today = day("2026-06-29");
    assert_eq!(fixture.ledger.known_until(today).unwrap(), today);
    let import = |name: &str, bill: String| {
        let file = fixture.file(name, bill);
        fixture.import(&file).unwrap();
    };
    import("cloud.csv", bill("AWS", "100", 1..=24));
    assert_eq!(
        fixture.ledger.known_until(today).unwrap(),
        day("2026-06-25")
    );
    // A cent a day that is metered at once does not make the cloud's last days free.
    import("own.csv", bill("Tradewind", "0.01", 1..=28));
    assert_eq!(
        fixture.ledger.known_until(today).unwrap(),
        day("2026-06-25")
    );
    // Nor does a subscription that is billed on the first of the month end what is known.
    import("subscription.csv", bill("SaaS", "900", 1..=1));
    assert_eq!(
        fixture.ledger.known_until(today).unwrap(),
        day("2026-06-25")
    );
    // Somebody who is worth less than a hundredth does not hold up the others.
    import("small.csv", bill("Small", "0.1", 1..=10));
    assert_eq!(
        fixture.ledger.known_until(today).unwrap(),
        day("2026-06-25")
    );
    assert_eq!(
        fixture.ledger.known_until(day("2026-06-20")).unwrap(),
        day("2026-06-20")
    );
}

#[test]
fn an_issuer_that_is_gone_holds_up_nobody() {
    let fixture = Fixture::new();
    let gone = bill("Gone", "100", 1..=28).replace("2026-06", "2026-03");
    fixture.import(&fixture.file("gone.csv", gone)).unwrap();
    let own = bill("AWS", "1", 1..=28);
    fixture.import(&fixture.file("cloud.csv", own)).unwrap();
    let known = fixture.ledger.known_until(day("2026-07-20")).unwrap();
    assert_eq!(known, day("2026-06-29"));
}
