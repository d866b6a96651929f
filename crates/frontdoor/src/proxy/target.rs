//! Where a proxied request is to go.

use super::Refused;
use http::uri::Authority;
use std::fmt;
use std::net::Ipv6Addr;

/// A host and a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// A name or an address, without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl Target {
    /// From the authority of a request; `default` is the scheme's port. `CONNECT` has none
    /// (RFC 9110 §9.3.6).
    ///
    /// # Errors
    /// [`Refused::Malformed`] with user information, with something else than an address in
    /// brackets, without a port where one is needed, or with port 0.
    pub fn of(authority: &Authority, default: Option<u16>) -> Result<Self, Refused> {
        let malformed = || Refused::Malformed(authority.to_string());
        if authority.as_str().contains('@') {
            return Err(malformed());
        }
        let host = authority.host();
        let has_port = authority.as_str().len() > host.len();
        let port = match authority.port_u16() {
            Some(port) => port,
            None if has_port => return Err(malformed()),
            None => default.ok_or_else(malformed)?,
        };
        let bracketed = host
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        let host = match bracketed {
            // Nothing but an address stands in brackets (RFC 3986 §3.2.2).
            Some(address) if address.parse::<Ipv6Addr>().is_ok() => address,
            Some(_) => return Err(malformed()),
            // Nor does a bracket, or a colon, stand anywhere else.
            None if host.contains(['[', ']', ':']) => return Err(malformed()),
            None => host,
        };
        if port == 0 || host.is_empty() {
            return Err(malformed());
        }
        Ok(Self {
            host: host.to_ascii_lowercase(),
            port,
        })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_host_and_a_port_and_nothing_else() {
        let parse = |text: &str| Target::of(&text.parse().unwrap(), None);
        assert_eq!(parse("PyPI.org:443").unwrap().to_string(), "pypi.org:443");
        assert_eq!(parse("[::1]:8443").unwrap().to_string(), "[::1]:8443");
        for bad in [
            "pypi.org",
            "me@pypi.org:443",
            "pypi.org:0",
            "pypi.org:70000",
            "pypi.org:",
            "[%]:1",
            "=[::]x:5",
            "[127.0.0.1]:1",
            "[fe80::1%25eth0]:1",
        ] {
            let Ok(authority) = bad.parse() else { continue };
            assert!(Target::of(&authority, None).is_err(), "{bad}");
        }
        let plain = Target::of(&"example.org".parse().unwrap(), Some(80)).unwrap();
        assert_eq!(plain.port, 80);
    }
}
