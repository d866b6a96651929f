//! Who may reach which other host through the proxy.
//!
//! A proxy that reaches what its caller cannot is a hole: addresses of this machine, of its network
//! and of the cloud's metadata service would be open to whoever reaches the port. So programs of
//! this machine reach what they could reach anyway, and callers from elsewhere nothing, until the
//! setting says `tunnel`; even then they need a key, and reach public addresses on the web's ports
//! alone. A process that is confined to this server reaches nothing by it, whatever the setting says.

use super::{Refused, Target};
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What becomes of requests for hosts that are not answered here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OtherHosts {
    /// They are carried through, byte for byte.
    Tunnel,
    /// They are refused with status 403.
    Refuse,
}

/// The section `proxy` of the server's settings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// What becomes of hosts that are not answered here; unset means `tunnel` for programs of this
    /// machine and `refuse` for others.
    pub other_hosts: Option<OtherHosts>,
    /// The proxy through which this machine reaches others, `http://host:port`; unset means what
    /// `HTTPS_PROXY` says where the server runs, and an empty text none.
    pub upstream: Option<String>,
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asker {
    /// A program of this machine.
    Here,
    /// A program of this machine that may reach nothing but this server.
    Confined,
    /// Anybody else.
    Elsewhere,
}

impl Asker {
    /// Told by the address from which a connection came.
    pub fn at(address: IpAddr) -> Self {
        if address.to_canonical().is_loopback() {
            Self::Here
        } else {
            Self::Elsewhere
        }
    }
}

/// The rules.
#[derive(Debug, Clone, Copy, Default)]
pub struct Policy {
    other_hosts: Option<OtherHosts>,
}

impl Policy {
    /// By the settings.
    pub fn new(settings: &Settings) -> Self {
        Self {
            other_hosts: settings.other_hosts,
        }
    }

    /// Whether a target may be looked up for someone at all.
    ///
    /// # Errors
    /// Why not.
    pub fn allows(&self, asker: Asker, target: &Target) -> Result<(), Refused> {
        match (self.other_hosts, asker) {
            (_, Asker::Confined) => Err(Refused::Confined(target.clone())),
            (Some(OtherHosts::Refuse), _) => Err(Refused::Setting(target.clone())),
            (None, Asker::Elsewhere) => Err(Refused::Remote(target.clone())),
            (Some(OtherHosts::Tunnel), Asker::Elsewhere) if ![80, 443].contains(&target.port) => {
                Err(Refused::Port(target.clone()))
            }
            _ => Ok(()),
        }
    }

    /// Whether an address at which the target was found may be dialled. This very address is
    /// dialled then: a name that is looked up twice may have moved in between.
    ///
    /// # Errors
    /// [`Refused::Address`].
    pub fn allows_address(
        &self,
        asker: Asker,
        target: &Target,
        address: IpAddr,
    ) -> Result<(), Refused> {
        let address = address.to_canonical();
        let good = match asker {
            Asker::Here => !is_never_meant(address),
            Asker::Confined => false,
            Asker::Elsewhere => is_public(address),
        };
        if good {
            return Ok(());
        }
        Err(Refused::Address {
            target: target.clone(),
            address,
        })
    }
}

/// Addresses that no program wants through a proxy: link-local ones, where the clouds' metadata
/// services hand out credentials of the machine, and those that are no single host's.
fn is_never_meant(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            v4.is_link_local()
                || v4.is_multicast()
                || v4.is_broadcast()
                || v4.octets()[0] == 0
                // The metadata service of a cloud that has not put it at a link-local address.
                || v4 == Ipv4Addr::new(100, 100, 100, 200)
        }
        IpAddr::V6(v6) => {
            v6.is_unicast_link_local()
                || v6.is_multicast()
                || v6.is_unspecified()
                // The metadata service of EC2 over IPv6.
                || v6 == Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)
        }
    }
}

/// Whether an address is a public host's, by the registries of special-purpose addresses
/// (RFC 6890 and what has been added since).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            !(v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_multicast()
                || v4.is_documentation()
                || a == 0
                || a >= 240
                || (a == 100 && (64..128).contains(&b))
                || (a == 192 && b == 0 && c == 0)
                || (a == 192 && b == 88 && c == 99)
                || (a == 198 && (18..20).contains(&b)))
        }
        IpAddr::V6(v6) => {
            let [a, b, ..] = v6.segments();
            // Global unicast, but for what carries an IPv4 address inside (Teredo, 6to4), is for
            // documents, benchmarks or overlays.
            (a & 0xe000) == 0x2000
                && a != 0x2002
                && a != 0x3fff
                && !(a == 0x2001 && (b < 0x200 || b == 0xdb8))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(port: u16) -> Target {
        Target {
            host: "example.org".into(),
            port,
        }
    }

    #[test]
    fn callers_from_elsewhere_reach_public_hosts_only_and_only_when_told() {
        let unset = Policy::default();
        let tunnel = Policy {
            other_hosts: Some(OtherHosts::Tunnel),
        };
        let refuse = Policy {
            other_hosts: Some(OtherHosts::Refuse),
        };
        assert!(unset.allows(Asker::Here, &target(8080)).is_ok());
        assert!(unset.allows(Asker::Elsewhere, &target(443)).is_err());
        assert!(tunnel.allows(Asker::Elsewhere, &target(443)).is_ok());
        assert!(tunnel.allows(Asker::Elsewhere, &target(25)).is_err());
        assert!(tunnel.allows(Asker::Here, &target(25)).is_ok());
        assert!(refuse.allows(Asker::Here, &target(443)).is_err());
        for any in [unset, tunnel, refuse] {
            assert!(any.allows(Asker::Confined, &target(443)).is_err());
        }
        let may = |asker, address: &str| {
            let address = address.parse().unwrap();
            tunnel.allows_address(asker, &target(443), address).is_ok()
        };
        for inside in [
            "127.0.0.1",
            "::1",
            "10.1.2.3",
            "192.168.0.1",
            "172.16.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "198.18.0.1",
            "fe80::1",
            "fc00::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001::1",
            "2001:db8::1",
            "::",
            "ff02::1",
            "fd00:ec2::254",
        ] {
            assert!(!may(Asker::Elsewhere, inside), "{inside}");
        }
        for public in ["93.184.216.34", "2606:2800:220:1::1", "8.8.8.8"] {
            assert!(may(Asker::Elsewhere, public), "{public}");
            assert!(!may(Asker::Confined, public), "{public}");
        }
        for near in ["127.0.0.1", "::1", "10.1.2.3", "8.8.8.8", "fd12::1"] {
            assert!(may(Asker::Here, near), "{near}");
        }
        for never in [
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "fe80::1",
            "fd00:ec2::254",
            "0.0.0.0",
            "100.100.100.200",
        ] {
            assert!(!may(Asker::Here, never), "{never}");
        }
    }

    #[test]
    fn an_asker_is_told_by_the_address() {
        for here in ["127.0.0.1", "::1", "::ffff:127.1.2.3"] {
            assert_eq!(Asker::at(here.parse().unwrap()), Asker::Here);
        }
        for elsewhere in ["10.0.0.1", "::ffff:10.0.0.1", "fe80::1"] {
            assert_eq!(Asker::at(elsewhere.parse().unwrap()), Asker::Elsewhere);
        }
    }
}
