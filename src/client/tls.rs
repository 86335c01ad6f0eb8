//! TLS: one configuration for judged and staged requests, so that both trust the same servers.

use std::sync::Arc;

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;

use super::BaseUrl;
use crate::location::InputError;

/// The configuration: TLS 1.2 and 1.3 by ring, HTTP/1.1 only, trusting `roots`, or whom the machine trusts. A target
/// without TLS trusts nobody, which saves reading the machine's certificates.
pub(super) fn config(base: &BaseUrl, roots: Option<&[CertificateDer<'static>]>) -> Result<ClientConfig, InputError> {
    let wrong = |error: &rustls::Error| InputError::new(format!("TLS cannot be set up: {error}"));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(&error))?;
    let mut config = match roots {
        None if base.is_https() => {
            let verifier = Verifier::new(provider).map_err(|error| {
                wrong(&error).help("the machine has no trusted certificates: install its package of them")
            })?;
            // Only the name says danger: the verifier is the platform's own.
            builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth()
        }
        roots => {
            let mut store = RootCertStore::empty();
            for root in roots.unwrap_or_default() {
                store.add(root.clone()).map_err(|error| wrong(&error))?;
            }
            builder.with_root_certificates(store).with_no_client_auth()
        }
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// The name that the certificate must be for. It is sent too (SNI), unless it is an address.
pub(super) fn server_name(base: &BaseUrl) -> Result<ServerName<'static>, InputError> {
    if let Some(address) = base.address() {
        return Ok(ServerName::from(address));
    }
    let host = base.host();
    let name = host.strip_suffix('.').unwrap_or(&host).to_owned();
    ServerName::try_from(name).map_err(|_| InputError::new(format!("the host {host} cannot have a certificate")))
}
