//! A request is about an object that does not exist, below a parent that exists and that the run did not make.
//!
//! The rule looks at requests of cases that may change something (all but GET, HEAD and OPTIONS). The last value of the path
//! is new (`{{uuid}}`, `{{user}}`) or says that it is no id ("no-such-book"). A value before it is a literal, a variable
//! (`{{env.SHELF}}`), or a capture that is not the id of its object.
//!
//! **Why it matters.** Such a request is sent, because it names nothing that exists. But a server with a defect may ignore the
//! last value of the path, and then the request is about the parent: `DELETE /shelves/41/books/none-…` removes shelf 41, or
//! all its books.
//!
//! **Deviates.**
//!
//! ```yaml
//! operation: removeBook           # DELETE /shelves/{shelf}/books/{book}
//! cases:
//!   missing:
//!     path: {shelf: "41", book: "none-{{uuid}}"}
//!     expect: 404
//! ```
//!
//! **Conforms.** The same below a shelf that a state makes:
//!
//! ```yaml
//!   missing:
//!     given: {mine: shelf}
//!     path: {shelf: "{{mine.id}}", book: "none-{{uuid}}"}
//!     expect: 404
//! ```
//!
//! A parent that does not exist either (`{{uuid}}`) is right, too.
//!
//! **Limits.** In a `call`, a fixed segment counts as a parent only if the document has a parameter there, or if it begins with
//! a digit.
//!
//! **Clause.** The duty of a suite: it changes nothing that the run did not make.

use std::fmt::Write as _;

use crate::finding::Finding;
use crate::lint::subject::{Subject, quoted};
use crate::location::Span;
use crate::rule::{Level, Origin, Rule};
use crate::spec::Document;
use crate::suite::{Action, Case, Part, Reference, Step, Suite, Text, has_no_id_mark};

pub(super) static RULE: Rule = Rule {
    id: "parent-not-made",
    summary: "A request about nothing is below a foreign parent",
    level: Level::Should,
    origin: Origin::Suite,
    clause: "the suite, cases",
    since: "0.1.0",
    source: include_str!("parent_not_made.rs"),
};

pub(super) fn run(subject: &Subject<'_>) -> Vec<Finding> {
    let document = subject.document;
    let steps = subject.cases().flat_map(|(suite, case)| case.steps.iter().map(move |step| (suite, case, step)));
    let changing = steps.filter(|(.., step)| !matches!(step.method(document), "GET" | "HEAD" | "OPTIONS"));
    let findings = changing.filter_map(|(suite, case, step)| {
        let mut values = values(document, step);
        let last = values.pop().filter(ValueInPath::is_nothing)?;
        let parent = values.iter().rfind(|value| !value.is_of_run(suite, case))?;
        let (nothing, shown) = (quoted(&last.shown()), quoted(&parent.shown()));
        let message = format!(
            "the request names nothing, {nothing}, below {shown}, which the run did not make: a server that ignores the last value \
             would change {shown}"
        );
        let finding = Finding::new(&RULE, message).case(suite.place(parent.span));
        Some(finding.advice("Make the parent with a state, and write its id, such as `{{NAME.id}}`."))
    });
    findings.collect()
}

/// A value in a path.
struct ValueInPath<'a> {
    parts: Vec<&'a Part>,
    /// A part of a call's segment that stands beside a slash.
    literal: Option<String>,
    span: Span,
}

impl ValueInPath<'_> {
    /// As the suite writes it.
    fn shown(&self) -> String {
        if let Some(literal) = &self.literal {
            return literal.clone();
        }
        self.parts.iter().fold(String::new(), |shown, part| {
            shown
                + &match part {
                    Part::Literal(text) => text.clone(),
                    Part::Value(reference, _) => format!("{{{{{reference}}}}}"),
                }
        })
    }

    fn references(&self) -> impl Iterator<Item = &Reference> {
        self.parts.iter().filter_map(|part| match part {
            Part::Value(reference, _) => Some(reference),
            Part::Literal(_) => None,
        })
    }

    /// Whether it names nothing that exists: it is new, or says that it is no id.
    fn is_nothing(&self) -> bool {
        let mut references = self.references().peekable();
        if references.peek().is_none() {
            return has_no_id_mark(&self.shown());
        }
        self.references().all(|reference| matches!(reference, Reference::Uuid(_) | Reference::User | Reference::Run))
    }

    /// Whether it names nothing, or an object that the run made or was given.
    fn is_of_run(&self, suite: &Suite, case: &Case) -> bool {
        let is_id = |given: &str, capture: &str| {
            let given = case.given.iter().find(|one| one.name == given);
            given.and_then(|given| suite.states.get(given.state)).is_none_or(|state| state.is_id(capture))
        };
        let of_run = |reference: &Reference| match reference {
            Reference::Capture { given, name } => is_id(given, name),
            Reference::Env(_) => false,
            _ => true,
        };
        self.is_nothing() || self.references().any(of_run)
    }
}

/// The values in the path of a step, in order.
fn values<'a>(document: &Document, step: &'a Step) -> Vec<ValueInPath<'a>> {
    match &step.action {
        Action::Operation(_) => {
            let texts = step.path.iter().flat_map(|(_, value)| value.texts());
            let pieces =
                texts.map(|text| ValueInPath { parts: text.parts.iter().collect(), literal: None, span: text.span });
            pieces.collect()
        }
        Action::Call { path, .. } => values_of_call(document, path),
    }
}

/// The segments of a call's path that are values.
fn values_of_call<'a>(document: &Document, path: &'a Text) -> Vec<ValueInPath<'a>> {
    let mut segments: Vec<(String, Vec<&Part>)> = vec![(String::new(), Vec::new())];
    for part in &path.parts {
        match part {
            Part::Literal(text) => {
                for (index, piece) in text.split('/').enumerate() {
                    if index > 0 {
                        segments.push((String::new(), Vec::new()));
                    }
                    if let Some((written, _)) = segments.last_mut() {
                        written.push_str(piece);
                    }
                }
            }
            Part::Value(reference, _) => {
                if let Some((written, values)) = segments.last_mut() {
                    let _ = write!(written, "{{{reference}}}");
                    values.push(part);
                }
            }
        }
    }
    let outline = segments.iter().map(|(written, _)| written.as_str()).collect::<Vec<_>>().join("/");
    let parameters = document.parameter_segments(&outline);
    let last = segments.len().saturating_sub(1);
    // The path begins with a slash, so its first segment is the second one here.
    let values = segments.into_iter().enumerate().skip(1).filter(|(index, (written, values))| {
        let is_digit = written.starts_with(|c: char| c.is_ascii_digit());
        let says_no_id = *index == last && has_no_id_mark(written);
        !values.is_empty() || parameters.contains(&(index - 1)) || is_digit || says_no_id
    });
    let pieces = values.map(|(_, (written, parts))| ValueInPath {
        literal: Some(written.replace('{', "{{").replace('}', "}}")),
        parts,
        span: path.span,
    });
    pieces.collect()
}
