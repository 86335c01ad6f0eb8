//! YAML 1.2 into a [`Tree`], from the events of granit-parser: core schema (YAML 1.2.2 §10.3), duplicate keys refused,
//! aliases limited.
//!
//! What JSON cannot express is refused with its place: `.inf` and `.nan`, tags beyond the core schema, keys that are
//! collections, several documents in a file. Merge keys (`<<`) are refused too: the core schema of YAML 1.2 has none, and a
//! reader that merged them would have other keys than the file shows. Keys are compared as text, so `204` and `'204'` are the
//! same key. Nesting is limited to [`MAX_DEPTH`] levels, and what aliases repeat to [`MAX_REPEATED`] bytes.

use std::collections::{HashMap, HashSet};

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, StructureStyle, Tag};

use super::file_kind::EMPTY;
use super::limit::{most_values, too_many};
use super::node::{Entries, Entry, Node, Size, Tree, Value};
use super::scalar::{self, Resolved};
use super::tab;
use crate::location::{InputError, InputErrors, Source, Span};

/// How deep collections may be nested, in levels, with aliases expanded.
pub const MAX_DEPTH: usize = 128;

/// How much aliases may repeat in all: bytes of text, and 64 bytes for every value.
pub const MAX_REPEATED: usize = 16 * 1024 * 1024;

/// The help for a tab.
const TABS: &str = "Indent with spaces; YAML allows no tabs there.";

/// After this many errors the rest of a file is not read.
const MAX_ERRORS: usize = 20;

/// Reads one YAML document. A byte order mark before it is skipped. (JSON files are read by [`super::json`].)
///
/// A text that is no YAML gives one error. YAML that is refused gives an error for every such place, in the order of the
/// file.
pub fn read(source: &Source) -> Result<Tree, InputErrors> {
    read_few(source, most_values(source.text()))
}

/// Like [`read`], for a document that may hold `most` values, with aliases expanded.
pub(crate) fn read_few(source: &Source, most: usize) -> Result<Tree, InputErrors> {
    let mut builder = TreeBuilder::new(source, aliased(source)?, most);
    let mut stopped = false;
    for event in events(source) {
        let (event, span) = event.map_err(|error| scan_error(source, &error))?;
        // A text that does not scan gives that error alone, so the rest is scanned in any case.
        if !stopped {
            let span = byte_span(source, &span);
            stopped = builder.take(&event, span).is_err() || builder.errors.len() >= MAX_ERRORS;
        }
    }
    builder.finish()
}

fn events(source: &Source) -> Parser<'_, granit_parser::StrInput<'_>> {
    let options = granit_parser::options! { emit_comments: false };
    Parser::new_from_str_with_options(source.text(), options)
}

/// The anchors that aliases refer to. Values of other anchors need not be kept. This is a pass of its own, which takes less
/// memory than keeping all events.
fn aliased(source: &Source) -> Result<HashSet<usize>, InputErrors> {
    if memchr::memchr(b'&', source.text().as_bytes()).is_none() {
        return Ok(HashSet::new());
    }
    let ids = events(source).map(|event| event.map(|(event, _)| event.alias_id()));
    ids.filter_map(Result::transpose).collect::<Result<_, _>>().map_err(|error| scan_error(source, &error))
}

/// Reading stops here. The reason is in the list of errors.
struct StopReading;

/// A collection that is being read.
struct OpenCollection {
    collection: Collection,
    span: Span,
    flow: bool,
    anchor: usize,
}

enum Collection {
    Sequence(Vec<Node>),
    Mapping(Mapping),
}

#[derive(Default)]
struct Mapping {
    entries: Vec<Entry>,
    /// A key that waits for its value. `None` inside: the key was refused, and its value is dropped.
    key: Option<(Option<String>, Span)>,
}

/// A value that aliases repeat.
struct Anchored {
    node: Node,
    size: Size,
}

struct TreeBuilder<'a> {
    source: &'a Source,
    open: Vec<OpenCollection>,
    /// The anchors that aliases refer to.
    aliased: HashSet<usize>,
    anchors: HashMap<usize, Anchored>,
    repeated: usize,
    /// How many values there are.
    values: usize,
    /// How many values are allowed.
    most: usize,
    documents: usize,
    root: Option<Node>,
    errors: Vec<InputError>,
}

impl<'a> TreeBuilder<'a> {
    fn new(source: &'a Source, aliased: HashSet<usize>, most: usize) -> Self {
        Self {
            source,
            open: Vec::new(),
            aliased,
            anchors: HashMap::new(),
            repeated: 0,
            values: 0,
            most,
            documents: 0,
            root: None,
            errors: Vec::new(),
        }
    }

    fn take(&mut self, event: &Event<'_>, span: Span) -> Result<(), StopReading> {
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    self.error(span, "a second document begins here", "Keep one document in the file.");
                    return Err(StopReading);
                }
            }
            Event::Scalar(text, style, anchor, tag) => {
                let implicit = span.start == span.end && *style == ScalarStyle::Plain;
                if self.wants_key() {
                    let key = self.key(text, *style, tag.as_deref(), span, implicit);
                    if *anchor != 0 {
                        let value = Value::String(text.clone().into_owned());
                        self.keep(*anchor, &Node { value, span })?;
                    }
                    self.set_key(key, span);
                } else {
                    let span = if implicit { self.implicit_span(span) } else { span };
                    let value = self.scalar(text, *style, tag.as_deref(), span);
                    self.put(Node { value, span }, *anchor)?;
                }
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.collection_tag(tag.as_deref(), "seq", span);
                self.push(Collection::Sequence(Vec::new()), span, *style, *anchor)?;
            }
            Event::MappingStart(style, anchor, tag) => {
                self.collection_tag(tag.as_deref(), "map", span);
                self.push(Collection::Mapping(Mapping::default()), span, *style, *anchor)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.pop(span)?,
            Event::Alias(id) => self.alias(*id, span)?,
            // The other events say nothing about values: the ends of stream and document.
            _ => {}
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Tree, InputErrors> {
        let source = self.source;
        let empty = match &self.root {
            None => self.errors.is_empty(),
            // A value without characters: the file holds only `---`, or only an anchor.
            Some(root) => matches!(root.value, Value::Null) && root.span.start == root.span.end,
        };
        if empty {
            self.error(Span::new(0, 0), EMPTY, "Write the document into it, or name another file.");
        }
        match self.root {
            Some(root) if self.errors.is_empty() => Ok(Tree { source: source.clone(), root }),
            _ => {
                self.errors.sort_by_key(|error| error.place.as_ref().map(|place| place.span.start));
                self.errors.truncate(MAX_ERRORS);
                Err(InputErrors(self.errors))
            }
        }
    }

    fn error(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.errors.push(InputError::at(self.source.place(span), message).help(help));
    }

    fn wants_key(&self) -> bool {
        matches!(self.open.last(), Some(OpenCollection { collection: Collection::Mapping(mapping), .. }) if mapping.key.is_none())
    }

    fn key(&mut self, text: &str, style: ScalarStyle, tag: Option<&Tag>, span: Span, implicit: bool) -> Option<String> {
        if implicit {
            self.error(span, "a key is missing before the colon", "Write the key, or remove the colon.");
            return None;
        }
        if style == ScalarStyle::Plain && text == "<<" && tag.is_none() {
            self.error(
                span,
                "merge keys (`<<`) are not supported",
                "YAML 1.2 has no merge keys. Write the keys out, or give the whole mapping as an alias.",
            );
            return None;
        }
        if let Some(tag) = tag {
            scalar_tag(tag).map_or_else(|| self.unknown_tag(tag, span), |_| ());
        }
        Some(text.to_owned())
    }

    /// Sets the key of the innermost mapping.
    fn set_key(&mut self, key: Option<String>, span: Span) {
        if let Some(OpenCollection { collection: Collection::Mapping(mapping), .. }) = self.open.last_mut() {
            mapping.key = Some((key, span));
        }
    }

    /// Refuses keys that stand more than once in a mapping.
    fn refuse_doubles(&mut self, entries: &Entries) {
        for (first, again) in entries.doubles().into_iter().take(MAX_ERRORS) {
            let (key, first, span) = (&entries[again].key, entries[first].key_span, entries[again].key_span);
            let same = if self.text(first) == self.text(span) {
                String::new()
            } else {
                let (first, span) = (shortened(self.text(first)), shortened(self.text(span)));
                format!(" (`{first}` and `{span}` are the same key)")
            };
            let (line, here) = (self.source.line_at(first.start), self.source.line_at(span.start));
            let key = shortened(key);
            self.error(
                span,
                format!("the key `{key}` stands twice in one mapping: in line {line} and in line {here}{same}"),
                "Keep one of the two.",
            );
        }
    }

    fn text(&self, span: Span) -> &'a str {
        self.source.text().get(span.start..span.end).unwrap_or_default()
    }

    /// The place of a value that is not written: right after its key, and not where the next value begins.
    fn implicit_span(&self, span: Span) -> Span {
        match self.open.last() {
            Some(OpenCollection { collection: Collection::Mapping(Mapping { key: Some((_, key)), .. }), .. }) => {
                let after = self.source.text().get(key.end..).unwrap_or_default();
                let blank = after.len() - after.trim_start().len();
                let end = if after[blank..].starts_with(':') { key.end + blank + 1 } else { key.end };
                Span::new(end, end)
            }
            _ => span,
        }
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, tag: Option<&Tag>, span: Span) -> Value {
        let wanted = match tag {
            None if style == ScalarStyle::Plain => None,
            None => Some("str"),
            Some(tag) => {
                let Some(name) = scalar_tag(tag) else {
                    self.unknown_tag(tag, span);
                    return Value::Null;
                };
                Some(name)
            }
        };
        let resolved = match wanted {
            Some("str") => Resolved::Value(Value::String(text.to_owned())),
            _ => scalar::resolve(text),
        };
        match resolved {
            Resolved::Value(value) if wanted.is_none_or(|name| scalar::is_a(&value, name)) => value,
            Resolved::Value(_) => {
                let name = wanted.unwrap_or_default();
                self.error(
                    span,
                    format!("`{}` is no `!!{name}`", shortened(text)),
                    "Remove the tag, or correct the value.",
                );
                Value::Null
            }
            Resolved::NotANumber => {
                self.error(
                    span,
                    format!("`{}` has no counterpart in JSON", shortened(text)),
                    format!("Write a finite number, or the string '{}' in quotes.", shortened(text)),
                );
                Value::Null
            }
            Resolved::TooLarge => {
                self.error(
                    span,
                    format!("the number `{}` is too large", shortened(text)),
                    "Numbers in base 8 and 16 may have 128 bits at most. Put it in quotes if it is no number.",
                );
                Value::Null
            }
        }
    }

    fn collection_tag(&mut self, tag: Option<&Tag>, name: &str, span: Span) {
        match tag {
            Some(tag) if !is_unspecific(tag) && !tag.is_yaml_core_schema_tag(name) => {
                if tag.is_yaml_core_schema() {
                    let kind = if name == "map" { "a mapping" } else { "a sequence" };
                    self.error(span, format!("{kind} cannot be `{}`", shortened(&tag.original())), "Remove the tag.");
                } else {
                    self.unknown_tag(tag, span);
                }
            }
            _ => {}
        }
    }

    fn unknown_tag(&mut self, tag: &Tag, span: Span) {
        self.error(
            span,
            format!("the tag `{}` is not known", shortened(&tag.original())),
            "Remove it. Only the tags of YAML's core schema are read: !!str, !!int, !!float, !!bool, !!null, !!seq, !!map.",
        );
    }

    fn push(
        &mut self,
        collection: Collection,
        span: Span,
        style: StructureStyle,
        anchor: usize,
    ) -> Result<(), StopReading> {
        if self.open.len() >= MAX_DEPTH {
            self.too_deep(span);
            return Err(StopReading);
        }
        self.open.push(OpenCollection { collection, span, flow: style == StructureStyle::Flow, anchor });
        Ok(())
    }

    fn too_deep(&mut self, span: Span) {
        self.error(
            span,
            format!("values are nested deeper than {MAX_DEPTH} levels"),
            "Nest them less deeply; in an OpenAPI document, move inner parts to `components`.",
        );
    }

    fn pop(&mut self, end: Span) -> Result<(), StopReading> {
        let Some(frame) = self.open.pop() else { return Ok(()) };
        let last = match &frame.collection {
            Collection::Sequence(items) => items.last().map(|item| item.span.end),
            Collection::Mapping(mapping) => mapping.entries.last().map(|entry| entry.value.span.end),
        };
        let start = frame.span.start;
        // The scanner reports the end of a block collection where the next line begins, which is no part of it. An alias
        // has the span of the value that it repeats, which may lie before.
        let end = if frame.flow { end.end } else { last.unwrap_or(start).max(frame.span.end) };
        let span = Span::new(start, end.max(start));
        let value = match frame.collection {
            Collection::Sequence(mut items) => {
                items.shrink_to_fit();
                Value::Sequence(items)
            }
            Collection::Mapping(mapping) => {
                let entries = Entries::from(mapping.entries);
                self.refuse_doubles(&entries);
                Value::Mapping(entries)
            }
        };
        self.put(Node { value, span }, frame.anchor)
    }

    /// Adds a finished value to the innermost collection.
    fn put(&mut self, node: Node, anchor: usize) -> Result<(), StopReading> {
        self.count(1, node.span)?;
        if anchor != 0 {
            self.keep(anchor, &node)?;
        }
        if self.wants_key() {
            let span = node.span;
            let key = match node.value {
                Value::String(text) => Some(text),
                Value::Number(number) => Some(number.0.to_string()),
                _ => {
                    self.error(
                        span,
                        format!("a key must be a scalar, and this is {}", node.kind()),
                        "Put quotes around the key if it is meant as text.",
                    );
                    None
                }
            };
            self.set_key(key, span);
            return Ok(());
        }
        match self.open.last_mut().map(|frame| &mut frame.collection) {
            None => self.root = Some(node),
            Some(Collection::Sequence(items)) => items.push(node),
            Some(Collection::Mapping(mapping)) => {
                if let Some((Some(key), key_span)) = mapping.key.take() {
                    mapping.entries.push(Entry { key, key_span, value: node });
                }
            }
        }
        Ok(())
    }

    /// Keeps a value that an alias will repeat.
    fn keep(&mut self, anchor: usize, node: &Node) -> Result<(), StopReading> {
        if self.aliased.contains(&anchor) {
            let size = node.size();
            self.spend(size.weight, node.span)?;
            self.count(size.count, node.span)?;
            self.anchors.insert(anchor, Anchored { node: node.clone(), size });
        }
        Ok(())
    }

    fn alias(&mut self, id: usize, span: Span) -> Result<(), StopReading> {
        let Some(&Anchored { size: Size { weight, height, count }, .. }) = self.anchors.get(&id) else {
            self.error(
                span,
                "this alias stands inside the value that it repeats",
                "Such a value would have no end. Write out what is meant.",
            );
            return Err(StopReading);
        };
        if self.open.len() + height > MAX_DEPTH {
            self.too_deep(span);
            return Err(StopReading);
        }
        self.spend(weight, span)?;
        // Adding the value counts one of them.
        self.count(count.saturating_sub(1), span)?;
        let node = self.anchors.get(&id).map(|anchored| anchored.node.clone());
        node.map_or(Ok(()), |node| self.put(node, 0))
    }

    /// Counts more values.
    fn count(&mut self, more: usize, span: Span) -> Result<(), StopReading> {
        self.values = self.values.saturating_add(more);
        if self.values > self.most {
            let (message, help) = too_many(self.most);
            self.error(span, message, help);
            return Err(StopReading);
        }
        Ok(())
    }

    fn spend(&mut self, weight: usize, span: Span) -> Result<(), StopReading> {
        self.repeated = self.repeated.saturating_add(weight);
        if self.repeated > MAX_REPEATED {
            self.error(
                span,
                format!("the aliases of this file repeat more than {} MiB", MAX_REPEATED / 1024 / 1024),
                "Aliases of aliases multiply. Write the file with fewer of them.",
            );
            return Err(StopReading);
        }
        Ok(())
    }
}

/// A text from the file for a message, cut if it is long.
fn shortened(text: &str) -> std::borrow::Cow<'_, str> {
    const MOST: usize = 80;
    match text.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}…", &text[..at]).into(),
        None => text.into(),
    }
}

/// The name of a scalar's tag in the core schema. The unspecific tag `!` makes a string.
fn scalar_tag(tag: &Tag) -> Option<&str> {
    if is_unspecific(tag) {
        return Some("str");
    }
    tag.core_suffix()
}

fn is_unspecific(tag: &Tag) -> bool {
    tag.original() == "!"
}

/// The bytes of an event, without the white space after them.
fn byte_span(source: &Source, span: &granit_parser::Span) -> Span {
    let range = span.byte_range().unwrap_or_default();
    let written = source.text().get(range.clone()).map_or(0, |text| text.trim_end().len());
    Span::new(range.start, range.start + written)
}

fn scan_error(source: &Source, error: &ScanError) -> InputErrors {
    let length = source.text().len();
    let mut at = error.marker().byte_offset().unwrap_or(length).min(length);
    let (message, help) = match error.kind() {
        ErrorKind::RecursionLimitExceeded => (
            format!("values are nested deeper than {MAX_DEPTH} levels"),
            "Nest them less deeply; in an OpenAPI document, move inner parts to `components`.",
        ),
        ErrorKind::UnknownAnchor => (
            "this alias repeats a value that no anchor before it names".to_owned(),
            "Put quotes around the text if the `*` is part of it, or write the anchor (`&name`) before it.",
        ),
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabInPlainScalar
        | ErrorKind::TabAtBlockScalarStart => {
            at = match error.kind() {
                ErrorKind::TabInPlainScalar | ErrorKind::TabAtBlockScalarStart => tab::below(source.text(), at),
                _ => tab::before(source.text(), at),
            };
            (format!("not readable as YAML: {}", error.info()), TABS)
        }
        ErrorKind::UnclosedQuotedScalar => (
            format!("not readable as YAML: {}", error.info()),
            "Close the quotes; the file may also have been cut off.",
        ),
        _ => {
            let tab = tab::indenting(source.text(), at);
            let help = match tab {
                Some(_) => TABS,
                None => "Look at the indentation, the colons and the quotes here and in the lines above.",
            };
            at = tab.unwrap_or(at);
            (format!("not readable as YAML: {}", error.info()), help)
        }
    };
    InputError::at(source.place(Span::new(at, at)), message).help(help).into()
}

#[cfg(test)]
#[path = "yaml_tests.rs"]
mod tests;
