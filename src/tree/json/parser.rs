//! The parser. It has a stack of its own, so that deep nesting cannot overflow the thread's stack.

use super::result::{JsonError, JsonErrorKind, MAX_DEPTH, MAX_ODDITIES, Oddity, Read};
use super::{mistakes, number, string};
use crate::location::Span;
use crate::tree::double;
use crate::tree::limit::too_many;
use crate::tree::node::{Entries, Entry, Node, Number, Value};

/// Up to this many keys are compared with each other; more keys are sorted.
const FEW_KEYS: usize = 12;

/// Pointers in oddities are cut after this many bytes, because every one of them may hold the same long key.
const POINTER_LENGTH: usize = 1024;

pub(super) struct Parser<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    open: Vec<OpenValue>,
    oddities: Vec<Oddity>,
    too_deep: Option<Span>,
    /// How many more values are allowed.
    left: usize,
    /// How many values are allowed in all.
    most: usize,
}

/// An array or object that is not closed yet.
enum OpenValue {
    Sequence { start: usize, items: Vec<Node> },
    Mapping { start: usize, entries: Vec<Entry>, key: String, key_span: Span },
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            at: 0,
            open: Vec::new(),
            oddities: Vec::new(),
            too_deep: None,
            left: usize::MAX,
            most: usize::MAX,
        }
    }

    /// Allows this many values at most.
    pub(super) fn taking(self, most: usize) -> Self {
        Self { left: most, most, ..self }
    }

    pub(super) fn read(mut self) -> Result<Read, JsonError> {
        if self.text.starts_with('\u{FEFF}') {
            self.oddities.push(Oddity::ByteOrderMark);
            self.at = '\u{FEFF}'.len_utf8();
        }
        self.skip_space();
        if self.at == self.bytes.len() {
            let message = match self.text {
                "" => "no bytes at all",
                "\u{FEFF}" => "a byte order mark and nothing else",
                _ => "white space and nothing else",
            };
            return Err(JsonError::new(JsonErrorKind::Empty, message, 0, self.at));
        }
        let root = self.value()?;
        self.skip_space();
        if self.at < self.bytes.len() {
            return Err(mistakes::after_value(self.text, self.at));
        }
        Ok(Read { root, oddities: self.oddities, too_deep: self.too_deep })
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.bytes.get(self.at) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Reads one value with everything in it. Each round of the loop reads one leaf, or opens an array or object.
    fn value(&mut self) -> Result<Node, JsonError> {
        loop {
            self.skip_space();
            let start = self.at;
            let node = match self.peek() {
                Some(b'{' | b'[') if self.open.len() == MAX_DEPTH => self.skim()?,
                Some(b'{') => {
                    self.enter(OpenValue::Mapping {
                        start,
                        entries: Vec::new(),
                        key: String::new(),
                        key_span: Span::default(),
                    });
                    if self.peek() != Some(b'}') {
                        self.key()?;
                        continue;
                    }
                    self.close()
                }
                Some(b'[') => {
                    self.enter(OpenValue::Sequence { start, items: Vec::new() });
                    if self.peek() != Some(b']') {
                        continue;
                    }
                    self.close()
                }
                Some(b'"') => self.string()?,
                Some(b'-' | b'0'..=b'9') => self.number()?,
                Some(b't') if self.literal("true") => {
                    Node { value: Value::Bool(true), span: Span::new(start, self.at) }
                }
                Some(b'f') if self.literal("false") => {
                    Node { value: Value::Bool(false), span: Span::new(start, self.at) }
                }
                Some(b'n') if self.literal("null") => Node { value: Value::Null, span: Span::new(start, self.at) },
                Some(_) => return Err(mistakes::no_value(self.text, self.at)),
                None => return Err(JsonError::truncated(self.inside(), self.bytes.len())),
            };
            if let Some(root) = self.attach(node)? {
                return Ok(root);
            }
        }
    }

    /// Reads a literal if it stands here and no letter or digit follows it.
    fn literal(&mut self, literal: &str) -> bool {
        let end = self.at + literal.len();
        let whole = self.bytes[self.at..].starts_with(literal.as_bytes())
            && !self.bytes.get(end).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        if whole {
            self.at = end;
        }
        whole
    }

    fn enter(&mut self, open: OpenValue) {
        self.open.push(open);
        self.at += 1;
        self.skip_space();
    }

    /// Reads a key and its colon into the innermost object.
    fn key(&mut self) -> Result<(), JsonError> {
        let start = self.at;
        let read = self.key_text(self.inside())?;
        if read.lone_surrogate {
            let mut pointer = self.pointer_of_open();
            segment(&mut pointer, &read.value);
            self.odd(|| Oddity::LoneSurrogate { pointer });
        }
        if let Some(OpenValue::Mapping { key, key_span, .. }) = self.open.last_mut() {
            *key = read.value;
            *key_span = Span::new(start, read.end);
        }
        Ok(())
    }

    fn key_text(&mut self, inside: &str) -> Result<string::ReadString, JsonError> {
        match self.peek() {
            Some(b'"') => {}
            Some(_) => return Err(mistakes::no_key(self.text, self.at)),
            None => return Err(JsonError::truncated(inside, self.bytes.len())),
        }
        let read = string::read(self.text, self.at)?;
        self.at = read.end;
        self.skip_space();
        match self.peek() {
            Some(b':') => {
                self.at += 1;
                Ok(read)
            }
            Some(_) => {
                let message = format!("a colon must follow the key, {} was found", mistakes::found(self.text, self.at));
                Err(JsonError::syntax(message, self.at, mistakes::character_end(self.text, self.at)))
            }
            None => Err(JsonError::truncated("after a key", self.bytes.len())),
        }
    }

    /// Checks the grammar of the array or object that begins here, and keeps nothing of it: an empty one replaces it.
    /// This takes one byte of memory for each level.
    fn skim(&mut self) -> Result<Node, JsonError> {
        let start = self.at;
        let value = match self.peek() {
            Some(b'{') => Value::Mapping(Entries::default()),
            _ => Value::Sequence(Vec::new()),
        };
        let mut closing: Vec<u8> = Vec::new();
        let inside =
            |closing: &[u8]| if closing.last() == Some(&b'}') { "inside an object" } else { "inside an array" };
        loop {
            self.skip_space();
            match self.peek() {
                Some(open @ (b'{' | b'[')) => {
                    closing.push(if open == b'{' { b'}' } else { b']' });
                    self.at += 1;
                    self.skip_space();
                    if self.peek() != closing.last().copied() {
                        if open == b'{' {
                            self.key_text(inside(&closing))?;
                        }
                        continue;
                    }
                    closing.pop();
                    self.at += 1;
                }
                Some(b'"') => self.at = string::read(self.text, self.at)?.end,
                Some(b'-' | b'0'..=b'9') => self.at = number::end(self.bytes, self.at)?,
                Some(b't') if self.literal("true") => {}
                Some(b'f') if self.literal("false") => {}
                Some(b'n') if self.literal("null") => {}
                Some(_) => return Err(mistakes::no_value(self.text, self.at)),
                None => return Err(JsonError::truncated(inside(&closing), self.bytes.len())),
            }
            while let Some(close) = closing.last().copied() {
                self.skip_space();
                match self.peek() {
                    Some(byte) if byte == close => {
                        closing.pop();
                        self.at += 1;
                    }
                    Some(b',') => {
                        self.comma()?;
                        if close == b'}' {
                            self.key_text(inside(&closing))?;
                        }
                        break;
                    }
                    Some(_) => return Err(mistakes::no_separator(self.text, self.at, char::from(close))),
                    None => return Err(JsonError::truncated(inside(&closing), self.bytes.len())),
                }
            }
            if closing.is_empty() {
                let span = Span::new(start, self.at);
                self.too_deep.get_or_insert(span);
                return Ok(Node { value, span });
            }
        }
    }

    /// Reads a comma. Something must follow it.
    fn comma(&mut self) -> Result<(), JsonError> {
        let comma = self.at;
        self.at += 1;
        self.skip_space();
        match self.peek() {
            Some(b']' | b'}') => Err(JsonError::syntax("a trailing comma", comma, comma + 1)),
            _ => Ok(()),
        }
    }

    fn string(&mut self) -> Result<Node, JsonError> {
        let start = self.at;
        let read = string::read(self.text, start)?;
        self.at = read.end;
        if read.lone_surrogate {
            let pointer = self.pointer();
            self.odd(|| Oddity::LoneSurrogate { pointer });
        }
        Ok(Node { value: Value::String(read.value), span: Span::new(start, read.end) })
    }

    fn number(&mut self) -> Result<Node, JsonError> {
        let start = self.at;
        self.at = number::end(self.bytes, start)?;
        let digits = &self.text[start..self.at];
        if self.oddities.len() < MAX_ODDITIES && !double::is_kept(digits) {
            let (digits, pointer) = (digits.to_owned(), self.pointer());
            self.odd(|| Oddity::NumberBeyondDouble { digits, pointer });
        }
        Ok(Node { value: Value::Number(Number(digits.into())), span: Span::new(start, self.at) })
    }

    /// Adds a value to the innermost open array or object, and reads on to the start of the next value. What ends in
    /// between is closed. Returns the root value once it is closed.
    fn attach(&mut self, mut node: Node) -> Result<Option<Node>, JsonError> {
        loop {
            let Some(left) = self.left.checked_sub(1) else {
                let (message, _) = too_many(self.most);
                return Err(JsonError::new(JsonErrorKind::TooMany, message, node.span.start, node.span.end));
            };
            self.left = left;
            let close = match self.open.last_mut() {
                None => return Ok(Some(node)),
                Some(OpenValue::Sequence { items, .. }) => {
                    items.push(node);
                    b']'
                }
                Some(OpenValue::Mapping { entries, key, key_span, .. }) => {
                    entries.push(Entry { key: std::mem::take(key), key_span: *key_span, value: node });
                    b'}'
                }
            };
            self.skip_space();
            match self.peek() {
                Some(byte) if byte == close => node = self.close(),
                Some(b',') => {
                    self.comma()?;
                    if close == b'}' {
                        self.key()?;
                    }
                    return Ok(None);
                }
                Some(_) => return Err(mistakes::no_separator(self.text, self.at, char::from(close))),
                None => return Err(JsonError::truncated(self.inside(), self.bytes.len())),
            }
        }
    }

    /// Closes the innermost array or object, whose closing bracket stands here.
    fn close(&mut self) -> Node {
        self.at += 1;
        match self.open.pop() {
            Some(OpenValue::Sequence { start, mut items }) => {
                items.shrink_to_fit();
                Node { value: Value::Sequence(items), span: Span::new(start, self.at) }
            }
            Some(OpenValue::Mapping { start, entries, .. }) => {
                self.find_duplicates(&entries);
                Node { value: Value::Mapping(entries.into()), span: Span::new(start, self.at) }
            }
            // It is called only while something is open.
            None => Node { value: Value::Null, span: Span::new(self.at, self.at) },
        }
    }

    fn find_duplicates(&mut self, entries: &[Entry]) {
        let mut repeated: Vec<usize> = Vec::new();
        if entries.len() <= FEW_KEYS {
            for (index, entry) in entries.iter().enumerate() {
                if entries[..index].iter().filter(|earlier| earlier.key == entry.key).count() == 1 {
                    repeated.push(index);
                }
            }
        } else {
            let mut order: Vec<usize> = (0..entries.len()).collect();
            order.sort_by(|a, b| entries[*a].key.cmp(&entries[*b].key));
            repeated.extend(
                order
                    .chunk_by(|a, b| entries[*a].key == entries[*b].key)
                    .filter(|same| same.len() > 1)
                    .map(|same| same[1]),
            );
            repeated.sort_unstable();
        }
        for index in repeated {
            if self.oddities.len() == MAX_ODDITIES {
                return;
            }
            let oddity = Oddity::DuplicateKey { key: entries[index].key.clone(), pointer: self.pointer() };
            self.odd(|| oddity);
        }
    }

    fn odd(&mut self, oddity: impl FnOnce() -> Oddity) {
        if self.oddities.len() < MAX_ODDITIES {
            self.oddities.push(oddity());
        }
    }

    /// The pointer of the value that is being read.
    fn pointer(&self) -> String {
        pointer(&self.open)
    }

    /// The pointer of the innermost array or object that is open.
    fn pointer_of_open(&self) -> String {
        pointer(&self.open[..self.open.len().saturating_sub(1)])
    }

    fn inside(&self) -> &'static str {
        match self.open.last() {
            Some(OpenValue::Sequence { .. }) => "inside an array",
            Some(OpenValue::Mapping { .. }) => "inside an object",
            None => "before a value",
        }
    }
}

fn pointer(open: &[OpenValue]) -> String {
    let mut pointer = String::new();
    for open in open {
        match open {
            OpenValue::Sequence { items, .. } => segment(&mut pointer, &items.len().to_string()),
            OpenValue::Mapping { key, .. } => segment(&mut pointer, key),
        }
    }
    pointer
}

/// Adds a segment, escaped as RFC 6901 §3 says. A long pointer is cut.
fn segment(pointer: &mut String, segment: &str) {
    pointer.push('/');
    for c in segment.chars() {
        if pointer.len() >= POINTER_LENGTH {
            if !pointer.ends_with('…') {
                pointer.push('…');
            }
            return;
        }
        match c {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            c => pointer.push(c),
        }
    }
}
