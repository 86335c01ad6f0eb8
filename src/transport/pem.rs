//! Certificates and keys from PEM files: whom to trust, and who the client is.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::{Error as PemError, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{Error as TlsError, RootCertStore};

use crate::location::InputError;

/// The certificate that the client shows to a server that asks for one, with its key.
#[derive(Clone)]
pub struct Identity(pub(super) Arc<CertifiedKey>);

/// Reads the certificates of a file, to be trusted as authorities. `from` is the flag or variable that names it.
pub fn authorities(path: &Path, from: &str) -> Result<Vec<CertificateDer<'static>>, InputError> {
    let bytes = read(path, from)?;
    let certificates = certificates(&bytes, path, from)?;
    let mut store = RootCertStore::empty();
    for (index, certificate) in certificates.iter().enumerate() {
        store.add(certificate.clone()).map_err(|error| {
            InputError::new(format!("certificate {} in {} ({from}) cannot be used: {error}", index + 1, path.display()))
        })?;
    }
    Ok(certificates)
}

impl Identity {
    /// Reads a certificate, with those that lead to its authority if the file holds them, and its key, which may stand
    /// in the same file. Each file comes with the flag or variable that names it.
    pub fn read(certificate: (&Path, &str), key: Option<(&Path, &str)>) -> Result<Self, InputError> {
        let (path, from) = certificate;
        let bytes = read(path, from)?;
        let chain = certificates(&bytes, path, from)?;
        let key = match key {
            Some((path, from)) => self::key(&read(path, from)?, path, from, None)?,
            None => self::key(&bytes, path, from, Some("name the key's file with --client-key"))?,
        };
        let provider = rustls::crypto::ring::default_provider();
        CertifiedKey::from_der(chain, key, &provider).map(|key| Self(Arc::new(key))).map_err(|error| {
            let what = format!("the client certificate in {} ({from})", path.display());
            match error {
                TlsError::InconsistentKeys(_) => {
                    InputError::new(format!("{what} is for another key than the one that is given")).help(
                        "give the key with which the certificate was requested; the client's own certificate \
                               stands first in its file",
                    )
                }
                error => InputError::new(format!("{what} cannot be used: {error}")),
            }
        })
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(…)")
    }
}

fn read(path: &Path, from: &str) -> Result<Vec<u8>, InputError> {
    std::fs::read(path).map_err(|error| {
        InputError::new(format!("{from} names {}, which cannot be read: {error}", path.display()))
            .help("name a PEM file that this user may read")
    })
}

fn certificates(bytes: &[u8], path: &Path, from: &str) -> Result<Vec<CertificateDer<'static>>, InputError> {
    let mut found = Vec::new();
    for certificate in CertificateDer::pem_slice_iter(bytes) {
        found.push(certificate.map_err(|error| broken(&error, path, from))?);
    }
    if !found.is_empty() {
        return Ok(found);
    }
    let name = path.display();
    Err(if labels(bytes).any(|label| label.ends_with("PRIVATE KEY")) {
        InputError::new(format!("{name} ({from}) holds a private key and no certificate"))
            .help("name the file that begins with -----BEGIN CERTIFICATE-----")
    } else if let Some(label) = labels(bytes).next() {
        InputError::new(format!("{name} ({from}) holds a {label} and no certificate"))
            .help("name the file that begins with -----BEGIN CERTIFICATE-----")
    } else {
        InputError::new(format!("{name} ({from}) holds no certificate in PEM form")).help(
            if bytes.starts_with(b"\x30") {
                "it may be in DER form: openssl x509 -inform der -in FILE makes PEM of it"
            } else {
                "a PEM file begins with -----BEGIN CERTIFICATE-----"
            },
        )
    })
}

fn key(bytes: &[u8], path: &Path, from: &str, help: Option<&str>) -> Result<PrivateKeyDer<'static>, InputError> {
    let name = path.display();
    // The older form says so in a line of its own, and would be taken for a broken key.
    let encrypted = labels(bytes).any(|label| label == "ENCRYPTED PRIVATE KEY")
        || memchr::memmem::find(bytes, b"Proc-Type: 4,ENCRYPTED").is_some();
    if encrypted {
        return Err(InputError::new(format!("the key in {name} ({from}) is encrypted, and nobody can be asked for its password"))
            .help("openssl pkey -in FILE -out PLAIN takes the password off; keep the plain file where only this run can read it"));
    }
    PrivateKeyDer::from_pem_slice(bytes).map_err(|error| match error {
        PemError::NoItemsFound => InputError::new(format!("{name} ({from}) holds no private key in PEM form"))
            .help(help.unwrap_or("name the file that begins with -----BEGIN PRIVATE KEY-----")),
        error => broken(&error, path, from),
    })
}

fn broken(error: &PemError, path: &Path, from: &str) -> InputError {
    InputError::new(format!("{} ({from}) is damaged: {error}", path.display()))
        .help("a PEM file is text: -----BEGIN …-----, lines of base64, -----END …-----")
}

/// What stands in the `-----BEGIN …-----` lines.
fn labels(bytes: &[u8]) -> impl Iterator<Item = String> + '_ {
    bytes.split(|byte| *byte == b'\n').filter_map(|line| {
        let line = String::from_utf8_lossy(line.trim_ascii()).into_owned();
        line.strip_prefix("-----BEGIN ")?.strip_suffix("-----").map(str::to_owned)
    })
}
