//! Certificates and keys from PEM files (RFC 7468): the authorities to trust, and the certificate of the client.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::{Error as PemError, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{Error as TlsError, RootCertStore};

use crate::file::{self, FileError, most};
use crate::location::InputError;

/// The client certificate with its key, for a server that requests one.
#[derive(Clone)]
pub struct Identity(pub(super) Arc<CertifiedKey>);

/// Reads the certificates of authorities from a file. `from` is the flag or variable that names the file.
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

/// The variables that name the trusted certificates of the machine: a file, and folders. The platform reads both.
pub const MACHINE: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];

/// How many entries the folders may have together.
const MOST_ENTRIES: usize = 10_000;

/// Checks what the variables of [`MACHINE`] name: regular files of limited size. What does not exist or cannot be opened is
/// allowed, because the platform ignores it.
pub fn machine(values: [Option<&str>; 2]) -> Result<(), InputError> {
    let [file, folders] = values;
    if let Some(path) = file.map(Path::new) {
        size(path, most::CERTIFICATES).map_err(|refused| {
            InputError::new(format!("{} names {}, which is not read: {refused}", MACHINE[0], path.display()))
                .help(format!("let {} name a PEM file with certificates, or unset it", MACHINE[0]))
        })?;
    }
    let (mut entries, mut left) = (0, most::CERTIFICATE_FOLDERS);
    for folder in folders.into_iter().flat_map(std::env::split_paths) {
        let wrong = |why: String| {
            InputError::new(format!("{} names {}, which is not read: {why}", MACHINE[1], folder.display()))
                .help(format!("let {} name a folder with certificates alone, or unset it", MACHINE[1]))
        };
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            entries += 1;
            if entries > MOST_ENTRIES {
                return Err(wrong(format!("more than {MOST_ENTRIES} entries are in its folders")));
            }
            let path = entry.path();
            // Nothing but regular files is opened.
            if !std::fs::metadata(&path).is_ok_and(|metadata| metadata.is_file()) {
                continue;
            }
            let size = size(&path, left).map_err(|refused| match refused {
                FileError::TooLarge(_) => {
                    wrong(format!("more than {} MiB are in its folders", most::CERTIFICATE_FOLDERS / 1024 / 1024))
                }
                refused => wrong(format!("of {} in it, {refused}", entry.file_name().to_string_lossy())),
            })?;
            left -= size;
        }
    }
    Ok(())
}

/// The size of a file in bytes, at most `most`; 0 if it cannot be opened.
fn size(path: &Path, most: u64) -> Result<u64, FileError> {
    match file::open(path, std::fs::OpenOptions::new().read(true)) {
        Ok((_, metadata)) if metadata.len() > most => Err(FileError::TooLarge(most)),
        Ok((_, metadata)) => Ok(metadata.len()),
        Err(FileError::Unread(_)) => Ok(0),
        Err(refused) => Err(refused),
    }
}

impl Identity {
    /// Reads a certificate, with its chain if the file holds it, and its key, which may be in the same file. Each file comes with
    /// the flag or variable that names it.
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
    file::read(path, most::CERTIFICATES).map_err(|refused| {
        InputError::new(format!("{from} names {}, which cannot be read: {refused}", path.display()))
            .help(refused.help().unwrap_or("name a PEM file that this user may read"))
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
        let known = LABELS.iter().find(|known| **known == label);
        let known = known.map_or_else(|| "something else in PEM form".to_owned(), |label| format!("a {label}"));
        InputError::new(format!("{name} ({from}) holds {known} and no certificate"))
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
    // The error's own words would quote the file.
    let why = match error {
        PemError::MissingSectionEnd { .. } => "a part of it has no end",
        PemError::IllegalSectionStart { .. } => "a part of it does not begin as it should",
        PemError::Base64Decode(_) => "a part of it is no base64",
        PemError::SectionTooLarge => "a part of it is too large",
        _ => "it cannot be understood",
    };
    InputError::new(format!("{} ({from}) is damaged: {why}", path.display()))
        .help("a PEM file is text: -----BEGIN …-----, lines of base64, -----END …-----")
}

/// Kinds of PEM blocks other than certificates. A message names no other kind, because its name is text of the file.
const LABELS: [&str; 9] = [
    "CERTIFICATE REQUEST",
    "NEW CERTIFICATE REQUEST",
    "TRUSTED CERTIFICATE",
    "X509 CRL",
    "PUBLIC KEY",
    "PKCS7",
    "CMS",
    "DH PARAMETERS",
    "EC PARAMETERS",
];

/// The kinds in the `-----BEGIN …-----` lines.
fn labels(bytes: &[u8]) -> impl Iterator<Item = String> + '_ {
    bytes.split(|byte| *byte == b'\n').filter_map(|line| {
        let line = String::from_utf8_lossy(line.trim_ascii()).into_owned();
        line.strip_prefix("-----BEGIN ")?.strip_suffix("-----").map(str::to_owned)
    })
}
