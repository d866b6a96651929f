//! What endpoints, buckets and jobs cost, why a run cost what it did, and advice that is applied.

use crate::endpoints::train;
use crate::support::{Server, until};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Sums by keys, as `first, second` to quantity and cost; the unit, which quantities come with, is left
/// out.
pub(crate) fn sums(server: &Server, keys: &str) -> BTreeMap<String, (f64, f64)> {
    let answer = server.tradewind(&[
        "--json",
        "costs",
        "by",
        keys,
        "--metric",
        "quantity,effective",
    ]);
    let answer = answer.good().json();
    let number = |value: &Value| value.as_str().unwrap().parse::<f64>().unwrap();
    let mut sums = BTreeMap::<String, (f64, f64)>::new();
    for group in answer["groups"].as_array().unwrap() {
        let own = group["keys"].as_array().unwrap().iter();
        let own = own.take(keys.split(',').count());
        let own: Vec<&str> = own.map(|key| key.as_str().unwrap_or("–")).collect();
        let sum = sums.entry(own.join(", ")).or_default();
        sum.0 += number(&group["values"][0]);
        sum.1 += number(&group["values"][1]);
    }
    sums
}

#[test]
fn what_runs_is_metered_explained_and_changed_by_advice_and_back() {
    let mut server = Server::start();
    let rates = [
        "costs",
        "rates",
        "--cpu-hour",
        "0.04",
        "--memory-gib-hour",
        "0.005",
        "--storage-gib-month",
        "0.02",
        "--machine-hour",
        "0.5",
    ];
    server.tradewind(&rates).good();
    train(&server, "teller", "one");
    for _ in 0..5 {
        let answer = server.post("/endpoints/teller/predict", &json!({"instances": [1]}));
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    // A run that has ended is metered after a few seconds.
    let run = server.get("/runs").good()["items"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let costs = until("the run is metered", || {
        let costs = server.get(&format!("/runs/{run}/costs")).good();
        let metered = costs["jobs"][0]["attempts"][0]["cost"].is_string();
        metered.then_some(costs)
    });
    let job = &costs["jobs"][0];
    let amount = |value: &Value| value.as_str().unwrap().parse::<f64>().unwrap();
    let causes = job["causes"].as_array().unwrap().iter();
    let explained: f64 = causes.map(|cause| amount(&cause[1])).sum();
    assert!(
        (explained - amount(&job["difference"])).abs() < 1e-9,
        "{job}"
    );
    let told = server.tradewind(&["costs", "run", &run]).good().out;
    assert!(told.contains("less than planned"), "{told}");

    // What was used since the last look is handed in when the server ends, once.
    server.end();
    let used = sums(&server, "service,SkuMeter");
    assert!(used["Endpoints, Requests"].0 >= 5.0, "{used:?}");
    assert!(used["Endpoints, Replicas"].0 > 0.0, "{used:?}");
    assert!(used["Endpoints, Memory"].1 > 0.0, "{used:?}");
    assert!(
        used["Object storage, Storage, changed lately"].0 > 0.0,
        "{used:?}"
    );
    assert!(used["Idle capacity, Idle"].1 > 0.0, "{used:?}");
    server.restart();
    let again = sums(&server, "service,SkuMeter");
    assert_eq!(used["Endpoints, Requests"], again["Endpoints, Requests"]);

    let action = json!({
        "do": "scale-endpoint", "workspace": "default", "endpoint": "teller",
        "deployment": "v1", "replicas": 0,
    });
    let body = json!({"rule": "idle-endpoints", "action": action});
    let applied = server.post("/costs/advice/apply", &body).good();
    let replicas = || {
        let endpoint = server.get("/endpoints/teller").good();
        endpoint["spec"]["deployments"][0]["replicas"].clone()
    };
    assert_eq!(replicas(), 0);
    // Nobody is kept ready, and a request is answered all the same.
    let answer = server.post("/endpoints/teller/predict", &json!({"instances": [1]}));
    assert_eq!(answer.status, 200, "{}", answer.text());
    let id = applied["id"].as_str().unwrap();
    let list = server.tradewind(&["advice", "applied"]).good().out;
    assert!(
        list.contains(id) && list.contains("idle-endpoints"),
        "{list}"
    );
    server.tradewind(&["advice", "undo", id]).good();
    assert_eq!(replicas(), applied["before"]["replicas"]);
    let twice = server.tradewind(&["advice", "undo", id]);
    assert!(
        twice.code != 0 && twice.err.contains("undone already"),
        "{twice:?}"
    );

    let action = json!({
        "do": "expire-objects", "workspace": "default", "bucket": "tradewind", "days": 180,
    });
    let body = json!({"rule": "old-artifacts", "action": action});
    let applied = server.post("/costs/advice/apply", &body).good();
    let path = format!(
        "/costs/advice/applied/{}/undo",
        applied["id"].as_str().unwrap()
    );
    server.post(&path, &json!({})).good();
    let events = server.events();
    let lifecycle = events
        .iter()
        .filter(|event| event["detail"]["lifecycle"].is_string());
    assert_eq!(lifecycle.count(), 2);

    let elsewhere = json!({
        "do": "scale-endpoint", "workspace": "other", "endpoint": "teller",
        "deployment": "v1", "replicas": 0,
    });
    let body = json!({"rule": "idle-endpoints", "action": elsewhere});
    assert_eq!(server.post("/costs/advice/apply", &body).status, 400);
    let nobody = server.post(
        "/costs/advice/apply",
        &json!({"rule": "x", "action": {"do": "drop"}}),
    );
    assert_eq!(nobody.status, 400, "{}", nobody.text());
    let advice = server.post("/costs/advice", &json!({"days": 7})).good();
    assert_eq!(advice["rules"].as_array().unwrap().len(), 18);
    let csv = server.tradewind(&["advice", "--csv"]).good().out;
    assert!(csv.starts_with("rule,subject,change"), "{csv}");
    server.goes_on();
}
