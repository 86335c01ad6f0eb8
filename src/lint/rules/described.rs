//! What the document says about a body. The rules beside this file ask whether a schema or an example pins it.

use crate::location::Anchor;
use crate::spec::{Document, Media, Response};
use crate::tree::Node;

/// The most references in a row that are followed.
const HOPS: usize = 16;

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

/// The node at an anchor.
pub(super) fn node<'a>(document: &'a Document, anchor: &Anchor) -> Option<&'a Node> {
    at(document, &anchor.pointer)
}

fn at<'a>(document: &'a Document, pointer: &str) -> Option<&'a Node> {
    let segments: Vec<String> = crate::location::Pointer::parse(pointer)?.segments().collect();
    document.tree.root.at(segments.iter().map(String::as_str))
}

/// The node, or the node that its `$ref` leads to. `None` if it leads nowhere.
pub(super) fn followed<'a>(document: &'a Document, mut node: &'a Node) -> Option<&'a Node> {
    for _ in 0..HOPS {
        let Some(target) = node.get("$ref").and_then(Node::as_str) else {
            return Some(node);
        };
        let pointer = percent_encoding::percent_decode_str(target.strip_prefix('#')?).decode_utf8().ok()?;
        node = at(document, &pointer)?;
    }
    None
}
