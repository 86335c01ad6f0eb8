//! A request, and the exchange of a request and its response.

use std::sync::Arc;
use std::time::Duration;

use super::answer::Answer;

/// A request and its response.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The request, with its secrets masked.
    pub request: Arc<Request>,
    /// The response, with its secrets masked.
    pub answer: Answer,
    /// How long the exchange took.
    pub timing: Timing,
    /// Whether the connection had carried another exchange before.
    pub reused: bool,
    /// The names of the credentials that the response repeated. They are masked in it.
    pub repeated_credentials: Vec<String>,
}

/// A request as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: String,
    /// `http://host:port`, as in the base URL.
    pub origin: String,
    /// The request target: path and query, byte for byte.
    pub target: String,
    /// The fields in the order in which they are sent. The client adds Host, Content-Length and its defaults.
    pub fields: Vec<(String, String)>,
    /// The body.
    pub body: Option<Vec<u8>>,
}

/// How long an exchange took, from the start of sending.
#[derive(Clone, Copy, Debug, Default)]
pub struct Timing {
    /// Until the connection was open, before sending; zero on a reused connection.
    pub connect: Duration,
    /// Until the first byte of the response.
    pub first_byte: Option<Duration>,
    /// Until the end of the response.
    pub total: Duration,
}

impl Request {
    /// The absolute URL.
    pub fn url(&self) -> String {
        format!("{}{}", self.origin, self.target)
    }
}
