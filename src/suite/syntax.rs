//! The characters and segments that would change what an HTTP/1.1 request means.

/// Whether a character would split the request line (RFC 9112 §3).
pub(super) fn splits_request_line(c: char) -> bool {
    c.is_ascii_control() || c == ' '
}

/// Whether a character would end a field line or is forbidden in one (RFC 9110 §5.5).
pub(super) fn ends_field(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\0')
}

/// Whether a character would end a cookie in its field (RFC 6265 §4.2.1).
pub(super) fn ends_cookie(c: char) -> bool {
    c == ';' || ends_field(c)
}

/// Whether a path segment means "here" or "up" (RFC 3986 §3.3).
pub(super) fn is_dot_segment(segment: &str) -> bool {
    matches!(segment, "." | "..")
}

/// Whether a text is a field name (RFC 9110 §5.1).
pub(super) fn is_field_name(text: &str) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_token)
}
