//! Connections to PostgreSQL by TLS, against a real server with a certificate of its own making.

use crate::support::{key, put, row, world};
use contracts::store::{Store as _, StoreError};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use testing_postgres::{Certificate, Server};
use tradewind_store::Store;

/// An authority and a leaf for `localhost` that it signed, as PEM: authority, leaf, leaf's key.
fn certificates() -> (String, String, String) {
    let own = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = authority.self_signed(&own).unwrap();
    let issuer = Issuer::new(authority, own);
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let leaf = leaf.signed_by(&key, &issuer).unwrap();
    (root.pem(), leaf.pem(), key.serialize_pem())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_reached_by_tls_and_checked_as_the_url_says() {
    let (authority, chain, key_text) = certificates();
    let (stranger, ..) = certificates();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let (known, unknown) = (
        path("known.pem", &authority),
        path("unknown.pem", &stranger),
    );
    let server = tokio::task::spawn_blocking(move || {
        let (chain, key) = (chain.as_str(), key_text.as_str());
        Server::start_encrypted(Certificate { chain, key })
    });
    let server = server.await.unwrap();
    let url = |parameters: String| server.network_url("postgres", &parameters);

    // Verified in full, without verification, and by the default, which encrypts where it can.
    for parameters in [
        format!("sslmode=verify-full&sslrootcert={known}"),
        format!("sslmode=verify-ca&sslrootcert={known}"),
        "sslmode=require".to_owned(),
        "application_name=default".to_owned(),
    ] {
        let store = Store::open(&url(parameters.clone()), &world()).await;
        let store = store
            .map_err(|error| format!("{parameters}: {error}"))
            .unwrap();
        store.commit(put(1, [row(&parameters)])).await.unwrap();
        assert!(store.get(&key(&parameters)).await.unwrap().is_some());
    }
    // A certificate that nobody vouches for, another host's name, and no encryption at all.
    let by_number = url(format!("sslmode=verify-full&sslrootcert={known}"));
    let by_number = by_number.replace("@localhost:", "@127.0.0.1:");
    for (wrong, word) in [
        (url("sslmode=verify-full".to_owned()), "sslrootcert"),
        (
            url(format!("sslmode=verify-ca&sslrootcert={unknown}")),
            "sslrootcert",
        ),
        (by_number, "sslrootcert"),
        (url("sslmode=disable".to_owned()), "sslmode"),
    ] {
        let error = Store::open(&wrong, &world()).await.unwrap_err();
        let text = error.to_string();
        assert!(
            matches!(error, StoreError::Unavailable { .. }),
            "{wrong}: {error:?}"
        );
        assert!(text.contains(word), "{wrong}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_tls_is_refused_where_tls_is_demanded() {
    let server = tokio::task::spawn_blocking(Server::start).await.unwrap();
    let url = format!("{}&sslmode=require", server.url("postgres"));
    let error = Store::open(&url, &world()).await.unwrap_err();
    assert!(error.to_string().contains("sslmode"), "{error}");
}
