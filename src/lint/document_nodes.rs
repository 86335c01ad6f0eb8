//! Nodes of the document's tree.

use crate::location::{Anchor, Pointer};
use crate::spec::Document;
use crate::tree::Node;

/// The most references in a row that are followed.
const HOPS: usize = 16;

/// The node at an anchor.
pub(super) fn node<'a>(document: &'a Document, anchor: &Anchor) -> Option<&'a Node> {
    at(document, &anchor.pointer)
}

/// The node at a pointer.
pub(super) fn at<'a>(document: &'a Document, pointer: &str) -> Option<&'a Node> {
    let segments: Vec<String> = Pointer::parse(pointer)?.segments().collect();
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
