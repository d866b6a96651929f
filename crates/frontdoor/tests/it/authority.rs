//! The authority: one for a folder, private, and good for the clouds' names alone.

use crate::support::{trusting, world};
use rcgen::{CertificateParams, Issuer, KeyPair};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls_pki_types::{ServerName, UnixTime};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::sync::{Arc, Barrier};
use tradewind_frontdoor::{Authority, Error, authority};

#[test]
fn the_key_is_for_its_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    Authority::open(folder.path(), &world()).unwrap();
    let mode = |name: &str| fs::metadata(folder.path().join(name)).unwrap().mode() & 0o777;
    assert_eq!(mode("authority"), 0o700);
    assert_eq!(mode("authority/key.pem"), 0o600);
    let key = folder.path().join("authority/key.pem");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
    let error = Authority::open(folder.path(), &world())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("`key.pem`") && error.contains("--remove-authority"),
        "{error}"
    );
}

#[test]
fn a_folder_has_one_authority_however_many_open_it_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let start = Barrier::new(8);
    let fingerprints: BTreeSet<String> = std::thread::scope(|scope| {
        let open = || {
            start.wait();
            let authority = Authority::open(folder.path(), &world()).unwrap();
            authority.facts().fingerprint.clone()
        };
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert_eq!(fingerprints.len(), 1, "{fingerprints:?}");
    let kept = authority::describe(folder.path()).unwrap().unwrap();
    assert!(fingerprints.contains(&kept.fingerprint));
}

#[test]
fn removed_is_gone_and_the_next_is_another() {
    let folder = tempfile::tempdir().unwrap();
    assert!(!authority::remove(folder.path()).unwrap());
    let first = Authority::open(folder.path(), &world()).unwrap();
    assert!(authority::remove(folder.path()).unwrap());
    assert!(authority::describe(folder.path()).unwrap().is_none());
    let second = Authority::open(folder.path(), &world()).unwrap();
    assert_ne!(first.facts().fingerprint, second.facts().fingerprint);
    assert_ne!(first.facts().subject, second.facts().subject);
}

#[test]
fn an_authority_for_other_names_or_near_its_end_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let first = Authority::open(folder.path(), &world()).unwrap();
    let file = folder.path().join("authority/facts.json");
    let change = |from: &str, to: &str| {
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(&file, text.replace(from, to)).unwrap();
        let opened = Authority::open(folder.path(), &world()).unwrap();
        opened.facts().fingerprint.clone()
    };
    let second = change("\"api.aws\"", "\"example.org\"");
    assert_ne!(first.facts().fingerprint, second);
    let expires = authority::describe(folder.path())
        .unwrap()
        .unwrap()
        .expires
        .0;
    let soon = world().now().0 + 86_400_000;
    assert_ne!(change(&expires.to_string(), &soon.to_string()), second);
}

#[test]
fn what_is_damaged_is_told_and_not_replaced() {
    for (file, content) in [
        ("facts.json", "{"),
        ("key.pem", "no key"),
        ("certificate.pem", "no certificate"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        Authority::open(folder.path(), &world()).unwrap();
        fs::write(folder.path().join("authority").join(file), content).unwrap();
        let error = Authority::open(folder.path(), &world()).unwrap_err();
        assert!(matches!(error, Error::Authority { .. }), "{error}");
    }
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for folder in [&one, &other] {
        Authority::open(folder.path(), &world()).unwrap();
    }
    let key = |folder: &tempfile::TempDir| folder.path().join("authority/key.pem");
    fs::write(key(&one), fs::read(key(&other)).unwrap()).unwrap();
    assert!(Authority::open(one.path(), &world()).is_err());
}

#[test]
fn no_certificate_is_made_for_anybody_else() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::open(folder.path(), &world()).unwrap();
    authority.tls("sts.us-east-1.amazonaws.com").unwrap();
    for host in [
        "example.org",
        "evilamazonaws.com",
        "amazonaws.com.evil.org",
        "*.amazonaws.com",
        "127.0.0.1",
        "::1",
        "",
        "localhost",
    ] {
        let error = authority.tls(host).unwrap_err();
        assert!(matches!(error, Error::NotACloud(_)), "{host}: {error}");
    }
}

/// Whoever steals the key can sign what he likes; clients refuse it, because the authority's own
/// certificate says what it is good for.
#[test]
fn a_stolen_key_is_good_for_no_other_name() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::open(folder.path(), &world()).unwrap();
    let key = fs::read_to_string(folder.path().join("authority/key.pem")).unwrap();
    let mut issuer = CertificateParams::default();
    issuer.distinguished_name = rcgen::DistinguishedName::new();
    issuer
        .distinguished_name
        .push(rcgen::DnType::CommonName, authority.facts().subject.clone());
    let issuer = Issuer::new(issuer, KeyPair::from_pem(&key).unwrap());
    let mut roots = rustls::RootCertStore::empty();
    roots.add(authority.certificate().to_vec().into()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
    let verifier = verifier.build().unwrap();
    let accepts = |host: &str| {
        let leaf_key = KeyPair::generate().unwrap();
        let leaf = CertificateParams::new(vec![host.to_owned()]).unwrap();
        let leaf = leaf.signed_by(&leaf_key, &issuer).unwrap();
        let name = ServerName::try_from(host.to_owned()).unwrap();
        verifier.verify_server_cert(leaf.der(), &[], &name, &[], UnixTime::now())
    };
    accepts("s3.amazonaws.com").unwrap();
    for host in [
        "example.org",
        "google.com",
        "10.0.0.1",
        "2606:2800:220:1::1",
    ] {
        let error = accepts(host).unwrap_err().to_string();
        assert!(error.contains("NameConstraint"), "{host}: {error}");
    }
    let _ = trusting(authority.certificate());
}
