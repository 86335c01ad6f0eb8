//! One layer of a request as a file writes it, and how layers are laid over each other.
//!
//! Defaults, a case, a step of `then`, a state and its calls are all such layers. It leaves out whether the result
//! fits the document (`bind`).

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use super::decode::Decoder;
use super::strict::{lacks, shown, suggestion};
use super::template::{Part, Text};
use super::{Action, Auth, Body, PathValue};
use crate::location::Span;
use crate::tree::{Entry, Node, Value};

/// The keys of a layer that say what is sent, beside the action.
pub(super) const SENT: [&str; 6] = ["auth", "path", "query", "header", "json", "body"];

/// The methods of a call. CONNECT asks no resource.
const METHODS: [&str; 8] = ["GET", "HEAD", "OPTIONS", "TRACE", "POST", "PUT", "PATCH", "DELETE"];

/// The longest time that `within` may ask again.
const LONGEST_WITHIN: Duration = Duration::from_secs(600);

/// Fields that the client itself writes, in lower case: a second one would break the request's framing.
const FRAMING: [&str; 4] = ["host", "content-length", "transfer-encoding", "connection"];

/// A layer. What is `None` or absent is not said by it.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    /// What is asked for, and where that stands; the inner `None`: said, but not understood (an error is noted).
    pub(super) action: Option<(Option<Action>, Span)>,
    /// The credential and where it stands; the inner `None` as above.
    pub(super) auth: Option<(Option<Auth>, Span)>,
    pub(super) path: Vec<Named<PathValue>>,
    pub(super) query: Vec<Named<Vec<Text>>>,
    pub(super) header: Vec<Named<Text>>,
    pub(super) body: Option<Body>,
    pub(super) within: Option<(Duration, Span)>,
}

/// A value under a name; none: the name is removed.
#[derive(Clone, Debug)]
pub(super) struct Named<T> {
    pub(super) name: String,
    pub(super) span: Span,
    pub(super) value: Option<T>,
}

impl Draft {
    /// This layer with another laid over it. An upper layer with its own action takes over only `auth`.
    pub(super) fn under(&self, upper: &Self) -> Self {
        let auth = upper.auth.clone().or_else(|| self.auth.clone());
        if upper.action.is_some() {
            return Self { auth, ..upper.clone() };
        }
        Self {
            action: self.action.clone(),
            auth,
            path: merge(&self.path, &upper.path, str::to_owned),
            query: merge(&self.query, &upper.query, str::to_owned),
            header: merge(&self.header, &upper.header, str::to_ascii_lowercase),
            body: upper.body.clone().or_else(|| self.body.clone()),
            within: upper.within.or(self.within),
        }
    }
}

/// By name: a value of the upper layer stands where the lower one had it, new ones come after. `as_compared` gives what is
/// the same for names that mean the same.
fn merge<T: Clone>(lower: &[Named<T>], upper: &[Named<T>], as_compared: fn(&str) -> String) -> Vec<Named<T>> {
    let mut merged = lower.to_vec();
    let mut places = HashMap::new();
    for (place, named) in merged.iter().enumerate() {
        places.entry(as_compared(&named.name)).or_insert(place);
    }
    for named in upper {
        let place = *places.entry(as_compared(&named.name)).or_insert(merged.len());
        match merged.get_mut(place) {
            Some(there) => *there = named.clone(),
            None => merged.push(named.clone()),
        }
    }
    merged
}

impl Decoder<'_> {
    /// Reads the layer in a mapping. Keys that no layer has are the caller's to refuse.
    pub(super) fn draft(&mut self, node: &Node) -> Draft {
        let mut draft = Draft { action: self.action(node), ..Draft::default() };
        if let Some(auth) = node.get("auth") {
            draft.auth = Some((self.auth(auth), auth.span));
        }
        if let Some(path) = node.get("path") {
            draft.path = self.named(path, "`path`", Self::path_value);
        }
        if let Some(query) = node.get("query") {
            draft.query = self.named(query, "`query`", Self::query_value);
        }
        if let Some(header) = node.get("header") {
            self.distinct_fields(header);
            draft.header = self.named(header, "`header`", Self::header_value);
        }
        draft.body = self.body(node);
        draft.within = node.get("within").and_then(|node| Some((self.within(node)?, node.span)));
        draft
    }

    fn action(&mut self, node: &Node) -> Option<(Option<Action>, Span)> {
        let operation = node.entry("operation");
        let call = node.entry("call");
        if let (Some(operation), Some(call)) = (operation, call) {
            let second = if call.key_span > operation.key_span { call } else { operation };
            let message = "`operation` and `call` exclude each other";
            self.strict.error(
                second.key_span,
                message,
                "`operation` is a request of the document and judged, `call` one beside it. Keep one of them.",
            );
        }
        if let Some(entry) = operation {
            return Some((self.operation(&entry.value).map(Action::Operation), entry.value.span));
        }
        call.map(|entry| (self.call(&entry.value), entry.value.span))
    }

    /// Looks an operation up; none (with an error noted) if there is no such one, or no document.
    pub(super) fn operation(&mut self, node: &Node) -> Option<usize> {
        const HELP: &str = "Write the document's `operationId`, or `METHOD /path` as the document writes the path.";
        let name = self.strict.string(node, "`operation`", HELP)?;
        let document = self.document?;
        let found = document.operation(name).and_then(|found| {
            // The look-up gives the operation, and steps keep its number.
            document.operations.iter().position(|operation| std::ptr::eq(operation, found))
        });
        if found.is_none() {
            let known: Vec<String> = document
                .operations
                .iter()
                .map(|operation| operation.id.clone().unwrap_or_else(|| operation.title()))
                .collect();
            let help = if known.is_empty() {
                format!("`{}` has no operations.", document.source.name())
            } else {
                suggestion(name, &known, &format!("`{}` has", document.source.name()))
            };
            self.strict.error(node.span, format!("unknown operation `{}`", shown(name)), help);
        }
        found
    }

    fn call(&mut self, node: &Node) -> Option<Action> {
        const HELP: &str = "Write a method and a path below the base URL, such as `GET /info`.";
        let text = self.strict.string(node, "`call`", HELP)?.trim();
        let (method, path) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let path = path.trim_start();
        if !METHODS.contains(&method) {
            let message = format!("`{}` is no method", shown(method));
            let known = suggestion(&method.to_ascii_uppercase(), &METHODS, "The methods are");
            self.strict.error(node.span, message, format!("{HELP} {known}"));
            return None;
        }
        let mut template = self.strict.template(path, node.span);
        template.span = node.span;
        if !path.starts_with('/') {
            self.strict.error(node.span, format!("the path of `{method}` does not begin with `/`"), HELP);
            return None;
        }
        self.call_path(&template, node.span);
        Some(Action::Call { method: method.to_owned(), path: template })
    }

    /// What an author writes into a call's path goes onto the request line as it is.
    fn call_path(&mut self, path: &Text, span: Span) {
        let mut outline = String::new();
        for part in &path.parts {
            match part {
                Part::Literal(text) => outline.push_str(text),
                // Whatever the value is, it is encoded so that it stays inside its segment.
                Part::Value(..) => outline.push('x'),
            }
        }
        if outline.contains(['?', '#']) {
            self.strict.error(span, "a call's path holds a query", "Write the query under `query`, name by name.");
        } else if outline.contains(['{', '}']) {
            self.strict.error(
                span,
                "a call's path holds a brace",
                "A call knows no path parameters. Write values as `{{NAME.capture}}`.",
            );
        } else if let Some(odd) = outline.chars().find(|c| !c.is_ascii_graphic()) {
            let message = format!("a call's path holds {odd:?}, which cannot stand in a request line");
            self.strict.error(span, message, "Percent-encode it, such as `%20` for a space.");
        } else if outline.split('/').any(is_dot_segment) {
            self.strict.error(
                span,
                "a call's path climbs with a dot segment",
                "Write the path from the base URL without `.` and `..`.",
            );
        }
    }

    /// Reads an `auth`.
    fn auth(&mut self, node: &Node) -> Option<Auth> {
        const HELP: &str = "Write a credential's name, `none`, or `{header: \"…\"}` for an Authorization value as it \
                            is to be sent.";
        if node.entries().is_some() {
            let node = self.strict.keys(node, "`auth`", &["header"])?;
            let Some(header) = node.get("header") else {
                if lacks(node, "header") {
                    self.strict.error(node.span, "`auth` has no `header`", HELP);
                }
                return None;
            };
            let text = self.strict.text(header, "`header` of `auth`");
            self.field_text(&text);
            return Some(Auth::Header(text));
        }
        let name = self.strict.string(node, "`auth`", HELP)?;
        if name == "none" {
            return Some(Auth::None);
        }
        let found = self.credentials.iter().position(|credential| credential == name);
        if found.is_none() {
            let help = if self.credentials.is_empty() {
                "The suite has no `credentials`. Write `none`, or add the credential there.".to_owned()
            } else {
                let known: Vec<&str> = self.credentials.iter().map(String::as_str).chain(["none"]).collect();
                suggestion(name, &known, "It may be")
            };
            self.strict.error(node.span, format!("unknown credential `{}`", shown(name)), help);
        }
        found.map(Auth::Credential)
    }

    fn named<T>(&mut self, node: &Node, what: &str, mut read: impl FnMut(&mut Self, &Entry) -> T) -> Vec<Named<T>> {
        let help = "Write a name and a value on each line; `null` removes an inherited one.";
        let entries = self.strict.mapping(node, what, help).unwrap_or_default();
        let named = entries.iter().map(|entry| {
            let value = match entry.value.value {
                Value::Null => None,
                _ => Some(read(self, entry)),
            };
            Named { name: entry.key.clone(), span: entry.key_span, value }
        });
        named.collect()
    }

    fn path_value(&mut self, entry: &Entry) -> PathValue {
        let node = &entry.value;
        if node.entries().is_none() {
            let text = self.strict.text(node, &format!("`{}`", shown(&entry.key)));
            if text.parts.is_empty() && matches!(&node.value, Value::String(_)) {
                self.strict.error(
                    node.span,
                    format!("`{}` is empty, so the request would be about another path", shown(&entry.key)),
                    "Write `{raw: \"\"}` if that is meant.",
                );
            }
            return PathValue::Encoded(text);
        }
        let raw = self.strict.keys(node, "a path value", &["raw"]).and_then(|node| node.get("raw"));
        let Some(raw) = raw else {
            if lacks(node, "raw") {
                let help = "Write the value itself, or `{raw: \"…\"}` to send it as written.";
                self.strict.error(node.span, "a path value as a mapping needs `raw`", help);
            }
            return PathValue::Raw(Text::fixed("", node.span));
        };
        let text = self.strict.text(raw, "`raw`");
        for part in &text.parts {
            if let Part::Literal(literal) = part
                && let Some(odd) = literal.chars().find(|c| splits_request_line(*c))
            {
                let message = format!("a raw path value holds {odd:?}, which would split the request line");
                self.strict.error(raw.span, message, "Percent-encode it, such as `%20` for a space.");
            }
        }
        PathValue::Raw(text)
    }

    fn query_value(&mut self, entry: &Entry) -> Vec<Text> {
        let what = format!("`{}`", shown(&entry.key));
        match entry.value.items() {
            Some(items) => items.iter().map(|item| self.strict.text(item, &what)).collect(),
            None => vec![self.strict.text(&entry.value, &what)],
        }
    }

    fn header_value(&mut self, entry: &Entry) -> Text {
        self.field_name(entry);
        let lower = entry.key.to_ascii_lowercase();
        if FRAMING.contains(&lower.as_str()) {
            let message = format!("the field `{}` is the client's own", shown(&entry.key));
            self.strict.error(entry.key_span, message, "Leave it out: it says how the request is framed and routed.");
        } else if lower == "authorization" {
            let message = "Authorization is set by `auth`, which keeps it out of reports";
            self.strict.error(entry.key_span, message, "Write `auth: {header: \"…\"}`.");
        }
        let text = self.strict.text(&entry.value, &format!("`{}`", shown(&entry.key)));
        self.field_text(&text);
        text
    }

    /// Refuses a key that is no field name (RFC 9110 §5.1).
    pub(super) fn field_name(&mut self, entry: &Entry) {
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        if entry.key.is_empty() || !entry.key.bytes().all(is_token) {
            let message = format!("`{}` is no field name", shown(&entry.key));
            self.strict.error(entry.key_span, message, "A field name has letters, digits and `-`, and no spaces.");
        }
    }

    /// Refuses two names that differ only in case: they are one field (RFC 9110 §5.1).
    pub(super) fn distinct_fields(&mut self, node: &Node) {
        let mut said = HashSet::new();
        for entry in node.entries().unwrap_or_default() {
            if !said.insert(entry.key.to_ascii_lowercase()) {
                let message = format!("the field `{}` stands twice", shown(&entry.key));
                let help = "The names of two fields differ in more than case. Keep one.";
                self.strict.error(entry.key_span, message, help);
            }
        }
    }

    /// Refuses what would end a field line (RFC 9110 §5.5).
    fn field_text(&mut self, text: &Text) {
        let literals = text.parts.iter().filter_map(|part| match part {
            Part::Literal(literal) => Some(literal),
            Part::Value(..) => None,
        });
        if let Some(odd) = literals.flat_map(|literal| literal.chars()).find(|c| ends_field(*c)) {
            let message = format!("a field value holds {odd:?}, which would end the field");
            self.strict.error(text.span, message, "Take it out; a field value is one line.");
        }
    }

    fn body(&mut self, node: &Node) -> Option<Body> {
        let (json, body) = (node.entry("json"), node.entry("body"));
        if let (Some(json), Some(body)) = (json, body) {
            let second = if body.key_span > json.key_span { body } else { json };
            self.strict.error(second.key_span, "`json` and `body` replace each other", "Keep one of them.");
        }
        if let Some(json) = json {
            return Some(Body::Json(self.strict.json(&json.value)));
        }
        let node = &body?.value;
        match node.as_str() {
            Some("none") => Some(Body::None),
            Some(text) => Some(Body::Raw(self.strict.template(text, node.span))),
            None => {
                let message = format!("`body` must be a string, not {}", node.kind());
                self.strict.error(node.span, message, "Write the body as text, `none`, or use `json` instead.");
                Some(Body::None)
            }
        }
    }

    pub(super) fn within(&mut self, node: &Node) -> Option<Duration> {
        const HELP: &str = "Write a whole number with `ms` or `s`, such as `500ms` or `2s`.";
        let text = self.strict.string(node, "`within`", HELP)?;
        let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
        let number = digits.parse::<u32>().ok().map(u64::from);
        let duration = match (number, &text[digits.len()..]) {
            (Some(number), "ms") => Duration::from_millis(number),
            (Some(number), "s") => Duration::from_secs(number),
            _ => {
                self.strict.error(node.span, format!("`{}` is no time", shown(text)), HELP);
                return None;
            }
        };
        if duration.is_zero() || duration > LONGEST_WITHIN {
            let message = format!("`within` cannot be {}", shown(text));
            self.strict.error(node.span, message, "Write a time from 1ms to 600s.");
            return None;
        }
        Some(duration)
    }
}

/// Whether a character would split the request line (RFC 9112 §3).
pub(super) fn splits_request_line(c: char) -> bool {
    c.is_ascii_control() || c == ' '
}

/// Whether a character would end a field line or is forbidden in one (RFC 9110 §5.5).
pub(super) fn ends_field(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\0')
}

/// Whether a path segment means "here" or "up" (RFC 3986 §3.3).
pub(super) fn is_dot_segment(segment: &str) -> bool {
    matches!(segment, "." | "..")
}
