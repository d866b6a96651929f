//! Every form comes in, twice changes nothing, corrections replace.

use crate::support::{Fixture, focus, groups};
use std::io::Write;
use tradewind_costs::import::{Form, Mode, Options};

#[test]
fn the_same_file_twice_changes_nothing() {
    let fixture = Fixture::new();
    let file = fixture.file(
        "june.csv",
        focus(&[("S3", 1, "1.25", ""), ("EC2", 2, "-0.5", "")]),
    );
    let report = fixture.import(&file).unwrap();
    assert_eq!((report.files[0].lines, report.files[0].known), (2, false));
    let before = fixture.ledger.manifest().unwrap();
    let again = fixture.import(&file).unwrap();
    assert!(again.files[0].known && again.months.is_empty());
    assert_eq!(
        fixture.ledger.manifest().unwrap().generation,
        before.generation
    );
    assert_eq!(fixture.total(), "0.75/0.75 USD");
}

#[test]
fn a_corrected_month_replaces_the_old_one_and_a_shorter_one_asks_first() {
    let fixture = Fixture::new();
    let first = focus(&[("S3", 1, "1", ""), ("EC2", 20, "2", "")]);
    fixture.import(&fixture.file("first.csv", first)).unwrap();
    let corrected = focus(&[
        ("S3", 1, "1", ""),
        ("EC2", 20, "2.5", ""),
        ("EC2", 21, "1", ""),
    ]);
    let report = fixture
        .import(&fixture.file("second.csv", corrected))
        .unwrap();
    assert_eq!(report.months[0].lines_before, 2);
    assert_eq!(fixture.total(), "4.5/4.5 USD");

    let shorter = fixture.file("third.csv", focus(&[("S3", 22, "9", "")]));
    let error = fixture.import(&shorter).unwrap_err().to_string();
    assert!(
        error.contains("2026-06-01 to 2026-06-21") && error.contains("--append"),
        "{error}"
    );
    assert_eq!(fixture.total(), "4.5/4.5 USD");
    let append = Options {
        mode: Mode::Append,
        ..Options::default()
    };
    fixture.import_with(&shorter, &append).unwrap();
    assert_eq!(fixture.total(), "13.5/13.5 USD");
    let replace = Options {
        mode: Mode::Replace,
        ..Options::default()
    };
    let last = fixture.file("fourth.csv", focus(&[("S3", 5, "7", "")]));
    fixture.import_with(&last, &replace).unwrap();
    assert_eq!(fixture.total(), "7/7 USD");
    tradewind_costs::import::withdraw(&fixture.ledger, "fourth.csv").unwrap();
    assert_eq!(fixture.total(), "");
}

#[test]
fn what_was_replaced_leaves_the_disk_in_the_end() {
    let fixture = Fixture::new();
    for cost in 1..=6 {
        let file = fixture.file("month.csv", focus(&[("S3", 1, &cost.to_string(), "")]));
        fixture.import(&file).unwrap();
    }
    assert_eq!(fixture.total(), "6/6 USD");
    assert!(fixture.segments() <= 2, "{}", fixture.segments());
}

#[test]
fn focus_goes_out_and_comes_in_again_with_every_digit() {
    use tradewind_costs::export::{Format, export};
    let fixture = Fixture::new();
    let lines = [
        (
            "S3",
            1,
            "0.00000080000",
            r#"{"team":"a","weird \"key\"":"x,\ny"}"#,
        ),
        (
            "EC2",
            2,
            "-12345678901234.123456789012345678",
            r#"{"team":"b"}"#,
        ),
        ("EC2", 3, "0", ""),
    ];
    fixture
        .import(&fixture.file("june.csv", focus(&lines)))
        .unwrap();
    for (format, name) in [(Format::Csv, "out.csv"), (Format::Parquet, "out.parquet")] {
        let mut bytes = Vec::new();
        assert_eq!(
            export(&fixture.ledger, format, None, None, &mut bytes).unwrap(),
            3
        );
        let second = Fixture::new();
        let report = second.import(&second.file(name, &bytes)).unwrap();
        assert_eq!(
            report.files[0].quarantined, 0,
            "{:?}",
            report.files[0].examples
        );
        assert_eq!(second.total(), fixture.total());
        for keys in ["service,tag:team", "tag:weird \"key\"", "day"] {
            assert_eq!(second.by(keys), fixture.by(keys), "{name} {keys}");
        }
    }
}

#[test]
fn gzip_is_unpacked() {
    let fixture = Fixture::new();
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(focus(&[("S3", 1, "3", "")]).as_bytes())
        .unwrap();
    fixture
        .import(&fixture.file("june.csv.gz", gz.finish().unwrap()))
        .unwrap();
    assert_eq!(fixture.total(), "3/3 USD");
}

/// A report with a reservation, a savings plan, a tax and a credit, in both spellings.
const CUR: &str = "\
identity/LineItemId,identity/TimeInterval,bill/PayerAccountId,bill/BillingPeriodStartDate,bill/BillingPeriodEndDate,lineItem/UsageAccountId,lineItem/LineItemType,lineItem/UsageStartDate,lineItem/UsageEndDate,lineItem/ProductCode,lineItem/UsageAmount,lineItem/CurrencyCode,lineItem/UnblendedCost,pricing/publicOnDemandCost,product/ProductName,product/region,reservation/EffectiveCost,reservation/UnusedRecurringFee,savingsPlan/SavingsPlanEffectiveCost,savingsPlan/TotalCommitmentToDate,savingsPlan/UsedCommitment,resourceTags/user:team
a,i,99,2026-06-01T00:00:00Z,2026-07-01T00:00:00Z,11,Usage,2026-06-03T00:00:00Z,2026-06-03T01:00:00Z,AmazonEC2,1,USD,0.10,0.10,Amazon Elastic Compute Cloud,us-east-1,,,,,,search
b,i,99,2026-06-01T00:00:00Z,2026-07-01T00:00:00Z,11,DiscountedUsage,2026-06-03T00:00:00Z,2026-06-03T01:00:00Z,AmazonEC2,1,USD,0,0.10,Amazon Elastic Compute Cloud,us-east-1,0.06,,,,,search
c,i,99,2026-06-01T00:00:00Z,2026-07-01T00:00:00Z,11,RIFee,2026-06-01T00:00:00Z,2026-07-01T00:00:00Z,AmazonEC2,720,USD,0.08,,Amazon Elastic Compute Cloud,us-east-1,,0.02,,,,
d,i,99,2026-06-01T00:00:00Z,2026-07-01T00:00:00Z,11,SavingsPlanCoveredUsage,2026-06-04T00:00:00Z,2026-06-04T01:00:00Z,AmazonSageMaker,1,USD,0.20,0.20,Amazon SageMaker,us-east-1,,,0.15,,,ads
e,i,99,2026-06-01T00:00:00Z,2026-07-01T00:00:00Z,11,SavingsPlanNegation,2026-06-04T00:00:00Z,2026-06-04T01:00:00Z,AmazonSageMaker,1,USD,-0.20,,Amazon SageMaker,us-east-1,,,,,,
f,i,99,2026-06-01T00:00:00Z,2026-07-01T00:00:00Z,11,SavingsPlanRecurringFee,2026-06-04T00:00:00Z,2026-06-04T01:00:00Z,ComputeSavingsPlans,1,USD,0.18,,Savings Plans,,,,,0.18,0.15,
g,i,99,2026-06-01T00:00:00Z,2026-07-01T00:00:00Z,11,Tax,2026-06-01T00:00:00Z,2026-07-01T00:00:00Z,AmazonEC2,1,USD,0.01,,Amazon Elastic Compute Cloud,,,,,,,
h,i,99,2026-06-01T00:00:00Z,2026-07-01T00:00:00Z,11,Credit,2026-06-05T00:00:00Z,2026-06-06T00:00:00Z,AmazonEC2,1,USD,-0.05,,Amazon Elastic Compute Cloud,,,,,,,
a,i,99,2026-06-01T00:00:00Z,2026-07-01T00:00:00Z,11,Usage,2026-06-03T00:00:00Z,2026-06-03T01:00:00Z,AmazonEC2,1,USD,0.10,0.10,Amazon Elastic Compute Cloud,us-east-1,,,,,,search
";

#[test]
fn aws_reports_bill_what_was_paid_and_amortise_what_was_used() {
    let fixture = Fixture::new();
    let report = fixture.import(&fixture.file("cur.csv", CUR)).unwrap();
    assert_eq!(report.files[0].form, "aws");
    assert_eq!(report.files[0].quarantined, 1);
    assert!(report.files[0].examples[0].contains("`a` is there twice"));
    // Billed is what the report's unblended costs add up to without the duplicate; effective has the
    // reservation's and the plan's fee where they were used, and their unused parts.
    assert_eq!(fixture.total(), "0.32/0.32 USD");
    let by = groups(&fixture.by("charge,service"));
    assert!(
        by.contains(&"Purchase, Savings Plans = 0.18".to_owned()),
        "{by:?}"
    );
    let teams = fixture.by("tag:team");
    assert_eq!(teams.groups.iter().map(|g| g.lines).sum::<u64>(), 9);

    let header = CUR.lines().next().unwrap();
    let second = "identity_line_item_id,identity_time_interval,bill_payer_account_id,bill_billing_period_start_date,bill_billing_period_end_date,line_item_usage_account_id,line_item_line_item_type,line_item_usage_start_date,line_item_usage_end_date,line_item_product_code,line_item_usage_amount,line_item_currency_code,line_item_unblended_cost,pricing_public_on_demand_cost,product_product_name,product_region,reservation_effective_cost,reservation_unused_recurring_fee,savings_plan_savings_plan_effective_cost,savings_plan_total_commitment_to_date,savings_plan_used_commitment,resource_tags_user_team";
    let newer = Fixture::new();
    newer
        .import(&newer.file("cur2.csv", CUR.replace(header, second)))
        .unwrap();
    assert_eq!(
        newer.by("charge,service,tag:team"),
        fixture.by("charge,service,tag:team")
    );
}

#[test]
fn google_rows_keep_discounts_and_part_promotions() {
    let fixture = Fixture::new();
    let row = r#"{"billing_account_id":"01-AB","service":{"id":"6F","description":"Compute Engine"},"sku":{"id":"S1","description":"N1 core"},"usage_start_time":"2026-06-01 00:00:00 UTC","usage_end_time":"2026-06-01 01:00:00 UTC","project":{"id":"p1","labels":[{"key":"team","value":"search"}]},"labels":[{"key":"env","value":"prod"}],"location":{"region":"us-central1"},"cost":1.1,"currency":"USD","usage":{"amount":3600,"unit":"seconds"},"credits":[{"name":"SUD","amount":-0.1,"type":"SUSTAINED_USAGE_DISCOUNT"},{"name":"Gift","amount":-0.25,"type":"PROMOTION"}],"invoice":{"month":"202606"},"cost_type":"regular"}"#;
    let late = row.replace("202606", "202607").replace("1.1", "1e-7");
    let report = fixture
        .import(&fixture.file("rows.json", format!("{row}\n\n{late}\n")))
        .unwrap();
    assert_eq!(
        (report.files[0].form.as_str(), report.files[0].lines),
        ("google", 4)
    );
    assert_eq!(report.months.len(), 2);
    let by = groups(&fixture.by("billing-month,charge"));
    for wanted in [
        "2026-06, Usage = 1",
        "2026-06, Credit = -0.25",
        "2026-07, Usage = -0.0999999",
    ] {
        assert!(by.contains(&wanted.to_owned()), "{by:?}");
    }
    assert_eq!(
        groups(&fixture.by("tag:team,tag:env"))[0],
        "search, prod = 0.4000001"
    );
}

#[test]
fn azure_details_are_read_with_actual_and_amortised_cost() {
    let rows = "InvoiceId,Date,BillingAccountId,SubscriptionId,MeterCategory,MeterId,Quantity,CostInBillingCurrency,BillingCurrencyCode,PayGPrice,ChargeType,PricingModel,ResourceId,Tags\n\
                i1,06/02/2026,acc,sub,Virtual Machines,m1,24,2.4,EUR,0.2,Usage,OnDemand,/vm/1,\"\"\"team\"\": \"\"search\"\"\"\n\
                i1,06/03/2026,acc,sub,Virtual Machines,m1,24,1.2,EUR,0.2,Usage,Reservation,/vm/1,\"{\"\"team\"\":\"\"ads\"\"}\"\n";
    let fixture = Fixture::new();
    let file = fixture.file("azure.csv", rows);
    fixture.import(&file).unwrap();
    assert_eq!(fixture.total(), "3.6/3.6 EUR");
    assert_eq!(
        groups(&fixture.by("tag:team")),
        ["search = 2.4", "ads = 1.2"]
    );
    let amortized = Fixture::new();
    let options = Options {
        form: Some(Form::AzureAmortized),
        ..Options::default()
    };
    amortized.import_with(&file, &options).unwrap();
    assert_eq!(amortized.total(), "2.4/3.6 EUR");
}

/// What a commitment of one month cost and where it was used: a purchase that is billed, usage that
/// is charged to it, and what nobody used.
#[test]
fn fully_and_never_used_commitments_cost_what_they_were_billed() {
    let header = "BilledCost,EffectiveCost,BillingCurrency,ChargePeriodStart,ChargeCategory,\
                  PricingCategory,CommitmentDiscountId,CommitmentDiscountStatus,ResourceId\n";
    let purchase = "4.4,0,USD,2026-06-01T00:00:00Z,Purchase,Standard,plan-1,,plan-1\n";
    let line = |cost: &str, status: &str, resource: &str| {
        format!("0,{cost},USD,2026-06-01T00:00:00Z,Usage,Committed,plan-1,{status},{resource}\n")
    };
    let scenarios = [
        line("4.4", "Used", "vm-1"),
        line("2.2", "Used", "vm-1") + &line("2.2", "Used", "vm-2"),
        line("1.1", "used", "vm-1") + &line("3.3", "USED", "vm-2"),
        line("4.4", "Unused", "plan-1"),
    ];
    for (at, usage) in scenarios.iter().enumerate() {
        let fixture = Fixture::new();
        let csv = format!("{header}{purchase}{usage}");
        let report = fixture.import(&fixture.file("plan.csv", csv)).unwrap();
        assert_eq!(
            report.files[0].quarantined, 0,
            "{:?}",
            report.files[0].examples
        );
        assert_eq!(fixture.total(), "4.4/4.4 USD", "scenario {at}");
        let status = fixture.by("CommitmentDiscountStatus").groups.len();
        assert_eq!(status, 2, "scenario {at}");
    }
}
