//! `DescribeSpotPriceHistory`: the spot prices of the catalog, each at the day for which it holds.
//! The catalog has one price of each offer, so that the history has one point.

use crate::ec2::fault::value;
use crate::ec2::filter::{self, passes};
use crate::ec2::offers::{of_region, table};
use crate::ec2::reading::{page, text, texts, time, unless_dry};
use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::time::iso;
use domain::Timestamp;
use domain::offer::Purchase;
use serde_json::{Value, json};

/// Whose prices the catalog has.
const PRODUCT: &str = "Linux/UNIX";
const DAY: i64 = 86_400_000;

pub(crate) struct DescribeSpotPriceHistory;

impl Operation for DescribeSpotPriceHistory {
    const NAME: &'static str = "DescribeSpotPriceHistory";
    type Input = Value;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Value) -> Result<Value, Fault> {
        let filters = filter::read(&input)?;
        let kinds = texts(&input, "InstanceType")?;
        let products = texts(&input, "ProductDescription")?;
        let zone = text(&input, "AvailabilityZone");
        let (from, to) = (time(&input, "StartTime")?, time(&input, "EndTime")?);
        if from.is_some_and(|from| to.is_some_and(|to| to < from)) {
            return Err(value("The end time is before the start time"));
        }
        unless_dry(&input)?;
        let table = table(call)?;
        let mut prices = Vec::new();
        for offer in of_region(&table, call.region) {
            let (kind, place) = (offer.machine().name.to_string(), offer.zone());
            if !kinds.is_empty() && !kinds.contains(&kind.as_str())
                || zone.is_some_and(|zone| !place.is_empty() && zone != place)
                || !products.is_empty() && !products.iter().any(|name| name.starts_with(PRODUCT))
            {
                continue;
            }
            let Some(quote) = offer.price(Purchase::Spot) else {
                continue;
            };
            let day = table
                .source(quote.source)
                .map_or(0, |source| source.as_of.days());
            let at = Timestamp(i64::from(day) * DAY);
            // The price that held when the span began belongs to it, as EC2 gives it.
            if to.is_some_and(|to| at > to) {
                continue;
            }
            let place = if place.is_empty() {
                zone.unwrap_or(call.region)
            } else {
                place
            };
            let price = dollars(quote.per_hour.micros);
            let facet = |name: &str| {
                let one = match name {
                    "instance-type" => kind.clone(),
                    "availability-zone" => place.to_owned(),
                    "product-description" => PRODUCT.to_owned(),
                    "spot-price" => price.clone(),
                    "timestamp" => iso(at),
                    _ => return None,
                };
                Some(vec![one])
            };
            if passes(&filters, facet)? {
                prices.push(json!({
                    "availabilityZone": place,
                    "instanceType": kind,
                    "productDescription": PRODUCT,
                    "spotPrice": price,
                    "timestamp": iso(at),
                }));
            }
        }
        let (prices, next) = page(&input, prices, (1, 1_000))?;
        let next = next.unwrap_or_default();
        Ok(json!({"spotPriceHistorySet": prices, "nextToken": next}))
    }
}

/// Dollars with six places, as EC2 writes them.
fn dollars(micros: i64) -> String {
    format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}
