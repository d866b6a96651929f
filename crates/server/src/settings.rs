//! What a server is told: a TOML file, over it the environment, over that the command line.

use crate::Error;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The settings of a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Everything that the server keeps is below this folder.
    pub data: PathBuf,
    /// Where environments and tools are kept, so that several data folders can share them; unset
    /// means the data folder.
    pub environments: Option<PathBuf>,
    /// Address and port; port 0 takes a free one.
    pub listen: String,
    /// Whether a free port is taken when the one in `listen` is not free.
    pub any_port: bool,
    /// Whether an address that other machines can reach may be listened on.
    pub allow_remote: bool,
    /// `postgres://…`; unset means SQLite in the data folder.
    pub database: Option<String>,
    /// Most bytes of a JSON body or a prediction's payload.
    pub largest_body: usize,
    /// Jobs that run at once on this machine; unset means twice its CPUs.
    pub live_jobs: Option<u32>,
    /// Most bytes of memory that replicas above the warm floors may take together; unset is no
    /// limit.
    pub serving_memory: Option<u64>,
    /// Most bytes of memory for endpoints that sleep and keep their model loaded in a process of its
    /// own, to wake faster; 0 keeps none, unset is a sixty-fourth of the machine's memory.
    pub warm_memory: Option<u64>,
    /// Base address of a collector of OpenTelemetry that is sent each prediction as a span, such as
    /// `http://127.0.0.1:4318`; unset sends none.
    pub otlp_endpoint: Option<String>,
    /// Whether jobs may name files of this machine as inputs; unset means only while nobody else
    /// can reach the server.
    pub local_paths: Option<bool>,
    /// Milliseconds for which a server keeps what it claimed; another takes over after that.
    pub lease_milliseconds: u32,
    /// Days for which events, which are the audit trail, are kept; 0 means for ever.
    pub keep_events_days: u32,
    /// Days after which an environment that nobody used is removed; 0 means never. It is made
    /// again when somebody wants it.
    pub keep_environments_days: u32,
    /// What becomes of requests for hosts that are not answered here.
    pub proxy: frontdoor::proxy::Settings,
}

impl Settings {
    /// The usual settings for a data folder.
    pub fn new(data: impl Into<PathBuf>) -> Self {
        Self {
            data: data.into(),
            ..Self::default()
        }
    }

    /// Reads a settings file.
    ///
    /// # Errors
    /// [`Error::Settings`] with line and column.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let wrong = |message: String| Error::Settings {
            path: path.to_owned(),
            message,
        };
        let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        toml::from_str(&text).map_err(|error| wrong(error.to_string()))
    }

    /// These settings, unless they would let others in without having been meant to.
    pub(crate) fn checked(self) -> Result<Self, Error> {
        let port = self.listen.rsplit_once(':').map(|(_, port)| port);
        if port.is_none_or(|port| port.parse::<u16>().is_err()) {
            return Err(Error::NoAddress(self.listen));
        }
        if self.lease_milliseconds == 0 {
            return Err(Error::NoLease);
        }
        if !self.is_loopback() && !self.allow_remote {
            return Err(Error::Exposed(self.listen));
        }
        Ok(self)
    }

    /// Whether only this machine can reach the address.
    pub fn is_loopback(&self) -> bool {
        let host = self
            .listen
            .rsplit_once(':')
            .map_or(self.listen.as_str(), |(host, _)| host);
        let host = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost"
            || host
                .parse::<std::net::IpAddr>()
                .is_ok_and(|address| address.is_loopback())
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            data: PathBuf::from("tradewind-data"),
            environments: None,
            listen: "127.0.0.1:7077".to_owned(),
            any_port: false,
            allow_remote: false,
            database: None,
            largest_body: 64 << 20,
            live_jobs: None,
            serving_memory: None,
            warm_memory: None,
            otlp_endpoint: None,
            local_paths: None,
            lease_milliseconds: 20_000,
            keep_events_days: 90,
            keep_environments_days: 30,
            proxy: frontdoor::proxy::Settings::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_told_from_the_world() {
        let at = |listen: &str| Settings {
            listen: listen.to_owned(),
            ..Settings::default()
        };
        for inside in ["127.0.0.1:0", "[::1]:80", "localhost:7077", "127.3.2.1:1"] {
            assert!(at(inside).is_loopback(), "{inside}");
        }
        for outside in ["0.0.0.0:80", "[::]:80", "example.org:80", "10.0.0.1:1"] {
            assert!(!at(outside).is_loopback(), "{outside}");
        }
    }

    #[test]
    fn what_cannot_work_is_refused_before_anything_starts() {
        for wrong in ["nope", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:70000"] {
            let settings = Settings {
                listen: wrong.to_owned(),
                ..Settings::default()
            };
            let error = settings.checked().unwrap_err();
            assert!(matches!(error, Error::NoAddress(_)), "{wrong}: {error}");
        }
        let settings = Settings {
            lease_milliseconds: 0,
            ..Settings::default()
        };
        assert!(matches!(settings.checked(), Err(Error::NoLease)));
        assert!(Settings::default().checked().is_ok());
    }

    #[test]
    fn an_unknown_setting_is_named() {
        let folder =
            std::env::temp_dir().join(format!("tradewind-settings-{}", std::process::id()));
        std::fs::write(&folder, "listne = \"127.0.0.1:1\"\n").unwrap();
        let error = Settings::read(&folder).unwrap_err().to_string();
        std::fs::remove_file(&folder).unwrap();
        assert!(
            error.contains("listne") && error.contains("line 1"),
            "{error}"
        );
    }
}
