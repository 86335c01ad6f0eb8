//! From a step and its values to the request that is sent.
//!
//! This runs once per request: templates are walked as they are, and what can be appended is not built first. It
//! leaves out whether the request may be sent (`guard`).

use std::fmt;

use base64::Engine as _;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::draft::{ends_field, is_dot_segment, splits_request_line};
use super::{Action, Auth, Body, Part, PathValue, Step, Suite, Text, Unresolved, Values};
use crate::exchange::Request;
use crate::location::Span;
use crate::spec::{Document, Operation, ParameterIn, SchemeKind, SecurityScheme};

/// What is encoded in a query: all but RFC 3986's unreserved characters (§2.3).
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What is encoded in a path segment: all but RFC 3986's `pchar` (§3.3). `%` is encoded, so that a value stays what
/// it is.
const SEGMENT: &AsciiSet = &QUERY
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

/// A request, and what the guard must know about it.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// The request.
    pub request: Request,
    /// The path values as sent (still encoded), by parameter name; for a call, every value put into its path (by the
    /// placeholder's name) or query (by the parameter's).
    pub path_values: Vec<(String, String)>,
    /// The base URL's path, with which the target begins; without a slash at its end.
    pub base_path: String,
    /// The path below it as sent, without the query, each value replaced by `{name}`, where the name is that of its
    /// entry in `path_values`; what was literal in a call's path stands as it is sent.
    pub template: String,
    /// Whether it is an operation of the document (judged) or a call (staged).
    pub judged: bool,
}

/// Why a step cannot be made into a request in this run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unrenderable {
    /// A placeholder has no value.
    NoValue(Unresolved),
    /// The credential is not set.
    NoCredential {
        /// Its name in the suite.
        name: String,
        /// The variable that would hold it.
        env: String,
        /// Where the step stands.
        span: Span,
    },
    /// A value cannot stand where it is put.
    Unsendable {
        /// What is wrong, one sentence without a full stop. It never quotes the value, which may be a secret.
        message: String,
        /// Where the value, or the step, stands.
        span: Span,
    },
}

impl Unrenderable {
    /// Where in the suite it is about.
    pub fn span(&self) -> Span {
        match self {
            Self::NoValue(unresolved) => unresolved.span,
            Self::NoCredential { span, .. } | Self::Unsendable { span, .. } => *span,
        }
    }
}

impl From<Unresolved> for Unrenderable {
    fn from(unresolved: Unresolved) -> Self {
        Self::NoValue(unresolved)
    }
}

impl fmt::Display for Unrenderable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoValue(unresolved) => unresolved.fmt(f),
            Self::NoCredential { name, env, .. } => write!(f, "the credential `{name}` is not set (variable {env})"),
            Self::Unsendable { message, .. } => f.write_str(message),
        }
    }
}

impl std::error::Error for Unrenderable {}

impl Step {
    /// Makes the request. `origin` is `http://host:port`, `base_path` the base URL's path without a trailing slash,
    /// `secrets` the values of the suite's credentials by index (`None`: not set). Every `{{uuid}}` that is first used
    /// here is made and kept in `values`.
    pub fn render(
        &self,
        suite: &Suite,
        origin: &str,
        base_path: &str,
        secrets: &[Option<String>],
        values: &mut Values,
    ) -> Result<Rendered, Unrenderable> {
        self.prepare(values);
        self.learn(suite, origin, base_path, values);
        let mut writer =
            Writer { step: self, values, scratch: String::new(), path_values: Vec::new(), template: String::new() };
        let mut target = String::with_capacity(base_path.len() + 96);
        target.push_str(base_path);
        let document = &*suite.document;
        let (method, operation) = match &self.action {
            Action::Operation(index) => {
                let operation = document.operations.get(*index).ok_or_else(|| self.unsendable("no such operation"))?;
                writer.path(&operation.path, &mut target)?;
                writer.template.clone_from(&operation.path);
                (&operation.method, Some(operation))
            }
            Action::Call { method, path } => {
                writer.call_path(path, &mut target)?;
                (method, document.operations.get(suite.operation))
            }
        };
        let mut separator = '?';
        for (name, text) in &self.query {
            target.push(separator);
            separator = '&';
            writer.query(name, text, &mut target)?;
        }
        let mut fields = Vec::with_capacity(self.header.len() + 2);
        let mut cookie = None;
        match &self.auth {
            Auth::None => {}
            Auth::Header(text) => fields.push(("Authorization".to_owned(), writer.field("Authorization", text)?)),
            Auth::Credential(index) => match self.credential(*index, suite, operation, secrets)? {
                Credential::Field(name, value) => fields.push((name, value)),
                Credential::Query(name, value) => {
                    target.push(separator);
                    target.extend(utf8_percent_encode(name, QUERY));
                    target.push('=');
                    target.extend(utf8_percent_encode(value, QUERY));
                }
                Credential::Cookie(pair) => cookie = Some(pair),
            },
        }
        for (name, text) in &self.header {
            let mut value = writer.field(name, text)?;
            if name.eq_ignore_ascii_case("cookie")
                && let Some(cookie) = cookie.take()
            {
                value.push_str("; ");
                value.push_str(&cookie);
            }
            fields.push((name.clone(), value));
        }
        fields.extend(cookie.map(|cookie| ("Cookie".to_owned(), cookie)));
        let body = match &self.body {
            Body::None => None,
            Body::Raw(text) => Some(text.resolve(writer.values)?.into_bytes()),
            Body::Json(json) => {
                if !fields.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
                    fields.push(("Content-Type".to_owned(), "application/json".to_owned()));
                }
                let mut body = Vec::with_capacity(64);
                json.write(&mut body, writer.values)?;
                Some(body)
            }
        };
        // Whatever the document's template or the base URL holds, the request line stays one line of three words.
        if target.chars().any(splits_request_line) {
            return Err(
                self.unsendable("the path holds a space or a control character, which would split the request line")
            );
        }
        let Writer { path_values, template, .. } = writer;
        let request = Request { method: method.clone(), origin: origin.to_owned(), target, fields, body };
        let judged = matches!(self.action, Action::Operation(_));
        Ok(Rendered { request, path_values, base_path: base_path.to_owned(), template, judged })
    }

    /// A credential as its scheme sends it.
    fn credential<'s>(
        &self,
        index: usize,
        suite: &'s Suite,
        operation: Option<&Operation>,
        secrets: &'s [Option<String>],
    ) -> Result<Credential<'s>, Unrenderable> {
        let secret = self.secret(index, suite, secrets)?;
        let authorization = |value| Ok(Credential::Field("Authorization".to_owned(), value));
        let suites = suite.document.operations.get(suite.operation);
        let name = suite.credentials.get(index).map_or("", |credential| &credential.name);
        match operation.map(|operation| scheme(&suite.document, operation, suites, name)) {
            Some(Scheme::One(SchemeKind::Bearer)) => authorization(format!("Bearer {secret}")),
            Some(Scheme::One(SchemeKind::Basic)) => {
                let encoded = base64::engine::general_purpose::STANDARD.encode(secret);
                authorization(format!("Basic {encoded}"))
            }
            Some(Scheme::One(SchemeKind::ApiKey(ParameterIn::Header, name))) => {
                Ok(Credential::Field(name.clone(), secret.to_owned()))
            }
            Some(Scheme::One(SchemeKind::ApiKey(ParameterIn::Query, name))) => Ok(Credential::Query(name, secret)),
            Some(Scheme::One(SchemeKind::ApiKey(ParameterIn::Cookie, name))) => {
                Ok(Credential::Cookie(format!("{name}={secret}")))
            }
            _ => Err(self.unsendable("the document does not say how the credential is applied")),
        }
    }

    fn secret<'s>(&self, index: usize, suite: &Suite, secrets: &'s [Option<String>]) -> Result<&'s str, Unrenderable> {
        let Some(secret) = secrets.get(index).and_then(Option::as_deref) else {
            let credential = suite.credentials.get(index);
            return Err(Unrenderable::NoCredential {
                name: credential.map(|credential| credential.name.clone()).unwrap_or_default(),
                env: credential.map(|credential| credential.env.clone()).unwrap_or_default(),
                span: self.span,
            });
        };
        if secret.chars().any(char::is_control) {
            let name = suite.credentials.get(index).map_or("", |credential| &credential.name);
            return Err(self.unsendable(format!("the credential `{name}` holds a line break or control character")));
        }
        Ok(secret)
    }

    fn unsendable(&self, message: impl Into<String>) -> Unrenderable {
        Unrenderable::Unsendable { message: message.into(), span: self.span }
    }

    /// Makes the uuids that the request asks for and nothing has used yet.
    fn prepare(&self, values: &mut Values) {
        if let Action::Call { path, .. } = &self.action {
            path.prepare(values);
        }
        if let Auth::Header(text) = &self.auth {
            text.prepare(values);
        }
        for (_, PathValue::Encoded(text) | PathValue::Raw(text)) in &self.path {
            text.prepare(values);
        }
        for (_, text) in self.query.iter().chain(&self.header) {
            text.prepare(values);
        }
        match &self.body {
            Body::None => {}
            Body::Raw(text) => text.prepare(values),
            Body::Json(json) => json.prepare(values),
        }
    }
}

/// A credential as it is sent.
enum Credential<'a> {
    /// A field: its name and value.
    Field(String, String),
    /// A query parameter, not yet encoded.
    Query(&'a str, &'a str),
    /// A pair for the Cookie field.
    Cookie(String),
}

/// Writes the parts of one request.
struct Writer<'a> {
    step: &'a Step,
    values: &'a Values,
    /// A value before it is encoded; kept for its allocation.
    scratch: String,
    path_values: Vec<(String, String)>,
    /// See [`Rendered::template`].
    template: String,
}

impl Writer<'_> {
    /// A path template with its values.
    fn path(&mut self, template: &str, target: &mut String) -> Result<(), Unrenderable> {
        for piece in split_template(template) {
            let name = match piece {
                Piece::Literal(literal) => {
                    target.push_str(literal);
                    continue;
                }
                Piece::Parameter(name) => name,
            };
            let found = self.step.path.iter().find(|(known, _)| known == name);
            let start = target.len();
            match found.map(|(_, value)| value) {
                Some(PathValue::Raw(text)) => {
                    text.write(target, self.values)?;
                    if target[start..].chars().any(splits_request_line) {
                        let message = format!("`{name}` holds a space or control character and is sent raw");
                        return Err(Unrenderable::Unsendable { message, span: text.span });
                    }
                }
                Some(PathValue::Encoded(text)) => {
                    self.scratch.clear();
                    text.write(&mut self.scratch, self.values)?;
                    if self.scratch.is_empty() {
                        let message = format!("`{name}` is empty, so the request would be about another path");
                        return Err(Unrenderable::Unsendable { message, span: text.span });
                    }
                    if is_dot_segment(&self.scratch) {
                        target.extend(std::iter::repeat_n("%2E", self.scratch.len()));
                    } else {
                        target.extend(utf8_percent_encode(&self.scratch, SEGMENT));
                    }
                }
                None => return Err(self.step.unsendable(format!("the path parameter `{name}` has no value"))),
            }
            self.path_values.push((name.to_owned(), target[start..].to_owned()));
        }
        Ok(())
    }

    /// A call's path: literals as written, values encoded.
    fn call_path(&mut self, path: &Text, target: &mut String) -> Result<(), Unrenderable> {
        for part in &path.parts {
            let (reference, filter) = match part {
                Part::Literal(literal) => {
                    target.push_str(literal);
                    self.template.push_str(literal);
                    continue;
                }
                Part::Value(reference, filter) => (reference, *filter),
            };
            self.scratch.clear();
            path.write_value(reference, filter, &mut self.scratch, self.values)?;
            // Staged requests go through a URL type that would resolve even an encoded dot segment.
            if self.scratch.is_empty() || is_dot_segment(&self.scratch) {
                let message =
                    format!("`{reference}` is empty or a dot segment, so the call would be about another path");
                return Err(Unrenderable::Unsendable { message, span: path.span });
            }
            let start = target.len();
            target.extend(utf8_percent_encode(&self.scratch, SEGMENT));
            let name = reference.to_string();
            self.template.extend(["{", &name, "}"]);
            self.path_values.push((name, target[start..].to_owned()));
        }
        Ok(())
    }

    fn query(&mut self, name: &str, text: &Text, target: &mut String) -> Result<(), Unrenderable> {
        target.extend(utf8_percent_encode(name, QUERY));
        target.push('=');
        self.scratch.clear();
        text.write(&mut self.scratch, self.values)?;
        let start = target.len();
        target.extend(utf8_percent_encode(&self.scratch, QUERY));
        if matches!(self.step.action, Action::Call { .. }) && text.literal().is_none() {
            self.path_values.push((name.to_owned(), target[start..].to_owned()));
        }
        Ok(())
    }

    fn field(&self, name: &str, text: &Text) -> Result<String, Unrenderable> {
        let value = text.resolve(self.values)?;
        if value.chars().any(ends_field) {
            let message = format!("the value of the field `{name}` holds a line break, which would end the field");
            return Err(Unrenderable::Unsendable { message, span: text.span });
        }
        Ok(value)
    }
}

/// A piece of a path template.
enum Piece<'t> {
    Literal(&'t str),
    Parameter(&'t str),
}

/// The pieces of a path template such as `/things/{id}/parts`; a brace without its partner is text.
fn split_template(template: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = template;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let open = rest.find('{');
        let close = open.and_then(|open| rest[open..].find('}').map(|close| open + close));
        match (open, close) {
            (Some(0), Some(close)) => {
                let name = &rest[1..close];
                rest = &rest[close + 1..];
                Some(Piece::Parameter(name))
            }
            (Some(open), Some(_)) => {
                let (literal, after) = rest.split_at(open);
                rest = after;
                Some(Piece::Literal(literal))
            }
            _ => Some(Piece::Literal(std::mem::take(&mut rest))),
        }
    })
}

/// The parameters of a path template, in its order.
pub(super) fn parameters(template: &str) -> impl Iterator<Item = &str> {
    split_template(template).filter_map(|piece| match piece {
        Piece::Parameter(name) => Some(name),
        Piece::Literal(_) => None,
    })
}

/// How a credential is applied.
pub(super) enum Scheme<'d> {
    /// By this scheme.
    One(&'d SchemeKind),
    /// The document asks for something else, in words.
    Unsupported(String),
    /// The document asks for nothing, and does not have exactly one scheme.
    Undeclared,
}

/// How a credential is applied to an operation: by the alternative that has the credential's name, else by the first that
/// asks for one scheme that can be applied. An operation that declares nothing takes it as the suite's own operation does, else as the document's only
/// scheme says.
pub(super) fn scheme<'d>(
    document: &'d Document,
    operation: &Operation,
    suites: Option<&Operation>,
    credential: &str,
) -> Scheme<'d> {
    for operation in std::iter::once(operation).chain(suites) {
        if let Some(named) = alternatives(document, operation).find(|scheme| scheme.name == credential) {
            return Scheme::One(&named.kind);
        }
        let mut other = None;
        for alternative in operation.security.iter() {
            let reason = match alternative.as_slice() {
                [] => continue,
                [name] => match document.scheme(name).map(|scheme| &scheme.kind) {
                    Some(kind) if can_apply(kind) => return Scheme::One(kind),
                    Some(SchemeKind::Other(kind)) => format!("`{name}` ({kind})"),
                    Some(_) => format!("`{name}`"),
                    None => format!("`{name}`, which it does not define"),
                },
                several => format!("{} together", super::strict::names(several)),
            };
            other.get_or_insert(reason);
        }
        if let Some(reason) = other {
            return Scheme::Unsupported(reason);
        }
    }
    let mut usable = document.schemes.iter().map(|scheme| &scheme.kind).filter(|kind| can_apply(kind));
    match (usable.next(), usable.next()) {
        (Some(one), None) => Scheme::One(one),
        _ => Scheme::Undeclared,
    }
}

/// The schemes by which a credential can be applied to an operation, one at a time, in the order of the document.
pub(super) fn alternatives<'d>(
    document: &'d Document,
    operation: &Operation,
) -> impl Iterator<Item = &'d SecurityScheme> {
    let alone = operation.security.iter().filter_map(|alternative| match alternative.as_slice() {
        [name] => document.scheme(name),
        _ => None,
    });
    alone.filter(|scheme| can_apply(&scheme.kind))
}

fn can_apply(kind: &SchemeKind) -> bool {
    match kind {
        SchemeKind::Bearer | SchemeKind::Basic => true,
        SchemeKind::ApiKey(place, _) => *place != ParameterIn::Path,
        SchemeKind::Other(_) => false,
    }
}

#[cfg(test)]
#[path = "render_tests.rs"]
mod tests;
