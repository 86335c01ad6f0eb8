//! A credential of a suite.

use super::expectation::Expectation;
use super::step::Step;
use crate::location::Span;

/// A credential: a secret in a variable, and a call that shows whether it is the right secret.
#[derive(Debug)]
pub struct Credential {
    /// Its name in the suite.
    pub name: String,
    /// The environment variable.
    pub env: String,
    /// Whether the run skips its cases when the variable is not set.
    pub optional: bool,
    /// A call that the server answers as expected only if the credential is right.
    pub check: Option<Step>,
    /// A sentence that the run prints about the credential, if its check gets a certain response.
    pub note: Option<Note>,
    /// Where it stands.
    pub span: Span,
}

/// A sentence about a credential that is right: it may allow only a part of the suite, for example.
#[derive(Debug)]
pub struct Note {
    /// The response to the check for which the sentence is printed, whatever its status.
    pub when: Expectation,
    /// The sentence, without a full stop.
    pub say: String,
}
