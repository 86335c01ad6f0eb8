//! A suite file, bound to its document.

use std::borrow::Cow;
use std::sync::Arc;

use super::case::Case;
use super::credential::Credential;
use super::hosts::DeclaredHosts;
use super::scheme::{self, Scheme};
use super::state::State;
use super::step::{Action, Step};
use crate::location::{Place, Source, Span};
use crate::spec::{Document, Operation, SchemeKind, SecurityScheme};

/// A suite file, bound to its document.
#[derive(Debug)]
pub struct Suite {
    /// Its path below the cases folder, without extension, with `/` between folders.
    pub id: String,
    /// The file.
    pub source: Source,
    /// The document of its cases. Suites of one document share it.
    pub document: Arc<Document>,
    /// The document that its `spec` names, if the user gave another document (`--spec`) and this one can be read.
    pub named: Option<Arc<Document>>,
    /// The operation that it tests: an index into [`Document::operations`].
    pub operation: usize,
    /// Which hosts are production, and which are not.
    pub hosts: DeclaredHosts,
    /// The variables that it declares `public`: their values are not secrets.
    pub public: Vec<String>,
    /// Its credentials.
    pub credentials: Vec<Credential>,
    /// Its provider states.
    pub states: Vec<State>,
    /// Its cases, in the order of the file.
    pub cases: Vec<Case>,
}

impl Suite {
    /// The operation that it tests.
    pub fn operation(&self) -> &Operation {
        &self.document.operations[self.operation]
    }

    /// A place in its file.
    pub fn place(&self, span: Span) -> Place {
        self.source.place(span)
    }

    /// The operation that says how the step's credential is sent: the step's own operation, or the suite's for a call.
    pub fn security_of(&self, step: &Step) -> &Operation {
        match step.action {
            Action::Operation(index) => self.document.operations.get(index).unwrap_or_else(|| self.operation()),
            Action::Call { .. } => self.operation(),
        }
    }

    /// The security schemes of an operation that can send a credential alone. If one of them has the credential's name,
    /// that one sends it; otherwise the first does.
    pub fn alternatives(&self, operation: &Operation) -> Vec<&SecurityScheme> {
        scheme::alternatives(&self.document, operation)
    }

    /// The kinds of scheme by which the suite's steps send each credential, each once, by the index of the credential.
    pub fn applied(&self) -> Vec<Vec<Cow<'_, SchemeKind>>> {
        let mut kinds = vec![Vec::new(); self.credentials.len()];
        for step in self.steps().filter(|step| !step.auth.credentials().is_empty()) {
            for (index, scheme) in self.schemes(step) {
                if let Scheme::One(kind) = scheme
                    && let Some(kinds) = kinds.get_mut(index)
                    && !kinds.contains(&kind)
                {
                    kinds.push(kind);
                }
            }
        }
        kinds
    }

    /// How a step sends each of its credentials.
    pub(super) fn schemes(&self, step: &Step) -> Vec<(usize, Scheme<'_>)> {
        let sent = |index: usize| {
            let credential = self.credentials.get(index);
            (credential.map_or("", |one| one.name.as_str()), credential.and_then(Credential::cookie))
        };
        scheme::schemes(&self.document, self.security_of(step), Some(self.operation()), &step.auth, sent)
    }

    /// The schemes that the operation of a step requires together and that a list of credentials gets by its order alone,
    /// because no credential has the name of one of them.
    pub fn schemes_by_order(&self, step: &Step) -> Vec<&SecurityScheme> {
        let sent = step.auth.credentials().iter();
        let names: Vec<&str> = sent.filter_map(|index| Some(self.credentials.get(*index)?.name.as_str())).collect();
        let operation = self.security_of(step);
        let together = scheme::together(&self.document, operation, Some(self.operation()), &step.auth, &names);
        together.map(|together| together.by_order).unwrap_or_default()
    }

    /// Every step of its cases, states and credentials.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        let cases = self.cases.iter().flat_map(|case| &case.steps);
        let states = self.states.iter().flat_map(State::steps);
        let credentials = self
            .credentials
            .iter()
            .flat_map(|credential| credential.login().map(|login| &login.call).into_iter().chain(&credential.check));
        cases.chain(states).chain(credentials)
    }
}
