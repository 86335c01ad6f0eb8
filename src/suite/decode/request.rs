//! A request as one mapping of the file writes it: its action, credential, path, query, header and body.

use std::collections::HashSet;
use std::time::Duration;

use super::context::Decoder;
use super::draft::{Draft, NamedValue};
use super::supplied::SuppliedValue;
use crate::location::Span;
use crate::suite::step::{Action, Body};
use crate::suite::strict::{shown, suggestion};
use crate::suite::syntax::{ends_field, is_dot_segment, is_field_name};
use crate::suite::template::{Part, Text};
use crate::tree::{Entry, Node, Value};

/// The methods of a call. CONNECT is not among them: it asks for a tunnel, not for a resource.
const METHODS: [&str; 8] = ["GET", "HEAD", "OPTIONS", "TRACE", "POST", "PUT", "PATCH", "DELETE"];

/// The longest time of `within`.
const LONGEST_WITHIN: Duration = Duration::from_secs(600);

/// Fields that the client writes itself, in lower case: a second one would break the request's framing.
const CLIENT_FIELDS: [&str; 4] = ["host", "content-length", "transfer-encoding", "connection"];

impl Decoder<'_> {
    /// Reads the draft in a mapping. It ignores other keys; the caller refuses them.
    pub(super) fn draft(&mut self, node: &Node) -> Draft {
        let mut draft = self.draft_without_cookies(node);
        if let Some(cookie) = node.get("cookie") {
            draft.cookie = self.named(cookie, "`cookie`", Self::cookie_value);
        }
        draft
    }

    /// As [`Self::draft`], for a mapping in which `cookie` means something else.
    pub(super) fn draft_without_cookies(&mut self, node: &Node) -> Draft {
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
                "`operation` is a request of the document, and its response is judged; `call` is any other request. Keep one \
                 of them.",
            );
        }
        if let Some(entry) = operation {
            return Some((self.operation(&entry.value).map(Action::Operation), entry.value.span));
        }
        call.map(|entry| (self.call(&entry.value), entry.value.span))
    }

    /// Looks an operation up. `None` if there is no document, or if it lacks the operation, which is then an error.
    pub(super) fn operation(&mut self, node: &Node) -> Option<usize> {
        const HELP: &str = "Write the document's `operationId`, or `METHOD /path` as the document writes the path.";
        let name = self.strict.string(node, "`operation`", HELP)?;
        let document = self.document?;
        let found = document.operation(name).and_then(|found| {
            // `operation` returns a reference, but steps store the index.
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
            let message = format!("`{}` is not a method", shown(method));
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

    /// Checks a call's path: its literal text goes onto the request line unchanged.
    fn call_path(&mut self, path: &Text, span: Span) {
        let mut outline = String::new();
        for part in &path.parts {
            match part {
                Part::Literal(text) => outline.push_str(text),
                // Every value is encoded, so it stays inside its segment.
                Part::Value(..) => outline.push('x'),
            }
        }
        if outline.contains(['?', '#']) {
            self.strict.error(
                span,
                "the path of a call contains a query or a fragment",
                "Write the query under `query`, name by name.",
            );
        } else if outline.contains(['{', '}']) {
            self.strict.error(
                span,
                "the path of a call contains a brace",
                "A call has no path parameters. Write values as `{{NAME.capture}}`.",
            );
        } else if let Some(odd) = outline.chars().find(|c| !c.is_ascii_graphic()) {
            let message = format!("the path of a call contains {odd:?}, which a request line cannot contain");
            self.strict.error(span, message, "Percent-encode it, such as `%20` for a space.");
        } else if outline.split('/').any(is_dot_segment) {
            self.strict.error(
                span,
                "the path of a call contains the dot segment `.` or `..`",
                "Write the path below the base URL without `.` and `..`.",
            );
        }
    }

    fn named<T>(
        &mut self,
        node: &Node,
        what: &str,
        mut read: impl FnMut(&mut Self, &Entry) -> T,
    ) -> Vec<NamedValue<T>> {
        let help = "Write a name and a value on each line; `null` removes an inherited one.";
        let entries = self.strict.mapping(node, what, help).unwrap_or_default();
        let named = entries.iter().map(|entry| {
            let value = match entry.value.value {
                Value::Null => None,
                _ => Some(read(self, entry)),
            };
            NamedValue { name: entry.key.clone(), span: entry.key_span, value }
        });
        named.collect()
    }

    fn query_value(&mut self, entry: &Entry) -> SuppliedValue {
        self.supplied(&entry.value, &format!("`{}`", shown(&entry.key)))
    }

    fn cookie_value(&mut self, entry: &Entry) -> SuppliedValue {
        if !is_field_name(&entry.key) {
            let message = format!("`{}` is not the name of a cookie", shown(&entry.key));
            self.strict.error(entry.key_span, message, "The name of a cookie has no spaces, `=`, `;` and commas.");
        }
        self.query_value(entry)
    }

    fn header_value(&mut self, entry: &Entry) -> SuppliedValue {
        self.field_name(entry);
        let lower = entry.key.to_ascii_lowercase();
        if CLIENT_FIELDS.contains(&lower.as_str()) {
            let message = format!("the client writes the field `{}` itself", shown(&entry.key));
            self.strict.error(entry.key_span, message, "Remove it: it decides how the request is framed and routed.");
        } else if lower == "authorization" {
            let message = "Authorization belongs under `auth`, which keeps it out of reports";
            self.strict.error(entry.key_span, message, "Write `auth: {header: \"…\"}`.");
        }
        self.query_value(entry)
    }

    /// Refuses a key that is not a field name (RFC 9110 §5.1).
    pub(super) fn field_name(&mut self, entry: &Entry) {
        if !is_field_name(&entry.key) {
            let message = format!("`{}` is not a field name", shown(&entry.key));
            self.strict.error(
                entry.key_span,
                message,
                "A field name consists of letters, digits and `-`, without spaces.",
            );
        }
    }

    /// Refuses two names that differ only in upper and lower case: they are one field (RFC 9110 §5.1).
    pub(super) fn distinct_fields(&mut self, node: &Node) {
        let mut said = HashSet::new();
        for entry in node.entries().unwrap_or_default() {
            if !said.insert(entry.key.to_ascii_lowercase()) {
                let message = format!("the field `{}` is there twice", shown(&entry.key));
                let help = "Upper and lower case do not matter in field names. Keep one of the two.";
                self.strict.error(entry.key_span, message, help);
            }
        }
    }

    /// Refuses what would end a field line (RFC 9110 §5.5).
    pub(super) fn field_text(&mut self, text: &Text) {
        if let Some(odd) = text.literals().flat_map(str::chars).find(|c| ends_field(*c)) {
            let message = format!("a field value contains {odd:?}, which would end the field");
            self.strict.error(text.span, message, "Remove it: a field value is one line.");
        }
    }

    fn body(&mut self, node: &Node) -> Option<Body> {
        let (json, body) = (node.entry("json"), node.entry("body"));
        if let (Some(json), Some(body)) = (json, body) {
            let second = if body.key_span > json.key_span { body } else { json };
            self.strict.error(second.key_span, "`json` and `body` exclude each other", "Keep one of them.");
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
                self.strict.error(node.span, format!("`{}` is not a time", shown(text)), HELP);
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
