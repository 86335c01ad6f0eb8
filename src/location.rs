//! Places in files, and errors that quote them: a file's text, a span in it, a JSON pointer, an input error.
//!
//! Every module that reads a document or a suite reports places with these types. How the text is parsed is defined in
//! `tree`. Any module may use it.

mod nearest;

use std::fmt;
use std::sync::{Arc, OnceLock};

pub use nearest::nearest;

use crate::printable::{escaped, is_unprintable};

/// A file's name and text. Cloning is cheap.
#[derive(Clone)]
pub struct Source {
    text: Arc<SourceText>,
    /// Whether errors must not quote a line of it.
    unquoted: bool,
}

struct SourceText {
    name: String,
    text: String,
    /// The byte offset of the start of each line.
    lines: Vec<usize>,
    /// How many characters begin before each multiple of [`STRIDE`] bytes, counted on first use. A line may have megabytes
    /// and hold thousands of places.
    characters: OnceLock<Vec<usize>>,
}

/// At most so many bytes are counted to find the column of a place.
const STRIDE: usize = 1024;

impl Source {
    /// A text with the name that errors show.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let mut lines = vec![0];
        lines.extend(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1));
        let text = SourceText { name: name.into(), text, lines, characters: OnceLock::new() };
        Self { text: Arc::new(text), unquoted: false }
    }

    /// The same file, but errors do not quote it, because it may hold secrets.
    #[must_use]
    pub fn unquoted(&self) -> Self {
        Self { text: Arc::clone(&self.text), unquoted: true }
    }

    /// A file with another name and text, quoted in errors only if this one is.
    #[must_use]
    pub fn with(&self, name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { unquoted: self.unquoted, ..Self::new(name, text) }
    }

    /// The name as given, usually a path.
    pub fn name(&self) -> &str {
        &self.text.name
    }

    /// Whether both are clones of one source.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.text, &other.text)
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text.text
    }

    /// Line and column (both from 1, the column in characters) of a byte offset.
    pub fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.text.text.len());
        let line = self.line_at(offset);
        let column = self.characters_before(offset) - self.characters_before(self.text.lines[line - 1]) + 1;
        Position { line, column }
    }

    /// The line (from 1) of a byte offset.
    pub fn line_at(&self, offset: usize) -> usize {
        self.text.lines.partition_point(|&start| start <= offset.min(self.text.text.len()))
    }

    /// How many characters begin before a byte offset.
    fn characters_before(&self, offset: usize) -> usize {
        // The bytes that begin a character are counted, so the offset may lie inside a character.
        let count = |bytes: &[u8]| bytes.iter().filter(|byte| (**byte & 0xC0) != 0x80).count();
        let bytes = self.text.text.as_bytes();
        let counted = self.text.characters.get_or_init(|| {
            let mut all = 0;
            let sums = bytes.chunks(STRIDE).map(|chunk| {
                let before = all;
                all += count(chunk);
                before
            });
            sums.collect()
        });
        let stride = (offset / STRIDE).min(counted.len().saturating_sub(1));
        counted.get(stride).map_or(0, |before| before + count(&bytes[stride * STRIDE..offset]))
    }

    /// The byte offset of a line (from 1) and column (from 1, in characters), clamped to the text.
    pub fn offset(&self, line: usize, column: usize) -> usize {
        let Some(&start) = self.text.lines.get(line.saturating_sub(1)) else {
            return self.text.text.len();
        };
        let rest = &self.text.text[start..];
        rest.char_indices().nth(column.saturating_sub(1)).map_or(self.text.text.len(), |(at, _)| start + at)
    }

    /// A line's text without its line break, lines counted from 1; empty beyond the end.
    pub fn line(&self, line: usize) -> &str {
        let Some(&start) = line.checked_sub(1).and_then(|index| self.text.lines.get(index)) else {
            return "";
        };
        let end = self.text.lines.get(line).copied().unwrap_or(self.text.text.len());
        self.text.text[start..end].trim_end_matches(['\n', '\r'])
    }

    /// A place in this file.
    pub fn place(&self, span: Span) -> Place {
        Place { source: self.clone(), span }
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({:?}, {} bytes)", self.text.name, self.text.text.len())
    }
}

/// A line and a column, both counted from 1; the column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// A range of byte offsets in a source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// From a first byte to one past the last.
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }
}

/// A span in a named file.
#[derive(Clone, Debug)]
pub struct Place {
    /// The file.
    pub source: Source,
    /// Where in it.
    pub span: Span,
}

impl Place {
    /// Where the span begins.
    pub fn position(&self) -> Position {
        self.source.position(self.span.start)
    }

    /// The line on which the span begins, from 1.
    pub fn line(&self) -> usize {
        self.source.line_at(self.span.start)
    }

    /// The line quoted with its number, and a caret line under the span:
    ///
    /// ```text
    ///    12 |     expect: 204
    ///       |             ^^^
    /// ```
    ///
    /// A very long line is shown as a window around the span. The text ends without a line break. It is empty if the file must
    /// not be quoted.
    pub fn quote(&self) -> String {
        const WIDTH: usize = 100;
        const BEFORE: usize = 19;
        if self.source.unquoted {
            return String::new();
        }
        let Position { line, column } = self.position();
        let text = self.source.line(line);
        let offset = self.source.text.lines.get(line - 1).map_or(0, |start| self.span.start.saturating_sub(*start));
        // The window begins a few characters before the span. The text further left may be megabytes long.
        let left = text.get(..offset).unwrap_or(text);
        let skipped =
            if column > WIDTH - 20 { left.char_indices().rev().nth(BEFORE - 1).map(|(at, _)| at) } else { None };
        let begin = skipped.unwrap_or(0);
        let skip = if skipped.is_some() { column - 1 - BEFORE } else { 0 };
        let mut window = text[begin..].chars().map(visible);
        let shown: String = window.by_ref().take(WIDTH).collect();
        let cut_left = if skip > 0 { "…" } else { "" };
        let cut_right = if window.next().is_some() { "…" } else { "" };
        let marked = self.source.text().get(self.span.start..self.span.end).unwrap_or("");
        let marked = marked.lines().next().unwrap_or("").trim_end().chars().take(WIDTH + 1).count().max(1);
        let indent = column - 1 - skip + cut_left.chars().count();
        let carets = "^".repeat(marked.min((WIDTH + 1).saturating_sub(indent).max(1)));
        format!("{line:>5} | {cut_left}{shown}{cut_right}\n{:>5} | {:indent$}{carets}", "", "")
    }
}

impl fmt::Display for Place {
    /// `file:line:column`, on one line whatever the name of the file is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Position { line, column } = self.position();
        write!(f, "{}:{line}:{column}", escaped(self.source.name()))
    }
}

/// A character of a quoted line, one column wide: controls become a space, other characters that do not print U+FFFD.
fn visible(c: char) -> char {
    match c {
        c if c.is_control() => ' ',
        c if is_unprintable(c) => '\u{fffd}',
        c => c,
    }
}

/// A JSON pointer (RFC 6901), kept in its text form.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pointer(String);

impl Pointer {
    /// The whole document.
    pub const fn root() -> Self {
        Self(String::new())
    }

    /// Reads a pointer, which is empty or begins with `/`.
    pub fn parse(text: &str) -> Option<Self> {
        (text.is_empty() || text.starts_with('/')).then(|| Self(text.to_owned()))
    }

    /// This pointer with one more segment, in which `~` and `/` are escaped.
    #[must_use]
    pub fn join(&self, segment: impl fmt::Display) -> Self {
        let segment = segment.to_string().replace('~', "~0").replace('/', "~1");
        Self(format!("{}/{segment}", self.0))
    }

    /// The segments, unescaped.
    pub fn segments(&self) -> impl Iterator<Item = String> + '_ {
        self.0.split('/').skip(1).map(|segment| segment.replace("~1", "/").replace("~0", "~"))
    }

    /// The text form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The place of a part of a document: its JSON pointer and its line. Cloning is cheap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// The JSON pointer into the document, as text.
    pub pointer: Arc<str>,
    /// The line in the file of the document, counted from 1.
    pub line: usize,
}

/// An error of an input (a document, a suite, a flag, a variable): what is wrong, where, and what to do.
#[derive(Clone, Debug)]
pub struct InputError {
    /// What is wrong: one sentence without a full stop.
    pub message: String,
    /// Where, if the input is a file.
    pub place: Option<Place>,
    /// What to do.
    pub help: Option<String>,
}

impl InputError {
    /// An error without a place.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), place: None, help: None }
    }

    /// An error at a place.
    pub fn at(place: Place, message: impl Into<String>) -> Self {
        Self { message: message.into(), place: Some(place), help: None }
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for InputError {
    /// The message, then `  --> file:line:column` with the quoted line, then `help: …`, without a trailing line break. Message
    /// and help are on one line each, with characters that do not print escaped, because they may quote foreign text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&escaped(&self.message))?;
        if let Some(place) = &self.place {
            write!(f, "\n  --> {place}")?;
            let quote = place.quote();
            if !quote.is_empty() {
                write!(f, "\n{quote}")?;
            }
        }
        if let Some(help) = &self.help {
            write!(f, "\n  help: {}", escaped(help))?;
        }
        Ok(())
    }
}

impl std::error::Error for InputError {}

/// One or more input errors, in the order of the file.
#[derive(Clone, Debug)]
pub struct InputErrors(pub Vec<InputError>);

impl From<InputError> for InputErrors {
    fn from(error: InputError) -> Self {
        Self(vec![error])
    }
}

impl fmt::Display for InputErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "error: {error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for InputErrors {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_and_survive_any_offset() {
        let source = Source::new("a.yaml", "é: 1\nsecond: zwei\n");
        assert_eq!(source.position(0), Position { line: 1, column: 1 });
        assert_eq!(source.position(2), Position { line: 1, column: 2 });
        assert_eq!(source.position(6), Position { line: 2, column: 1 });
        assert_eq!(source.position(9999), Position { line: 3, column: 1 });
        assert_eq!(source.offset(2, 9), 14);
        assert_eq!(source.line(2), "second: zwei");
        assert_eq!(source.line(99), "");
    }

    #[test]
    fn a_quote_has_the_caret_under_the_span() {
        let source = Source::new("a.yaml", "cases:\n  one:\n    expect: 204\n");
        let place = source.place(Span::new(26, 29));
        assert_eq!(place.quote(), "    3 |     expect: 204\n      |             ^^^");
        assert_eq!(place.to_string(), "a.yaml:3:13");
    }

    #[test]
    fn a_long_line_is_shown_around_the_span() {
        let source = Source::new("a.yaml", format!("{}here{}", "x".repeat(5000), "y".repeat(5000)));
        let quote = source.place(Span::new(5000, 5004)).quote();
        let lines: Vec<&str> = quote.lines().collect();
        assert!(lines[0].chars().count() < 130, "{quote}");
        let caret = lines[1].find('^').map(|at| lines[1][..at].chars().count());
        let here = lines[0].find("here").map(|at| lines[0][..at].chars().count());
        assert_eq!(caret, here, "{quote}");
    }

    #[test]
    fn pointers_escape_and_unescape() {
        let pointer = Pointer::root().join("paths").join("/a/{b~c}").join(0);
        assert_eq!(pointer.as_str(), "/paths/~1a~1{b~0c}/0");
        assert_eq!(pointer.segments().collect::<Vec<_>>(), ["paths", "/a/{b~c}", "0"]);
        assert_eq!(Pointer::parse("x"), None);
    }
}
