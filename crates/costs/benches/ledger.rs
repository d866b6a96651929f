//! The ledger's figures: a generator of FOCUS lines, ingest, and the four group-bys, one a process,
//! so that `benches/costs.py` can take CPU time and peak memory of each beside its peers.
//!
//! `ledger generate ROWS FILE`, `ledger ingest LEDGER FILE`, `ledger ask LEDGER KEYS`.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use tradewind_costs::import::{Options, import};
use tradewind_costs::query::{Key, Metric, Question};
use tradewind_costs::{Ledger, instant};

/// The allocator of the program whose figures these are.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Failed = Box<dyn std::error::Error>;

fn main() -> Result<(), Failed> {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["generate", rows, file] => generate(rows.parse()?, Path::new(file)),
        ["ingest", ledger, file] => ingest(Path::new(ledger), Path::new(file)),
        ["ask", ledger, keys] => ask(Path::new(ledger), keys),
        _ => {
            let mut out = std::io::stdout();
            writeln!(
                out,
                "run `python3 benches/costs.py` for the ledger's figures"
            )?;
            Ok(())
        }
    }
}

/// Lehmer's generator: the same lines on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0 * 48_271 % 2_147_483_647;
        self.0 % most
    }
}

const HEADER: &str = "BillingAccountId,BillingAccountName,BillingCurrency,BillingPeriodStart,\
    BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,ChargeDescription,\
    ProviderName,ServiceCategory,ServiceName,RegionId,ResourceId,SubAccountId,SkuId,\
    PricingCategory,BilledCost,EffectiveCost,ListCost,ConsumedQuantity,Tags";

fn generate(rows: u64, file: &Path) -> Result<(), Failed> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(file)?);
    let mut dice = Dice(20_260_527);
    writeln!(out, "{HEADER}")?;
    for row in 0..rows {
        // Three months, in order, as exports have them.
        let hour = row * (91 * 24) / rows;
        let (month, day) = match hour / 24 {
            day @ 0..30 => (4, day + 1),
            day @ 30..61 => (5, day - 29),
            day => (6, day - 60),
        };
        let of_day = hour % 24;
        let (service, region, account) = (dice.below(24), dice.below(12), dice.below(60));
        let (team, env, app) = (dice.below(40), dice.below(3), dice.below(25));
        let (resource, sku, micros) = (dice.below(20_000), dice.below(900), dice.below(90_000_000));
        let (nano, quantity) = (dice.below(10_000), dice.below(100_000));
        let cost = format!("{}.{:06}{nano:04}", micros / 1_000_000, micros % 1_000_000);
        let list = format!("{}.{:06}{nano:04}", micros / 800_000, micros % 800_000);
        writeln!(
            out,
            "100000000001,Example,USD,2026-{month:02}-01T00:00:00Z,2026-{next:02}-01T00:00:00Z,\
             2026-{month:02}-{day:02}T{of_day:02}:00:00Z,2026-{month:02}-{day:02}T{of_day:02}:59:59Z,\
             Usage,hour of sku {sku} in region {region},AWS,Compute,service-{service:02},\
             region-{region:02},arn:aws:x:{region}:{account}:resource/{resource:06},{account:012},\
             SKU{sku:06},Standard,{cost},{cost},{list},{quantity}.5,\
             \"{{\"\"team\"\": \"\"team-{team:02}\"\", \"\"env\"\": \"\"env-{env}\"\", \
             \"\"app\"\": \"\"app-{app:02}\"\"}}\"",
            next = month + 1,
        )?;
    }
    out.flush()?;
    Ok(())
}

struct Fixed;

impl contracts::world::Clock for Fixed {
    fn now(&self) -> domain::Timestamp {
        domain::Timestamp(0)
    }
}

impl contracts::world::Entropy for Fixed {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(0);
    }
}

fn ingest(folder: &Path, file: &Path) -> Result<(), Failed> {
    let world = contracts::world::World {
        clock: Arc::new(Fixed),
        entropy: Arc::new(Fixed),
    };
    let ledger = Ledger::open(folder)?;
    let report = import(&ledger, &[file.to_owned()], &Options::default(), &world)?;
    let (lines, put_aside) = (report.files[0].lines, report.files[0].quarantined);
    writeln!(std::io::stdout(), "{lines} lines, {put_aside} put aside")?;
    Ok(())
}

fn ask(folder: &Path, keys: &str) -> Result<(), Failed> {
    let by: Result<Vec<Key>, _> = keys.split(',').map(Key::parse).collect();
    let answer = Ledger::open(folder)?.ask(&Question {
        by: by?,
        metrics: vec![Metric::Effective],
        from: instant::read("2026-01-01"),
        ..Question::default()
    })?;
    let total = answer
        .totals
        .first()
        .map(|total| total.values[0].to_string());
    writeln!(
        std::io::stdout(),
        "{} groups, {}",
        answer.groups.len(),
        total.unwrap_or_default()
    )?;
    Ok(())
}
