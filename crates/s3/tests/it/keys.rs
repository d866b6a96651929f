//! Keys are exact, whatever stands in them, and never paths.

use crate::setting::Setting;

const KEYS: [&str; 14] = [
    "a b",
    "a+b",
    "ä/ö/日本語/🦀",
    "../../etc/passwd",
    "..",
    ".",
    "/leading",
    "double//slash///",
    "%2F",
    "%252e%252e",
    "a?b=c&d#e",
    "quote\"'<>&",
    "tab\tnewline\n",
    "dir/",
];

#[tokio::test]
async fn every_key_comes_back_to_the_letter() {
    let s3 = Setting::with_bucket().await;
    for key in KEYS {
        s3.call("PUT", "/data")
            .path(&format!("/data/{}", crate::signer::encode(key, true)))
            .body(key)
            .send()
            .await
            .ok();
    }
    let listed = s3
        .store
        .list_objects(&s3.workspace, "data", &Default::default())
        .await
        .unwrap();
    let mut expected = KEYS.to_vec();
    expected.sort_unstable();
    let found: Vec<_> = listed
        .objects
        .iter()
        .map(|object| object.key.as_str())
        .collect();
    assert_eq!(found, expected);
    for key in KEYS {
        let path = format!("/data/{}", crate::signer::encode(key, true));
        let got = s3.get("/").path(&path).send().await.ok();
        assert_eq!(got.text(), key);
    }
    let page = s3
        .get("/data?list-type=2&encoding-type=url")
        .send()
        .await
        .ok();
    let mut read: Vec<String> = page
        .text()
        .split("<Key>")
        .skip(1)
        .map(|rest| {
            percent_encoding::percent_decode_str(rest.split('<').next().unwrap())
                .decode_utf8()
                .unwrap()
                .into_owned()
        })
        .collect();
    read.sort_unstable();
    assert_eq!(read, expected);
}

#[tokio::test]
async fn keys_that_cannot_be_are_refused() {
    let s3 = Setting::with_bucket().await;
    let long = "k".repeat(1_025);
    s3.put(&format!("/data/{long}"), "x")
        .send()
        .await
        .fails(400, "KeyTooLongError");
    s3.put(&format!("/data/{}", "k".repeat(1_024)), "x")
        .send()
        .await
        .ok();
    s3.call("PUT", "/")
        .path("/data/a%00b")
        .send()
        .await
        .fails(400, "InvalidArgument");
    s3.call("PUT", "/")
        .path("/data/%FF")
        .send()
        .await
        .fails(400, "InvalidURI");
}

#[tokio::test]
async fn buckets_in_host_names() {
    let s3 = Setting::with_bucket().await;
    for host in [
        "data.s3.amazonaws.com",
        "data.s3.us-east-1.amazonaws.com",
        "data.localhost:80",
    ] {
        s3.put("/a//b", "hosted").host(host).send().await.ok();
        assert_eq!(s3.get("/data/a//b").send().await.ok().text(), "hosted");
        let got = s3.get("/a//b").host(host).send().await.ok();
        assert_eq!(got.text(), "hosted");
        s3.call("DELETE", "/a//b").host(host).send().await.ok();
    }
    let own = s3
        .get("/")
        .host("s3.us-east-1.amazonaws.com")
        .send()
        .await
        .ok();
    assert_eq!(own.element("Name").as_deref(), Some("data"));
}
