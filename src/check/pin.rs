//! What in the document a case's answer was held against, so that a pass that rests on nothing does not look like one.

use super::Evidence;
use super::content::Content;
use super::held::Standing;
use super::schema_violated::says_more;
use crate::spec::Media;

/// What pinned an answer, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pin {
    /// Nothing: no documented answer came.
    Nothing,
    /// The status alone.
    Status,
    /// A documented status without a body.
    Bodiless,
    /// A documented example.
    Example,
    /// A schema (and examples, where there are some).
    Schema,
}

/// Whether an example says what a body holds: null at the top takes any.
pub(super) fn by_example(media: &Media) -> bool {
    media.examples.iter().any(|example| !example.value().is_null())
}

/// What pinned the answers of a case run: the strongest of its judged answers.
pub fn pin(evidence: &Evidence<'_>) -> Pin {
    let pin = |held: &super::Held<'_>| {
        let Some(response) = held.response else {
            let named = held.standing == Standing::Expected;
            return if named { Pin::Status } else { Pin::Nothing };
        };
        if response.content.is_empty() {
            return Pin::Bodiless;
        }
        match &held.content {
            Content::Json(_, media) => match &media.schema {
                Some(schema) if says_more(held, schema) => Pin::Schema,
                _ if !by_example(media) => Pin::Status,
                _ => Pin::Example,
            },
            // The body could not be read, but what it should have been is known.
            Content::Missing | Content::NotJson(_) | Content::Compressed(_) | Content::NotCompressed => {
                let schema = |media: &Media| media.schema.as_ref().is_some_and(|it| says_more(held, it));
                if response.content.iter().any(schema) {
                    Pin::Schema
                } else if response.content.iter().any(by_example) {
                    Pin::Example
                } else {
                    Pin::Status
                }
            }
            Content::Unexpected => Pin::Bodiless,
            Content::NotJudged | Content::Coded | Content::Opaque => Pin::Status,
        }
    };
    evidence.held().iter().map(pin).max().unwrap_or(Pin::Nothing)
}
