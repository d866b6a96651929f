//! Ledgers and bills for tests.

use contracts::world::{Clock, Entropy, World};
use domain::Timestamp;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;
use tradewind_costs::Ledger;
use tradewind_costs::import::{Options, Report, import};
use tradewind_costs::query::{Answer, Key, Question};

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        tradewind_costs::instant::read("2026-07-01T00:00:00Z").unwrap()
    }
}

impl Entropy for Fixed {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(7);
    }
}

pub fn world() -> World {
    World {
        clock: Arc::new(Fixed),
        entropy: Arc::new(Fixed),
    }
}

/// A ledger in a folder of its own, with a place for files beside it.
pub struct Fixture {
    pub folder: TempDir,
    pub ledger: Ledger,
}

impl Fixture {
    pub fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let ledger = Ledger::open(&folder.path().join("ledger")).unwrap();
        Self { folder, ledger }
    }

    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    pub fn import(&self, file: &PathBuf) -> Result<Report, tradewind_costs::Error> {
        self.import_with(file, &Options::default())
    }

    pub fn import_with(
        &self,
        file: &PathBuf,
        options: &Options,
    ) -> Result<Report, tradewind_costs::Error> {
        import(&self.ledger, std::slice::from_ref(file), options, &world())
    }

    pub fn by(&self, keys: &str) -> Answer {
        let by = keys.split(',').filter(|key| !key.is_empty());
        let question = Question {
            by: by.map(|key| Key::parse(key).unwrap()).collect(),
            ..Question::default()
        };
        self.ledger.ask(&question).unwrap()
    }

    /// Billed and effective sum of everything, as `billed/effective CODE`.
    pub fn total(&self) -> String {
        let totals = self.by("").totals;
        let text = totals
            .iter()
            .map(|t| format!("{}/{} {}", t.values[0], t.values[1], t.currency));
        text.collect::<Vec<_>>().join(", ")
    }

    /// Files of segments on the disk.
    pub fn segments(&self) -> usize {
        fs::read_dir(self.ledger.folder().join("segments"))
            .unwrap()
            .count()
    }
}

/// `group = first value` of every group, in order.
pub fn groups(answer: &Answer) -> Vec<String> {
    let group = |group: &tradewind_costs::query::Group| {
        let keys = group.keys.iter().map(|key| key.as_deref().unwrap_or("–"));
        format!(
            "{} = {}",
            keys.collect::<Vec<_>>().join(", "),
            group.values[0]
        )
    };
    answer.groups.iter().map(group).collect()
}

/// Lines of a FOCUS bill: service, day of June 2026, cost, JSON of tags.
pub fn focus(lines: &[(&str, u32, &str, &str)]) -> String {
    let mut csv = "BilledCost,EffectiveCost,ListCost,ContractedCost,BillingAccountId,\
                   BillingCurrency,BillingPeriodStart,BillingPeriodEnd,ChargePeriodStart,\
                   ChargePeriodEnd,ChargeCategory,ProviderName,ServiceName,RegionId,Tags\n"
        .to_owned();
    for (service, day, cost, tags) in lines {
        let tags = tags.replace('"', "\"\"");
        csv.push_str(&format!(
            "{cost},{cost},{cost},{cost},1234,USD,2026-06-01T00:00:00Z,2026-07-01T00:00:00Z,\
             2026-06-{day:02}T00:00:00Z,2026-06-{day:02}T01:00:00Z,Usage,AWS,{service},us-east-1,\
             \"{tags}\"\n"
        ));
    }
    csv
}
