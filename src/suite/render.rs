//! Makes the request of a step: its placeholders are replaced, its values encoded, its credential applied.
//!
//! This runs for every request, so everything is appended to one buffer. `guard` decides whether the request may be sent.

use std::fmt;

use base64::Engine as _;
use percent_encoding::utf8_percent_encode;

use super::credential::{Credential, CredentialValue, CsrfSource};
use super::encode::{QUERY, SEGMENT, write_pieces};
use super::expand::{ExpandError, Piece, ResolvedParameter};
use super::learn::learn_credentials;
use super::parameter::{ParameterValue, StyledValue};
use super::path_template::{PathPiece, pieces};
use super::scheme::Scheme;
use super::step::{Action, Auth, Body, PathValue, Step};
use super::suite::Suite;
use super::syntax::{ends_cookie, ends_field, is_dot_segment, splits_request_line};
use super::template::{Part, Text, Unresolved, Values};
use crate::exchange::Request;
use crate::location::Span;
use crate::spec::{ParameterIn, SchemeKind};

/// A request, with what the guard must know about it.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// The request.
    pub request: Request,
    /// The path values as sent (encoded), by parameter name. For a call, every value in its path (by the placeholder's
    /// name) and in its query (by the parameter's name).
    pub path_values: Vec<(String, String)>,
    /// The base URL's path, without a slash at its end. The target begins with it.
    pub base_path: String,
    /// The path below it, without the query, with `{name}` for each value, where `name` is that of its entry in
    /// `path_values`. The literal text of a call's path is as sent.
    pub template: String,
    /// Whether it is an operation of the document (judged) or a call (staged).
    pub judged: bool,
    /// The query parameters that the document requires. Empty for a call.
    pub required_query: Vec<String>,
    /// The segments of a call's path, by index, that the suite writes out and for which the document has a parameter.
    pub documented_values: Vec<usize>,
    /// The values that stand in it as parts of a list, a map or a JSON text.
    pub elements: ElementValues,
}

/// Values that stand in a request as parts of a list, a map or a JSON text. The guard checks each of them alone.
#[derive(Clone, Debug, Default)]
pub struct ElementValues {
    /// The indexes of those among [`Rendered::path_values`].
    pub in_path: Vec<usize>,
    /// Whether a parameter of the path is written after `;` (style `matrix`).
    pub after_semicolon: bool,
    /// Those of the query, the fields and the cookies: the name under which a server may know the value (none for the key
    /// of a map), and the value, not encoded.
    pub outside_path: Vec<(Option<String>, String)>,
}

/// Why a step has no request in this run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RenderError {
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
    /// A value cannot be sent where it stands.
    Unsendable {
        /// One sentence without a full stop. It never quotes the value, which may be a secret.
        message: String,
        /// Where the value, or the step, stands.
        span: Span,
    },
}

impl RenderError {
    /// The place in the suite.
    pub fn span(&self) -> Span {
        match self {
            Self::NoValue(unresolved) => unresolved.span,
            Self::NoCredential { span, .. } | Self::Unsendable { span, .. } => *span,
        }
    }
}

impl From<Unresolved> for RenderError {
    fn from(unresolved: Unresolved) -> Self {
        Self::NoValue(unresolved)
    }
}

impl fmt::Display for RenderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoValue(unresolved) => unresolved.fmt(f),
            Self::NoCredential { name, env, .. } => write!(f, "the credential `{name}` is not set (variable {env})"),
            Self::Unsendable { message, .. } => f.write_str(message),
        }
    }
}

impl std::error::Error for RenderError {}

impl Step {
    /// Makes the request. `origin` is `http://host:port`, `base_path` the base URL's path without a trailing slash,
    /// `secrets` the values of the suite's credentials by index (`None`: not set). Every `{{uuid}}` that is first used
    /// here is made and stored in `values`.
    pub fn render(
        &self,
        suite: &Suite,
        origin: &str,
        base_path: &str,
        secrets: &[Option<CredentialValue>],
        values: &mut Values,
    ) -> Result<Rendered, RenderError> {
        self.prepare(values);
        learn_credentials(self, suite, origin, base_path, values);
        let mut writer = Writer {
            step: self,
            values,
            scratch: String::new(),
            target: String::with_capacity(base_path.len() + 96),
            path_values: Vec::new(),
            template: String::new(),
            elements: ElementValues::default(),
        };
        writer.target.push_str(base_path);
        let document = &*suite.document;
        let method = match &self.action {
            Action::Operation(index) => {
                let operation = document.operations.get(*index).ok_or_else(|| self.unsendable("no such operation"))?;
                writer.path(&operation.path)?;
                &operation.method
            }
            Action::Call { method, path } => {
                writer.call_path(path)?;
                method
            }
        };
        let credentials = self.credentials(suite, secrets)?;
        writer.queries(&credentials)?;
        let mut fields = writer.fields(credentials)?;
        let body = writer.body(&mut fields)?;
        // Whatever the document's template or the base URL holds, the request line stays one line of three words.
        if writer.target.chars().any(splits_request_line) {
            return Err(
                self.unsendable("the path contains a space or a control character, which would split the request line")
            );
        }
        let Writer { path_values, template, target, elements, .. } = writer;
        let request = Request { method: method.clone(), origin: origin.to_owned(), target, fields, body };
        let judged = matches!(self.action, Action::Operation(_));
        let (required_query, documented_values) = match &self.action {
            Action::Operation(index) => (document.operations[*index].required_query(), Vec::new()),
            Action::Call { .. } => (Vec::new(), document.parameter_segments(&template)),
        };
        Ok(Rendered {
            request,
            path_values,
            base_path: base_path.to_owned(),
            template,
            judged,
            required_query,
            documented_values,
            elements,
        })
    }

    /// The step's credentials as their schemes send them.
    fn credentials<'s>(
        &self,
        suite: &Suite,
        secrets: &'s [Option<CredentialValue>],
    ) -> Result<Vec<AppliedCredential<'s>>, RenderError> {
        let safe = matches!(self.method(&suite.document), "GET" | "HEAD" | "OPTIONS" | "TRACE");
        let mut applied = Vec::new();
        for (index, scheme) in suite.schemes(self) {
            let value = self.value_of(index, suite, secrets)?;
            applied.push(self.credential(&scheme, &value.secret)?);
            let login = suite.credentials.get(index).and_then(Credential::login);
            let csrf = login.and_then(|login| login.gives.csrf.as_ref());
            let Some((csrf, token)) = csrf.zip(value.csrf.as_ref()) else { continue };
            if let CsrfSource::Cookie(name) = &csrf.from {
                applied.push(AppliedCredential::Cookie(format!("{name}={token}")));
            }
            // A step may send another token instead, to see that the API refuses it.
            if !safe && !self.header.iter().any(|(name, _)| name.eq_ignore_ascii_case(&csrf.header)) {
                applied.push(AppliedCredential::Field(csrf.header.clone(), token.clone()));
            }
        }
        Ok(applied)
    }

    /// A credential as its scheme sends it.
    fn credential<'s>(&self, scheme: &Scheme<'_>, secret: &'s str) -> Result<AppliedCredential<'s>, RenderError> {
        let authorization = |value| Ok(AppliedCredential::Field("Authorization".to_owned(), value));
        let Scheme::One(kind) = scheme else {
            return Err(self.unsendable("the document does not say how the credential is sent"));
        };
        match &**kind {
            // A login may give the token with the word of the scheme. A variable with it was refused.
            SchemeKind::Bearer | SchemeKind::AccessToken(_) if has_word(secret, "Bearer") => {
                authorization(secret.to_owned())
            }
            SchemeKind::Bearer | SchemeKind::AccessToken(_) => authorization(format!("Bearer {secret}")),
            SchemeKind::Basic => {
                let encoded = base64::engine::general_purpose::STANDARD.encode(secret);
                authorization(format!("Basic {encoded}"))
            }
            SchemeKind::ApiKey(ParameterIn::Query, name) => Ok(AppliedCredential::Query(name.clone(), secret)),
            SchemeKind::ApiKey(ParameterIn::Cookie, name) => Ok(AppliedCredential::Cookie(format!("{name}={secret}"))),
            SchemeKind::ApiKey(ParameterIn::Header, name) => {
                Ok(AppliedCredential::Field(name.clone(), secret.to_owned()))
            }
            SchemeKind::ApiKey(ParameterIn::Path, _) | SchemeKind::Other(_) => {
                Err(self.unsendable("the document does not say how the credential is sent"))
            }
        }
    }

    fn value_of<'s>(
        &self,
        index: usize,
        suite: &Suite,
        secrets: &'s [Option<CredentialValue>],
    ) -> Result<&'s CredentialValue, RenderError> {
        let Some(value) = secrets.get(index).and_then(Option::as_ref) else {
            let credential = suite.credentials.get(index);
            return Err(RenderError::NoCredential {
                name: credential.map(|credential| credential.name.clone()).unwrap_or_default(),
                env: credential.map(Credential::to_set).unwrap_or_default(),
                span: self.span,
            });
        };
        if value.secret.chars().any(char::is_control) {
            let name = suite.credentials.get(index).map_or("", |credential| &credential.name);
            return Err(
                self.unsendable(format!("the credential `{name}` contains a line break or a control character"))
            );
        }
        Ok(value)
    }

    fn unsendable(&self, message: impl Into<String>) -> RenderError {
        RenderError::Unsendable { message: message.into(), span: self.span }
    }

    /// Makes the UUIDs of the request that were not used before.
    fn prepare(&self, values: &mut Values) {
        if let Action::Call { path, .. } = &self.action {
            path.prepare(values);
        }
        if let Auth::Header(text) = &self.auth {
            text.prepare(values);
        }
        for (_, value) in &self.path {
            value.texts().into_iter().for_each(|text| text.prepare(values));
        }
        for (_, value) in self.query.iter().chain(&self.header).chain(&self.cookie) {
            value.texts().into_iter().for_each(|text| text.prepare(values));
        }
        match &self.body {
            Body::None => {}
            Body::Raw(text) => text.prepare(values),
            Body::Json(json) => json.prepare(values),
            Body::Form(pairs) => pairs.iter().for_each(|(_, text)| text.prepare(values)),
        }
    }
}

/// Whether a value begins with the word of a scheme.
fn has_word(value: &str, word: &str) -> bool {
    let is_word = |start: &str| start.eq_ignore_ascii_case(word);
    value.get(..word.len()).is_some_and(is_word) && value[word.len()..].starts_with([' ', '\t'])
}

/// A credential as it is sent.
enum AppliedCredential<'a> {
    /// A field: its name and value.
    Field(String, String),
    /// A query parameter, not yet encoded.
    Query(String, &'a str),
    /// A pair for the Cookie field.
    Cookie(String),
}

/// Writes the parts of one request.
struct Writer<'a> {
    step: &'a Step,
    values: &'a Values,
    /// A value before it is encoded; a field only to reuse its memory.
    scratch: String,
    /// The request target so far.
    target: String,
    path_values: Vec<(String, String)>,
    /// See [`Rendered::template`].
    template: String,
    elements: ElementValues,
}

impl Writer<'_> {
    /// A path template with its values.
    fn path(&mut self, template: &str) -> Result<(), RenderError> {
        for piece in pieces(template) {
            let name = match piece {
                PathPiece::Literal(literal) => {
                    self.target.push_str(literal);
                    self.template.push_str(literal);
                    continue;
                }
                PathPiece::Parameter(name) => name,
            };
            let found = self.step.path.iter().find(|(known, _)| known == name);
            let start = self.target.len();
            match found.map(|(_, value)| value) {
                Some(PathValue::Raw(text)) => {
                    text.write(&mut self.target, self.values)?;
                    if self.target[start..].chars().any(splits_request_line) {
                        let message =
                            format!("`{name}` contains a space or a control character, and is sent without encoding");
                        return Err(RenderError::Unsendable { message, span: text.span });
                    }
                }
                Some(PathValue::Encoded(text)) => {
                    self.scratch.clear();
                    text.write(&mut self.scratch, self.values)?;
                    if self.scratch.is_empty() {
                        let message = format!("`{name}` is empty, so the request would have another path");
                        return Err(RenderError::Unsendable { message, span: text.span });
                    }
                    if is_dot_segment(&self.scratch) {
                        self.target.extend(std::iter::repeat_n("%2E", self.scratch.len()));
                    } else {
                        self.target.extend(utf8_percent_encode(&self.scratch, SEGMENT));
                    }
                }
                Some(PathValue::Styled(styled)) => {
                    self.styled_path_value(name, styled)?;
                    continue;
                }
                None => return Err(self.step.unsendable(format!("the path parameter `{name}` has no value"))),
            }
            self.template.extend(["{", name, "}"]);
            self.path_values.push((name.to_owned(), self.target[start..].to_owned()));
        }
        Ok(())
    }

    /// A call's path: literals as written, values encoded.
    fn call_path(&mut self, path: &Text) -> Result<(), RenderError> {
        for part in &path.parts {
            let (reference, filter) = match part {
                Part::Literal(literal) => {
                    self.target.push_str(literal);
                    self.template.push_str(literal);
                    continue;
                }
                Part::Value(reference, filter) => (reference, *filter),
            };
            self.scratch.clear();
            path.write_value(reference, filter, &mut self.scratch, self.values)?;
            // The client of calls resolves even an encoded dot segment.
            if self.scratch.is_empty() || is_dot_segment(&self.scratch) {
                let message = format!("`{reference}` is empty or a dot segment, so the call would have another path");
                return Err(RenderError::Unsendable { message, span: path.span });
            }
            let start = self.target.len();
            self.target.extend(utf8_percent_encode(&self.scratch, SEGMENT));
            let name = reference.to_string();
            self.template.extend(["{", &name, "}"]);
            self.path_values.push((name, self.target[start..].to_owned()));
        }
        Ok(())
    }

    /// A path value with the separators of its style.
    fn styled_path_value(&mut self, name: &str, styled: &StyledValue) -> Result<(), RenderError> {
        let resolved = self.resolve(name, styled, true)?;
        let first = self.path_values.len();
        for piece in styled.expand(name, &resolved) {
            match piece {
                Piece::Syntax(text) => {
                    self.elements.after_semicolon |= text == ";";
                    self.target.push_str(text);
                    self.template.push_str(text);
                }
                Piece::Next => {}
                Piece::Name(own) => {
                    let start = self.target.len();
                    self.target.extend(utf8_percent_encode(&own, QUERY));
                    self.template.push_str(&self.target[start..]);
                }
                // A key may be an id as well as a value may.
                Piece::Key(value) | Piece::Value(value) => self.path_element(name, &value, styled.span)?,
            }
        }
        self.elements.in_path.extend(first..self.path_values.len());
        Ok(())
    }

    /// One part of a path value.
    fn path_element(&mut self, name: &str, value: &str, span: Span) -> Result<(), RenderError> {
        if value.is_empty() {
            let message = format!("`{name}` is empty or has an empty part, so the request would have another path");
            return Err(RenderError::Unsendable { message, span });
        }
        let start = self.target.len();
        if is_dot_segment(value) {
            self.target.extend(std::iter::repeat_n("%2E", value.len()));
        } else {
            self.target.extend(utf8_percent_encode(value, QUERY));
        }
        self.template.extend(["{", name, "}"]);
        self.path_values.push((name.to_owned(), self.target[start..].to_owned()));
        Ok(())
    }

    /// The query, with the credentials that are sent there.
    fn queries(&mut self, credentials: &[AppliedCredential<'_>]) -> Result<(), RenderError> {
        let mut separator = '?';
        let step = self.step;
        for (name, value) in &step.query {
            match value {
                ParameterValue::Text(text) => {
                    self.target.push(separator);
                    self.query(name, text)?;
                }
                ParameterValue::Styled(styled) => {
                    let resolved = self.resolve(name, styled, true)?;
                    self.elements.outside_path.extend(resolved.elements(name));
                    let pieces = styled.expand(name, &resolved);
                    if pieces.is_empty() {
                        continue;
                    }
                    self.target.push(separator);
                    write_pieces(&pieces, "&", styled.allow_reserved, &mut self.target);
                }
            }
            separator = '&';
        }
        for credential in credentials {
            let AppliedCredential::Query(name, value) = credential else { continue };
            self.target.push(separator);
            separator = '&';
            self.target.extend(utf8_percent_encode(name, QUERY));
            self.target.push('=');
            self.target.extend(utf8_percent_encode(value, QUERY));
        }
        Ok(())
    }

    fn query(&mut self, name: &str, text: &Text) -> Result<(), RenderError> {
        self.target.extend(utf8_percent_encode(name, QUERY));
        self.target.push('=');
        self.scratch.clear();
        text.write(&mut self.scratch, self.values)?;
        let start = self.target.len();
        self.target.extend(utf8_percent_encode(&self.scratch, QUERY));
        if matches!(self.step.action, Action::Call { .. }) && text.literal().is_none() {
            self.path_values.push((name.to_owned(), self.target[start..].to_owned()));
        }
        Ok(())
    }

    /// The value of a parameter, with its placeholders replaced.
    fn resolve(&self, name: &str, styled: &StyledValue, encoded: bool) -> Result<ResolvedParameter, RenderError> {
        styled.resolve(encoded, self.values).map_err(|error| match error {
            ExpandError::NoValue(unresolved) => unresolved.into(),
            ExpandError::Separator(words, span) => {
                let message = format!("an element of `{name}` contains {words}, which separates the elements");
                RenderError::Unsendable { message, span }
            }
        })
    }

    /// The fields of the step and its credentials, without those that the client adds.
    fn fields(&mut self, credentials: Vec<AppliedCredential<'_>>) -> Result<Vec<(String, String)>, RenderError> {
        let step = self.step;
        let mut fields = Vec::with_capacity(step.header.len() + 2);
        let mut cookies = self.cookies()?;
        if let Auth::Header(text) = &step.auth {
            fields.push(("Authorization".to_owned(), self.field("Authorization", text)?));
        }
        for credential in credentials {
            match credential {
                AppliedCredential::Field(name, value) => fields.push((name, value)),
                AppliedCredential::Cookie(pair) => cookies.push(pair),
                AppliedCredential::Query(..) => {}
            }
        }
        for (name, value) in &step.header {
            let mut value = match value {
                ParameterValue::Text(text) => self.field(name, text)?,
                ParameterValue::Styled(styled) => match self.styled_field(name, styled)? {
                    Some(value) => value,
                    None => continue,
                },
            };
            if name.eq_ignore_ascii_case("cookie") {
                for cookie in std::mem::take(&mut cookies) {
                    value.push_str("; ");
                    value.push_str(&cookie);
                }
            }
            fields.push((name.clone(), value));
        }
        if !cookies.is_empty() {
            fields.push(("Cookie".to_owned(), cookies.join("; ")));
        }
        Ok(fields)
    }

    /// The value of a field from a list or map; none if that is empty.
    fn styled_field(&mut self, name: &str, styled: &StyledValue) -> Result<Option<String>, RenderError> {
        let resolved = self.resolve(name, styled, false)?;
        self.elements.outside_path.extend(resolved.elements(name));
        let mut written = String::new();
        for piece in styled.expand(name, &resolved) {
            match piece {
                Piece::Syntax(text) => written.push_str(text),
                Piece::Next => {}
                Piece::Name(text) | Piece::Key(text) | Piece::Value(text) => written.push_str(&text),
            }
        }
        sendable_field(name, &written, styled.span)?;
        Ok(Some(written).filter(|written| !written.is_empty()))
    }

    /// The pairs of `cookie`, as they stand in the field.
    fn cookies(&mut self) -> Result<Vec<String>, RenderError> {
        let step = self.step;
        let mut pairs = Vec::new();
        for (name, value) in &step.cookie {
            let mut pair = String::new();
            match value {
                ParameterValue::Text(text) => {
                    let value = text.resolve(self.values)?;
                    if value.chars().any(ends_cookie) {
                        let message = format!(
                            "the value of the cookie `{name}` contains `;` or a line break, which would end it"
                        );
                        return Err(RenderError::Unsendable { message, span: text.span });
                    }
                    pair.extend([name, "=", &value]);
                    self.elements.outside_path.push((Some(name.clone()), value));
                }
                ParameterValue::Styled(styled) => {
                    let resolved = self.resolve(name, styled, true)?;
                    self.elements.outside_path.extend(resolved.elements(name));
                    // OpenAPI writes `&` here, but a cookie ends with `; ` (RFC 6265 §4.2.1).
                    write_pieces(&styled.expand(name, &resolved), "; ", false, &mut pair);
                }
            }
            if !pair.is_empty() {
                pairs.push(pair);
            }
        }
        Ok(pairs)
    }

    /// The body. JSON and forms add their Content-Type to the fields, if the step does not set one.
    fn body(&self, fields: &mut Vec<(String, String)>) -> Result<Option<Vec<u8>>, RenderError> {
        Ok(match &self.step.body {
            Body::None => None,
            Body::Raw(text) => Some(text.resolve(self.values)?.into_bytes()),
            Body::Json(json) => {
                if !fields.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
                    fields.push(("Content-Type".to_owned(), "application/json".to_owned()));
                }
                let mut body = Vec::with_capacity(64);
                json.write(&mut body, self.values)?;
                Some(body)
            }
            Body::Form(pairs) => {
                if !fields.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
                    fields.push(("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned()));
                }
                // A space is written as `%20`, so that the mask finds a secret with a space in it.
                let pair = |(name, text): &(String, Text)| {
                    let value = text.resolve(self.values)?;
                    Ok(format!("{}={}", utf8_percent_encode(name, QUERY), utf8_percent_encode(&value, QUERY)))
                };
                Some(pairs.iter().map(pair).collect::<Result<Vec<_>, RenderError>>()?.join("&").into_bytes())
            }
        })
    }

    fn field(&self, name: &str, text: &Text) -> Result<String, RenderError> {
        let value = text.resolve(self.values)?;
        sendable_field(name, &value, text.span)?;
        Ok(value)
    }
}

/// Refuses what would end a field line.
fn sendable_field(name: &str, value: &str, span: Span) -> Result<(), RenderError> {
    if value.chars().any(ends_field) {
        let message = format!("the value of the field `{name}` contains a line break, which would end the field");
        return Err(RenderError::Unsendable { message, span });
    }
    Ok(())
}

#[cfg(test)]
#[path = "render_tests.rs"]
mod tests;
