//! What tests of rules share: lines of usage, and what a rule found in them.

use crate::support::Fixture;
use domain::Money;
use domain::Timestamp;
use domain::day::Day;
use domain::offer::{Architecture, Exactness, Machine as Kind, Offer, OfferTable, Source};
use tradewind_costs::rules::{Advice, Context, Policy, advise};
use tradewind_costs::{Amount, instant};

pub fn amount(text: &str) -> Amount {
    text.parse().unwrap()
}

pub fn at(text: &str) -> Timestamp {
    instant::read(text).unwrap()
}

pub fn context<'a>(fixture: &'a Fixture, offers: Option<&'a OfferTable>) -> Context<'a> {
    Context {
        ledger: &fixture.ledger,
        machines: &[],
        offers,
        discounts: &[],
        policy: Policy::Percentile,
        now: at("2026-06-29T00:00:00Z"),
        days: 28,
    }
}

pub fn found(context: &Context<'_>, rule: &str) -> Vec<Advice> {
    let all = advise(context).unwrap();
    let finding = all
        .into_iter()
        .find(|finding| finding.rule == rule)
        .unwrap();
    assert!(finding.silent.is_none(), "{finding:?}");
    finding.advice
}

pub const HEAD: &str = "BilledCost,BillingCurrency,ChargePeriodStart,ChargeCategory,PricingCategory,\
    ServiceCategory,ServiceName,SubAccountId,AvailabilityZone,RegionId,ResourceId,ResourceType,\
    SkuMeter,ConsumedQuantity,ConsumedUnit,Tags\n";

/// A line of usage: day, hour, cost, zone, resource, type, meter, quantity, unit.
#[expect(clippy::too_many_arguments, reason = "a line has as many cells")]
pub fn line(
    csv: &mut String,
    (day, hour): (u32, u32),
    cost: &str,
    category: &str,
    zone: &str,
    resource: &str,
    kind: &str,
    meter: &str,
    quantity: &str,
) {
    csv.push_str(&format!(
        "{cost},USD,2026-06-{day:02}T{hour:02}:00:00Z,Usage,Standard,{category},EC2,1,{zone},us-east-1,\
         {resource},{kind},{meter},{quantity},Hours,\n"
    ));
}

/// Machines of one region; `m5.large` also for a year, a quarter cheaper.
pub fn catalog() -> OfferTable {
    let mut builder = OfferTable::builder();
    let source = builder
        .source(Source {
            name: "test".into(),
            note: "made for a test".into(),
            as_of: Day::from_days(20_000),
            exactness: Exactness::Exact,
        })
        .unwrap();
    for (provider, name, cpus, gib, micros, architecture) in [
        ("aws", "m5.2xlarge", 8, 32, 384_000, Architecture::X86_64),
        ("aws", "r5.large", 2, 16, 126_000, Architecture::X86_64),
        ("aws", "r5.xlarge", 4, 32, 252_000, Architecture::X86_64),
        ("aws", "r6g.xlarge", 4, 32, 201_600, Architecture::Arm64),
        ("aws", "m5.large", 2, 8, 96_000, Architecture::X86_64),
        (
            "google",
            "n2-standard-8",
            8,
            32,
            300_000,
            Architecture::X86_64,
        ),
    ] {
        let year = (name == "m5.large").then(|| Money::micros(micros * 3 / 4));
        builder.push(Offer {
            machine: Kind {
                provider: provider.into(),
                name: name.into(),
                vcpus_milli: cpus * 1_000,
                memory_bytes: gib << 30,
                architecture,
                accelerator: None,
            },
            region: "us-east-1".into(),
            zone: "".into(),
            prices: [Some(Money::micros(micros)), None, year, None],
            sources: [source; 4],
            interruption_percent: None,
        });
    }
    builder.build().unwrap()
}
