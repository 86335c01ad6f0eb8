//! If no schema says more, the documented example is the contract. Every key of the example must be in the body, with a
//! value of the same type. Number is one type; an integer that is written `400.0` is of level `should`. Each element of
//! an array must fit one element of the array in the example. An empty array says nothing about elements. Null in the
//! example allows any value.
//!
//! If there are several examples, the body must fit one of them, and the finding shows the nearest. If the case names
//! an example, the body is compared with that one, and values count too (`example-value`).
//!
//! **Why it matters.** Most error responses are documented by an example alone, and clients are written by it. A
//! missing `code`, or a `status` that became a string, breaks them.
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
//! **Limits.** OpenAPI leaves room: an example illustrates, and no sentence binds answers to it. It counts as the
//! contract because nothing else in the document describes the body. For the shape, values do not matter. A property
//! that the example lacks is a note (`property-undocumented`). A difference that breaks the schema too is reported only
//! once.
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
                DifferenceKind::Element => format!("{at} matches no element of {name}"),
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
