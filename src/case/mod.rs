//! Suites: read strictly from YAML with every place kept, and bound to the operation they are about.
//!
//! A suite that this module returns fits its document: every operation, example, credential, state and value that it
//! names exists. It leaves out how a case is carried out (`run`, `object`) and judged (`check`).

mod bind;
mod cases;
mod decode;
mod draft;
mod expect;
mod ids;
mod learn;
mod load;
mod named;
mod public;
mod render;
pub(crate) mod strict;
mod template;
mod texts;

use std::sync::Arc;
use std::time::Duration;

use crate::location::{Place, Pointer, Source, Span};
use crate::spec::{Document, Operation, SchemeKind, SecurityScheme};

pub use ids::RunIds;
pub(crate) use load::{MOST_VALUES, full_path, known_deviations, read_text};
pub use load::{load, overlooked};
pub use named::{Named, named};
pub use render::{Rendered, Unrenderable};
pub use template::{Filter, JsonTemplate, Part, Reference, Text, Unresolved, Values};
pub use texts::Spot;

/// A suite file, bound to its document.
#[derive(Debug)]
pub struct Suite {
    /// Its path below the cases folder, without extension, with `/` between folders.
    pub id: String,
    /// The file.
    pub source: Source,
    /// The document that `spec` names. Suites of one document share it.
    pub document: Arc<Document>,
    /// The document that its file names, where another one was given in its place and it can be read.
    pub named: Option<Arc<Document>>,
    /// Which of the document's operations it is about: an index into [`Document::operations`].
    pub operation: usize,
    /// The hosts that are no production although the document's servers can have them.
    pub staging: Vec<String>,
    /// The variables whose values are no secrets, as it declares.
    pub public: Vec<String>,
    /// Its credentials.
    pub credentials: Vec<Credential>,
    /// Its provider states.
    pub states: Vec<State>,
    /// Its cases, in the order of the file.
    pub cases: Vec<Case>,
}

/// A credential: a secret from a variable, and how to tell that it is the right one.
#[derive(Debug)]
pub struct Credential {
    /// Its name in the suite.
    pub name: String,
    /// The environment variable.
    pub env: String,
    /// Whether its cases are skipped when it is unset.
    pub optional: bool,
    /// A call that a right credential answers as expected.
    pub check: Option<Step>,
    /// What is to be known of a credential whose check is answered in a certain way.
    pub note: Option<Note>,
    /// Where it stands.
    pub span: Span,
}

/// What is to be known of a credential that is right: that only a part of the suite can be judged with it, say.
#[derive(Debug)]
pub struct Note {
    /// What its check is answered where it holds; of any status.
    pub when: Expectation,
    /// The sentence, without a full stop.
    pub say: String,
}

/// A provider state: how one object is made, looked at and removed.
#[derive(Debug)]
pub struct State {
    /// Its name in the suite.
    pub name: String,
    /// The call that makes an object; its `expect` says what success is.
    pub make: Step,
    /// What the answer to `make` gives: a name and a pointer into the JSON body.
    pub capture: Vec<(String, Pointer)>,
    /// The call that tells whether it is there.
    pub exists: Option<Exists>,
    /// The request (of the suite's operation, or a call) that removes it; its `expect` says what success is.
    pub undo: Option<Step>,
    /// What `undo` answers when the object is gone already.
    pub gone: Option<Expectation>,
    /// How long a look that contradicts what is expected is repeated, where the suite says so: the longest `within` of the
    /// state, its `exists`, `undo` and `gone`, and where that stands.
    pub within: Option<(Duration, Span)>,
    /// The variable with objects that may be used up instead of making one: `ID[@USER],…`. The id becomes the value
    /// of the first capture.
    pub from_env: Option<String>,
    /// Where it stands.
    pub span: Span,
}

/// The call that tells whether an object is there.
#[derive(Debug)]
pub struct Exists {
    /// The call; its `expect` is not used.
    pub call: Step,
    /// The answer that says it is: status and, if the suite says so, values of the body.
    pub yes: Expectation,
    /// The answer that says it is not.
    pub no: Expectation,
}

/// A case.
#[derive(Debug)]
pub struct Case {
    /// `suite/case`.
    pub id: String,
    /// Its name in the file.
    pub name: String,
    /// What it is about, one sentence.
    pub about: Option<String>,
    /// The smallest profile that has it.
    pub profile: Profile,
    /// The objects it wants: a name, and an index into [`Suite::states`].
    pub given: Vec<Given>,
    /// Its request and, in order, those of `then`.
    pub steps: Vec<Step>,
    /// Where its name stands.
    pub span: Span,
}

/// One object a case wants.
#[derive(Debug)]
pub struct Given {
    /// The name that values use.
    pub name: String,
    /// An index into [`Suite::states`].
    pub state: usize,
    /// Where it stands.
    pub span: Span,
}

/// The profiles, smallest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Profile {
    /// What the document itself promises.
    Core,
    /// Core, and what the suite knows beyond.
    Extended,
}

/// A request with an expectation, inheritance already applied.
#[derive(Clone, Debug)]
pub struct Step {
    /// What it asks for.
    pub action: Action,
    /// With which credential.
    pub auth: Auth,
    /// Path values by parameter name, in the order of the path template. Empty for a call.
    pub path: Vec<(String, PathValue)>,
    /// Query parameters in order; an array is sent as the parameter repeated.
    pub query: Vec<(String, Text)>,
    /// Header fields in order.
    pub header: Vec<(String, Text)>,
    /// The body.
    pub body: Body,
    /// What is expected.
    pub expect: Expected,
    /// How long to ask again until it holds (safe methods only).
    pub within: Option<Duration>,
    /// How many times it is sent together; 1 is once.
    pub at_once: usize,
    /// Where it stands: its `expect` value if there is one, for findings.
    pub span: Span,
}

/// What a step asks for.
#[derive(Clone, Debug)]
pub enum Action {
    /// An operation of the document: an index into [`Document::operations`]. Judged.
    Operation(usize),
    /// A call that the document does not have. Staged, not judged.
    Call {
        /// The method.
        method: String,
        /// The path, below the base URL; it may hold values, which are percent-encoded.
        path: Text,
    },
}

/// With what a step authenticates.
#[derive(Clone, Debug)]
pub enum Auth {
    /// With nothing.
    None,
    /// With a credential: an index into [`Suite::credentials`], applied as the security scheme says.
    Credential(usize),
    /// With this Authorization value, byte for byte.
    Header(Text),
}

/// A value in a path.
#[derive(Clone, Debug)]
pub enum PathValue {
    /// Percent-encoded once.
    Encoded(Text),
    /// Sent as written.
    Raw(Text),
}

/// A request body.
#[derive(Clone, Debug)]
pub enum Body {
    /// None.
    None,
    /// JSON, sent as `application/json` unless a header says otherwise.
    Json(JsonTemplate),
    /// Text, byte for byte, with the Content-Type that a header gives, or none.
    Raw(Text),
}

/// What is expected of a step.
#[derive(Clone, Debug)]
pub enum Expected {
    /// This of the answer.
    One(Expectation),
    /// Of several answers at once, each of these of one of them, in any order.
    AnyOrder(Vec<Expectation>),
}

/// What is expected of one answer.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// The status.
    pub status: Statuses,
    /// The documented example that it must equal, under that status.
    pub example: Option<String>,
    /// Pointers whose value (not type) is free, at and below; `*` matches one segment.
    pub free: Vec<Pointer>,
    /// Where each of them stands.
    pub free_spans: Vec<Span>,
    /// Header expectations.
    pub header: Vec<(String, HeaderExpectation, Span)>,
    /// Body expectations.
    pub matches: Vec<(Pointer, MatchExpectation, Span)>,
    /// Where it stands.
    pub span: Span,
}

/// Which statuses are expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statuses {
    /// Any of these; usually one.
    OneOf(Vec<u16>),
    /// Any that the document lists for the operation.
    Documented,
}

/// What is expected of a header.
#[derive(Clone, Debug)]
pub enum HeaderExpectation {
    /// This value.
    Value(Text),
    /// Any value.
    Present,
    /// None.
    Absent,
}

/// What is expected at a pointer of the body.
#[derive(Clone, Debug)]
pub enum MatchExpectation {
    /// One of these values.
    OneOf(Vec<JsonTemplate>),
    /// Nothing there.
    Absent,
}

impl MatchExpectation {
    /// Whether one value could meet both, as far as what is written tells; a value with placeholders may be any.
    fn overlaps(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Absent, Self::Absent) => true,
            (Self::OneOf(_), Self::Absent) | (Self::Absent, Self::OneOf(_)) => false,
            (Self::OneOf(own), Self::OneOf(others)) => own.iter().any(|own| {
                others.iter().any(|other| match (own, other) {
                    (JsonTemplate::Fixed(own), JsonTemplate::Fixed(other)) => own == other,
                    _ => true,
                })
            }),
        }
    }
}

impl Suite {
    /// The operation it is about.
    pub fn operation(&self) -> &Operation {
        &self.document.operations[self.operation]
    }

    /// A place in its file.
    pub fn place(&self, span: Span) -> Place {
        self.source.place(span)
    }

    /// The operation that says how a step's credential is applied: its own, or that of the suite for a call.
    pub fn security_of(&self, step: &Step) -> &Operation {
        match step.action {
            Action::Operation(index) => self.document.operations.get(index).unwrap_or_else(|| self.operation()),
            Action::Call { .. } => self.operation(),
        }
    }

    /// The security schemes of an operation by which a credential can be applied, one at a time. A credential with the
    /// name of one is applied by that one, every other by the first.
    pub fn alternatives(&self, operation: &Operation) -> Vec<&SecurityScheme> {
        render::alternatives(&self.document, operation).collect()
    }

    /// The kinds of scheme by which the suite's steps send a credential (an index into [`Suite::credentials`]), each once.
    pub fn applied(&self, credential: usize) -> Vec<&SchemeKind> {
        let name = self.credentials.get(credential).map_or("", |credential| &credential.name);
        let mut kinds = Vec::new();
        for step in self.steps().filter(|step| matches!(step.auth, Auth::Credential(index) if index == credential)) {
            let scheme = render::scheme(&self.document, self.security_of(step), Some(self.operation()), name);
            if let render::Scheme::One(kind) = scheme
                && !kinds.contains(&kind)
            {
                kinds.push(kind);
            }
        }
        kinds
    }

    /// Every step of its cases, states and credentials.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        let cases = self.cases.iter().flat_map(|case| &case.steps);
        let states = self.states.iter().flat_map(|state| {
            let exists = state.exists.iter().map(|exists| &exists.call);
            std::iter::once(&state.make).chain(exists).chain(&state.undo)
        });
        cases.chain(states).chain(self.credentials.iter().filter_map(|credential| credential.check.as_ref()))
    }
}

impl Case {
    /// Whether a step (an index into [`Case::steps`]) names an object (an index into [`Case::given`]) in its path: a
    /// path value of an operation, or the path of a call, holds one of the object's captures.
    pub fn names(&self, step: usize, given: usize) -> bool {
        let (Some(step), Some(given)) = (self.steps.get(step), self.given.get(given)) else { return false };
        let of_given = |text: &Text| {
            text.references().any(|one| matches!(one, Reference::Capture { given: name, .. } if *name == given.name))
        };
        let in_call = matches!(&step.action, Action::Call { path, .. } if of_given(path));
        in_call || step.path.iter().any(|(_, PathValue::Encoded(text) | PathValue::Raw(text))| of_given(text))
    }
}

impl Step {
    /// The method of its request.
    pub fn method<'a>(&'a self, document: &'a Document) -> &'a str {
        match &self.action {
            Action::Call { method, .. } => method,
            Action::Operation(index) => document.operations.get(*index).map_or("", |operation| &operation.method),
        }
    }
}

impl Expectation {
    /// The one status that it names, if it names one.
    pub fn single_status(&self) -> Option<u16> {
        match &self.status {
            Statuses::OneOf(list) if list.len() == 1 => Some(list[0]),
            _ => None,
        }
    }

    /// Whether it allows a status in an answer to an operation.
    pub fn allows(&self, operation: &Operation, status: u16) -> bool {
        match &self.status {
            Statuses::OneOf(list) => list.contains(&status),
            Statuses::Documented => operation.response(status).is_some(),
        }
    }

    /// Whether it allows any success (2xx) in an answer to an operation.
    pub fn may_allow_success(&self, operation: &Operation) -> bool {
        match &self.status {
            Statuses::OneOf(list) => list.iter().any(|status| (200..300).contains(status)),
            Statuses::Documented => (200..300).any(|status| operation.response(status).is_some()),
        }
    }

    /// Whether it may allow a status other than a success (2xx).
    pub fn may_allow_refusal(&self) -> bool {
        match &self.status {
            Statuses::OneOf(list) => list.iter().any(|status| !(200..300).contains(status)),
            Statuses::Documented => true,
        }
    }
}

impl Expected {
    /// All its expectations.
    pub fn all(&self) -> &[Expectation] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::AnyOrder(all) => all,
        }
    }
}

#[cfg(test)]
mod testing;

#[cfg(test)]
mod decode_tests;

#[cfg(test)]
mod refuse_tests;

#[cfg(test)]
mod refuse_request_tests;

#[cfg(test)]
mod refuse_state_tests;

#[cfg(test)]
mod damage_tests;
