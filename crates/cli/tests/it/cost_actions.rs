//! Functions in the ledger, and advice whose server was killed while it was carried out.

use crate::costs::sums;
use crate::endpoints::train;
use crate::functions::invoke;
use crate::support::{Server, until};
use serde_json::{Value, json};

#[test]
fn calls_of_functions_are_metered_priced_and_add_up_to_the_machine() {
    let mut server = Server::start();
    let rates = [
        "costs",
        "rates",
        "--cpu-hour",
        "0.04",
        "--memory-gib-hour",
        "0.005",
        "--million-requests",
        "200000",
        "--machine-hour",
        "0.5",
    ];
    server.tradewind(&rates).good();
    let code = "
def handler(event, context):
    if 'fail' in event:
        raise ValueError(event['fail'])
    return sum(n * n for n in range(event['numbers']))
";
    let folder = server.place.project("counter", &[("app.py", code)]);
    let deploy = [
        "functions",
        "deploy",
        "counter",
        &folder,
        "--handler",
        "app.handler",
    ];
    server.tradewind(&deploy).good();
    for call in 0..6 {
        assert!(invoke(&server, "counter", &json!({"numbers": 300_000 + call})).is_number());
    }
    // A call that failed was a call.
    let failed = server.tradewind(&["--json", "invoke", "counter", "{\"fail\": \"now\"}"]);
    assert_ne!(failed.code, 0);
    server.end();
    let used = sums(&server, "service,SkuMeter");
    // Seven requests at a fifth of a dollar each.
    let (requests, cost) = used["Functions, Requests"];
    assert!((requests - 7.0).abs() < 1e-9, "{used:?}");
    assert!((cost - 1.4).abs() < 1e-9, "{used:?}");
    for meter in ["CPU", "Memory"] {
        let (quantity, cost) = used[&format!("Functions, {meter}")];
        assert!(quantity > 0.0 && cost > 0.0, "{meter}: {used:?}");
    }
    let (cpu, cost) = used["Functions, CPU"];
    assert!((cost - cpu * 0.04).abs() < 1e-9, "{used:?}");
    let whole = sums(&server, "provider")["Tradewind"].1;
    let parts: f64 = used.values().map(|(_, cost)| cost).sum();
    assert!((whole - parts).abs() < 1e-9, "{whole} of {used:?}");
    let things = sums(&server, "service,resource");
    let own = &things["Functions, function/default/counter"];
    let parts: f64 = used
        .iter()
        .filter(|(name, _)| name.starts_with("Functions"))
        .map(|(_, (_, cost))| cost)
        .sum();
    assert!((own.1 - parts).abs() < 1e-9, "{own:?} of {used:?}");
    // What is counted is counted once.
    server.restart();
    server.end();
    let again = sums(&server, "service,SkuMeter");
    assert_eq!(used["Functions, Requests"], again["Functions, Requests"]);
}

fn applied(server: &Server) -> Vec<Value> {
    let list = server.tradewind(&["--json", "advice", "applied"]).good();
    list.json().as_array().unwrap().clone()
}

#[test]
fn advice_whose_server_was_killed_meanwhile_is_undone() {
    let mut server = Server::start();
    train(&server, "teller", "one");
    let replicas = |server: &Server| {
        let endpoint = server.get("/endpoints/teller").good();
        endpoint["spec"]["deployments"][0]["replicas"].clone()
    };
    let before = replicas(&server);
    let action = json!({
        "do": "scale-endpoint", "workspace": "default", "endpoint": "teller",
        "deployment": "v1", "replicas": 3,
    });
    let body = json!({"rule": "endpoint-size", "action": action});
    for round in 1..=4_usize {
        // Killed as soon as the record is there: before the change, in it or after it.
        let address = format!("{}/api/v1/costs/advice/apply", server.address);
        let (key, body) = (server.key.clone(), body.clone());
        let asking = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let http = reqwest::Client::builder().no_proxy().build().unwrap();
                let request = http.post(address).bearer_auth(key).json(&body);
                // The answer may be lost with the server.
                request.send().await.is_ok()
            })
        });
        let file = server.place.data.join("ledger/applied.json");
        until("the record is written", || {
            let all: Value = serde_json::from_slice(&std::fs::read(&file).ok()?).ok()?;
            (all.as_object()?.len() == round).then_some(())
        });
        server.kill();
        asking.join().unwrap();
        server.restart();
        let all = applied(&server);
        let mut open = all.iter().filter(|one| one["undone"].is_null());
        let one = open.next().expect("what was begun is known");
        assert!(open.next().is_none(), "{all:?}");
        let done = one["done"] == true;
        assert!(!done || replicas(&server) == 3, "{one}");
        let undo = ["advice", "undo", one["id"].as_str().unwrap()];
        server.tradewind(&undo).good();
        assert_eq!(replicas(&server), before, "round {round}");
    }
    // What is refused was not applied.
    let mut wrong = body.clone();
    wrong["action"]["endpoint"] = json!("nobody");
    assert_eq!(server.post("/costs/advice/apply", &wrong).status, 404);
    assert_eq!(applied(&server).len(), 4);
}

#[test]
fn what_budgets_have_to_say_is_an_event_once() {
    let mut server = Server::start();
    // Whatever the server lives for costs hundreds.
    let rates = ["costs", "rates", "--machine-hour", "1000000"];
    server.tradewind(&rates).good();
    let budget = json!({"amount": "0.01", "thresholds": [50, 100]});
    let set = server.put("/costs/budgets/machine", &budget).good();
    assert_eq!(set["name"], "machine");
    let alerts = |server: &Server| {
        let events = server.events().into_iter();
        let of_budget = events.filter(|event| event["resource"] == "budget");
        let alerts = of_budget.filter(|event| event["action"] == "alert");
        alerts.collect::<Vec<Value>>()
    };
    assert!(alerts(&server).is_empty());
    for _ in 0..2 {
        server.end();
        server.restart();
        let told = alerts(&server);
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0]["detail"]["what"], "spent-100");
        let text = told[0]["detail"]["text"].as_str().unwrap();
        assert!(text.contains("more than 100 %"), "{text}");
    }
    let listed = server.tradewind(&["--json", "budgets"]).good().json();
    assert_eq!(listed[0]["budget"]["name"], "machine");
    assert_eq!(server.delete("/costs/budgets/machine").status, 200);
    assert_eq!(server.delete("/costs/budgets/machine").status, 404);
    let negative = json!({"amount": "-1"});
    assert_eq!(server.put("/costs/budgets/machine", &negative).status, 400);
    // Every face of a question.
    for command in [
        &["costs", "--csv"][..],
        &["costs", "by", "service", "--csv"],
        &["costs", "imports", "--csv"],
        &["costs", "forecast", "--days", "3", "--csv"],
        &["costs", "anomalies", "--csv"],
        &["costs", "allocate", "tag:team", "--csv"],
        &["costs", "unit", "--per", "resource", "--csv"],
        &["costs", "use-cases", "--csv"],
        &["advice", "applied", "--csv"],
    ] {
        let out = server.tradewind(command).good().out;
        assert!(!out.contains("nothing there"), "{command:?}: {out}");
        let mut widths = out.lines().map(|line| line.split(',').count());
        let first = widths.next();
        if command[1] == "forecast" {
            assert!(out.starts_with("currency,day,low,mid,high"), "{out}");
            assert!(widths.all(|width| Some(width) == first), "{out}");
        }
    }
    let chart = server.place.folder.path().join("chart.svg");
    let chart = chart.to_str().unwrap();
    let drawn = [
        "costs", "forecast", "--days", "3", "--svg", chart, "--chart",
    ];
    let out = server.tradewind(&drawn).good().out;
    assert!(out.contains('█'), "{out}");
    assert!(std::fs::read_to_string(chart).unwrap().starts_with("<svg"));
    let shares = json!({"rule": {"to": "tag:team", "spread": "even"}});
    let shares = server.post("/costs/allocate", &shares).good();
    assert!(shares["items"].is_array());
    let unit = server.post("/costs/unit", &json!({"per": {"given": "2"}}));
    assert_eq!(unit.good()["items"][0]["units"], "2");
}
