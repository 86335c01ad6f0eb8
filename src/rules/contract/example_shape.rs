//! Where no schema says more, the documented example is the contract. Every key of the example must be in the body,
//! with a value of the same type. Number is one type; an integer that is written `400.0` is of level `should`. Each
//! element of an array must fit one element of the example's array; an empty one says nothing about elements. Null in
//! the example takes any value.
//!
//! Of several examples, the body must fit any one, and the nearest is shown. A case that names an example holds the
//! body against that one, values too (`example-value`).
//!
//! **Why it matters.** Error responses are mostly documented by example alone, and clients are written after it: a
//! missing `code`, or a `status` that has become a string, breaks them.
//!
//! **Deviates**, from `{"status":404,"code":"not_found","message":"Conversation Not Exists."}`:
//!
//! ```json
//! {"status":"404","message":null}
//! ```
//!
//! **Conforms.**
//!
//! ```json
//! {"message":"No such conversation.","code":"gone_for_good","status":404,"trace":"f00"}
//! ```
//!
//! **Limits.** OpenAPI leaves room: an example illustrates, and no sentence binds answers to it. It is taken as the
//! contract because nothing else in the document says what such a body holds. By shape alone, values are free. A
//! property that the example lacks is a note, `property-undocumented`. Where the schema is broken as well, what it says
//! already is not said again.
//!
//! **Clause.** OpenAPI 3.0, Media Type Object: an example should be in the correct format of the response.

use super::example_findings;
use crate::assess::example_diff::DifferenceKind;
use crate::assess::{Assessment, format};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::Checked;

pub(super) static RULE: Rule = Rule {
    id: "example-shape",
    summary: "The body has another shape than the example",
    level: Level::Must,
    origin: Origin::Document,
    clause: "OpenAPI 3.0 Media Type Object, example",
    since: "0.1.0",
    source: include_str!("example_shape.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    example_findings::each(assessment, |assessed, example, findings| {
        for difference in &example.diff.differences {
            let at = format::pointer(&difference.pointer);
            let name = format::example(example.name);
            let message = match difference.kind {
                DifferenceKind::Missing => format!("the body lacks {at}, which {name} has"),
                DifferenceKind::Type => format!("{at} has another type than in {name}"),
                DifferenceKind::Element => format!("{at} is like no element of {name}"),
                DifferenceKind::IntegerAsFraction => format!("{at} is an integer in {name}, and written as a fraction"),
                DifferenceKind::Value | DifferenceKind::FreeText => continue,
            };
            let finding = assessed
                .finding(&RULE, message)
                .compared(difference.expected.as_str(), difference.actual.as_str())
                .spec(example.anchor);
            let level = if difference.kind == DifferenceKind::IntegerAsFraction { Level::Should } else { Level::Must };
            findings.push(finding.level(level));
        }
    })
}
