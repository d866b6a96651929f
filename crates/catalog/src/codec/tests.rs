use domain::Money;
use domain::day::Day;
use domain::offer::{
    Accelerator, Architecture, Exactness, Machine, Offer, OfferRef, OfferTable, Purchase, Source,
};
use proptest::prelude::*;

use super::*;
use crate::plausibility::Quarantined;
use crate::{Prices, TransferPair};

fn sample(prices: &[Option<i64>]) -> Prices {
    let mut builder = OfferTable::builder();
    let source = Source {
        name: "list".into(),
        note: "of a test".into(),
        as_of: Day::new(2026, 5, 20).unwrap(),
        exactness: Exactness::Estimated,
    };
    let source = builder.source(source).unwrap();
    for (index, &micros) in prices.iter().enumerate() {
        let machine = Machine {
            provider: if index % 3 == 0 { "a" } else { "b" }.into(),
            name: format!("type-{}", index / 5).into(),
            vcpus_milli: 1 + index as u32 / 5,
            memory_bytes: 1 << 40,
            architecture: if index % 2 == 0 {
                Architecture::Arm64
            } else {
                Architecture::X86_64
            },
            accelerator: (index % 4 == 0).then(|| Accelerator {
                model: "H100".into(),
                count_milli: 167,
                memory_bytes: 80 << 30,
            }),
        };
        builder.push(Offer {
            machine,
            region: format!("r{}", index % 7).into(),
            zone: format!("z{index}").into(),
            prices: [
                micros.map(Money::micros),
                None,
                micros.map(Money::micros),
                None,
            ],
            sources: [source; 4],
            interruption_percent: (index % 2 == 0).then_some((index % 101) as u8),
        });
    }
    let quarantined = Quarantined {
        provider: "a".into(),
        machine: "m".into(),
        accelerator: String::new(),
        region: "r".into(),
        zone: String::new(),
        purchase: Purchase::Spot,
        figure: "NaN USD".into(),
        source: "list".into(),
        rule: "figure".into(),
        reason: "`NaN` is not a number".into(),
    };
    let pair = TransferPair {
        provider: "a".into(),
        from: "r".into(),
        to: "s".into(),
        per_gigabyte: Money::micros(20_000),
        source: "list".into(),
        as_of: Day::from_days(-5),
    };
    Prices {
        offers: builder.build().unwrap(),
        quarantined: vec![quarantined],
        transfer_pairs: vec![pair],
    }
}

fn same(a: &Prices, b: &Prices) -> bool {
    a.offers
        .iter()
        .map(OfferRef::to_offer)
        .eq(b.offers.iter().map(OfferRef::to_offer))
        && a.offers.sources() == b.offers.sources()
        && a.quarantined == b.quarantined
        && a.transfer_pairs == b.transfer_pairs
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_written_is_read(prices in prop::collection::vec(
        prop::option::of(1_i64..=1_000_000_000_000), 0..60)) {
        let written = sample(&prices);
        let read = decode(&encode(&written).unwrap()).unwrap();
        prop_assert!(same(&written, &read));
    }

    /// Behind a right checksum, too, any content is read or refused, never a panic.
    #[test]
    fn no_content_panics(mut body in prop::collection::vec(any::<u8>(), 0..400), cut in 0_usize..200) {
        let good = inflate(&encode(&sample(&[Some(5), None, Some(7)])).unwrap()).unwrap();
        let mut mixed = good[..cut.min(good.len())].to_vec();
        mixed.append(&mut body);
        drop(decode(&wrap(&mixed)));
    }
}

fn wrap(body: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body).unwrap();
    let deflated = encoder.finish().unwrap();
    let mut file = MAGIC.to_vec();
    file.extend_from_slice(&(body.len() as u64).to_le_bytes());
    file.extend_from_slice(&Sha256::digest(&deflated));
    file.extend_from_slice(&deflated);
    file
}

#[test]
fn every_truncation_and_every_changed_byte_is_refused() {
    let file = encode(&sample(&[Some(1), Some(2), None, Some(4)])).unwrap();
    for length in 0..file.len() {
        assert!(decode(&file[..length]).is_err(), "{length}");
    }
    for index in 0..file.len() {
        let mut changed = file.clone();
        changed[index] ^= 0x40;
        assert!(decode(&changed).is_err(), "{index}");
    }
    let error = decode(&file[..file.len() - 1]).unwrap_err();
    assert!(
        error.to_string().contains("truncated or changed"),
        "{error}"
    );
}

#[test]
fn another_version_is_named() {
    let mut file = encode(&Prices::default()).unwrap();
    file[7] = 9;
    let error = decode(&file).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the catalog has form 9, this program reads form 1; refresh it"
    );
}

#[test]
fn a_claimed_size_is_not_believed() {
    let mut file = wrap(b"");
    file[8..16].copy_from_slice(&u64::MAX.to_le_bytes());
    assert!(
        decode(&file)
            .unwrap_err()
            .to_string()
            .contains("larger than any catalog")
    );
    let bomb = wrap(&vec![0; 1 << 20]);
    let mut short = bomb;
    short[8..16].copy_from_slice(&5_u64.to_le_bytes());
    assert!(
        decode(&short)
            .unwrap_err()
            .to_string()
            .contains("not as long as its header")
    );
}

#[test]
fn unknown_sections_are_passed_over() {
    let mut body = Writer::default();
    body.section("weather", |section| section.text("fair"));
    assert!(decode(&wrap(&body.into_bytes())).unwrap().offers.is_empty());
}
