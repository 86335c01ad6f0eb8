//! What each judged answer is held against, and how it stands: computed once per case run, read by every rule.
//!
//! One cause is one finding because each question has one answer here: [`Standing`] says how the status stands,
//! [`Ending`](super::ending::Ending) how the transfer ended, [`MediaState`] and [`Content`] what became of the body. A
//! rule looks for its own value and stays silent on the others. It leaves out messages, which are the rules' own.

use std::cell::OnceCell;

use super::accepted::{self, Accepted};
use super::assign;
use super::content::{self, Content, MediaState};
use super::ending::Ending;
use super::example::Against;
use super::{Evidence, Role, Taken};
use crate::case::{Action, Expectation, Statuses, Suite};
use crate::exchange::Protocol;
use crate::finding::Finding;
use crate::location::Anchor;
use crate::rule::Rule;
use crate::spec::{Operation, Response, Schema, Violation};
use crate::tree::Node;

/// A judged answer with everything that follows from it.
#[derive(Debug)]
pub(super) struct Held<'a> {
    /// The suite.
    pub(super) suite: &'a Suite,
    /// Index into [`Evidence::steps`].
    pub(super) index: usize,
    /// The exchange.
    pub(super) taken: &'a Taken<'a>,
    /// The operation that was asked for.
    pub(super) operation: &'a Operation,
    /// The expectation it is held against; none if several answers at once left none for it.
    pub(super) expectation: Option<&'a Expectation>,
    /// How the transfer ended.
    pub(super) ending: Ending,
    /// The status, where there is one that can be held against anything.
    pub(super) status: Option<u16>,
    /// How the status stands.
    pub(super) standing: Standing,
    /// The response object for the status that came.
    pub(super) response: Option<&'a Response>,
    /// What became of the media type.
    pub(super) media: MediaState<'a>,
    /// What became of the body.
    pub(super) content: Content<'a>,
    /// The example that the body is held against, and what came of it; worked out when first asked for.
    pub(super) against: OnceCell<Option<Against<'a>>>,
}

/// How a status stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// There is none, or it is the wire's matter (101, a status that is no number from 100 to 599).
    NoStatus,
    /// It is one that the case expects.
    Expected,
    /// The case expects a documented one, and this is none.
    Undocumented,
    /// The case names others.
    Unexpected,
    /// Of several answers at once, some match no expectation; this is the first of them and speaks for all.
    UnexpectedAmong,
    /// As before, but another one speaks for it.
    SpokenFor,
    /// A redirect that nobody documented or expected.
    Redirected,
    /// A 2xx that should have been a refusal, and more is known about why.
    Accepted(Accepted),
}

impl<'a> Held<'a> {
    /// The answer.
    pub(super) fn answer(&self) -> &'a crate::exchange::Answer {
        &self.taken.exchange.answer
    }

    /// Whether the answer came over HTTP/1.1 and was read to the byte.
    pub(super) fn wire_known(&self) -> bool {
        self.answer().protocol == Protocol::Http1
    }

    /// Whether the answer was read to its end or its limits, in whatever protocol.
    pub(super) fn bytes_known(&self) -> bool {
        self.answer().protocol != Protocol::Library
    }

    /// The part of the document that the answer rests on: the response object, else the operation.
    pub(super) fn anchor(&self) -> &'a Anchor {
        self.response.map_or(&self.operation.anchor, |response| &response.anchor)
    }

    /// A finding about this answer, with its step and both places.
    pub(super) fn finding(&self, rule: &'static Rule, message: impl Into<String>) -> Finding {
        let span = self.expectation.map_or(self.taken.step.span, |expectation| expectation.span);
        Finding::new(rule, message).step(self.index).spec(self.anchor()).case(self.suite.place(span))
    }

    /// How a value breaks a schema; nothing where that could not be judged, which is kept.
    pub(super) fn violations(&self, schema: &Schema, value: &serde_json::Value) -> Vec<Violation> {
        self.taken.known(schema.violations(value))
    }

    /// The same of a value as it was read.
    pub(super) fn violations_of(&self, schema: &Schema, root: &Node) -> Vec<Violation> {
        self.taken.known(schema.violations_of(root))
    }

    /// The name of the documented example that the case says the answer equals, if the status lets it.
    pub(super) fn named_example(&self) -> Option<&'a str> {
        match self.standing {
            Standing::Expected => self.expectation?.example.as_deref(),
            _ => None,
        }
    }
}

/// Every judged answer of a case run, in order.
pub(super) fn all<'a>(evidence: &Evidence<'a>) -> Vec<Held<'a>> {
    let suite = evidence.suite;
    let mut held = Vec::with_capacity(1);
    for (index, taken) in evidence.steps.iter().enumerate() {
        let (Role::Judged { step, .. }, Action::Operation(operation)) = (&taken.role, &taken.step.action) else {
            continue;
        };
        let Some(operation) = suite.document.operations.get(*operation) else {
            continue;
        };
        let assigned = assign::expectation(evidence, index, *step);
        let ending = Ending::of(taken);
        let status = ending.status(&taken.exchange.answer);
        let response = status.and_then(|status| operation.response(status));
        let standing = standing(evidence, index, operation, &assigned, status);
        let (media, content) = content::states(taken, ending, response);
        held.push(Held {
            suite,
            index,
            taken,
            operation,
            expectation: assigned.expectation,
            ending,
            status,
            standing,
            response,
            media,
            content,
            against: OnceCell::new(),
        });
    }
    held
}

/// Whether an expectation allows a status.
pub(super) fn allows(expectation: &Expectation, operation: &Operation, status: u16) -> bool {
    match &expectation.status {
        Statuses::OneOf(list) => list.contains(&status),
        Statuses::Documented => operation.response(status).is_some(),
    }
}

fn standing(
    evidence: &Evidence<'_>,
    index: usize,
    operation: &Operation,
    assigned: &assign::Assigned<'_>,
    status: Option<u16>,
) -> Standing {
    let Some(status) = status else {
        return Standing::NoStatus;
    };
    if (200..300).contains(&status)
        && let Some(accepted) = accepted::wrongly(evidence, index, operation, assigned.expectation)
    {
        return Standing::Accepted(accepted);
    }
    let redirects = matches!(status, 301 | 302 | 303 | 307 | 308) && operation.response(status).is_none();
    let Some(expectation) = assigned.expectation else {
        return match assigned.speaks {
            true if redirects => Standing::Redirected,
            true => Standing::UnexpectedAmong,
            false => Standing::SpokenFor,
        };
    };
    if allows(expectation, operation, status) {
        Standing::Expected
    } else if redirects {
        Standing::Redirected
    } else if expectation.status == Statuses::Documented {
        Standing::Undocumented
    } else {
        Standing::Unexpected
    }
}
