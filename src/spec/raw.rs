//! The document as it was written: its raw value, the place of every part, and the following of `$ref`s.

use std::sync::Arc;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::location::{Anchor, InputError, Place, Span, nearest};
use crate::tree::{self, Node, Tree};

/// How many references one after the other are followed.
const MAX_HOPS: usize = 64;

/// The raw document. Cloning is cheap.
#[derive(Clone)]
pub(super) struct Raw {
    /// The whole value.
    pub(super) value: Arc<Value>,
    /// The same with places.
    pub(super) tree: Arc<Tree>,
}

/// Where a reference led to.
pub(super) struct Found<'a> {
    /// The pointer of the first value that is no reference.
    pub(super) pointer: String,
    /// That value.
    pub(super) value: &'a Value,
}

impl Raw {
    pub(super) fn new(tree: Arc<Tree>) -> Self {
        Self { value: Arc::new(tree.root.to_json()), tree }
    }

    /// The value at a pointer.
    pub(super) fn get(&self, pointer: &str) -> Option<&Value> {
        self.value.pointer(pointer)
    }

    /// Where a part stands: its pointer, and the line of its key (of the value itself, in a sequence).
    pub(super) fn anchor(&self, pointer: &str) -> Anchor {
        let (key, node) = self.find(pointer);
        let span = key.unwrap_or(node.span);
        Anchor { pointer: pointer.into(), line: self.tree.source.position(span.start).line }
    }

    /// The place of a part's value.
    pub(super) fn place(&self, pointer: &str) -> Place {
        self.tree.place(self.find(pointer).1)
    }

    /// The place of a part's key; of the value, in a sequence; of the first key, for the root.
    pub(super) fn key_place(&self, pointer: &str) -> Place {
        let (key, node) = self.find(pointer);
        let first = || node.entries().and_then(|entries| entries.first()).map(|entry| entry.key_span);
        let span = key.or_else(|| first().filter(|_| pointer.is_empty())).unwrap_or(node.span);
        self.tree.source.place(span)
    }

    /// The type of a part's value, with its article.
    pub(super) fn kind(&self, pointer: &str) -> &'static str {
        self.find(pointer).1.kind()
    }

    /// The node at a pointer and its key's span. What is not there is where its nearest ancestor is.
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

    /// Follows references from a pointer until a value that is none. A circle, a chain of more than [`MAX_HOPS`], a
    /// reference to nothing and one to another file are errors at the `$ref` that cannot be followed.
    pub(super) fn follow(&self, pointer: &str) -> Result<Found<'_>, InputError> {
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
                return Ok(Found { pointer, value });
            };
            let target = self.target(here, reference)?;
            if seen.contains(&target) {
                let way: Vec<String> = seen.iter().chain([&target]).map(|step| format!("`#{step}`")).collect();
                return Err(InputError::at(
                    self.place(&format!("{here}/$ref")),
                    format!("this `$ref` goes in a circle: {}", way.join(" → ")),
                )
                .help("Let one of them hold the thing itself instead of a `$ref`."));
            }
            seen.push(target);
        }
    }

    /// What a value that may be a reference leads to. None if it leads nowhere.
    pub(super) fn followed<'a>(&'a self, value: &'a Value) -> Option<&'a Value> {
        match self.led_to(value) {
            Some(pointer) => self.get(&pointer),
            None => Some(value),
        }
    }

    /// The pointer of what a reference leads to. None if the value is no reference, or leads nowhere.
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

    /// The pointer that a reference at `here` names; there is a value at it.
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
                format!("`{written}` is no reference that OpenAPI 3.0 knows"),
                "Write a JSON pointer, such as `#/components/schemas/Name`.".to_owned(),
            );
        }
        if self.get(&pointer).is_some() {
            return Ok(pointer);
        }
        error(format!("`{written}` refers to nothing"), self.suggestion(&pointer))
    }

    /// What somebody may have meant who wrote a pointer to nothing.
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

/// A text as errors show it.
fn cut(text: &str) -> String {
    const SHOWN: usize = 200;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A key as a pointer's segment.
pub(super) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// A pointer's segment as a key.
pub(super) fn unescape(segment: &str) -> String {
    segment.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::location::Source;

    fn raw(text: &str) -> Raw {
        Raw::new(Arc::new(tree::yaml::read(&Source::new("a.yaml", text)).expect("YAML")))
    }

    #[test]
    fn anchors_are_where_the_key_stands() {
        let raw = raw("a:\n  b/c:\n    - x\n    - y\n");
        assert_eq!(raw.anchor("/a/b~1c"), Anchor { pointer: "/a/b~1c".into(), line: 2 });
        assert_eq!(raw.anchor("/a/b~1c/1").line, 4);
        assert_eq!(raw.anchor("").line, 1);
        assert_eq!(raw.anchor("/a/missing/deep").line, 1);
    }

    #[test]
    fn references_are_followed_to_the_thing_itself() {
        let raw = raw("a: {$ref: '#/b'}\nb: {$ref: '#/c~0%20d/0'}\n'c~ d': [{x: 1}]\n");
        let found = raw.follow("/a").expect("there");
        assert_eq!((found.pointer.as_str(), found.value), ("/c~0 d/0", &serde_json::json!({"x": 1})));
    }

    #[test]
    fn references_that_lead_nowhere_say_where_and_what_to_do() {
        let text = "a: {$ref: '#/b'}\nb:\n  $ref: '#/a'\nc: {$ref: '#/things/Thin'}\nd: {$ref: 'x.yaml#/y'}\n\
                    e: {$ref: '#name'}\nf: {$ref: '#/nope/x'}\ng: {$ref: '#/g'}\nthings: {Thing: 1}\n\
                    h: {$ref: ''}\n";
        let raw = raw(text);
        for (pointer, message, line, help) in [
            ("/a", "this `$ref` goes in a circle: `#/a` → `#/b` → `#/a`", 3, "Let one of them"),
            ("/c", "`#/things/Thin` refers to nothing", 4, "Did you mean `#/things/Thing`?"),
            ("/d", "`x.yaml#/y` refers to another file", 5, "Only one file is read."),
            ("/e", "`#name` is no reference that OpenAPI 3.0 knows", 6, "Write a JSON pointer"),
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
