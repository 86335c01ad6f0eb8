//! The settings of a client.

use std::time::Duration;

use rustls::pki_types::CertificateDer;

use super::pem::Identity;
use super::proxy::Proxy;
use crate::exchange::{Limits, Request};

/// The settings of a client, among them a limit for every wait and every size. The defaults are named at each.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// The limit for the name look-up, and that for TCP and TLS together: 5 s each.
    pub connect: Duration,
    /// The limit from sending to the first byte of the response: 10 s. It applies to judged requests.
    pub first_byte: Duration,
    /// The limit between two reads of bytes: 5 s. It applies to judged requests.
    pub idle: Duration,
    /// The limit for the whole exchange, from sending: 30 s.
    pub total: Duration,
    /// How long to wait after a response without a body for bytes that must not come: 20 ms. Zero does not wait.
    pub linger: Duration,
    /// Up to which idle time a connection is reused: 500 ms. It must have been idle for `linger`.
    pub pool_idle: Duration,
    /// The limits on the size of a response.
    pub limits: Limits,
    /// The User-Agent of requests that do not set their own.
    pub user_agent: String,
    /// Fields for every request that does not set its own of the same name.
    pub fields: Vec<(String, String)>,
    /// The certificate authorities to trust instead of those of the machine.
    pub roots: Option<Vec<CertificateDer<'static>>>,
    /// Further certificate authorities to trust.
    pub authorities: Vec<CertificateDer<'static>>,
    /// Whether any certificate is accepted.
    pub insecure: bool,
    /// The client certificate, for a server that requests one.
    pub identity: Option<Identity>,
    /// The proxy.
    pub proxy: Option<Proxy>,
    /// Whether to use HTTP/2: over TLS by ALPN, else with prior knowledge (RFC 9113 §3).
    pub http2: bool,
    /// The most requests per second, over all tasks.
    pub rate: Option<f64>,
    /// Whether only one connection is open at a time, for an API that serves one at a time.
    pub alone: bool,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            first_byte: Duration::from_secs(10),
            idle: Duration::from_secs(5),
            total: Duration::from_secs(30),
            linger: Duration::from_millis(20),
            pool_idle: Duration::from_millis(500),
            limits: Limits::default(),
            user_agent: concat!("conformant/", env!("CARGO_PKG_VERSION")).to_owned(),
            fields: Vec::new(),
            roots: None,
            authorities: Vec::new(),
            insecure: false,
            identity: None,
            proxy: None,
            http2: false,
            rate: None,
            alone: false,
        }
    }
}

impl ClientOptions {
    /// Adds the fields for every request to a request that does not set its own of the same name.
    pub fn complete(&self, request: &mut Request) {
        for (name, value) in &self.fields {
            if !request.fields.iter().any(|(own, _)| own.eq_ignore_ascii_case(name)) {
                request.fields.push((name.clone(), value.clone()));
            }
        }
    }
}
