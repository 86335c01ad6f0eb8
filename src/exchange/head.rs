//! Status lines and field lines (RFC 9112 §4, §5), read leniently.

use std::ops::Range;

use super::answer::{Field, Head};
use super::fault::{Fault, FaultKind, note};
use super::show::{FAULT_TEXT, escape_bytes};

/// A line of a head, a trailer section or a chunk size.
pub(super) struct HttpLine {
    /// Its bytes, without the line end.
    pub(super) content: Range<usize>,
    /// Where the next line begins.
    pub(super) next: usize,
    /// Whether it ends in LF alone.
    pub(super) bare_lf: bool,
}

impl HttpLine {
    /// The line that begins at `start`, if its end has come. `scanned` is how far earlier calls have looked for an end.
    pub(super) fn find(bytes: &[u8], start: usize, scanned: &mut usize) -> Option<Self> {
        let from = (*scanned).clamp(start, bytes.len().max(start));
        let Some(at) = bytes.get(from..).and_then(|rest| memchr::memchr(b'\n', rest)) else {
            *scanned = bytes.len();
            return None;
        };
        let end = from + at;
        *scanned = end + 1;
        let bare_lf = end == start || bytes[end - 1] != b'\r';
        Some(Self { content: start..end - usize::from(!bare_lf), next: end + 1, bare_lf })
    }

    /// The bytes of its end.
    pub(super) fn ending(&self) -> Range<usize> {
        self.content.end..self.next
    }
}

/// Reads a status line that begins at byte `start`. Gives a head without fields, or none if the line has no status.
pub(super) fn status_line(line: &[u8], start: usize, faults: &mut Vec<Fault>) -> Option<Head> {
    let whole = start..start + line.len();
    if let [b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'0' | b'1', b' ', a @ b'1'..=b'5', b, c, reason @ ..] = line
        && b.is_ascii_digit()
        && c.is_ascii_digit()
        && matches!(reason.first(), None | Some(b' '))
    {
        if reason.iter().any(|byte| is_control(*byte)) {
            note(faults, FaultKind::StatusLine, whole.clone());
        }
        let status = u16::from(a - b'0') * 100 + u16::from(b - b'0') * 10 + u16::from(c - b'0');
        return Some(open(&line[..8], status, reason.get(1..).unwrap_or_default(), whole));
    }
    odd_status_line(line, start, faults)
}

fn open(version: &[u8], status: u16, reason: &[u8], range: Range<usize>) -> Head {
    Head { version: lossy(version), status, reason: lossy(reason), fields: Vec::with_capacity(12), range }
}

/// Reads a status line that violates the grammar.
fn odd_status_line(line: &[u8], start: usize, faults: &mut Vec<Fault>) -> Option<Head> {
    let whole = start..start + line.len();
    let trimmed = trim_start(line);
    if trimmed.len() < line.len() {
        let spaces = line.len() - trimmed.len();
        note(faults, FaultKind::LeadingSpace, start..start + spaces);
        return status_line(trimmed, start + spaces, faults);
    }
    let (version, rest) = split_word(line);
    let named = version.get(..4).is_some_and(|name| name.eq_ignore_ascii_case(b"HTTP"));
    if !named && let Some(at) = memchr::memmem::find(line, b"HTTP/1.") {
        // Other bytes come before it in the line, such as the rest of an earlier body.
        let known = faults.len();
        let head = status_line(&line[at..], start + at, faults);
        if !faults[known..].iter().any(|fault| fault.kind == FaultKind::StatusLine) {
            note(faults, FaultKind::StatusLine, whole);
        }
        return head;
    }
    let mut sound = true;
    if !(named && version.get(4) == Some(&b'/')) {
        // `HTTP 200 OK`, and what some media servers send.
        sound = false;
        if !(named || version == b"ICY") {
            note(faults, FaultKind::StatusLine, whole);
            return None;
        }
    } else if version != b"HTTP/1.1" && version != b"HTTP/1.0" {
        let text = escape_bytes(version, FAULT_TEXT);
        note(faults, FaultKind::Version(text), start..start + version.len());
    }
    let separator = rest.len() - trim_start(rest).len();
    sound &= separator == 1 && rest[0] == b' ';
    let (code, rest) = split_word(&rest[separator..]);
    let code_start = start + version.len() + separator;
    let status = status(code);
    let valid = code.len() == 3 && status.is_some_and(|status| (100..600).contains(&status));
    if !valid && !code.is_empty() {
        let text = escape_bytes(code, FAULT_TEXT);
        note(faults, FaultKind::StatusCode(text), code_start..code_start + code.len());
    }
    sound &= !code.is_empty() && rest.first() != Some(&b'\t') && !rest.iter().any(|byte| is_control(*byte));
    if !sound {
        note(faults, FaultKind::StatusLine, whole.clone());
    }
    Some(open(version, status?, rest.get(1..).unwrap_or_default(), whole))
}

/// The number of a status: up to four digits, or three digits followed by other characters.
fn status(code: &[u8]) -> Option<u16> {
    let digits = code.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let usable = digits == 3 || (digits == code.len() && (1..=4).contains(&digits));
    usable.then(|| code[..digits].iter().fold(0, |number, digit| number * 10 + u16::from(digit - b'0')))
}

/// Reads a field line that begins at byte `start` into `fields`. A folded line is added to the field before it if the
/// previous line was a field (`continues`).
pub(super) fn field_line(
    line: &[u8],
    start: usize,
    fields: &mut Vec<Field>,
    continues: &mut bool,
    faults: &mut Vec<Fault>,
) {
    let whole = start..start + line.len();
    let mut fault = |kind| note(faults, kind, whole.clone());
    if let Some(b' ' | b'\t') = line.first() {
        match fields.last_mut() {
            None => fault(FaultKind::LeadingSpace),
            Some(field) => {
                fault(FaultKind::Folding);
                let more = trim(line);
                if *continues {
                    if !field.value.is_empty() && !more.is_empty() {
                        field.value.push(b' ');
                    }
                    field.value.extend_from_slice(more);
                }
            }
        }
        if line.iter().any(|byte| is_control(*byte)) {
            fault(FaultKind::FieldValue);
        }
        return;
    }
    let Some(colon) = memchr::memchr(b':', line) else {
        fault(FaultKind::NoColon);
        *continues = false;
        return;
    };
    let name = trim_end(&line[..colon]);
    if name.len() < colon {
        fault(FaultKind::SpaceBeforeColon);
    }
    if name.is_empty() || !name.iter().all(|byte| is_token(*byte)) {
        fault(FaultKind::FieldName);
    }
    let value = trim(&line[colon + 1..]);
    if value.iter().any(|byte| is_control(*byte)) {
        fault(FaultKind::FieldValue);
    }
    fields.push(Field { name: lossy(name), value: value.to_vec() });
    *continues = true;
}

/// The bytes of the lines of a head whose field has this name.
pub(super) fn lines_of(raw: &[u8], head: &Range<usize>, name: &str) -> Range<usize> {
    let mut found: Option<Range<usize>> = None;
    let mut at = head.start;
    for line in raw[head.clone()].split_inclusive(|byte| *byte == b'\n') {
        let range = at..at + line.len();
        at = range.end;
        let Some(colon) = memchr::memchr(b':', line) else { continue };
        if trim_end(&line[..colon]).eq_ignore_ascii_case(name.as_bytes()) {
            found = Some(found.map_or(range.start, |found| found.start)..range.end);
        }
    }
    found.unwrap_or_else(|| head.clone())
}

pub(super) fn trim(bytes: &[u8]) -> &[u8] {
    trim_end(trim_start(bytes))
}

fn trim_start(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = bytes {
        bytes = rest;
    }
    bytes
}

fn trim_end(mut bytes: &[u8]) -> &[u8] {
    while let [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

fn split_word(bytes: &[u8]) -> (&[u8], &[u8]) {
    bytes.split_at(bytes.iter().position(|byte| matches!(byte, b' ' | b'\t')).unwrap_or(bytes.len()))
}

/// Whether a byte may not stand in a field value or reason phrase (RFC 9110 §5.5). Bytes from 0x80 may.
fn is_control(byte: u8) -> bool {
    (byte < 0x20 && byte != b'\t') || byte == 0x7F
}

/// Whether a byte may stand in a token (RFC 9110 §5.6.2).
pub(super) fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
