//! Media types and media ranges (RFC 9110 §8.3.1, §12.5.1).

/// A media type or range, in lower case, with its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaType {
    /// `application`, or `*`.
    pub kind: String,
    /// `json`, `problem+json`, or `*`.
    pub subtype: String,
    /// Parameters: names in lower case, values unquoted.
    pub parameters: Vec<(String, String)>,
}

impl MediaType {
    /// Reads the value of a Content-Type field, or a media range. `None` if it violates the grammar.
    ///
    /// `*` is allowed as type and subtype together, or as subtype (`*/*`, `text/*`). Empty parameters (`text/html;`) are
    /// allowed, as in RFC 9110 §5.6.6.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim_matches([' ', '\t']);
        let (essence, mut rest) = match text.find(';') {
            Some(at) => (text[..at].trim_end_matches([' ', '\t']), &text[at..]),
            None => (text, ""),
        };
        let (kind, subtype) = essence.split_once('/')?;
        if !is_token(kind) || !is_token(subtype) || (kind == "*" && subtype != "*") {
            return None;
        }
        let mut parameters = Vec::new();
        while let Some(after) = rest.strip_prefix(';') {
            let after = after.trim_start_matches([' ', '\t']);
            if after.is_empty() || after.starts_with(';') {
                rest = after;
                continue;
            }
            let (name, value) = after.split_once('=')?;
            let (value, left) = parameter_value(value)?;
            if !is_token(name) {
                return None;
            }
            parameters.push((name.to_ascii_lowercase(), value));
            rest = left.trim_start_matches([' ', '\t']);
        }
        rest.is_empty().then(|| Self {
            kind: kind.to_ascii_lowercase(),
            subtype: subtype.to_ascii_lowercase(),
            parameters,
        })
    }

    /// Whether this range matches a type, which must have all parameters of the range.
    ///
    /// Values of parameters are compared as written, but `charset` case-insensitively (RFC 9110 §8.3.2).
    pub fn covers(&self, other: &Self) -> bool {
        self.covers_essence(other)
            && self.parameters.iter().all(|(name, value)| {
                other.parameters.iter().any(|(other_name, other_value)| {
                    name == other_name
                        && (value == other_value || (name == "charset" && value.eq_ignore_ascii_case(other_value)))
                })
            })
    }

    /// Whether this range matches a type without parameters.
    pub fn covers_essence(&self, other: &Self) -> bool {
        (self.kind == "*" || self.kind == other.kind) && (self.subtype == "*" || self.subtype == other.subtype)
    }

    /// How specific a range is, to choose among several that match: `*/*` is less than `text/*`, that less than `text/plain`,
    /// and that less than `text/plain;format=flowed` (RFC 9110 §12.5.1).
    pub fn specificity(&self) -> (u8, usize) {
        (u8::from(self.kind != "*") + u8::from(self.subtype != "*"), self.parameters.len())
    }

    /// Whether it is JSON: `application/json`, `text/json` or a `+json` suffix.
    pub fn is_json(&self) -> bool {
        (self.subtype == "json" && matches!(self.kind.as_str(), "application" | "text"))
            || self.subtype.ends_with("+json")
    }

    /// `type/subtype` without parameters.
    pub fn essence(&self) -> String {
        format!("{}/{}", self.kind, self.subtype)
    }
}

/// Reads a parameter's value, a token or a quoted string, and gives what follows it.
fn parameter_value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(|c: char| !is_token_character(c)).unwrap_or(text.len());
        return (end > 0).then(|| (text[..end].to_owned(), &text[end..]));
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, &quoted[at + 1..])),
            '\\' => value.push(characters.next()?.1),
            _ => value.push(character),
        }
    }
    None
}

fn is_token(text: &str) -> bool {
    !text.is_empty() && text.chars().all(is_token_character)
}

/// RFC 9110 §5.6.2.
fn is_token_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> MediaType {
        MediaType::parse(text).unwrap_or_else(|| panic!("{text:?}"))
    }

    #[test]
    fn case_space_and_quotes_do_not_matter() {
        let expected = parsed("text/html;charset=utf-8");
        for text in [
            "Text/HTML; Charset=utf-8",
            " text/html ;charset=\"utf-8\" ",
            "text/html;;charset=utf-8; ",
            "text/html\t;\tcharset=\"ut\\f-8\"",
        ] {
            assert_eq!(parsed(text), expected, "{text}");
        }
    }

    #[test]
    fn what_breaks_the_grammar_is_none() {
        for text in [
            "",
            "json",
            "a/b/c",
            "/json",
            "text/",
            "*/json",
            "text/html; charset",
            "text/html; =x",
            "text/html; a=",
            "text/html; a=\"open",
            "text/html a=b",
            "te xt/html",
            "text/html, text/plain",
            "é/x",
            "text/html; a=b c",
        ] {
            assert_eq!(MediaType::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn ranges_cover_types() {
        for (range, media_type, covers) in [
            ("*/*", "image/png", true),
            ("image/*", "image/png", true),
            ("image/*", "text/png", false),
            ("application/json", "application/json; charset=utf-8", true),
            ("application/json; charset=UTF-8", "application/json; charset=utf-8", true),
            ("application/json; charset=utf-8", "application/json", false),
            ("application/json; v=A", "application/json; v=a", false),
            ("application/json", "application/problem+json", false),
        ] {
            assert_eq!(parsed(range).covers(&parsed(media_type)), covers, "{range} {media_type}");
        }
    }

    #[test]
    fn json_is_known_by_name_and_suffix() {
        for (text, json) in [
            ("application/json", true),
            ("text/json", true),
            ("application/problem+json", true),
            ("image/json", false),
            ("application/jsonp", false),
            ("application/x-ndjson", false),
        ] {
            assert_eq!(parsed(text).is_json(), json, "{text}");
        }
        assert_eq!(parsed("Application/JSON; a=b").essence(), "application/json");
    }

    #[test]
    fn more_specific_ranges_rank_higher() {
        let ranks: Vec<_> =
            ["*/*", "text/*", "text/plain", "text/plain;a=b"].iter().map(|text| parsed(text).specificity()).collect();
        assert!(ranks.is_sorted_by(|a, b| a < b), "{ranks:?}");
    }
}
