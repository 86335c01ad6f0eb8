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
    /// Reads a Content-Type value or a media range; `None` if it breaks the grammar.
    pub fn parse(text: &str) -> Option<Self> {
        let _ = text;
        unimplemented!()
    }

    /// Whether this range covers a type (parameters of the range must be in the type).
    pub fn covers(&self, other: &Self) -> bool {
        let _ = other;
        unimplemented!()
    }

    /// Whether it is JSON: `application/json`, `text/json` or a `+json` suffix.
    pub fn is_json(&self) -> bool {
        unimplemented!()
    }

    /// `type/subtype` without parameters.
    pub fn essence(&self) -> String {
        format!("{}/{}", self.kind, self.subtype)
    }
}
