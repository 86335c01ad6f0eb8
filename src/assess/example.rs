//! With which documented example a body is compared, and how it differs from it.

use super::example_diff::{self, Comparison, DifferenceKind, ExampleDiff};
use super::gave_up::GaveUp;
use crate::location::Anchor;
use crate::spec::{Document, Example, Media, Violation};
use crate::suite::Expectation;
use crate::tree::Node;

/// Why a comparison was given up, and what to do.
const TOO_MANY_VALUES: &str = "the body and the documented examples hold too many values to be compared; name one example \
                               in the case (`expect: {status: …, example: NAME}`), or ask for a shorter body";

/// An example, and how the body differs from it.
#[derive(Debug)]
pub(crate) struct ExampleAssessment<'a> {
    /// The example's name.
    pub(crate) name: &'a str,
    /// Where its value stands.
    pub(crate) anchor: &'a Anchor,
    /// The differences, without those that break the schema too.
    pub(crate) diff: ExampleDiff,
    /// Whether a schema describes the body too.
    pub(crate) has_schema: bool,
}

/// Compares a JSON body of a documented media type with the example that the case names (`named`, with its expectation), or
/// else with the nearest example. None if a schema describes the body instead, or no example does.
pub(super) fn compare<'a>(
    document: &Document,
    media: &'a Media,
    body: &Node,
    named: Option<(&'a Example, &'a Expectation)>,
    gave_up: &mut GaveUp,
) -> Option<ExampleAssessment<'a>> {
    let has_schema = media.schema.as_ref().is_some_and(|schema| schema.says_more_than_type(&document.tree.root));
    let (example, mut diff) = match named {
        Some((example, expectation)) => {
            (example, example_diff::compare(example.value(), body, Comparison::Equal(&expectation.free)))
        }
        None if has_schema => return None,
        None => example_diff::nearest(media.examples.iter().map(|example| (example, example.value())), body)?,
    };
    if diff.gave_up() {
        // Without a complete comparison, the differences so far say nothing.
        gave_up.because(TOO_MANY_VALUES);
        return None;
    }
    if !diff.differences.is_empty()
        && let Some(schema) = &media.schema
    {
        let violations = gave_up.result(schema.violations(&body.to_json()));
        diff.differences.retain(|difference| {
            !violations.iter().any(|violation| covers(violation, &difference.pointer, difference.kind))
        });
    }
    Some(ExampleAssessment { name: &example.name, anchor: &example.anchor, diff, has_schema })
}

/// Whether a violation of the schema says the same as a difference: it is at the same place or above, or it is about the
/// same missing key.
fn covers(violation: &Violation, pointer: &str, kind: DifferenceKind) -> bool {
    let below = pointer.strip_prefix(violation.instance.as_str());
    match violation.keyword.as_str() {
        "required" => kind == DifferenceKind::Missing && below.is_some_and(|rest| rest.matches('/').count() == 1),
        _ => below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
    }
}
