//! Which characters of a value are percent-encoded, by the place where it stands.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::expand::Piece;

/// The characters that are encoded in a query: all except the unreserved ones (RFC 3986 §2.3).
pub(super) const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The same for a value with `allowReserved`: also not those reserved characters (RFC 3986 §2.2) that mean nothing in a
/// query.
const RESERVED_QUERY: &AsciiSet = &QUERY
    .remove(b':')
    .remove(b'/')
    .remove(b'?')
    .remove(b'@')
    .remove(b'!')
    .remove(b'$')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b',')
    .remove(b';')
    .remove(b'=');

/// The characters that are encoded in a path segment: all except `pchar` (RFC 3986 §3.3). `%` is encoded too, so that the
/// server decodes exactly the value.
pub(super) const SEGMENT: &AsciiSet = &QUERY
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@');

/// Writes pieces into a query or a cookie: everything is encoded except the separators. `next` stands between parameters.
pub(super) fn write_pieces(pieces: &[Piece], next: &str, allow_reserved: bool, out: &mut String) {
    // A comma between elements must not occur in one.
    let lists = pieces.contains(&Piece::Syntax(","));
    for piece in pieces {
        match piece {
            Piece::Syntax(text) => out.push_str(text),
            Piece::Next => out.push_str(next),
            Piece::Value(text) if allow_reserved => write_reserved(text, lists, out),
            Piece::Name(text) | Piece::Key(text) | Piece::Value(text) => out.extend(utf8_percent_encode(text, QUERY)),
        }
    }
}

/// Writes a value with its reserved characters and percent-encoded triples as they are (RFC 6570 §3.2.3).
fn write_reserved(text: &str, in_list: bool, out: &mut String) {
    let is_hex = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_hexdigit);
    let bytes = text.as_bytes();
    for (at, part) in text.match_indices(|_: char| true) {
        match part {
            "%" if is_hex(bytes.get(at + 1)) && is_hex(bytes.get(at + 2)) => out.push('%'),
            "," if in_list => out.push_str("%2C"),
            part => out.extend(utf8_percent_encode(part, RESERVED_QUERY)),
        }
    }
}
