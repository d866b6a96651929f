//! Which variables of the server's process user code sees. Everything else stays outside: the
//! server may hold credentials that are no job's business.

use std::collections::BTreeMap;

/// Who and where: what programs need to find their way on a machine.
const PASSED: [&str; 24] = [
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LANGUAGE",
    "TZ",
    "LD_LIBRARY_PATH",
    "CUDA_HOME",
    "CUDA_PATH",
    "NVIDIA_VISIBLE_DEVICES",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "PIP_CERT",
    "AWS_CA_BUNDLE",
    "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];

/// Those of `variables` that are passed on. `PATH` is not among them: each use sets its own.
pub fn inherited(variables: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    variables
        .iter()
        .filter(|(name, _)| PASSED.contains(&name.as_str()) || name.starts_with("LC_"))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_stay_outside() {
        let names = [
            "HOME",
            "LC_ALL",
            "AWS_SECRET_ACCESS_KEY",
            "PYTHONPATH",
            "PATH",
        ];
        let given = names.map(|name| (name.to_owned(), "x".to_owned()));
        let passed = inherited(&BTreeMap::from(given));
        assert_eq!(
            passed.keys().map(String::as_str).collect::<Vec<_>>(),
            ["HOME", "LC_ALL"]
        );
    }
}
