//! What a database URL names. The first thing that is checked about a configuration, so that a
//! mistake is answered before anything is opened.

use contracts::store::StoreError;
use std::path::PathBuf;

/// A database, as its URL names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Address {
    /// One file.
    Sqlite(PathBuf),
    /// A server; the URL as given.
    Postgres(String),
}

impl Address {
    /// Reads `sqlite:///path/file.db`, `sqlite:file.db`, a bare path, or `postgres://…`.
    pub(crate) fn parse(url: &str) -> Result<Self, StoreError> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.to_owned()));
        }
        let path = match url.strip_prefix("sqlite:") {
            Some(rest) => {
                let rest = rest.strip_prefix("//").unwrap_or(rest);
                if rest.contains('?') {
                    return Err(invalid(url, "parameters after `?` are not taken"));
                }
                decode(rest).ok_or_else(|| invalid(url, "its `%` escapes are not UTF-8"))?
            }
            None if has_scheme(url) => {
                return Err(invalid(url, "only `sqlite:` and `postgres:` are known"));
            }
            None => url.to_owned(),
        };
        if path.is_empty() || path.contains('\0') {
            return Err(invalid(url, "it names no file"));
        }
        if path == ":memory:" {
            return Err(invalid(
                url,
                "the state must outlive the process, so name a file",
            ));
        }
        Ok(Self::Sqlite(PathBuf::from(path)))
    }
}

/// The URL without what stands before `@`, which may be a password.
fn shown(url: &str) -> String {
    let shown = match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, rest))) => format!("{scheme}://…@{rest}"),
        _ => url.to_owned(),
    };
    shown.chars().take(200).collect()
}

fn invalid(url: &str, why: &str) -> StoreError {
    StoreError::Invalid(format!(
        "`{}` is not the URL of a database: {why}; write `sqlite:///path/tradewind.db` or \
         `postgres://user:password@host:5432/database`",
        shown(url)
    ))
}

fn has_scheme(url: &str) -> bool {
    url.split_once("://").is_some_and(|(scheme, _)| {
        scheme
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'+')
    })
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next()?, rest.next()?];
        let digits = std::str::from_utf8(&digits).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
    }
    String::from_utf8(bytes).ok()
}

/// A path in the form that sqlx takes after `sqlite://`.
pub(crate) fn encode(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_name_a_file_or_a_server() {
        for (url, path) in [
            ("sqlite:///var/lib/t.db", "/var/lib/t.db"),
            ("sqlite:t.db", "t.db"),
            ("sqlite://t.db", "t.db"),
            ("sqlite:///a%20b/%C3%A4.db", "/a b/ä.db"),
            ("/plain/100%.db", "/plain/100%.db"),
        ] {
            assert_eq!(
                Address::parse(url).unwrap(),
                Address::Sqlite(path.into()),
                "{url}"
            );
        }
        let server = "postgresql://u:p@h/d";
        assert_eq!(
            Address::parse(server).unwrap(),
            Address::Postgres(server.into())
        );
    }

    #[test]
    fn what_is_no_database_is_refused_without_its_password() {
        for url in [
            "",
            "sqlite:",
            "sqlite://",
            "sqlite::memory:",
            "mysql://u:secret@h/d",
            "sqlite://t.db?mode=ro",
            "sqlite:%zz",
            "sqlite:%ff",
            "sqlite:a%0",
        ] {
            let refused = Address::parse(url).unwrap_err().to_string();
            assert!(refused.contains("sqlite:///path"), "{refused}");
            assert!(!refused.contains("secret"), "{refused}");
        }
    }

    #[test]
    fn any_path_survives_its_url() {
        let path = "/tmp/a b?c#d%e/ä.db";
        assert_eq!(
            Address::parse(&format!("sqlite://{}", encode(path))).unwrap(),
            Address::Sqlite(path.into())
        );
    }
}
