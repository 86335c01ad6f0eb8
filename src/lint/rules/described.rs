//! What the document says about a body. The rules beside this file ask whether a schema or an example pins it.

use crate::spec::{Document, Media, Response};

/// Whether this program can compare a body of this media type with the document: JSON, or a range that may be JSON.
pub(super) fn readable(media: &Media) -> bool {
    media.range.is_json() || media.range.subtype.contains('*')
}

/// Whether a body of this media type is pinned by an example other than null, or by a schema that says more than the type
/// of the whole.
pub(super) fn pinned(document: &Document, media: &Media) -> bool {
    let examples = media.examples.iter().any(|example| !example.value().is_null());
    examples || media.schema.as_ref().is_some_and(|schema| schema.says_more_than_type(&document.tree.root))
}

/// Whether the response describes a body, but no schema and no example pins it in any of its media types.
pub(super) fn unpinned(document: &Document, response: &Response) -> bool {
    !response.content.is_empty() && !response.content.iter().any(|media| pinned(document, media))
}
