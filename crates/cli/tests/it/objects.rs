//! The bucket store as people and programs meet it: versions, conditions, checksums, uploads in parts.

use crate::support::Server;
use reqwest::Method;
use serde_json::{Value, json};
use std::fs;

fn column(listed: &Value, name: &str) -> Vec<Value> {
    let items = listed.as_array().unwrap();
    items.iter().map(|item| item[name].clone()).collect()
}

#[test]
fn versions_come_back_and_go_one_by_one() {
    let server = Server::start();
    let folder = server
        .place
        .project("files", &[("one", "first"), ("two", "second")]);
    let ran = |arguments: &[&str]| server.tradewind(arguments).good().out;
    ran(&["objects", "mb", "kept", "--versions", "enabled"]);
    for file in ["one", "two"] {
        let file = format!("{folder}/{file}");
        ran(&["objects", "put", &file, "s3://kept/a"]);
    }
    let listed = || -> Value {
        let text = ran(&["--json", "objects", "ls", "s3://kept/", "--versions"]);
        serde_json::from_str(&text).unwrap()
    };
    let before = listed();
    assert_eq!(column(&before, "latest"), [json!(true), json!(false)]);
    let oldest = before[1]["version"].as_str().unwrap().to_owned();
    let get = |more: &[&str]| ran(&[&["objects", "get", "s3://kept/a"], more].concat());
    assert_eq!(get(&[]), "second");
    assert_eq!(get(&["--version", &oldest]), "first");

    let said = ran(&["objects", "rm", "s3://kept/a"]);
    assert!(said.contains("marker"), "{said}");
    assert_eq!(server.tradewind(&["objects", "get", "s3://kept/a"]).code, 1);
    assert_eq!(get(&["--version", &oldest]), "first");
    let after = listed();
    assert_eq!(after.as_array().unwrap().len(), 3);
    assert_eq!(after[0]["delete_marker"], true);
    let marker = after[0]["version"].as_str().unwrap();
    ran(&["objects", "rm", "s3://kept/a", "--version", marker]);
    assert_eq!(get(&[]), "second");
    ran(&["objects", "rm", "s3://kept/a", "--version", &oldest]);
    let gone = server.tradewind(&["objects", "get", "s3://kept/a", "--version", &oldest]);
    assert_eq!(gone.code, 1);
    assert!(gone.err.contains("version"), "{}", gone.err);
    assert!(ran(&["objects", "rm", "s3://kept/nothing", "--version", &oldest]).contains("no"));
    // Pages of versions join without a gap.
    let mut seen = Vec::new();
    let mut path = "/buckets/kept/versions?limit=1".to_owned();
    loop {
        let page = server.get(&path).good();
        seen.extend(column(&page["items"], "version"));
        let (Some(key), Some(version)) = (page["next"].as_str(), page["next_version"].as_str())
        else {
            break;
        };
        path = format!("/buckets/kept/versions?limit=1&after={key}&after_version={version}");
    }
    assert_eq!(seen, column(&listed(), "version"));
    assert!(ran(&["objects", "ls"]).contains("s3://kept/"));
    assert_eq!(server.tradewind(&["objects", "rb", "kept"]).code, 1);
}

#[test]
fn conditions_and_checksums_are_heeded() {
    let server = Server::start();
    let put = |headers: &[(&str, &str)], body: &'static str| {
        let mut request = server
            .request(Method::PUT, "/buckets/cond/objects/a")
            .body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        server.send(request)
    };
    let get = |headers: &[(&str, &str)]| {
        let mut request = server.request(Method::GET, "/buckets/cond/objects/a");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        server.send(request)
    };
    let first = put(&[("if-none-match", "*")], "one").good();
    let etag = format!("\"{}\"", first["etag"].as_str().unwrap());
    assert_eq!(put(&[("if-none-match", "*")], "two").status, 412);
    assert_eq!(put(&[("if-match", "\"other\"")], "two").status, 412);
    assert_eq!(put(&[("if-match", "*")], "two").status, 400);
    assert_eq!(put(&[("if-none-match", &etag)], "two").status, 400);
    let wrong = put(&[("tradewind-sha256", &"0".repeat(64))], "two");
    assert_eq!(wrong.status, 400, "{}", wrong.text());
    assert_eq!(get(&[]).text(), "one");
    put(&[("if-match", &etag)], "two").good();

    let answer = get(&[("if-none-match", &etag)]);
    assert_eq!(answer.text(), "two");
    let etag = answer.headers["etag"].to_str().unwrap().to_owned();
    let hash = answer.headers["tradewind-sha256"].to_str().unwrap();
    assert_eq!(hash.len(), 64);
    assert_eq!(get(&[("if-none-match", &etag)]).status, 304);
    assert_eq!(get(&[("if-match", "\"other\"")]).status, 412);
    let part = get(&[("range", "bytes=1-")]);
    assert_eq!((part.status, part.text().as_str()), (206, "wo"));
    assert_eq!(get(&[("range", "bytes=7-")]).status, 416);
    assert_eq!(get(&[("range", "lines=1-")]).text(), "two");

    let file = server.place.project("files", &[("a", "three")]) + "/a";
    let cli = |more: &[&str]| {
        let put = ["objects", "put", &file, "s3://cond/a"];
        server.tradewind(&[&put, more].concat())
    };
    assert_eq!(cli(&["--if-absent"]).code, 1);
    assert_eq!(cli(&["--if-match", "other"]).code, 1);
    cli(&["--if-match", &etag]).good();
    assert_eq!(get(&[]).text(), "three");
}

#[test]
fn large_files_go_in_parts_and_what_is_left_behind_can_be_given_up() {
    let server = Server::start();
    let mut bytes = vec![7_u8; (17 << 20) + 3];
    bytes[5] = 1;
    let file = server.place.folder.path().join("large");
    fs::write(&file, &bytes).unwrap();
    let file = file.to_str().unwrap();
    let put = [
        "objects",
        "put",
        file,
        "s3://large/a/b",
        "--parts-above",
        "1MiB",
    ];
    server.tradewind(&put).good();
    let facts = server.get("/buckets/large/objects?prefix=a/").good();
    let etag = facts["items"][0]["etag"].as_str().unwrap();
    assert!(etag.ends_with("-2"), "{etag}");
    let back = server.place.folder.path().join("back");
    let get = ["objects", "get", "s3://large/a/b", back.to_str().unwrap()];
    server.tradewind(&get).good();
    assert!(fs::read(&back).unwrap() == bytes);
    let refused = server.tradewind(&[&put[..], &["--if-absent"]].concat());
    assert_eq!(refused.code, 1, "{}", refused.err);
    let uploads = || server.get("/buckets/large/uploads").good()["items"].clone();
    assert_eq!(uploads(), json!([]), "a refused upload is given up");

    let begun = server
        .post("/buckets/large/uploads", &json!({"key": "left"}))
        .good();
    let id = begun["id"].as_str().unwrap();
    let part = |number: u32, hash: &str| {
        let path = format!("/buckets/large/uploads/{id}/parts/{number}?key=left");
        let request = server.request(Method::PUT, &path).body("abc");
        server.send(request.header("tradewind-sha256", hash))
    };
    let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(part(1, &"0".repeat(64)).status, 400);
    part(1, hash).good();
    assert_eq!(part(10_001, hash).status, 400);
    let parts = format!("/buckets/large/uploads/{id}/parts?key=left");
    let parts = server.get(&parts).good();
    assert_eq!(column(&parts["items"], "number"), [json!(1)]);
    let complete = |wanted: &Value| {
        server.post(
            &format!("/buckets/large/uploads/{id}/complete?key=left"),
            wanted,
        )
    };
    let one = json!([{"number": 1}]);
    assert_eq!(complete(&json!({"parts": []})).status, 400);
    assert_eq!(complete(&json!({"parts": one, "bytes": 4})).status, 400);
    let other = json!({"parts": one, "sha256": "0".repeat(64)});
    assert_eq!(complete(&other).status, 400);
    let told = server.tradewind(&["objects", "ls", "s3://large/", "--uploads"]);
    assert!(told.good().out.contains(id));
    server
        .tradewind(&["objects", "abort", "s3://large/left", id])
        .good();
    assert_eq!(uploads(), json!([]));
    assert_eq!(complete(&json!({"parts": one, "sha256": hash})).status, 404);
}

#[test]
fn a_key_with_dots_is_not_another_one() {
    let server = Server::start();
    let file = server.place.project("files", &[("a", "mine")]) + "/a";
    let put = |location: &str| {
        server
            .tradewind(&["objects", "put", &file, location])
            .good()
    };
    put("s3://dots/c");
    put("s3://dots/a/../c");
    let listed = server.tradewind(&["--json", "objects", "ls", "s3://dots/"]);
    assert_eq!(column(&listed.json(), "key"), [json!("a/../c"), json!("c")]);
    let gone = server.tradewind(&["jobs", "some/../where"]);
    assert!(gone.err.contains("some/../where"), "{}", gone.err);
}
