//! Server-side encryption with the local key ring.

use crate::setting::{ACCOUNT, Setting, signer};

#[tokio::test]
async fn encrypted_objects() {
    let s3 = Setting::with_bucket().await;
    let key = s3.store.keys().create("of the test").unwrap();
    let put = |name: &str| s3.put(&format!("/data/{name}"), vec![9_u8; 5_000]);
    let sse = "x-amz-server-side-encryption";
    let sse_key = "x-amz-server-side-encryption-aws-kms-key-id";
    let arn = format!("arn:aws:kms:us-east-1:{ACCOUNT}:key/{}", key.id);
    let made = put("named")
        .header(sse, "aws:kms")
        .header(sse_key, &key.id)
        .send()
        .await
        .ok();
    assert_eq!(made.header(sse), Some("aws:kms"));
    assert_eq!(made.header(sse_key), Some(&*arn));
    let got = s3.get("/data/named").send().await.ok();
    assert_eq!(got.body, vec![9_u8; 5_000]);
    assert_eq!(got.header(sse_key), Some(&*arn));
    put("again")
        .header(sse, "aws:kms")
        .header(sse_key, &arn)
        .send()
        .await
        .ok();
    put("default").header(sse, "aws:kms").send().await.ok();
    let plain = put("plain").header(sse, "AES256").send().await.ok();
    assert_eq!(
        (plain.header(sse), plain.header(sse_key)),
        (Some("AES256"), None)
    );
    assert_eq!(put("open").send().await.ok().header(sse), None);
    put("x")
        .header(sse, "aws:kms")
        .header(sse_key, "none")
        .send()
        .await
        .fails(400, "KMS.NotFoundException");
    put("x")
        .header(sse, "ROT13")
        .send()
        .await
        .fails(400, "InvalidEncryptionAlgorithmError");
    put("x")
        .header(sse, "aws:kms:dsse")
        .send()
        .await
        .fails(501, "NotImplemented");
    put("x")
        .header(sse, "AES256")
        .header(sse_key, &key.id)
        .send()
        .await
        .fails(400, "InvalidArgument");
    // The copy of a plain object may be encrypted.
    let copy = s3
        .put("/data/copy", "")
        .header("x-amz-copy-source", "/data/open")
        .header(sse, "aws:kms");
    assert_eq!(copy.send().await.ok().header(sse), Some("aws:kms"));
    assert_eq!(
        s3.get("/data/copy").send().await.ok().body,
        vec![9_u8; 5_000]
    );
    s3.store
        .keys()
        .set_state(&key.id, ::objects::KeyState::Disabled)
        .unwrap();
    let disabled = s3.get("/data/named").send().await;
    assert_eq!(disabled.status, 400, "{}", disabled.text());
}

#[tokio::test]
async fn default_encryption_of_a_bucket() {
    let s3 = Setting::with_bucket().await;
    s3.get("/data?encryption")
        .send()
        .await
        .fails(404, "ServerSideEncryptionConfigurationNotFoundError");
    let rule = |inner: &str| {
        format!(
            "<ServerSideEncryptionConfiguration><Rule>{inner}</Rule></ServerSideEncryptionConfiguration>"
        )
    };
    let kms = rule(
        "<ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm></ApplyServerSideEncryptionByDefault>",
    );
    s3.put("/data?encryption", kms).send().await.ok();
    let got = s3.get("/data?encryption").send().await.ok();
    assert_eq!(got.element("SSEAlgorithm").as_deref(), Some("aws:kms"));
    let put = s3.put("/data/a", "hello").send().await.ok();
    assert_eq!(put.header("x-amz-server-side-encryption"), Some("aws:kms"));
    assert!(
        s3.store
            .head_object(&s3.workspace, "data", "a", None)
            .await
            .unwrap()
            .sealed()
            .is_some()
    );
    let unknown = rule(
        "<ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>none</KMSMasterKeyID></ApplyServerSideEncryptionByDefault>",
    );
    s3.put("/data?encryption", unknown)
        .send()
        .await
        .fails(400, "KMS.NotFoundException");
    s3.call("DELETE", "/data?encryption").send().await.ok();
    assert_eq!(
        s3.put("/data/b", "x")
            .send()
            .await
            .ok()
            .header("x-amz-server-side-encryption"),
        None
    );
}

#[tokio::test]
async fn what_others_wrote_with_a_key_shows_it() {
    let s3 = Setting::with_bucket().await;
    let key = s3.store.keys().create("of a job").unwrap();
    let arn = format!("arn:aws:kms:us-east-1:{ACCOUNT}:key/{}", key.id);
    for (name, named) in [("delivered", Some(&key.id)), ("default", None)] {
        let put = objects::Put {
            encryption: Some(objects::Encryption {
                key: named.cloned(),
            }),
            ..objects::Put::default()
        };
        let bytes = bytes::Bytes::from_static(b"made by a job");
        let body = Box::pin(futures::stream::iter([Ok(bytes)]));
        let made = s3.store.put_object(&s3.workspace, "data", name, body, put);
        made.await.unwrap();
        let answer = s3.call("HEAD", &format!("/data/{name}")).send().await.ok();
        let word = answer.header("x-amz-server-side-encryption");
        let shown = answer.header("x-amz-server-side-encryption-aws-kms-key-id");
        match named {
            Some(_) => assert_eq!((word, shown), (Some("aws:kms"), Some(&*arn))),
            None => assert_eq!((word, shown), (Some("AES256"), None)),
        }
    }
}

#[tokio::test]
async fn who_reads_what_a_key_encrypts_needs_the_key() {
    let s3 = Setting::with_bucket().await;
    let key = s3.store.keys().create("of the test").unwrap();
    let sse = "x-amz-server-side-encryption";
    let put = |name: &str| {
        s3.put(&format!("/data/open/{name}"), "top")
            .header(sse, "aws:kms")
    };
    let named = "x-amz-server-side-encryption-aws-kms-key-id";
    put("named").header(named, &key.id).send().await.ok();
    put("default").send().await.ok();
    let read = |name: &str| s3.get(&format!("/data/open/{name}")).by(signer("READER"));
    let refused = read("named").send().await;
    assert_eq!(refused.status, 403, "{}", refused.text());
    assert!(refused.text().contains("kms:Decrypt"), "{}", refused.text());
    // The default key is everybody's who may use S3.
    read("default").send().await.ok();
}
