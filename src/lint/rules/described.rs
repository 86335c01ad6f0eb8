//! What the document says about a body. The rules beside this file ask whether a schema or an example pins it.

use crate::location::Anchor;
use crate::spec::{Document, Media, Response, Schema};
use crate::tree::Node;

/// Keys of a schema that allow every value of the type.
const SAYS_NOTHING: &[&str] =
    &["type", "title", "description", "example", "default", "nullable", "deprecated", "externalDocs", "xml"];

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
    examples || media.schema.as_ref().is_some_and(|schema| says_more(document, schema))
}

/// Whether the response describes a body, but no schema and no example pins it in any of its media types.
pub(super) fn unpinned(document: &Document, response: &Response) -> bool {
    !response.content.is_empty() && !response.content.iter().any(|media| pinned(document, media))
}

fn says_more(document: &Document, schema: &Schema) -> bool {
    let Some(entries) = node(document, &schema.anchor).and_then(Node::entries) else {
        return true;
    };
    entries.iter().any(|entry| {
        let is_empty = entry.value.entries().is_some_and(<[_]>::is_empty);
        // The type says enough about a value without parts.
        let is_scalar = entry.key == "type" && !matches!(entry.value.as_str(), Some("object" | "array"));
        is_scalar || (!SAYS_NOTHING.contains(&entry.key.as_str()) && !is_empty && !entry.key.starts_with("x-"))
    })
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
