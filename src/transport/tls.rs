//! The TLS configuration, which judged and staged requests share: both trust the same servers and send the same client
//! certificate.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustls::client::ResolvesClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{AlertDescription, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_platform_verifier::Verifier;

use super::base_url::BaseUrl;
use super::failure::Failure;
use super::options::ClientOptions;
use super::pem::Identity;
use crate::location::InputError;

/// The configuration: TLS 1.2 and 1.3 by ring, with ALPN for HTTP/1.1 or also HTTP/2. For a target without TLS no certificates are
/// trusted, so those of the machine need not be read.
pub(super) fn config(
    base: &BaseUrl,
    options: &ClientOptions,
    certificate: &Arc<ClientCertificate>,
) -> Result<ClientConfig, InputError> {
    let wrong = |error: &rustls::Error| InputError::new(format!("TLS cannot be set up: {error}"));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(&error))?;
    let builder = if options.insecure {
        builder.dangerous().with_custom_certificate_verifier(Arc::new(AnyCertificate(provider)))
    } else {
        match &options.roots {
            None if base.is_https() => {
                let verifier =
                    Verifier::new_with_extra_roots(options.authorities.clone(), provider).map_err(|error| {
                        wrong(&error).help(
                            "the machine has no trusted certificates: install its package of them, or name a file \
                             with --ca-file",
                        )
                    })?;
                // This is not dangerous: the verifier is that of the platform.
                builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier))
            }
            roots => {
                let mut store = RootCertStore::empty();
                for root in roots.iter().flatten().chain(&options.authorities) {
                    store.add(root.clone()).map_err(|error| wrong(&error))?;
                }
                builder.with_root_certificates(store)
            }
        }
    };
    let mut config = builder.with_client_cert_resolver(Arc::clone(certificate) as Arc<dyn ResolvesClientCert>);
    // HTTP/1.1 is offered too, so that a server without HTTP/2 differs from one that does not respond.
    let versions: &[&[u8]] = if options.http2 { &[b"h2", b"http/1.1"] } else { &[b"http/1.1"] };
    config.alpn_protocols = versions.iter().map(|version| version.to_vec()).collect();
    Ok(config)
}

/// The name that the certificate must have. It is sent in the handshake (SNI), unless it is an address.
pub(super) fn server_name(base: &BaseUrl) -> Result<ServerName<'static>, InputError> {
    if let Some(address) = base.address() {
        return Ok(ServerName::from(address));
    }
    let host = base.host();
    let name = host.strip_suffix('.').unwrap_or(&host).to_owned();
    ServerName::try_from(name).map_err(|_| InputError::new(format!("the host {host} cannot have a certificate")))
}

/// The client certificate, and whether the server requested one. A server that gets none may close the connection without a
/// reason. A server that has responded does not need one.
#[derive(Debug)]
pub(super) struct ClientCertificate {
    identity: Option<Arc<CertifiedKey>>,
    asked: AtomicBool,
    answered: AtomicBool,
}

impl ClientCertificate {
    pub(super) fn new(identity: Option<&Identity>) -> Arc<Self> {
        Arc::new(Self {
            identity: identity.map(|one| Arc::clone(&one.0)),
            asked: AtomicBool::new(false),
            answered: AtomicBool::new(false),
        })
    }

    /// Notes that the server responded.
    pub(super) fn note_answer(&self) {
        self.answered.store(true, Ordering::Relaxed);
    }

    /// The failure of a connection that ended because the certificate was missing or not accepted. `alert` is the alert of the
    /// server, if it sent one. None if there was another reason.
    pub(super) fn failure(&self, asked: &str, alert: Option<AlertDescription>) -> Option<Failure> {
        let shown = self.identity.is_some();
        let is_why = match alert {
            Some(
                AlertDescription::CertificateRequired
                | AlertDescription::BadCertificate
                | AlertDescription::UnsupportedCertificate
                | AlertDescription::CertificateRevoked
                | AlertDescription::CertificateExpired
                | AlertDescription::CertificateUnknown
                | AlertDescription::UnknownCA
                | AlertDescription::AccessDenied
                | AlertDescription::DecryptError
                | AlertDescription::HandshakeFailure,
            ) => true,
            Some(_) => false,
            None => !shown && !self.answered.load(Ordering::Relaxed),
        };
        (is_why && self.asked.load(Ordering::Relaxed)).then(|| Failure::certificate(asked, shown, alert))
    }
}

impl ResolvesClientCert for ClientCertificate {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.asked.store(true, Ordering::Relaxed);
        self.identity.clone()
    }

    fn has_certs(&self) -> bool {
        self.identity.is_some()
    }
}

/// Accepts any certificate, if the server holds its key.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_about_a_certificate_only_if_one_was_asked_for() {
        let why = |asked: bool, answered: bool, alert: Option<AlertDescription>| {
            let shown = ClientCertificate::new(None);
            assert!(!shown.has_certs());
            if asked {
                assert!(shown.resolve(&[], &[]).is_none());
            }
            if answered {
                shown.note_answer();
            }
            shown.failure("api.test:443", alert).map(|failure| failure.to_string())
        };
        let failure = |alert: &str| format!("it requires a client certificate, but none is given{alert}");
        for (answered, alert, text) in [
            (false, None, failure("")),
            (false, Some(AlertDescription::CertificateRequired), failure(" (CertificateRequired)")),
            (true, Some(AlertDescription::HandshakeFailure), failure(" (HandshakeFailure)")),
        ] {
            let said = why(true, answered, alert);
            assert!(said.as_deref().is_some_and(|said| said.contains(&text)), "{said:?}");
            assert_eq!(why(false, answered, alert), None, "nobody asked");
        }
        assert_eq!(why(true, true, None), None, "it can do without");
        assert_eq!(why(true, false, Some(AlertDescription::InternalError)), None, "it is about something else");
    }
}
