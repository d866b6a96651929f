//! Measures how long the embedded catalog takes to load: `cargo run --release --example load_time`.

use std::time::Instant;

use tradewind_catalog::Catalog;

#[expect(
    clippy::print_stdout,
    reason = "a measurement for the person who asked for it"
)]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut times = Vec::new();
    for _ in 0..21 {
        let start = Instant::now();
        let catalog = Catalog::embedded()?;
        times.push(start.elapsed());
        assert!(!catalog.offers().is_empty());
    }
    let first = times[0];
    times.sort();
    println!(
        "first {first:?}, median {:?}, worst {:?}",
        times[10], times[20]
    );
    Ok(())
}
