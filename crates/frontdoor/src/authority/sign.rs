//! Making the authority's certificate and those of single hosts (RFC 5280).

use super::SUBJECT;
use crate::{Error, names};
use contracts::world::World;
use domain::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    NameConstraints, SerialNumber, date_time_ymd,
};
use std::time::Duration;

const DAY: i64 = 24 * 3_600_000;

/// How long an authority is good.
pub(super) const AUTHORITY_DAYS: i64 = 3_650;

/// How long a host's certificate is good at most.
pub(super) const LEAF_DAYS: i64 = 30;

/// Later than this much before the end a fresh one is made.
pub(super) const RENEWAL_DAYS: i64 = 10;

/// Milliseconds of days.
pub(super) fn days(count: i64) -> i64 {
    count * DAY
}

/// What the authority's certificate says of itself; made again from the same subject it signs as
/// the same issuer.
pub(super) fn authority_params(subject: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = named(subject);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let permitted = names::DOMAINS
        .iter()
        .map(|domain| GeneralSubtree::DnsName(domain.name.to_owned()));
    // Constraints of one kind of name leave the other kinds free, so addresses are shut out.
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: permitted.collect(),
        excluded_subtrees: vec![
            GeneralSubtree::IpAddress(CidrSubnet::from_v4_prefix([0; 4], 0)),
            GeneralSubtree::IpAddress(CidrSubnet::from_v6_prefix([0; 16], 0)),
        ],
    });
    params
}

/// A subject that no two authorities share: clients look issuers up by it.
pub(super) fn fresh_subject(world: &World) -> String {
    let secret = world.fresh_secret();
    format!("{SUBJECT} {}", &secret[..8])
}

/// The authority's certificate in DER, good from a day before `now`, for clocks that differ.
pub(super) fn authority(subject: &str, key: &KeyPair, world: &World) -> Result<Made, Error> {
    let mut params = authority_params(subject);
    let expires = between(&mut params, world.now(), days(AUTHORITY_DAYS), i64::MAX);
    params.serial_number = Some(serial(world));
    let made = params.self_signed(key)?;
    Ok(Made {
        certificate: made.der().to_vec(),
        expires,
    })
}

/// A certificate.
pub(super) struct Made {
    /// In DER.
    pub(super) certificate: Vec<u8>,
    /// Until when it is good.
    pub(super) expires: Timestamp,
}

/// A certificate of one host, which the caller has found in the table of names.
pub(super) fn leaf(
    host: &str,
    key: &KeyPair,
    issuer: &Issuer<'_, KeyPair>,
    last: Timestamp,
    world: &World,
) -> Result<Made, Error> {
    let mut params = CertificateParams::new(vec![host.to_owned()])?;
    // RFC 5280 gives a common name 64 characters; what counts is the alternative name.
    let short = if host.len() <= 64 { host } else { "Tradewind" };
    params.distinguished_name = named(short);
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    params.serial_number = Some(serial(world));
    let expires = between(&mut params, world.now(), days(LEAF_DAYS), last.0);
    let made = params.signed_by(key, issuer)?;
    Ok(Made {
        certificate: made.der().to_vec(),
        expires,
    })
}

fn named(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}

/// Sets from when till when a certificate is good; answers till when.
fn between(params: &mut CertificateParams, now: Timestamp, span: i64, last: i64) -> Timestamp {
    let until = now.0.saturating_add(span).min(last);
    let epoch = date_time_ymd(1970, 1, 1);
    let at = |millis: i64| Duration::from_secs(u64::try_from(millis / 1_000).unwrap_or(0));
    params.not_before = epoch + at(now.0 - DAY);
    params.not_after = epoch + at(until);
    Timestamp(until)
}

/// Twenty octets at most, positive (RFC 5280 §4.1.2.2).
fn serial(world: &World) -> SerialNumber {
    let mut bytes = [0_u8; 16];
    world.entropy.fill(&mut bytes);
    bytes[0] = bytes[0] & 0x7f | 0x40;
    SerialNumber::from_slice(&bytes)
}
