//! What a build without the feature `http2` has instead of HTTP/2. The settings refuse `--http 2` there, so no
//! connection ever begins to speak it.

use std::time::Duration;

use tokio::time::Instant;

use super::connection::Stream;
use super::tls::ClientCertificate;
use super::{BaseUrl, ClientOptions, Failure};
use crate::exchange::{Answer, Request};

/// There is none.
pub(super) struct Http2Connection {
    /// Whether it has carried an exchange.
    pub(super) carried: bool,
    never: Never,
}

enum Never {}

/// None are kept.
pub(super) struct Http2Pool;

/// What would come of an exchange.
pub(super) struct Http2Outcome {
    pub(super) answer: Answer,
    pub(super) first_byte: Option<Duration>,
    pub(super) total: Duration,
    pub(super) is_clean: bool,
}

impl Http2Connection {
    #[allow(clippy::unused_async, reason = "a connection opens so")]
    pub(super) async fn open(
        _stream: Stream,
        base: &BaseUrl,
        _certificate: &ClientCertificate,
        _options: &ClientOptions,
    ) -> Result<Self, Failure> {
        Err(Failure::NoHttp2 {
            asked: base.authority_with_port(),
            why: "this build does not have the Cargo feature `http2`".to_owned(),
        })
    }

    #[allow(clippy::unused_async, reason = "an exchange is carried so")]
    pub(super) async fn carry(&mut self, _: &Request, _: &BaseUrl, _: &ClientOptions) -> Result<Http2Outcome, Failure> {
        match self.never {}
    }

    pub(super) fn is_open(&self) -> bool {
        match self.never {}
    }

    #[allow(clippy::unused_async, reason = "a connection closes so")]
    pub(super) async fn close(self, _deadline: Instant) {
        match self.never {}
    }
}

impl Http2Pool {
    pub(super) const fn new(_limit: Duration) -> Self {
        Self
    }

    #[allow(clippy::unused_self, reason = "connections are kept so")]
    pub(super) const fn take(&self) -> Option<Http2Connection> {
        None
    }

    #[allow(clippy::unused_self, clippy::needless_pass_by_value, reason = "connections are kept so")]
    pub(super) fn put(&self, connection: Http2Connection) {
        match connection.never {}
    }

    #[allow(clippy::unused_self, reason = "connections are kept so")]
    pub(super) const fn drain(&self) -> Vec<Http2Connection> {
        Vec::new()
    }
}
