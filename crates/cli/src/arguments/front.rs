//! The arguments of `exec`, `env` and `doctor`.

use clap::{Args, ValueEnum};
use frontdoor::environment;
use std::ffi::OsString;

/// By which way a program comes to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Via {
    /// Through the proxy, under the clouds' own host names.
    Proxy,
    /// By `AWS_ENDPOINT_URL`, without a proxy and without TLS.
    Endpoint,
    /// By both: for SDKs that know no proxy.
    Both,
}

impl From<Via> for environment::Via {
    fn from(via: Via) -> Self {
        match via {
            Via::Proxy => Self::Proxy,
            Via::Endpoint => Self::Endpoint,
            Via::Both => Self::Both,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct ExecArguments {
    /// By which way the program comes to the server.
    #[arg(long, value_enum, default_value = "proxy")]
    pub(crate) via: Via,
    /// The program and its arguments.
    #[arg(
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "PROGRAM"
    )]
    pub(crate) program: Vec<OsString>,
}

/// A shell that variables are printed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    /// Also `dash`, `ksh` and every other POSIX shell.
    Sh,
    /// The same text as for `sh`.
    Bash,
    /// The same text as for `sh`.
    Zsh,
    /// `set -gx`.
    Fish,
    /// `$env:NAME`.
    Powershell,
    /// `setenv`.
    Tcsh,
    /// `set-env`.
    Elvish,
}

#[derive(Debug, Args)]
pub(crate) struct EnvArguments {
    /// The shell; unset means the one that the variable SHELL names.
    #[arg(long, value_enum)]
    pub(crate) shell: Option<Shell>,
    /// By which way programs come to the server.
    #[arg(long, value_enum, default_value = "proxy", conflicts_with = "plain")]
    pub(crate) via: Via,
    /// The same as `--via endpoint`.
    #[arg(long)]
    pub(crate) plain: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DoctorArguments {
    /// Remove the certificate authority; the next start of the server makes a fresh one.
    #[arg(long)]
    pub(crate) remove_authority: bool,
    /// The folder for environments and tools, where it is not in the data folder.
    #[arg(long, env = "TRADEWIND_ENVIRONMENTS", value_name = "FOLDER")]
    pub(crate) environments: Option<std::path::PathBuf>,
}
