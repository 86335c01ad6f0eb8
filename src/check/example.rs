//! Which documented example an answer is held against, and what came of it: shared by the rules about examples.

use super::content::Content;
use super::held::Held;
use super::schema_violated::says_more;
use super::shape::{self, Closeness, Compared};
use super::{Checked, Evidence, shown};
use crate::finding::Finding;
use crate::location::Anchor;
use crate::spec::{Example, Media, Violation};
use crate::tree::Node;

pub(super) use super::shape::Kind;

/// The most findings that one rule makes of one answer.
const SHOWN: usize = 12;

/// An example and how the body compares to it.
#[derive(Debug)]
pub(super) struct Against<'a> {
    /// The example's name.
    pub(super) name: &'a str,
    /// Where its value stands.
    pub(super) anchor: &'a Anchor,
    /// What the comparison found, without what the schema says already.
    pub(super) compared: Compared,
    /// Whether a schema describes the body too.
    pub(super) by_schema: bool,
}

/// Looks at every judged answer whose body an example pins.
pub(super) fn each(
    evidence: &Evidence<'_>,
    mut look: impl FnMut(&Held<'_>, &Against<'_>, &mut Vec<Finding>),
) -> Checked {
    evidence.over("no body came that an example pins", |held, findings| {
        let Some(against) = held.against.get_or_init(|| against(held)) else {
            return false;
        };
        let before = findings.len();
        look(held, against, findings);
        let count = findings.len() - before;
        findings.truncate(before + SHOWN);
        if let Some(last) = findings.last_mut().filter(|_| count > SHOWN) {
            last.message = shown::of_many(std::mem::take(&mut last.message), SHOWN - 1, SHOWN, count);
        }
        true
    })
}

fn against<'a>(held: &Held<'a>) -> Option<Against<'a>> {
    let Content::Json(read, media) = held.content else {
        return None;
    };
    let by_schema = media.schema.as_ref().is_some_and(|schema| says_more(held, schema));
    let named = held.named_example().zip(held.response).and_then(|(name, response)| response.example(name));
    let (example, mut compared) = match (named, held.expectation) {
        (Some((_, example)), Some(expectation)) => {
            let closeness = Closeness::Equal(&expectation.free);
            (example, shape::compare(example.value(), &read.root, closeness))
        }
        _ if by_schema => return None,
        _ => nearest(media, &read.root)?,
    };
    if compared.is_cut() {
        // What was found so far is not all, and says nothing.
        let why = "the body and the documented examples hold too many values to be compared; name one example \
                   in the case (`expect: {status: …, example: NAME}`), or ask for a shorter body";
        let _ = held.taken.too_much.set(why.to_owned());
        return None;
    }
    if !compared.differences.is_empty() && media.schema.is_some() {
        without_violations(&mut compared, held, media, &read.root);
    }
    Some(Against { name: &example.name, anchor: &example.anchor, compared, by_schema })
}

/// The example whose shape is nearest.
fn nearest<'a>(media: &'a Media, root: &Node) -> Option<(&'a Example, Compared)> {
    shape::nearest(media.examples.iter().map(|example| (example, example.value())), root)
}

/// Drops what the schema says already: a difference at or below a place that breaks it, and a missing key that it
/// requires.
fn without_violations(compared: &mut Compared, held: &Held<'_>, media: &Media, root: &Node) {
    let violations = media.schema.as_ref().map(|schema| held.violations(schema, &root.to_json())).unwrap_or_default();
    let said = |pointer: &str, kind: Kind, violation: &Violation| {
        let below = pointer.strip_prefix(violation.instance.as_str());
        match violation.keyword.as_str() {
            "required" => kind == Kind::Missing && below.is_some_and(|rest| rest.matches('/').count() == 1),
            _ => below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
        }
    };
    compared
        .differences
        .retain(|difference| !violations.iter().any(|violation| said(&difference.pointer, difference.kind, violation)));
}
