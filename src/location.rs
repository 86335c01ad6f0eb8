//! Places: a file's text, a span in it, a JSON pointer, and an input error that shows where it stands.
//!
//! Everything that reads a document or a suite says through this module where something is. It leaves out how the
//! text is understood (that is `tree`). Anything may use it.

use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::printable::{hidden, whole};

/// A file's name and text. Cloning is cheap.
#[derive(Clone)]
pub struct Source {
    text: Arc<SourceText>,
    /// Whether nobody is shown a line of it.
    unquoted: bool,
}

struct SourceText {
    name: String,
    text: String,
    /// Byte offset at which each line begins.
    lines: Vec<usize>,
    /// How many characters begin before each multiple of [`STRIDE`] bytes, counted when first asked for: a line may have
    /// megabytes and hold thousands of places.
    characters: OnceLock<Vec<usize>>,
}

/// For how many bytes the characters are counted each time somebody asks for a column, at most.
const STRIDE: usize = 1024;

impl Source {
    /// Takes a text under the name that errors show.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let mut lines = vec![0];
        lines.extend(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1));
        let text = SourceText { name: name.into(), text, lines, characters: OnceLock::new() };
        Self { text: Arc::new(text), unquoted: false }
    }

    /// The same file, of which no place quotes a line: it may hold what is nobody's business.
    #[must_use]
    pub fn unquoted(&self) -> Self {
        Self { text: Arc::clone(&self.text), unquoted: true }
    }

    /// A file of another name and text in its place, which is quoted or not as this one is.
    #[must_use]
    pub fn with(&self, name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { unquoted: self.unquoted, ..Self::new(name, text) }
    }

    /// The name as given, usually a path.
    pub fn name(&self) -> &str {
        &self.text.name
    }

    /// Whether it is the same file, taken once.
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
        // Counting the bytes that begin a character keeps this right even if the offset is inside one.
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
    /// A very long line is shown as a window around the span. Ends without a line break. Empty where the file is not to be
    /// quoted.
    pub fn quote(&self) -> String {
        const WIDTH: usize = 100;
        const BEFORE: usize = 19;
        if self.source.unquoted {
            return String::new();
        }
        let Position { line, column } = self.position();
        let text = self.source.line(line);
        let offset = self.source.text.lines.get(line - 1).map_or(0, |start| self.span.start.saturating_sub(*start));
        // The window begins so many characters before the span; what lies further left may be megabytes.
        let left = text.get(..offset).unwrap_or(text);
        let skipped =
            if column > WIDTH - 20 { left.char_indices().rev().nth(BEFORE - 1).map(|(at, _)| at) } else { None };
        let begin = skipped.unwrap_or(0);
        let skip = if skipped.is_some() { column - 1 - BEFORE } else { 0 };
        let mut window = text[begin..].chars().map(seen);
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
    /// `file:line:column`, on one line whatever the file is called.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Position { line, column } = self.position();
        write!(f, "{}:{line}:{column}", whole(self.source.name()))
    }
}

/// A character of a quoted line, in one column: a tab and what else controls are a space, what has no form a replacement.
fn seen(c: char) -> char {
    match c {
        c if c.is_control() => ' ',
        c if hidden(c) => '\u{fffd}',
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

    /// Takes a pointer as written; it is empty or begins with `/`.
    pub fn parse(text: &str) -> Option<Self> {
        (text.is_empty() || text.starts_with('/')).then(|| Self(text.to_owned()))
    }

    /// This pointer, one segment further (`~` and `/` are escaped).
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

/// Where something stands in a document: its pointer and its line (from 1). Cloning is cheap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// The JSON pointer into the document, as text.
    pub pointer: Arc<str>,
    /// The line of the document file.
    pub line: usize,
}

/// What is wrong with an input (a document, a suite, a flag, a variable), where, and what to do about it.
#[derive(Clone, Debug)]
pub struct InputError {
    /// What is wrong, one sentence without a full stop.
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
    /// The message; then `  --> file:line:column` and the quoted line; then `help: …`. No trailing line break. Message and
    /// help are each on one line, with what does not print escaped: they may quote a file, a variable or a library.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&whole(&self.message))?;
        if let Some(place) = &self.place {
            write!(f, "\n  --> {place}")?;
            let quote = place.quote();
            if !quote.is_empty() {
                write!(f, "\n{quote}")?;
            }
        }
        if let Some(help) = &self.help {
            write!(f, "\n  help: {}", whole(help))?;
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

/// The known name nearest to a mistyped one (edit distance at most a third of its length, at least one).
///
/// Nobody types a name of more than 200 bytes, and comparing two takes the product of their lengths.
pub fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const LONGEST: usize = 200;
    if typed.len() > LONGEST {
        return None;
    }
    let limit = (typed.chars().count() / 3).max(1);
    known
        .into_iter()
        // A character has at most four bytes.
        .filter(|name| name.len() <= LONGEST && name.len().abs_diff(typed.len()) <= limit * 4)
        .map(|name| (distance(typed, name), name))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Optimal string alignment distance, so that two swapped letters count once.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    for (j, cell) in rows[0].iter_mut().enumerate() {
        *cell = j;
    }
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let change = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1).min(rows[i - 1][j - 1] + change);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()]
}

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

    #[test]
    fn the_nearest_name_is_found_and_a_far_one_is_not() {
        assert_eq!(nearest("expcet", ["expect", "example"]), Some("expect"));
        assert_eq!(nearest("zebra", ["expect", "example"]), None);
    }
}
