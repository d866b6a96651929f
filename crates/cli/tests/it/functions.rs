//! Functions as people deploy and call them: versions, HTTP, triggers, crashes.

use crate::support::{Server, example, until};
use serde_json::{Value, json};

pub(crate) fn invoke(server: &Server, name: &str, event: &Value) -> Value {
    let ran = server.tradewind(&["--json", "invoke", name, &event.to_string()]);
    ran.json()["payload"].clone()
}

#[test]
fn instances_of_one_version_have_temporary_files_of_their_own() {
    let server = Server::start();
    let code = "
import os, pathlib, time
def handler(event, context):
    mark = pathlib.Path('/tmp/mark')
    before = mark.exists()
    mark.write_text('x')
    time.sleep(event)
    return [os.getpid(), before]
";
    let folder = server.place.project("own", &[("app.py", code)]);
    let arguments = [
        "functions",
        "deploy",
        "own",
        &folder,
        "--handler",
        "app.handler",
    ];
    server
        .tradewind(&[&arguments[..], &["--timeout", "20s"]].concat())
        .good();
    let function = server.get("/functions/own").good();
    if function["warnings"].to_string().contains("files") {
        return;
    }
    let address = server.address.clone();
    let key = server.key.clone();
    let calls: Vec<_> = (0..3)
        .map(|_| {
            let (address, key) = (address.clone(), key.clone());
            std::thread::spawn(move || ask(&address, &key, "/api/v1/functions/own/invoke", "0.5"))
        })
        .collect();
    let mut seen = std::collections::BTreeMap::new();
    for call in calls {
        let (status, text) = call.join().unwrap();
        assert_eq!(status, 200, "{text}");
        let value: Value = serde_json::from_str(&text).unwrap();
        seen.insert(value[0].as_i64().unwrap(), value[1].clone());
    }
    assert_eq!(seen.len(), 3, "{seen:?}");
    assert!(
        seen.values().all(|before| *before == json!(false)),
        "{seen:?}"
    );
}

/// One request by a connection of its own.
fn ask(address: &str, key: &str, path: &str, body: &str) -> (u16, String) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut request = http.post(format!("{address}{path}")).body(body.to_owned());
        if !key.is_empty() {
            request = request.bearer_auth(key);
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    })
}

#[test]
fn versions_stay_and_aliases_share_calls() {
    let server = Server::start();
    let deploy = |word: &str| {
        let code =
            format!("def handler(event, context): return ['{word}', context.function_version]");
        let folder = server.place.project(word, &[("app.py", &code)]);
        let arguments = [
            "functions",
            "deploy",
            "teller",
            &folder,
            "--handler",
            "app.handler",
        ];
        server.tradewind(&arguments).good();
        server.tradewind(&["functions", "publish", "teller"]).good();
    };
    deploy("one");
    deploy("two");
    // Nothing changed, so there is no third version.
    let again = server
        .tradewind(&["--json", "functions", "publish", "teller"])
        .good();
    assert_eq!(again.json()["version"], 2);
    assert_eq!(
        invoke(&server, "teller", &json!({})),
        json!(["two", "$LATEST"])
    );
    assert_eq!(invoke(&server, "teller:1", &json!({})), json!(["one", "1"]));
    server
        .tradewind(&["functions", "alias", "teller", "live", "1", "2=50"])
        .good();
    let mut twos = 0;
    for _ in 0..40 {
        twos += i32::from(invoke_fast(&server, "teller", "live")[0] == "two");
    }
    // The chance of an even draw to leave these bounds is below one in a million.
    assert!((4..=36).contains(&twos), "{twos}");
    let missing = server.tradewind(&["invoke", "teller:9"]);
    assert_eq!(missing.code, 1, "{missing:?}");
    assert!(missing.err.contains("was not found"), "{missing:?}");
}

fn invoke_fast(server: &Server, name: &str, qualifier: &str) -> Value {
    let path = format!("/functions/{name}/invoke?qualifier={qualifier}");
    server.post(&path, &json!({})).good()
}

#[test]
fn the_example_template_is_deployed_and_answers_over_http() {
    let server = Server::start();
    let template = format!("{}/template.yaml", example("sam-predict"));
    let ran = server
        .tradewind(&["deploy", &template, "--set", "Threshold=0.4"])
        .good();
    assert!(
        ran.err.contains("template.yaml:") && ran.err.contains("`Policies`"),
        "{ran:?}"
    );
    let url = "/apis/sam-predict/Prod/predict";
    let (status, text) = ask(
        &server.address,
        "",
        url,
        r#"{"instances": [[1.0, 2.0], [-3.0, 0.5]]}"#,
    );
    assert_eq!(status, 200, "{text}");
    let answer: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(answer["labels"], json!([1, 0]), "{answer}");
    let (status, text) = ask(&server.address, "", url, "no JSON");
    assert_eq!(status, 400, "{text}");
    // What has no route says so only to those with a key.
    let (status, _) = ask(&server.address, "", "/apis/sam-predict/Prod/other", "");
    assert_eq!(status, 401);
    let (status, _) = ask(
        &server.address,
        &server.key,
        "/apis/sam-predict/Prod/other",
        "",
    );
    assert_eq!(status, 404);
    // Its own address needs a key.
    let (status, _) = ask(&server.address, "", "/functions/sam-predict-Predict/", "{}");
    assert_eq!(status, 401);
}

#[test]
fn a_template_with_what_is_not_supported_changes_nothing() {
    let server = Server::start();
    let text = "Resources:\n  A:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: .\n      \
        Handler: a.b\n      Runtime: python3.11\n      VpcConfig: {}\n  T:\n    Type: AWS::DynamoDB::Table\n";
    let folder = server.place.project("bad", &[("template.yaml", text)]);
    let ran = server.tradewind(&["deploy", &format!("{folder}/template.yaml")]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(
        ran.err.contains("template.yaml:8") && ran.err.contains("VpcConfig"),
        "{ran:?}"
    );
    assert!(
        ran.err.contains("template.yaml:10") && ran.err.contains("DynamoDB"),
        "{ran:?}"
    );
    assert_eq!(server.get("/functions").good()["items"], json!([]));
}

#[test]
fn asynchronous_calls_and_schedules_outlive_the_server() {
    let mut server = Server::start();
    let code = "
import boto3_free_marker as m
def handler(event, context):
    return m.note(event, context.aws_request_id)
";
    // Notes go to an object of the bucket by the destination of answered calls.
    let marker = "def note(event, request): return {'seen': event}\n";
    let folder = server.place.project(
        "later",
        &[("app.py", code), ("boto3_free_marker.py", marker)],
    );
    let arguments = [
        "functions",
        "deploy",
        "later",
        &folder,
        "--handler",
        "app.handler",
    ];
    server.tradewind(&arguments).good();
    let mut spec = server.get("/functions/later").good()["spec"].clone();
    spec["retries"] = json!({"on_success": {"kind": "bucket", "bucket": "notes", "prefix": "ok/"}});
    spec["triggers"] = json!([{"name": "tick", "kind": "schedule",
        "schedule": {"every": "rate", "span": 1000}, "input": "{\"by\": \"tick\"}", "enabled": true}]);
    server
        .put("/buckets/notes/objects/first", &json!({}))
        .good();
    server.put("/functions/later", &spec).good();
    let taken = server.post("/functions/later/invoke?later=true", &json!({"by": "hand"}));
    assert_eq!(taken.status, 202, "{}", taken.text());
    let id = taken.json()["request"].as_str().unwrap().to_owned();
    server.kill();
    server.restart();
    let note = until("the call was answered after the restart", || {
        let answer = server.get(&format!("/buckets/notes/objects/ok/later/{id}.json"));
        (answer.status == 200).then(|| answer.json())
    });
    assert_eq!(note["responsePayload"], json!({"seen": {"by": "hand"}}));
    assert_eq!(note["requestContext"]["condition"], "Success");
    until("the schedule fired twice", || {
        let listed = server
            .get("/buckets/notes/objects?prefix=ok/later/later.tick")
            .good();
        (listed["items"].as_array().unwrap().len() >= 2).then_some(())
    });
}

#[test]
fn a_failing_asynchronous_call_is_made_three_times_and_told() {
    let server = Server::start();
    let code = "def handler(event, context):\n    raise ValueError('never')\n";
    let folder = server.place.project("bad", &[("app.py", code)]);
    let arguments = [
        "functions",
        "deploy",
        "bad",
        &folder,
        "--handler",
        "app.handler",
    ];
    server.tradewind(&arguments).good();
    server.put("/buckets/dead/objects/first", &json!({})).good();
    let mut spec = server.get("/functions/bad").good()["spec"].clone();
    spec["retries"] = json!({"attempts": 2, "pause": 10,
        "on_failure": {"kind": "bucket", "bucket": "dead", "prefix": ""}});
    server.put("/functions/bad", &spec).good();
    let taken = server
        .post("/functions/bad/invoke?later=true", &json!(1))
        .json();
    let path = format!(
        "/buckets/dead/objects/bad/{}.json",
        taken["request"].as_str().unwrap()
    );
    let record = until("the dead letter is there", || {
        let answer = server.get(&path);
        (answer.status == 200).then(|| answer.json())
    });
    assert_eq!(record["requestContext"]["condition"], "RetriesExhausted");
    assert_eq!(record["requestContext"]["approximateInvokeCount"], 3);
    assert_eq!(record["responsePayload"]["errorType"], "ValueError");
}

#[test]
fn a_killed_server_leaves_no_instance_and_the_next_one_answers() {
    let mut server = Server::start();
    let code = "import os\ndef handler(event, context): return [os.getpid(), os.getppid()]";
    let folder = server.place.project("lives", &[("app.py", code)]);
    let arguments = [
        "functions",
        "deploy",
        "lives",
        &folder,
        "--handler",
        "app.handler",
    ];
    server.tradewind(&arguments).good();
    let before = invoke(&server, "lives", &json!({}));
    server.kill();
    let runs = |pid: &Value| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        stat.rsplit_once(')')
            .is_some_and(|(_, rest)| !rest.trim_start().starts_with('Z'))
    };
    until("instance and template are gone", || {
        let all = before.as_array().unwrap();
        all.iter().all(|pid| !runs(pid)).then_some(())
    });
    server.restart();
    let after = invoke(&server, "lives", &json!({}));
    assert_ne!(before[0], after[0]);
}

#[test]
fn a_new_object_calls_the_functions_that_wait_for_it() {
    let server = Server::start();
    let code = "def handler(event, context): return event['Records'][0]['s3']['object']['key']\n";
    let folder = server.place.project("fresh", &[("app.py", code)]);
    let arguments = [
        "functions",
        "deploy",
        "fresh",
        &folder,
        "--handler",
        "app.handler",
    ];
    let more = ["--on-object", "s3://inbox/new/"];
    server.tradewind(&[&arguments[..], &more].concat()).good();
    server.put("/buckets/seen/objects/first", &json!({})).good();
    let mut spec = server.get("/functions/fresh").good()["spec"].clone();
    spec["retries"] = json!({"on_success": {"kind": "bucket", "bucket": "seen", "prefix": ""}});
    server.put("/functions/fresh", &spec).good();
    server
        .put("/buckets/inbox/objects/old/a", &json!({}))
        .good();
    server
        .put("/buckets/inbox/objects/new/b", &json!({}))
        .good();
    let found = until("the function was called", || {
        let listed = server.get("/buckets/seen/objects?prefix=fresh/").good();
        let items = listed["items"].as_array().unwrap().clone();
        (!items.is_empty()).then_some(items)
    });
    assert_eq!(found.len(), 1, "{found:?}");
    let key = found[0]["key"].as_str().unwrap();
    assert!(key.contains("new") && !key.contains("old"), "{key}");
}

#[test]
fn functions_that_are_each_others_destination_come_to_an_end() {
    let server = Server::start();
    let code = "def handler(event, context): return 1\n";
    let folder = server.place.project("ring", &[("app.py", code)]);
    let arguments = ["functions", "deploy", "ring", &folder];
    server
        .tradewind(&[&arguments[..], &["--handler", "app.handler"]].concat())
        .good();
    let mut spec = server.get("/functions/ring").good()["spec"].clone();
    spec["retries"] = json!({"on_success": {"kind": "function", "function": "ring"}});
    server.put("/functions/ring", &spec).good();
    let taken = server.post("/functions/ring/invoke?later=true", &json!({}));
    assert_eq!(taken.status, 202, "{}", taken.text());
    until("the loop was stopped", || {
        let events = server.get("/events?limit=500").text();
        events.contains("RecursiveInvocation").then_some(())
    });
    let calls = server.get("/functions/ring/figures").good()["calls"].clone();
    assert_eq!(calls, 17);
}
