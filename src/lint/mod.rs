//! The lints: rules about the document and the suites themselves, which need no target.
//!
//! One rule a file, each a pure function from a document and the suites that are bound to it to findings, with the same
//! record, page and cost as a check: the file and its two lines here. It leaves out what makes a document or a suite
//! unreadable, which is an input error (`spec`, `case`), and how findings are shown (`report`).

mod described;

mod case_asserts_nothing;
mod case_leaves_object;
mod content_on_bodiless_status;
mod credential_unverified;
mod document_part_doubtful;
mod example_breaks_schema;
mod example_contradicts_status;
mod example_property_undescribed;
mod free_matches_nothing;
mod request_body_ignored;
mod response_unpinned;
mod response_unreached;
mod scheme_ambiguous;
mod security_without_401;
mod state_without_undo;

use std::cmp::Reverse;
use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use crate::case::{Action, Case, Step, Suite};
use crate::finding::Finding;
use crate::rule::Rule;
use crate::spec::{Document, Media, Operation, Response};

/// A rule with the function that carries it out.
#[derive(Debug)]
pub struct Lint {
    /// Its record.
    pub rule: &'static Rule,
    /// The function.
    pub run: fn(&Subject<'_>) -> Vec<Finding>,
}

/// What is looked at: a document, and every suite that is bound to it.
#[derive(Debug)]
pub struct Subject<'a> {
    /// The document.
    pub document: &'a Document,
    /// The suites, in the order in which they were loaded.
    pub suites: Vec<&'a Suite>,
}

/// A document and its suites, with what was found in them.
#[derive(Debug)]
pub struct Linted<'a> {
    /// What was looked at.
    pub subject: Subject<'a>,
    /// What was found: the heaviest first, then in the order of [`RULES`].
    pub findings: Vec<Finding>,
}

/// Looks at every document that the suites are bound to, in the order in which they first name one.
pub fn lint(suites: &[Suite]) -> Vec<Linted<'_>> {
    let mut subjects: Vec<(&Arc<Document>, Subject<'_>)> = Vec::new();
    for suite in suites {
        match subjects.iter_mut().find(|(document, _)| Arc::ptr_eq(document, &suite.document)) {
            Some((_, subject)) => subject.suites.push(suite),
            None => subjects.push((&suite.document, Subject { document: &suite.document, suites: vec![suite] })),
        }
    }
    subjects
        .into_iter()
        .map(|(_, subject)| {
            let findings = subject.findings();
            Linted { subject, findings }
        })
        .collect()
}

impl<'a> Subject<'a> {
    /// Everything that every rule finds, each thing once: a component that many operations refer to is looked at for
    /// each of them.
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings: Vec<Finding> = Vec::new();
        for lint in RULES {
            let start = findings.len();
            let mut seen = HashSet::new();
            findings.extend((lint.run)(self).into_iter().filter(|finding| {
                let anchor = finding.spec.as_ref().map(|anchor| Arc::clone(&anchor.pointer));
                let place = finding.case.as_ref().map(|place| (place.source.name().to_owned(), place.span));
                seen.insert((anchor, place, finding.message.clone()))
            }));
            // Within a rule, in the order of the file.
            findings[start..].sort_by_key(|finding| finding.spec.as_ref().map(|anchor| anchor.line));
        }
        findings.sort_by_key(|finding| Reverse(finding.level));
        findings
    }

    /// Every documented response with its operation.
    fn responses(&self) -> impl Iterator<Item = (&'a Operation, &'a Response)> {
        let document = self.document;
        document
            .operations
            .iter()
            .flat_map(|operation| operation.responses.iter().map(move |response| (operation, response)))
    }

    /// Every media type object of responses and request bodies, with what it belongs to. One that many operations refer to
    /// comes once for each key that it stands under.
    fn media(&self) -> impl Iterator<Item = (Bearer<'a>, &'a Media)> {
        let document = self.document;
        let mut seen = HashSet::new();
        let of_operation = |operation: &'a Operation| {
            let request = operation.request_body.iter().map(|body| (Bearer::Request, &*body.content));
            let responses = operation.responses.iter();
            request.chain(responses.map(|response| (Bearer::Response(&response.key), &*response.content)))
        };
        document
            .operations
            .iter()
            .flat_map(of_operation)
            .filter(move |(bearer, content)| seen.insert((*bearer, content.as_ptr())))
            .flat_map(|(bearer, content)| content.iter().map(move |media| (bearer, media)))
    }

    /// Every case with its suite.
    fn cases(&self) -> impl Iterator<Item = (&'a Suite, &'a Case)> + '_ {
        self.suites.iter().flat_map(|suite| suite.cases.iter().map(|case| (*suite, case)))
    }
}

/// What a media type object belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Bearer<'a> {
    /// A request body.
    Request,
    /// The response of this key.
    Response(&'a str),
}

impl fmt::Display for Bearer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request => f.write_str("the request body"),
            Self::Response(key) => write!(f, "the {key} response"),
        }
    }
}

/// The operation of the document that a step asks for.
fn operation<'a>(document: &'a Document, step: &Step) -> Option<&'a Operation> {
    match step.action {
        Action::Operation(index) => document.operations.get(index),
        Action::Call { .. } => None,
    }
}

/// A name from a file in a message, in backticks, cut where it is long.
fn quoted(text: &str) -> String {
    const SHOWN: usize = 80;
    let short: String = text.chars().take(SHOWN).collect();
    if short.len() < text.len() { format!("`{short}…`") } else { format!("`{short}`") }
}

/// Every rule, in the order in which `lint` lists findings of one level.
pub static RULES: &[Lint] = &[
    Lint { rule: &example_contradicts_status::RULE, run: example_contradicts_status::run },
    Lint { rule: &example_breaks_schema::RULE, run: example_breaks_schema::run },
    Lint { rule: &content_on_bodiless_status::RULE, run: content_on_bodiless_status::run },
    Lint { rule: &document_part_doubtful::RULE, run: document_part_doubtful::run },
    Lint { rule: &response_unpinned::RULE, run: response_unpinned::run },
    Lint { rule: &security_without_401::RULE, run: security_without_401::run },
    Lint { rule: &request_body_ignored::RULE, run: request_body_ignored::run },
    Lint { rule: &example_property_undescribed::RULE, run: example_property_undescribed::run },
    Lint { rule: &response_unreached::RULE, run: response_unreached::run },
    Lint { rule: &case_asserts_nothing::RULE, run: case_asserts_nothing::run },
    Lint { rule: &free_matches_nothing::RULE, run: free_matches_nothing::run },
    Lint { rule: &scheme_ambiguous::RULE, run: scheme_ambiguous::run },
    Lint { rule: &state_without_undo::RULE, run: state_without_undo::run },
    Lint { rule: &case_leaves_object::RULE, run: case_leaves_object::run },
    Lint { rule: &credential_unverified::RULE, run: credential_unverified::run },
];
