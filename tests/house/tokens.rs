//! Rust source text as tokens: names, numbers and signs. Comments and literals of text are left out, so that nothing in
//! them is taken for code.

/// A token and the line on which it stands, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) line: usize,
}

impl Token {
    /// Whether it is a name or a keyword.
    pub(crate) fn is_name(&self) -> bool {
        self.text.starts_with(|c: char| c.is_alphabetic() || c == '_')
    }
}

/// The tokens of a source text, in order. `::` is one token; of all other signs each character is one. A text literal
/// is the token `"…"` with its text, if it is a plain one, and `""` if it is raw.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut rest = text;
    let mut line = 1;
    while let Some(first) = rest.chars().next() {
        let (length, kept) = token(rest, first);
        if kept {
            found.push(Token { text: rest[..length].to_owned(), line });
        }
        line += rest[..length].matches('\n').count();
        rest = &rest[length..];
    }
    found
}

/// The length of the token, white space, comment or literal with which a text begins, and whether it is kept.
fn token(rest: &str, first: char) -> (usize, bool) {
    if rest.starts_with("//") {
        return (rest.find('\n').unwrap_or(rest.len()), false);
    }
    if rest.starts_with("/*") {
        return (block_comment(rest), false);
    }
    if let Some(length) = raw_text(rest) {
        return (length, false);
    }
    if let Some(prefix) = ["\"", "b\"", "c\""].into_iter().find(|prefix| rest.starts_with(prefix)) {
        return (prefix.len() + quoted(&rest[prefix.len()..], '"'), true);
    }
    if let Some(prefix) = ["'", "b'"].into_iter().find(|prefix| rest.starts_with(prefix)) {
        return character(rest, prefix.len());
    }
    if first.is_alphanumeric() || first == '_' {
        return (rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len()), true);
    }
    if rest.starts_with("::") {
        return (2, true);
    }
    (first.len_utf8(), !first.is_whitespace())
}

/// The length of a comment `/* … */`, which may hold others.
fn block_comment(rest: &str) -> usize {
    let (mut at, mut depth) = (0, 0);
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            (at, depth) = (at + 2, depth + 1);
        } else if rest[at..].starts_with("*/") {
            (at, depth) = (at + 2, depth - 1);
            if depth == 0 {
                break;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    at
}

/// The length of a raw text literal, if the text begins with one.
fn raw_text(rest: &str) -> Option<usize> {
    let start = ["r", "br", "cr"]
        .into_iter()
        .find(|prefix| rest.strip_prefix(prefix).is_some_and(|rest| rest.trim_start_matches('#').starts_with('"')))?;
    let hashes = rest[start.len()..].chars().take_while(|c| *c == '#').count();
    let open = start.len() + hashes + 1;
    let close = format!("\"{}", "#".repeat(hashes));
    Some(rest[open..].find(&close).map_or(rest.len(), |at| open + at + close.len()))
}

/// The length of the rest of a quoted literal, with its closing quote.
fn quoted(inner: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in inner.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    inner.len()
}

/// The length of a character literal or a lifetime. Neither is kept.
fn character(rest: &str, prefix: usize) -> (usize, bool) {
    let inner = &rest[prefix..];
    let mut characters = inner.chars();
    let is_literal = inner.starts_with('\\') || (characters.next().is_some() && characters.next() == Some('\''));
    if is_literal {
        return (prefix + quoted(inner, '\''), false);
    }
    let name = inner.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(inner.len());
    (prefix + name, false)
}

#[test]
fn comments_and_literals_hold_no_code() {
    let text = "a::b /* c /* d */ e */ 'x' '\\'' 'life \"q \\\" r\" r#\"s \" t\"# b\"u\" // v\n_w1 b'y' é";
    let found: Vec<(String, usize)> = tokens(text).into_iter().map(|token| (token.text, token.line)).collect();
    let expected = [("a", 1), ("::", 1), ("b", 1), ("\"q \\\" r\"", 1), ("b\"u\"", 1), ("_w1", 2), ("é", 2)];
    assert_eq!(found, expected.map(|(text, line)| (text.to_owned(), line)));
}
