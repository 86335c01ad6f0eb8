//! Why a staged call did not do what it should.

use crate::exchange::Exchange;
use crate::transport::Failure;

/// Why a staged call did not do what it should.
#[derive(Clone, Debug)]
pub struct StagingError {
    /// What is wrong: one sentence without a full stop.
    pub message: String,
    /// What to do about it, if there is something to say.
    pub help: Option<String>,
    /// The exchange, if a request was sent.
    pub exchange: Option<Box<Exchange>>,
    /// Whether the guard refused the request. It would refuse it every time.
    pub refused: bool,
    /// Whether an answer to a login is the reason. The same login would be answered so again.
    pub is_answer: bool,
    /// Whether the suite and the target do not fit together, so that the call would end the same way every time.
    pub is_final: bool,
}

impl StagingError {
    /// An error of which only the message is known. Nothing was sent.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None, exchange: None, refused: false, is_answer: false, is_final: false }
    }

    /// The same error for another caller.
    #[must_use]
    pub fn again(&self) -> Self {
        let Self { message, help, exchange, refused, is_answer, is_final } = self;
        let (message, help, exchange) = (message.clone(), help.clone(), exchange.clone());
        Self { message, help, exchange, refused: *refused, is_answer: *is_answer, is_final: *is_final }
    }

    /// The error for a request that got no answer.
    pub fn failure(failure: &Failure) -> Self {
        let refused = matches!(failure, Failure::Guarded(_));
        Self { help: failure.help(), refused, ..Self::new(failure.to_string()) }
    }
}
