//! The certificates that a program under `tradewind exec` trusts: those that this machine and its
//! user trust, and our authority. One file for all, since a program reads one.

use crate::authority::SUBJECT;
use crate::{Authority, Error};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The bundle's file in the data folder.
pub(crate) const FILE: &str = "authorities.pem";

/// Where systems keep their bundle, for those that none of the usual means finds.
const USUAL: &[&str] = &[
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/usr/local/etc/ssl/cert.pem",
];

/// Certificate authorities in the order in which they were found, each once.
#[derive(Debug, Default)]
pub struct Roots {
    found: Vec<Vec<u8>>,
    seen: BTreeSet<Vec<u8>>,
}

impl Roots {
    /// Those of the system: its bundle or key chain, or what `SSL_CERT_FILE` names.
    pub fn of_this_system() -> Self {
        let mut roots = Self::default();
        for certificate in rustls_native_certs::load_native_certs().certs {
            roots.add(&certificate);
        }
        if roots.found.is_empty() {
            for file in USUAL {
                roots.add_file(Path::new(file));
            }
        }
        roots
    }

    /// Adds what a file has, such as the one that a company gives its people in
    /// `REQUESTS_CA_BUNDLE`. A file that cannot be read has nothing.
    pub fn add_file(&mut self, file: &Path) {
        let Ok(certificates) = CertificateDer::pem_file_iter(file) else {
            return;
        };
        for certificate in certificates.flatten() {
            self.add(&certificate);
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.found.len()
    }

    fn add(&mut self, certificate: &[u8]) {
        // A bundle of ours may be the source; an authority that was removed must not live on in it.
        let is_ours = certificate
            .windows(SUBJECT.len())
            .any(|window| window == SUBJECT.as_bytes());
        if !is_ours && self.seen.insert(certificate.to_vec()) {
            self.found.push(certificate.to_vec());
        }
    }

    /// The file's text: these and our authority's certificate in DER.
    ///
    /// # Errors
    /// [`Error::NoRoots`] when there are none: a program could reach nothing else then.
    pub fn joined_with(&self, authority: &[u8]) -> Result<String, Error> {
        if self.found.is_empty() {
            return Err(Error::NoRoots);
        }
        let mut text = to_pem(authority);
        for certificate in &self.found {
            text.push_str(&to_pem(certificate));
        }
        Ok(text)
    }
}

/// Writes the bundle of a data folder, unless it is there as it should be, and says where it is.
///
/// # Errors
/// [`Error::NoRoots`], [`Error::File`].
pub fn write(data: &Path, roots: &Roots, authority: &[u8]) -> Result<PathBuf, Error> {
    let path = data.join(FILE);
    let text = roots.joined_with(authority)?;
    if fs::read(&path).is_ok_and(|kept| kept == text.as_bytes()) {
        return Ok(path);
    }
    let building = data.join(format!("authorities.new-{}", std::process::id()));
    let _ = fs::remove_file(&building);
    let mut options = OpenOptions::new();
    let file = options
        .create_new(true)
        .write(true)
        .mode(0o644)
        .open(&building);
    let mut file = file.map_err(Error::file(&building, "written"))?;
    file.write_all(text.as_bytes())
        .map_err(Error::file(&building, "written"))?;
    fs::rename(&building, &path).map_err(Error::file(&path, "written"))?;
    Ok(path)
}

/// The certificate of a data folder's authority in DER, as far as it is there.
///
/// # Errors
/// [`Error::Authority`] when there is none or it is damaged.
pub fn authority_of(data: &Path) -> Result<Vec<u8>, Error> {
    let missing = |message: String| Error::Authority {
        path: data.join("authority"),
        message,
    };
    let Some(facts) = crate::authority::describe(data)? else {
        return Err(missing("there is none".to_owned()));
    };
    let certificate = CertificateDer::from_pem_file(&facts.certificate);
    let certificate = certificate.map_err(|error| missing(error.to_string()))?;
    Ok(certificate.to_vec())
}

impl Authority {
    /// The certificate that programs must trust, in PEM.
    pub fn pem(&self) -> String {
        to_pem(self.certificate())
    }
}

/// A certificate in PEM (RFC 7468), with the line ends that every reader takes.
pub(crate) fn to_pem(certificate: &[u8]) -> String {
    let config = pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF);
    pem::encode_config(&pem::Pem::new("CERTIFICATE", certificate), config)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_authority_is_there_once_and_former_ones_of_ours_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("roots.pem");
        let text = to_pem(b"one") + &to_pem(b"one") + &to_pem(b"two, Tradewind local authority 1");
        fs::write(&file, text).unwrap();
        let mut roots = Roots::default();
        roots.add_file(&file);
        roots.add_file(&folder.path().join("absent"));
        assert_eq!(roots.len(), 1);
        let text = roots.joined_with(b"three").unwrap();
        assert_eq!(text, to_pem(b"three") + &to_pem(b"one"));
        assert!(matches!(
            Roots::default().joined_with(b"three"),
            Err(Error::NoRoots)
        ));
    }
}
