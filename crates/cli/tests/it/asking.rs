//! Commands that are asked oddly: what they say, and with which exit code.

use crate::support::Server;
use serde_json::json;
use std::fs;

#[test]
fn odd_arguments_are_told_with_what_is_possible() {
    let server = Server::start();
    for (arguments, code, wanted) in [
        (vec!["jobs", "--phase", "nope"], 1, "there are queued"),
        (vec!["jobs", "--limit", "0"], 2, "1.."),
        (vec!["delete", "job", ""], 2, "value"),
        (vec!["stop", ""], 2, "value"),
        (
            vec!["endpoints", "ü"],
            1,
            "error: `ü` is not a valid endpoint name",
        ),
        (
            vec!["--server", "nonsense", "--key", "k", "jobs"],
            2,
            "http://host:port",
        ),
        // A key that is given counts for the embedded server too.
        (vec!["--key", "wrong", "jobs"], 1, "not known"),
        (vec!["serve", "--listen", "nope"], 4, "127.0.0.1:7077"),
        (vec!["serve", "--lease-milliseconds", "0"], 2, "1.."),
    ] {
        let ran = server.tradewind(&arguments);
        assert_eq!(ran.code, code, "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains(wanted), "{arguments:?}: {}", ran.err);
    }
    let all = server.tradewind(&["jobs", "--limit", "99999"]);
    assert_eq!(all.good().out.trim(), "nothing there");
    let ended = server.shell("true", json!({}));
    server.ended(&ended);
    let told = server.tradewind(&["stop", &ended]).good().out;
    assert!(told.contains("over already: succeeded"), "{told}");
}

#[test]
fn long_lists_are_read_to_their_end() {
    let server = Server::start();
    let buckets: Vec<String> = (0..7).map(|number| format!("bucket-{number}")).collect();
    for bucket in &buckets {
        server.put(&format!("/buckets/{bucket}"), &json!({})).good();
    }
    let page = server.get("/buckets?limit=3").good();
    assert_eq!(page["items"].as_array().unwrap().len(), 3);
    let next = page["next"].as_str().unwrap();
    let page = server
        .get(&format!("/buckets?limit=10&after={next}"))
        .good();
    assert_eq!(page["items"].as_array().unwrap().len(), 4);
    let listed = server.tradewind(&["objects", "ls"]).good().out;
    assert!(
        buckets.iter().all(|bucket| listed.contains(bucket)),
        "{listed}"
    );
    assert_eq!(server.get("/buckets/bucket-3").good()["versioning"], "off");
    server
        .tradewind(&["objects", "rb", "s3://bucket-3/"])
        .good();
    assert_eq!(server.get("/buckets/bucket-3").status, 404);
}

const BILL: &str = "InvoiceIssuerName,BillingAccountId,BillingPeriodStart,BillingPeriodEnd,\
    ChargePeriodStart,ChargePeriodEnd,ChargeCategory,BilledCost,EffectiveCost,ListCost,\
    ContractedCost,BillingCurrency,ServiceName,ServiceCategory,ProviderName,PublisherName\n\
    ACME,1,2026-05-01T00:00:00Z,2026-06-01T00:00:00Z,2026-05-01T00:00:00Z,2026-05-02T00:00:00Z,\
    Usage,1.5,1.5,1.5,1.5,USD,Storage,Storage,ACME,ACME\n";

#[test]
fn folders_of_bills_are_imported() {
    let server = Server::start();
    let folder = server.place.folder.path().join("bills");
    fs::create_dir_all(folder.join("2026/05")).unwrap();
    fs::write(folder.join("manifest.txt"), "no bill").unwrap();
    let none = server.tradewind(&["costs", "import", folder.to_str().unwrap()]);
    assert_eq!(none.code, 2, "{}", none.err);
    assert!(none.err.contains(".csv"), "{}", none.err);
    fs::write(folder.join("2026/05/export.csv"), BILL).unwrap();
    let imported = server.tradewind(&["costs", "import", folder.to_str().unwrap()]);
    assert!(imported.good().out.contains("export.csv"));
}

#[test]
fn a_schedule_is_told_in_words() {
    let server = Server::start();
    let code = server.place.project(
        "code",
        &[("app.py", "def handler(event, context):\n    return event\n")],
    );
    let deploy = [
        "functions",
        "deploy",
        "hello",
        &code,
        "--handler",
        "app.handler",
        "--schedule",
        "10m",
    ];
    let told = server.tradewind(&deploy).good().out;
    assert!(told.contains("every 10m"), "{told}");
}
