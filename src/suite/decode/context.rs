//! What every part of the decoder needs: the errors so far, the document, and the names that the suite defines.

use std::collections::HashSet;

use crate::spec::Document;

use crate::suite::step::Action;
use crate::suite::strict::Strict;

use super::draft::Draft;

/// Reads one suite. The parts of the suite are read by `impl` blocks in the files beside this one.
pub(super) struct Decoder<'a> {
    pub(super) strict: Strict<'a>,
    /// The document; `None` if it could not be read.
    pub(super) document: Option<&'a Document>,
    /// The suite's operation, if it names one that exists.
    pub(super) operation: Option<usize>,
    /// The names of the credentials, by index.
    pub(super) credentials: Vec<String>,
    /// How the credentials are sent, by index.
    pub(super) sent_as: Vec<SentAs>,
    /// The error that the suite has no credentials.
    pub(super) no_credentials: SaidOnce,
    /// The error that the suite has no states.
    pub(super) no_states: SaidOnce,
    /// The names of `{{uuid.NAME}}` that the requests of this case, state or check have sent so far.
    pub(super) sent_names: HashSet<String>,
}

/// How a credential is sent.
#[derive(Clone, Debug)]
pub(super) enum SentAs {
    /// The value of a variable, by a security scheme.
    Key,
    /// The token of a login, by a security scheme.
    Token,
    /// The cookie of a login, with its name.
    Cookie(String),
}

/// An error that many places of a file would repeat.
#[derive(Default)]
pub(super) struct SaidOnce {
    is_said: bool,
}

impl SaidOnce {
    /// The error, where another error may say it already.
    pub(super) fn unless(is_said: bool) -> Self {
        Self { is_said }
    }

    /// Whether it was said. From now on it is.
    pub(super) fn is_said(&mut self) -> bool {
        std::mem::replace(&mut self.is_said, true)
    }
}

impl<'a> Decoder<'a> {
    pub(super) fn new(strict: Strict<'a>, document: Option<&'a Document>) -> Self {
        Self {
            strict,
            document,
            operation: None,
            credentials: Vec::new(),
            sent_as: Vec::new(),
            no_credentials: SaidOnce::default(),
            no_states: SaidOnce::default(),
            sent_names: HashSet::new(),
        }
    }

    /// What a draft asks for: its own action, or the suite's operation. `None` if the action could not be read.
    pub(super) fn asked(&self, draft: &Draft) -> Option<Action> {
        match &draft.action {
            Some((action, _)) => action.clone(),
            None => self.operation.map(Action::Operation),
        }
    }

    /// The method of an action.
    pub(super) fn method<'s>(&'s self, action: &'s Action) -> Option<&'s str> {
        match action {
            Action::Call { method, .. } => Some(method),
            Action::Operation(index) => {
                self.document?.operations.get(*index).map(|operation| operation.method.as_str())
            }
        }
    }
}
