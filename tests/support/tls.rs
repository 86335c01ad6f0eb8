//! A server that speaks TLS, with a certificate from an authority of the test's own.
// Every test binary takes this file as its own module and uses a part of it.
#![allow(dead_code)]

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::AsyncWriteExt as _;
use tokio_rustls::TlsAcceptor;

use super::scripted::{Scripted, read_request};

pub(crate) type Authority = CertifiedIssuer<'static, KeyPair>;

pub(crate) fn authority(name: &str) -> Authority {
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority")
}

pub(crate) fn root(authority: &Authority) -> CertificateDer<'static> {
    authority.as_ref().der().clone()
}

/// A certificate for a name, from an authority, valid in these years.
pub(crate) fn acceptor(authority: &Authority, name: &str, years: (i32, i32)) -> TlsAcceptor {
    let mut params = CertificateParams::new(vec![name.to_owned()]).expect("parameters");
    params.not_before = rcgen::date_time_ymd(years.0, 1, 1);
    params.not_after = rcgen::date_time_ymd(years.1, 1, 1);
    let key = KeyPair::generate().expect("a key");
    let certificate = params.signed_by(&key, authority).expect("a certificate");
    accepting(certificate.der(), &key)
}

fn accepting(certificate: &CertificateDer<'static>, key: &KeyPair) -> TlsAcceptor {
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .expect("a configuration");
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    TlsAcceptor::from(Arc::new(config))
}

/// A certificate that signs itself.
pub(crate) struct Itself {
    pub(crate) certificate: CertificateDer<'static>,
    key: KeyPair,
}

impl Itself {
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        accepting(&self.certificate, &self.key)
    }
}

/// A certificate for names that signs itself, and says that it is an authority or does not.
pub(crate) fn certified(names: &[&str], is_authority: bool) -> Itself {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).expect("parameters");
    if is_authority {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    }
    let key = KeyPair::generate().expect("a key");
    let certificate = params.self_signed(&key).expect("a certificate").der().clone();
    Itself { certificate, key }
}

/// A server that answers every request over TLS with these bytes, and ends with or without a goodbye.
pub(crate) async fn server(acceptor: TlsAcceptor, answer: &'static [u8], once: bool) -> Scripted {
    Scripted::start(move |socket, _| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(mut stream) = acceptor.accept(socket).await else { return };
            while read_request(&mut stream).await.is_some() {
                let _ = stream.write_all(answer).await;
                let _ = stream.flush().await;
                if once {
                    return;
                }
            }
        }
    })
    .await
}

pub(crate) const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
