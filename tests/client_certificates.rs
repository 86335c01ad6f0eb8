//! The client shows its certificate, and a server that wants another one is reported as the cause.

#[path = "support/command.rs"]
mod command;
#[path = "support/scripted.rs"]
mod scripted;
#[path = "support/tls.rs"]
mod tls;

use std::path::Path;
use std::sync::Arc;

use command::Folder;
use conformant::secret::Secrets;
use conformant::transport::{Client, ClientOptions, Failure, Identity, authorities};
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use scripted::{Scripted, client, ends, patient, request};
use tls::{Authority, OK, authority, root, server};
use tokio_rustls::TlsAcceptor;

/// Accepts clients with a certificate of this authority, and, unless one is required, clients without any.
fn asking(authority: &Authority, must: bool, version: &'static rustls::SupportedProtocolVersion) -> TlsAcceptor {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(root(authority)).expect("an authority");
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
    let verifier = if must { verifier } else { verifier.allow_unauthenticated() }.build().expect("a verifier");
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec!["localhost".to_owned()]).expect("parameters");
    let certificate = params.signed_by(&key, authority).expect("a certificate");
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .expect("a version")
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![certificate.der().clone()], key)
        .expect("a configuration");
    TlsAcceptor::from(Arc::new(config))
}

/// A client's certificate of this authority and its key, as PEM.
fn certificate(authority: &Authority) -> (String, String) {
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec!["client".to_owned()]).expect("parameters");
    (params.signed_by(&key, authority).expect("a certificate").pem(), key.serialize_pem())
}

fn identity(authority: &Authority) -> Identity {
    let folder = Folder::new();
    let (certificate, key) = certificate(authority);
    let file = folder.file("both.pem", &(certificate + &key));
    Identity::read((Path::new(&file), "--client-cert"), None).unwrap_or_else(|error| panic!("{error}"))
}

fn asks(server: &Scripted, authority: &Authority, identity: Option<Identity>) -> Client {
    let options = ClientOptions { roots: Some(vec![root(authority)]), identity, ..patient() };
    client(&format!("https://localhost:{}", server.port), options, &Secrets::none())
}

#[tokio::test]
async fn a_server_that_wants_a_certificate_is_told_from_one_that_does_not_take_it() {
    let (ours, theirs) = (authority("ours"), authority("theirs"));
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let server = server(asking(&ours, true, version), OK, false).await;
        for (shown, why, help) in [
            (None, "it requires a client certificate, but none is given", "name a certificate with --client-cert"),
            (
                Some(identity(&theirs)),
                "it does not accept the client certificate",
                "from an authority that the server trusts",
            ),
        ] {
            let client = asks(&server, &ours, shown);
            let rendered = request(&client, "GET", "/x");
            let examined = ends(client.send_judged(&rendered)).await.expect_err(why);
            let staged = ends(client.send_call(&rendered)).await.expect_err(why);
            for failure in [examined, staged] {
                let text = failure.to_string();
                assert!(matches!(failure, Failure::Tls { .. }) && text.contains(why), "{version:?}: {failure:?}");
                assert!(failure.help().is_some_and(|text| text.contains(help)), "{failure:?}");
                assert!(!failure.may_pass());
            }
        }
        let client = asks(&server, &ours, Some(identity(&ours)));
        let rendered = request(&client, "GET", "/x");
        assert_eq!(ends(client.send_judged(&rendered)).await.expect("an exchange").answer.status(), Some(200));
        assert_eq!(ends(client.send_call(&rendered)).await.expect("an exchange").answer.status(), Some(200));
        ends(client.close()).await;
    }
}

#[tokio::test]
async fn a_server_that_only_asks_for_a_certificate_is_not_blamed_for_it() {
    let ours = authority("ours");
    let cut = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf";
    let server = server(asking(&ours, false, &rustls::version::TLS13), cut, true).await;
    let client = asks(&server, &ours, None);
    let rendered = request(&client, "GET", "/x");
    // It answered without one, so that it is no certificate for want of which it ends.
    for _ in 0..2 {
        let answer = ends(client.send_judged(&rendered)).await.expect("an exchange").answer;
        assert_eq!((answer.status(), answer.is_complete()), (Some(200), false));
    }
}

#[tokio::test]
async fn whether_a_server_speaks_tls_can_be_asked() {
    let ours = authority("ours");
    let speaking = server(asking(&ours, true, &rustls::version::TLS12), OK, false).await;
    let plain = Scripted::start(|mut socket, _| async move {
        let _ = scripted::read_request(&mut socket).await;
    })
    .await;
    assert!(ends(speaking.client(patient()).speaks_tls()).await);
    let closing = Scripted::start(|_, _| async {}).await;
    for silent in [closing, plain] {
        assert!(!ends(silent.client(patient()).speaks_tls()).await);
    }
}

#[test]
fn every_file_that_is_no_certificate_or_key_has_its_own_sentence() {
    let folder = Folder::new();
    let ours = authority("ours");
    let (certificate, key) = certificate(&ours);
    let (other, _) = self::certificate(&ours);
    let good = folder.file("good.pem", &(certificate.clone() + &other));
    let read = authorities(Path::new(&good), "--ca-file");
    assert_eq!(read.map(|all| all.len()).map_err(|error| error.to_string()), Ok(2));
    let encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    let older = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n";
    let request = "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n";
    let damaged = "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n";
    let empty = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for (text, why, help) in [
        (key.as_str(), "holds a private key and no certificate", "BEGIN CERTIFICATE"),
        (request, "holds a CERTIFICATE REQUEST and no certificate", "BEGIN CERTIFICATE"),
        ("\u{30}\u{1}", "holds no certificate in PEM form", "openssl x509 -inform der"),
        ("hello", "holds no certificate in PEM form", "a PEM file begins with"),
        (damaged, "is damaged", "lines of base64"),
        (empty, "certificate 1 in", ""),
    ] {
        let file = folder.file("wrong.pem", text);
        let error = authorities(Path::new(&file), "--ca-file").expect_err(why);
        assert!(error.to_string().contains(why) && error.to_string().contains("--ca-file"), "{error}");
        assert!(error.help.unwrap_or_default().contains(help), "{why}");
    }
    let missing = authorities(&folder.path().join("none.pem"), "--ca-file").expect_err("there is none").to_string();
    assert!(missing.contains("which cannot be read"), "{missing}");
    let pair = |certificate: &str, key: Option<&str>| {
        let certificate = folder.file("certificate.pem", certificate);
        let key = key.map(|key| folder.file("key.pem", key));
        let key = key.as_deref().map(|key| (Path::new(key), "--client-key"));
        Identity::read((Path::new(&certificate), "--client-cert"), key)
    };
    assert!(pair(&certificate, Some(&key)).is_ok_and(|identity| format!("{identity:?}") == "Identity(…)"));
    for (certificate, key, why) in [
        (certificate.as_str(), None, "holds no private key in PEM form"),
        (&certificate, Some(encrypted), "is encrypted"),
        (&certificate, Some(older), "is encrypted"),
        (&certificate, Some(damaged), "is damaged"),
        (&certificate, Some(request), "holds no private key in PEM form"),
        (&other, Some(&key), "is for another key than the one that is given"),
        (empty, Some(&key), "cannot be used"),
    ] {
        let error = pair(certificate, key).expect_err(why).to_string();
        assert!(error.contains(why) && error.contains("--client-"), "{error}");
    }
}
