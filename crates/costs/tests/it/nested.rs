//! Parquet files with groups, lists and maps, as Google and AWS deliver them.

use crate::support::{Fixture, groups};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;

/// Values of one leaf in the order of the schema, all of them there.
enum Leaf {
    Text(&'static [&'static str]),
    Double(f64),
    Long(i64),
}

/// One row: each leaf with its greatest definition level; values after the first repeat at level 1.
fn row(schema: &str, leaves: &[(i16, Leaf)]) -> Vec<u8> {
    let schema = parquet::schema::parser::parse_message_type(schema).unwrap();
    let mut bytes = Vec::new();
    let properties = WriterProperties::builder().build();
    let mut writer =
        SerializedFileWriter::new(&mut bytes, schema.into(), properties.into()).unwrap();
    let mut group = writer.next_row_group().unwrap();
    for (level, leaf) in leaves {
        let mut column = group.next_column().unwrap().unwrap();
        match leaf {
            Leaf::Text(values) => {
                let values: Vec<ByteArray> =
                    values.iter().map(|text| ByteArray::from(*text)).collect();
                let defined = vec![*level; values.len()];
                let repeated: Vec<i16> = (0..values.len()).map(|n| i16::from(n > 0)).collect();
                column
                    .typed::<ByteArrayType>()
                    .write_batch(&values, Some(&defined), Some(&repeated))
                    .unwrap();
            }
            Leaf::Double(value) => {
                column
                    .typed::<DoubleType>()
                    .write_batch(&[*value], Some(&[*level]), None)
                    .unwrap();
            }
            Leaf::Long(value) => {
                column
                    .typed::<Int64Type>()
                    .write_batch(&[*value], Some(&[*level]), None)
                    .unwrap();
            }
        }
        column.close().unwrap();
    }
    assert!(group.next_column().unwrap().is_none());
    group.close().unwrap();
    writer.close().unwrap();
    bytes
}

/// 2026-06-01T00:00:00Z.
const JUNE: i64 = 1_780_272_000;

#[test]
fn googles_export_has_groups_and_lists_of_groups() {
    use Leaf::{Double, Long, Text};
    let schema = "message google {
        optional binary billing_account_id (UTF8);
        optional group service { optional binary id (UTF8); optional binary description (UTF8); }
        optional group sku { optional binary id (UTF8); optional binary description (UTF8); }
        optional int64 usage_start_time (TIMESTAMP(MICROS,true));
        optional int64 usage_end_time (TIMESTAMP(MICROS,true));
        optional group labels (LIST) { repeated group list { optional group element {
            optional binary key (UTF8); optional binary value (UTF8); } } }
        optional double cost;
        optional binary currency (UTF8);
        optional group usage { optional double amount; optional binary unit (UTF8); }
        optional group invoice { optional binary month (UTF8); }
        optional binary cost_type (UTF8);
    }";
    let leaves = [
        (1, Text(&["01-AB"])),
        (2, Text(&["6F"])),
        (2, Text(&["Compute Engine"])),
        (2, Text(&["S1"])),
        (2, Text(&["N1 core"])),
        (1, Long(JUNE * 1_000_000)),
        (1, Long((JUNE + 3_600) * 1_000_000)),
        (4, Text(&["team", "env"])),
        (4, Text(&["search", "prod"])),
        (1, Double(1.1)),
        (1, Text(&["USD"])),
        (2, Double(3_600.0)),
        (2, Text(&["seconds"])),
        (2, Text(&["202606"])),
        (1, Text(&["regular"])),
    ];
    let fixture = Fixture::new();
    let file = fixture.file("google.parquet", row(schema, &leaves));
    let report = fixture.import(&file).unwrap();
    let outcome = &report.files[0];
    assert_eq!((outcome.form.as_str(), outcome.lines), ("google", 1));
    assert_eq!(
        groups(&fixture.by("service,tag:team,tag:env,day")),
        ["Compute Engine, search, prod, 2026-06-01 = 1.1"]
    );
}

#[test]
fn awss_newer_report_has_maps_of_tags() {
    use Leaf::{Double, Long, Text};
    let schema = "message aws {
        optional binary bill_payer_account_id (UTF8);
        optional int64 bill_billing_period_start_date (TIMESTAMP(MILLIS,true));
        optional binary line_item_line_item_type (UTF8);
        optional int64 line_item_usage_start_date (TIMESTAMP(MILLIS,true));
        optional binary line_item_product_code (UTF8);
        optional binary line_item_currency_code (UTF8);
        optional double line_item_unblended_cost;
        optional group resource_tags (MAP) { repeated group key_value {
            required binary key (UTF8); optional binary value (UTF8); } }
    }";
    let leaves = [
        (1, Text(&["1234"])),
        (1, Long(JUNE * 1_000)),
        (1, Text(&["Usage"])),
        (1, Long((JUNE + 86_400) * 1_000)),
        (1, Text(&["AmazonEC2"])),
        (1, Text(&["USD"])),
        (1, Double(0.25)),
        (2, Text(&["user_team", "user_env"])),
        (3, Text(&["search", "prod"])),
    ];
    let fixture = Fixture::new();
    let file = fixture.file("cur.parquet", row(schema, &leaves));
    let report = fixture.import(&file).unwrap();
    let outcome = &report.files[0];
    assert_eq!((outcome.lines, outcome.quarantined), (1, 0), "{outcome:?}");
    assert_eq!(fixture.total(), "0.25/0.25 USD");
    assert_eq!(groups(&fixture.by("day")), ["2026-06-02 = 0.25"]);
    assert_eq!(
        groups(&fixture.by("tag:team,tag:env")),
        ["search, prod = 0.25"]
    );
}
