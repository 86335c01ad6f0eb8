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
    /// The names of `{{uuid.NAME}}` that the requests of this case, state or check have sent so far.
    pub(super) sent_names: HashSet<String>,
}

impl<'a> Decoder<'a> {
    pub(super) fn new(strict: Strict<'a>, document: Option<&'a Document>) -> Self {
        Self { strict, document, operation: None, credentials: Vec::new(), sent_names: HashSet::new() }
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
