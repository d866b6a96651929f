//! Programs that people have: they come by the variables alone, and know nothing of us.

use crate::support::Door;
use std::collections::BTreeMap;
use std::process::Stdio;
use tokio::process::Command;
use tradewind_frontdoor::bundle::{self, Roots};
use tradewind_frontdoor::environment::{AwsKeys, Environment, Route, Via};

const PYTHON: &str = r#"
import json, os, ssl, urllib.request
answers = []
for url in ["https://sts.us-east-1.amazonaws.com/?x=1", "http://s3.amazonaws.com/b"]:
    with urllib.request.urlopen(url) as answer:
        answers.append(answer.read().decode())
context = ssl.create_default_context()
context.verify_flags |= ssl.VERIFY_X509_STRICT
opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=context),
                                     urllib.request.ProxyHandler())
answers.append(opener.open("https://" + "b" * 60 + ".s3.amazonaws.com/strict").read().decode())
print("\n".join(answers))
"#;

async fn run(door: &Door, program: &str, arguments: &[&str]) -> Option<String> {
    let mut roots = Roots::default();
    // Whatever the machine trusts; a program without any other authority is not the point here.
    roots.add_file(&door.authority.facts().certificate);
    assert!(roots.is_empty(), "our own is not one of the system's");
    let system = Roots::of_this_system();
    let bundle = if system.is_empty() {
        door.authority.facts().certificate.clone()
    } else {
        bundle::write(door.folder.path(), &system, door.authority.certificate()).unwrap()
    };
    let keys = AwsKeys {
        access_key_id: "AKIDEXAMPLE".into(),
        secret_access_key: "secret".into(),
        region: "us-east-1".into(),
        account: "123456789012".into(),
    };
    let address = format!("http://{}", door.address);
    let route = Route {
        address: &address,
        bundle: &bundle,
        aws: &keys,
        via: Via::Proxy,
    };
    let environment = Environment::of(&route, &BTreeMap::new());
    let ran = Command::new(program)
        .args(arguments)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .envs(&environment.set)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await;
    // A program that this machine has not shows nothing.
    let ran = ran.ok()?;
    let err = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{program}: {err}");
    Some(String::from_utf8(ran.stdout).unwrap())
}

#[tokio::test]
async fn python_is_answered() {
    let door = Door::open().await;
    let Some(said) = run(&door, "python3", &["-c", PYTHON]).await else {
        return;
    };
    let long = "b".repeat(60);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(
        lines,
        [
            "GET /?x=1 host=sts.us-east-1.amazonaws.com dialled=sts.us-east-1.amazonaws.com \
             HTTP/1.1 proxy-authorization=-",
            "GET /b host=s3.amazonaws.com dialled=s3.amazonaws.com HTTP/1.1 proxy-authorization=-",
            &format!(
                "GET /strict host={long}.s3.amazonaws.com dialled={long}.s3.amazonaws.com \
                 HTTP/1.1 proxy-authorization=-"
            ),
        ]
    );
}

#[tokio::test]
async fn curl_is_answered() {
    let door = Door::open().await;
    let url = "https://b.s3.amazonaws.com/k";
    if let Some(said) = run(&door, "curl", &["-sS", "--fail", url]).await {
        assert!(
            said.starts_with("GET /k host=b.s3.amazonaws.com dialled=b.s3"),
            "{said}"
        );
    }
    let put = [
        "-sS",
        "--fail",
        "-H",
        "Expect: 100-continue",
        "-T",
        "-",
        url,
    ];
    if let Some(said) = run(&door, "curl", &put).await {
        assert_eq!(said, "");
    }
}

#[tokio::test]
async fn node_is_answered() {
    let door = Door::open().await;
    let script = "const [major, minor] = process.versions.node.split('.').map(Number);\
                  if (major > 24 || (major === 24 && minor >= 5)) \
                  fetch('https://s3.amazonaws.com/n').then(a => a.text()).then(console.log);\
                  else console.log('GET too old');";
    if let Some(said) = run(&door, "node", &["-e", script]).await {
        assert!(said.starts_with("GET "), "{said}");
    }
}
