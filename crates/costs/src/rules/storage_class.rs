//! Objects that nobody reads and that are kept at the price of those which are read.

use super::{Advice, Apply, Confidence, Context, Rule, is, quoted};
use crate::Error;
use crate::amount::Amount;
use crate::query::Key;
use std::collections::BTreeMap;

/// Infrequent access costs this part of standard storage: 0.0125 of 0.023 dollars a GB-month at
/// AWS (aws.amazon.com/s3/pricing, us-east-1); the other clouds' cool classes are alike.
const COOL: (i128, i128) = (125, 230);
/// A bucket is read when reading costs this per cent of keeping.
const READ: i128 = 2;

pub(super) struct StorageClass;

impl Rule for StorageClass {
    fn name(&self) -> &'static str {
        "storage-class"
    }

    fn inputs(&self) -> &'static str {
        "storage lines by resource and meter (`TimedStorage`, `Requests`, retrieval, transfer)"
    }

    fn look(&self, context: &Context<'_>) -> Result<Result<Vec<Advice>, String>, Error> {
        let filters = vec![is("category", &["Storage"])?, is("charge", &["Usage"])?];
        let by = vec![Key::parse("resource")?, Key::parse("SkuMeter")?];
        let answer = context.ledger.ask(&context.question(by, filters))?;
        let mut buckets: BTreeMap<(String, String), (Amount, Amount)> = BTreeMap::new();
        for group in &answer.groups {
            let (Some(resource), Some(meter)) = (&group.keys[0], &group.keys[1]) else {
                continue;
            };
            let bucket = buckets
                .entry((resource.clone(), group.currency.clone()))
                .or_default();
            match kind(meter) {
                Meter::Standard => bucket.0 += group.values[0],
                Meter::Read => bucket.1 += group.values[0],
                Meter::Other => {}
            }
        }
        buckets.retain(|_, (kept, _)| *kept > Amount::ZERO);
        if buckets.is_empty() {
            let why = "no line is of standard object storage by resource and meter";
            return Ok(Err(why.to_owned()));
        }
        buckets.retain(|_, (kept, read)| *read < kept.part(READ, 100));
        let advice = buckets.into_iter().map(|((subject, currency), (kept, read))| Advice {
            rule: "storage-class",
            change: "move objects that are older than 30 days to infrequent access".to_owned(),
            evidence: vec![format!(
                "keeping cost {} {currency} and reading {} in {} days",
                kept.for_people(),
                read.for_people(),
                context.days
            )],
            saving_per_month: Some(context.per_month(kept - kept.part(COOL.0, COOL.1))),
            currency,
            confidence: Confidence::Low,
            risk: "reading costs by the gigabyte there, 30 days are the least that is charged, and \
                   small objects count as 128 KiB"
                .to_owned(),
            undo: "remove the rule and copy the objects back".to_owned(),
            apply: Apply::Owner {
                command: format!(
                    "aws s3api put-bucket-lifecycle-configuration --bucket {} \
                     --lifecycle-configuration '{{\"Rules\":[{{\"ID\":\"cool\",\"Status\":\"Enabled\",\
                     \"Filter\":{{}},\"Transitions\":[{{\"Days\":30,\"StorageClass\":\"STANDARD_IA\"}}]}}]}}'",
                    quoted(subject.rsplit(':').next().unwrap_or(&subject))
                ),
            },
            subject,
        });
        Ok(Ok(advice.collect()))
    }
}

enum Meter {
    Standard,
    Read,
    Other,
}

fn kind(meter: &str) -> Meter {
    let has = |word: &str| meter.contains(word);
    if has("TimedStorage-ByteHrs") || has("Standard Storage") || has("Hot LRS Data Stored") {
        Meter::Standard
    } else if has("Requests-Tier2")
        || has("Retrieval")
        || has("DataTransfer-Out")
        || has("Read Operations")
    {
        Meter::Read
    } else {
        Meter::Other
    }
}
