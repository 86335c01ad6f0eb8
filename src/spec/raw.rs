//! The document as it was written: its value, the place of every part, and the targets of its `$ref`s.

use std::sync::Arc;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::location::{Anchor, InputError, Place, Span, nearest};
use crate::tree::{self, Node, Tree};

/// How many references in a row are followed.
const MAX_HOPS: usize = 64;

/// The document as written. Cloning is cheap.
#[derive(Clone)]
pub(super) struct RawDocument {
    /// The whole value.
    pub(super) value: Arc<Value>,
    /// The same value with places.
    pub(super) tree: Arc<Tree>,
}

/// The target of a reference.
pub(super) struct Referenced<'a> {
    /// The pointer of the target, which is no reference itself.
    pub(super) pointer: String,
    /// The target.
    pub(super) value: &'a Value,
}

impl RawDocument {
    pub(super) fn new(tree: Arc<Tree>) -> Self {
        Self { value: Arc::new(tree.root.to_json()), tree }
    }

    /// The value at a pointer.
    pub(super) fn get(&self, pointer: &str) -> Option<&Value> {
        self.value.pointer(pointer)
    }

    /// The place of a part: its pointer, and the line of its key, or of the value itself in a sequence.
    pub(super) fn anchor(&self, pointer: &str) -> Anchor {
        let (key, node) = self.find(pointer);
        let span = key.unwrap_or(node.span);
        Anchor { pointer: pointer.into(), line: self.tree.source.position(span.start).line }
    }

    /// The place of a part's value.
    pub(super) fn place(&self, pointer: &str) -> Place {
        self.tree.place(self.find(pointer).1)
    }

    /// The place of the key of a part; in a sequence that of the value, and for the root that of its first key.
    pub(super) fn key_place(&self, pointer: &str) -> Place {
        let (key, node) = self.find(pointer);
        let first = || node.entries().and_then(|entries| entries.first()).map(|entry| entry.key_span);
        let span = key.or_else(|| first().filter(|_| pointer.is_empty())).unwrap_or(node.span);
        self.tree.source.place(span)
    }

    /// The type of the value of a part, with its article.
    pub(super) fn kind(&self, pointer: &str) -> &'static str {
        self.find(pointer).1.kind()
    }

    /// The node at a pointer, and the span of its key. If there is none, those of its nearest ancestor.
    fn find(&self, pointer: &str) -> (Option<Span>, &Node) {
        let mut key = None;
        let mut node = &self.tree.root;
        for segment in pointer.split('/').skip(1) {
            let segment = unescape(segment);
            match &node.value {
                tree::Value::Mapping(_) => {
                    let Some(entry) = node.entry(&segment) else { break };
                    key = Some(entry.key_span);
                    node = &entry.value;
                }
                tree::Value::Sequence(items) => {
                    let Some(item) = segment.parse().ok().and_then(|index: usize| items.get(index)) else { break };
                    key = None;
                    node = item;
                }
                _ => break,
            }
        }
        (key, node)
    }

    /// Follows references from a pointer to a value that is no reference (OpenAPI 3.0.3 §4.7.23). A circle, a chain of more
    /// than [`MAX_HOPS`], a missing target and a reference to another file are errors at the `$ref` that cannot be followed.
    pub(super) fn follow(&self, pointer: &str) -> Result<Referenced<'_>, InputError> {
        let mut seen = vec![pointer.to_owned()];
        loop {
            if seen.len() > MAX_HOPS {
                let message = format!("this `$ref` leads on through more than {MAX_HOPS} others");
                return Err(InputError::at(self.place(&format!("{pointer}/$ref")), message)
                    .help("Let it name the thing itself."));
            }
            let here = &seen[seen.len() - 1];
            let Some(value) = self.get(here) else {
                return Err(InputError::at(self.key_place(here), format!("nothing stands at `#{here}`"))
                    .help("Check the references that lead here."));
            };
            let Some(reference) = value.get("$ref").and_then(Value::as_str) else {
                let pointer = seen.pop().unwrap_or_default();
                return Ok(Referenced { pointer, value });
            };
            let target = self.target(here, reference)?;
            if seen.contains(&target) {
                let chain: Vec<String> = seen.iter().chain([&target]).map(|step| format!("`#{step}`")).collect();
                return Err(InputError::at(
                    self.place(&format!("{here}/$ref")),
                    format!("this `$ref` goes in a circle: {}", chain.join(" → ")),
                )
                .help("Let one of them hold the thing itself instead of a `$ref`."));
            }
            seen.push(target);
        }
    }

    /// The value itself, or the target of a reference. None if the reference cannot be followed.
    pub(super) fn followed<'a>(&'a self, value: &'a Value) -> Option<&'a Value> {
        match self.led_to(value) {
            Some(pointer) => self.get(&pointer),
            None => Some(value),
        }
    }

    /// The pointer of the target of a reference. None if the value is no reference, or cannot be followed.
    pub(super) fn led_to(&self, value: &Value) -> Option<String> {
        let mut pointer = None;
        let mut value = value;
        for _ in 0..=MAX_HOPS {
            let Some(reference) = value.get("$ref").and_then(Value::as_str) else { return pointer };
            let next = percent_decode_str(reference.strip_prefix('#')?).decode_utf8_lossy().into_owned();
            value = self.get(&next)?;
            pointer = Some(next);
        }
        None
    }

    /// The pointer that a reference at `here` names. A value exists there.
    pub(super) fn target(&self, here: &str, reference: &str) -> Result<String, InputError> {
        let written = cut(reference);
        let error = |message: String, help: String| {
            Err(InputError::at(self.place(&format!("{here}/$ref")), message).help(help))
        };
        if reference.is_empty() {
            return error("this `$ref` is empty".to_owned(), "Write what it refers to, or remove it.".to_owned());
        }
        let Some(fragment) = reference.strip_prefix('#') else {
            return error(
                format!("`{written}` refers to another file"),
                "Only one file is read. Put everything into it, for example with `redocly bundle`.".to_owned(),
            );
        };
        let pointer = percent_decode_str(fragment).decode_utf8_lossy().into_owned();
        if !pointer.is_empty() && !pointer.starts_with('/') {
            return error(
                format!("`{written}` is not a reference of OpenAPI 3.0"),
                "Write a JSON pointer, such as `#/components/schemas/Name`.".to_owned(),
            );
        }
        if self.get(&pointer).is_some() {
            return Ok(pointer);
        }
        error(format!("`{written}` refers to nothing"), self.suggestion(&pointer))
    }

    /// A suggestion for a pointer without a value.
    fn suggestion(&self, pointer: &str) -> String {
        let mut parent = pointer;
        while let Some((above, last)) = parent.rsplit_once('/') {
            if let Some(value) = self.get(above) {
                let names = value.as_object().into_iter().flat_map(|map| map.keys().map(String::as_str));
                return match nearest(&unescape(last), names) {
                    Some(name) => format!("Did you mean `#{above}/{}`?", escape(name)),
                    None if above.is_empty() => format!("The document has no `{}`.", cut(&unescape(last))),
                    None => format!("`#{}` has no `{}`.", cut(above), cut(&unescape(last))),
                };
            }
            parent = above;
        }
        "Check the reference.".to_owned()
    }
}

/// A text for an error, cut if it is long.
fn cut(text: &str) -> String {
    const SHOWN: usize = 200;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A key as a segment of a JSON pointer (RFC 6901 §3).
pub(super) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// The key of a segment of a JSON pointer.
pub(super) fn unescape(segment: &str) -> String {
    segment.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::location::Source;

    fn raw(text: &str) -> RawDocument {
        RawDocument::new(Arc::new(tree::yaml::read(&Source::new("a.yaml", text)).expect("YAML")))
    }

    #[test]
    fn an_anchor_has_the_line_of_the_key() {
        let raw = raw("a:\n  b/c:\n    - x\n    - y\n");
        assert_eq!(raw.anchor("/a/b~1c"), Anchor { pointer: "/a/b~1c".into(), line: 2 });
        assert_eq!(raw.anchor("/a/b~1c/1").line, 4);
        assert_eq!(raw.anchor("").line, 1);
        assert_eq!(raw.anchor("/a/missing/deep").line, 1);
    }

    #[test]
    fn references_are_followed_to_a_value_that_is_none() {
        let raw = raw("a: {$ref: '#/b'}\nb: {$ref: '#/c~0%20d/0'}\n'c~ d': [{x: 1}]\n");
        let found = raw.follow("/a").expect("there");
        assert_eq!((found.pointer.as_str(), found.value), ("/c~0 d/0", &serde_json::json!({"x": 1})));
    }

    #[test]
    fn a_reference_without_a_target_is_an_error_with_place_and_help() {
        let text = "a: {$ref: '#/b'}\nb:\n  $ref: '#/a'\nc: {$ref: '#/things/Thin'}\nd: {$ref: 'x.yaml#/y'}\n\
                    e: {$ref: '#name'}\nf: {$ref: '#/nope/x'}\ng: {$ref: '#/g'}\nthings: {Thing: 1}\n\
                    h: {$ref: ''}\n";
        let raw = raw(text);
        for (pointer, message, line, help) in [
            ("/a", "this `$ref` goes in a circle: `#/a` → `#/b` → `#/a`", 3, "Let one of them"),
            ("/c", "`#/things/Thin` refers to nothing", 4, "Did you mean `#/things/Thing`?"),
            ("/d", "`x.yaml#/y` refers to another file", 5, "Only one file is read."),
            ("/e", "`#name` is not a reference of OpenAPI 3.0", 6, "Write a JSON pointer"),
            ("/f", "`#/nope/x` refers to nothing", 7, "The document has no `nope`."),
            ("/h", "this `$ref` is empty", 10, "Write what it refers to"),
            ("/g", "this `$ref` goes in a circle: `#/g` → `#/g`", 8, "Let one of them"),
        ] {
            let error = raw.follow(pointer).err().expect(pointer);
            assert_eq!(error.message, message);
            assert_eq!(error.place.expect("a place").line(), line, "{pointer}");
            assert!(error.help.expect("help").starts_with(help), "{pointer}");
        }
    }
}
