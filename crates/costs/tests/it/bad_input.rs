//! What is wrong is said, and nothing of it stays.

use crate::support::{Fixture, focus};
use std::io::Write;

fn refused(fixture: &Fixture, name: &str, bytes: impl AsRef<[u8]>) -> String {
    let error = fixture
        .import(&fixture.file(name, bytes))
        .unwrap_err()
        .to_string();
    assert_eq!(fixture.ledger.manifest().unwrap().generation, 0, "{error}");
    assert_eq!(fixture.segments(), 0, "{error}");
    let quarantine = fixture.ledger.folder().join("quarantine");
    assert_eq!(std::fs::read_dir(quarantine).unwrap().count(), 0, "{error}");
    error
}

#[test]
fn a_truncated_gzip_is_refused_whole() {
    let fixture = Fixture::new();
    let lines: Vec<(String, u32)> = (0..20_000)
        .map(|n| (format!("service {n}"), n % 28 + 1))
        .collect();
    let lines: Vec<_> = lines
        .iter()
        .map(|(s, day)| (s.as_str(), *day, "1", ""))
        .collect();
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(focus(&lines).as_bytes()).unwrap();
    let bytes = gz.finish().unwrap();
    let error = refused(&fixture, "cut.csv.gz", &bytes[..bytes.len() / 2]);
    assert!(error.contains("the gzip stream ends early"), "{error}");
    let mut broken = bytes.clone();
    let middle = broken.len() / 2;
    broken[middle..middle + 64].fill(0xff);
    let error = refused(&fixture, "broken.csv.gz", broken);
    assert!(error.contains("gzip"), "{error}");
}

#[test]
fn an_endless_line_and_an_open_quote_stop_early() {
    let fixture = Fixture::new();
    let mut long = focus(&[]).into_bytes();
    long.extend(std::iter::repeat_n(b'x', 6 << 20));
    let error = refused(&fixture, "long.csv", &long);
    assert!(error.contains("longer than"), "{error}");
    let mut quote = focus(&[("S3", 1, "1", "")]).into_bytes();
    quote.push(b'"');
    quote.extend(b"a,b\n".repeat(2 << 20));
    let error = refused(&fixture, "quote.csv", &quote);
    assert!(error.contains("quote"), "{error}");
    let mut json = br#"{"billing_account_id":"a","cost":1,"x":""#.to_vec();
    json.extend(std::iter::repeat_n(b'x', 6 << 20));
    let error = refused(&fixture, "long.json", &json);
    assert!(error.contains("longer than"), "{error}");
}

#[test]
fn bad_lines_are_put_aside_with_line_column_and_reason() {
    let fixture = Fixture::new();
    let mut csv = focus(&[
        ("S3", 1, "1", ""),
        ("S3", 2, "x1", ""),
        ("S3", 3, "1", "[]"),
    ]);
    csv.push_str("only,three,fields\n");
    for _ in 0..30 {
        csv.push_str(focus(&[("EC2", 4, "1", "")]).lines().nth(1).unwrap());
        csv.push('\n');
    }
    let bytes = [
        csv.as_bytes(),
        &focus(&[("S\u{e9}", 5, "1", "")])
            .lines()
            .nth(1)
            .unwrap()
            .replace('\u{e9}', "?")
            .into_bytes(),
    ]
    .concat();
    let bytes: Vec<u8> = bytes
        .iter()
        .map(|b| if *b == b'?' { 0xe9 } else { *b })
        .collect();
    let report = fixture.import(&fixture.file("june.csv", bytes)).unwrap();
    let file = &report.files[0];
    assert_eq!((file.lines, file.quarantined), (31, 4));
    assert_eq!(
        file.examples[0],
        "line 3, `BilledCost`: `x1` is not a decimal number"
    );
    assert_eq!(file.examples[1], "line 4, `Tags`: `[]` is no JSON object");
    assert_eq!(
        file.examples[2],
        "line 5: the line has 3 fields instead of 15"
    );
    assert_eq!(file.examples[3], "line 36, `ServiceName`: is not UTF-8");
    let kept = fixture
        .ledger
        .folder()
        .join("quarantine")
        .join(file.quarantine.clone().unwrap());
    assert_eq!(std::fs::read_to_string(kept).unwrap().lines().count(), 4);
    assert_eq!(fixture.total(), "31/31 USD");
}

#[test]
fn a_file_that_is_mostly_wrong_is_taken_for_something_else() {
    let fixture = Fixture::new();
    let lines: Vec<_> = (1..=28).map(|day| ("S3", day, "free", "")).collect();
    let error = refused(&fixture, "wrong.csv", focus(&lines));
    assert!(error.contains("28 of its 28 lines are wrong"), "{error}");
    for (name, bytes, says) in [
        ("other.csv", &b"a,b\n1,2\n"[..], "no known bill"),
        ("empty.csv", b"", "it is empty"),
        ("header.csv", focus(&[]).as_bytes(), "it has no lines"),
        ("list.json", b"[{}]", "one JSON array"),
        ("other.json", b"{\"a\":1}\n", "have none of"),
        ("bill.zip", b"PK\x03\x04....", "ZIP"),
        (
            "cut.parquet",
            b"PAR1xxxxxxxxxxxxxxx",
            "Parquet file is damaged",
        ),
        (
            "twice.csv",
            b"BilledCost,ChargePeriodStart,BilledCost\n",
            "twice",
        ),
    ] {
        let error = refused(&fixture, name, bytes);
        assert!(error.contains(says), "{name}: {error}");
    }
}

#[test]
fn a_parquet_file_with_other_types_is_refused_by_column() {
    use parquet::data_type::{BoolType, Int64Type};
    use parquet::file::properties::WriterProperties;
    use parquet::file::writer::SerializedFileWriter;
    let schema = "message m { required boolean BilledCost; required int64 ChargePeriodStart (TIMESTAMP(MILLIS,true)); }";
    let schema = parquet::schema::parser::parse_message_type(schema).unwrap();
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(
        &mut bytes,
        schema.into(),
        WriterProperties::builder().build().into(),
    )
    .unwrap();
    let mut group = writer.next_row_group().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    column
        .typed::<BoolType>()
        .write_batch(&[true], None, None)
        .unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    column
        .typed::<Int64Type>()
        .write_batch(&[1], None, None)
        .unwrap();
    column.close().unwrap();
    group.close().unwrap();
    writer.close().unwrap();
    let fixture = Fixture::new();
    let error = refused(&fixture, "types.parquet", &bytes);
    assert!(
        error.contains("`BilledCost` has the type BOOLEAN"),
        "{error}"
    );
    // Damage in the middle of a good file.
    let good = Fixture::new();
    good.import(&good.file("june.csv", focus(&[("S3", 1, "3", "")])))
        .unwrap();
    let mut bytes = Vec::new();
    tradewind_costs::export::export(
        &good.ledger,
        tradewind_costs::export::Format::Parquet,
        None,
        None,
        &mut bytes,
    )
    .unwrap();
    let middle = bytes.len() / 3;
    bytes[4..middle].fill(0x55);
    let error = refused(&fixture, "damaged.parquet", &bytes);
    assert!(error.contains("damaged"), "{error}");
}

#[test]
fn a_line_without_currency_needs_one_and_a_damaged_ledger_says_so() {
    let fixture = Fixture::new();
    let csv = "BilledCost,ChargePeriodStart\n1,2026-06-01\n";
    let error = refused(&fixture, "plain.csv", csv);
    assert!(error.contains("--currency"), "{error}");
    fixture
        .import(&fixture.file("june.csv", focus(&[("S3", 1, "3", "")])))
        .unwrap();
    let segments = fixture.ledger.folder().join("segments");
    let segment = std::fs::read_dir(&segments)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let whole = std::fs::read(&segment).unwrap();
    for damage in [0, 20, whole.len() - 30, whole.len() - 1] {
        let mut bytes = whole.clone();
        bytes[damage] ^= 0x40;
        std::fs::write(&segment, &bytes).unwrap();
        let all = tradewind_costs::export::export(
            &fixture.ledger,
            tradewind_costs::export::Format::Csv,
            None,
            None,
            Vec::new(),
        );
        assert!(
            damage == 0 || all.unwrap_err().to_string().contains("damaged"),
            "byte {damage}"
        );
    }
    std::fs::write(&segment, &whole[..whole.len() / 2]).unwrap();
    let error = fixture
        .ledger
        .ask(&tradewind_costs::query::Question::default())
        .unwrap_err()
        .to_string();
    assert!(error.contains("damaged"), "{error}");
}

#[test]
fn nobody_else_may_change_the_ledger_meanwhile() {
    let fixture = Fixture::new();
    let file = fixture.file("june.csv", focus(&[("S3", 1, "3", "")]));
    let lock = std::fs::File::create(fixture.ledger.folder().join("lock")).unwrap();
    lock.lock().unwrap();
    let error = fixture.import(&file).unwrap_err().to_string();
    assert!(
        error.contains("being changed by another process"),
        "{error}"
    );
    lock.unlock().unwrap();
    fixture.import(&file).unwrap();
}
