//! Texts and JSON values with placeholders, and the values that replace the placeholders in a run.
//!
//! The placeholders are `{{user}}`, `{{run}}`, `{{uuid}}`, `{{uuid.NAME}}`, `{{NAME.capture}}` and `{{env.NAME}}`. `placeholder`
//! reads them; `decode` refuses those that have no value where they stand.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde_json::Value;
use uuid::Uuid;

use super::ids::RunIds;
use crate::location::Span;
use crate::secret::Secrets;

/// The placeholders that cannot be the name of an object or capture.
pub(super) const RESERVED: [&str; 4] = ["user", "run", "uuid", "env"];

/// A text with placeholders.
#[derive(Clone, Debug)]
pub struct Text {
    /// Its parts; adjacent literals are one.
    pub parts: Vec<Part>,
    /// Where it stands.
    pub span: Span,
}

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// As written.
    Literal(String),
    /// A placeholder and, after `|`, its filter.
    Value(Reference, Option<Filter>),
}

/// What a placeholder stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// `{{user}}`: new for every run of a case.
    User,
    /// `{{run}}`: one for the whole run.
    Run,
    /// `{{uuid}}`: a new one for each place in the file and each run of a case. The number identifies the place.
    Uuid(usize),
    /// `{{uuid.NAME}}`: one for each name and each run of the case; in a state, for each object.
    NamedUuid(String),
    /// `{{NAME.capture}}`, a capture of the object `NAME`; inside a state the name is empty: `{{capture}}`.
    Capture {
        /// The name under `given`, or empty.
        given: String,
        /// The capture.
        name: String,
    },
    /// `{{env.NAME}}`.
    Env(String),
}

/// How a value changes before it replaces the placeholder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// `upper`: ASCII letters in upper case.
    Upper,
    /// `percent`: every byte percent-encoded; only for `raw` path values.
    Percent,
}

/// A JSON value with placeholders. A string that consists of one placeholder takes the JSON type of its value.
#[derive(Clone, Debug)]
pub enum JsonTemplate {
    /// A value without placeholders.
    Fixed(Value),
    /// A string with placeholders.
    Text(Text),
    /// An array.
    Array(Vec<JsonTemplate>),
    /// An object.
    Object(Vec<(String, JsonTemplate)>),
}

/// The values of placeholders in one run of a case.
#[derive(Clone, Debug, Default)]
pub struct Values {
    /// `{{user}}`.
    pub user: String,
    /// `{{run}}`.
    pub run: String,
    /// Captures by the name under `given` (empty inside a state), then by their own.
    pub captures: BTreeMap<String, BTreeMap<String, Value>>,
    /// `{{uuid}}` by place; each is made when it is first used.
    pub uuids: BTreeMap<usize, Uuid>,
    /// `{{uuid.NAME}}` by name; each is made when it is first used.
    pub named_uuids: BTreeMap<String, Uuid>,
    /// The source of these UUIDs. The guard uses the same source to recognise them.
    pub ids: RunIds,
    /// `{{env.NAME}}`.
    pub env: Arc<BTreeMap<String, String>>,
    /// The mask of secrets. It learns every capture that is sent as a credential.
    pub secrets: Secrets,
}

/// A placeholder that has no value in this run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unresolved {
    /// As written, without braces.
    pub placeholder: String,
    /// Where the text stands.
    pub span: Span,
}

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{{{{{}}}}}` has no value in this run", self.placeholder)
    }
}

impl std::error::Error for Unresolved {}

impl fmt::Display for Reference {
    /// As in a suite, without braces.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User => f.write_str("user"),
            Self::Run => f.write_str("run"),
            Self::Uuid(_) => f.write_str("uuid"),
            Self::NamedUuid(name) => write!(f, "uuid.{name}"),
            Self::Capture { given, name } if given.is_empty() => f.write_str(name),
            Self::Capture { given, name } => write!(f, "{given}.{name}"),
            Self::Env(name) => write!(f, "env.{name}"),
        }
    }
}

impl Filter {
    /// Every filter's name.
    pub(super) const NAMES: [&str; 2] = ["upper", "percent"];

    /// The filter of a name.
    pub(super) fn parse(name: &str) -> Option<Self> {
        match name {
            "upper" => Some(Self::Upper),
            "percent" => Some(Self::Percent),
            _ => None,
        }
    }

    fn apply(self, text: &str, out: &mut String) {
        match self {
            Self::Upper => out.extend(text.chars().map(|c| c.to_ascii_uppercase())),
            Self::Percent => {
                for &byte in text.as_bytes() {
                    out.push_str(percent_encoding::percent_encode_byte(byte));
                }
            }
        }
    }
}

impl Text {
    /// A text without placeholders.
    pub(super) fn fixed(text: impl Into<String>, span: Span) -> Self {
        let text = text.into();
        let parts = if text.is_empty() { Vec::new() } else { vec![Part::Literal(text)] };
        Self { parts, span }
    }

    /// Its literal text, if it has no placeholder.
    pub fn literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// Its literal parts.
    pub(super) fn literals(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Literal(literal) => Some(literal.as_str()),
            Part::Value(..) => None,
        })
    }

    /// The placeholders in it.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        self.parts.iter().filter_map(|part| match part {
            Part::Value(reference, _) => Some(reference),
            Part::Literal(_) => None,
        })
    }

    /// The text with every placeholder replaced. A captured value that is not a string is written as JSON.
    pub fn render(&self, values: &mut Values) -> Result<String, Unresolved> {
        self.prepare(values);
        self.resolve(values)
    }

    /// As [`Text::render`], but without making UUIDs: a `{{uuid}}` that was not used before has no value.
    pub fn resolve(&self, values: &Values) -> Result<String, Unresolved> {
        let mut out = String::new();
        self.write(&mut out, values)?;
        Ok(out)
    }

    /// Makes the UUIDs of the text that were not used before.
    pub(super) fn prepare(&self, values: &mut Values) {
        for reference in self.references() {
            match reference {
                Reference::Uuid(place) => {
                    values.uuids.entry(*place).or_insert_with(|| values.ids.uuid());
                }
                Reference::NamedUuid(name) if !values.named_uuids.contains_key(name) => {
                    values.named_uuids.insert(name.clone(), values.ids.uuid());
                }
                _ => {}
            }
        }
    }

    /// Appends the text with every placeholder replaced.
    pub(super) fn write(&self, out: &mut String, values: &Values) -> Result<(), Unresolved> {
        for part in &self.parts {
            match part {
                Part::Literal(text) => out.push_str(text),
                Part::Value(reference, filter) => self.write_value(reference, *filter, out, values)?,
            }
        }
        Ok(())
    }

    /// Appends one placeholder's value.
    pub(super) fn write_value(
        &self,
        reference: &Reference,
        filter: Option<Filter>,
        out: &mut String,
        values: &Values,
    ) -> Result<(), Unresolved> {
        let mut buffer = Uuid::encode_buffer();
        let json;
        let text = match self.look_up(reference, values)? {
            ResolvedValue::Text(text) | ResolvedValue::Json(Value::String(text)) => text.as_str(),
            ResolvedValue::Uuid(uuid) => uuid.hyphenated().encode_lower(&mut buffer),
            ResolvedValue::Json(value) => {
                json = value.to_string();
                json.as_str()
            }
        };
        match filter {
            None => out.push_str(text),
            Some(filter) => filter.apply(text, out),
        }
        Ok(())
    }

    fn look_up<'v>(&self, reference: &Reference, values: &'v Values) -> Result<ResolvedValue<'v>, Unresolved> {
        let found = match reference {
            Reference::User => Some(ResolvedValue::Text(&values.user)),
            Reference::Run => Some(ResolvedValue::Text(&values.run)),
            Reference::Uuid(place) => values.uuids.get(place).map(ResolvedValue::Uuid),
            Reference::NamedUuid(name) => values.named_uuids.get(name).map(ResolvedValue::Uuid),
            Reference::Capture { given, name } => {
                values.captures.get(given).and_then(|captures| captures.get(name)).map(ResolvedValue::Json)
            }
            Reference::Env(name) => values.env.get(name).map(ResolvedValue::Text),
        };
        found.ok_or_else(|| Unresolved { placeholder: reference.to_string(), span: self.span })
    }

    /// The placeholder, if it is the whole text. Its value then keeps its JSON type.
    fn whole(&self) -> Option<&Reference> {
        match self.parts.as_slice() {
            [Part::Value(reference, None)] => Some(reference),
            _ => None,
        }
    }
}

/// How [`Values::kept`] names a `{{uuid.NAME}}`: no capture has a dot in its name.
const NAMED_UUID: &str = "uuid.";

impl Values {
    /// The values by which later requests may name an object of a state: its captures, and every `{{uuid.NAME}}` as
    /// `uuid.NAME`.
    pub fn kept(&self) -> BTreeMap<String, Value> {
        let mut kept = self.captures.get("").cloned().unwrap_or_default();
        let named = self.named_uuids.iter();
        kept.extend(named.map(|(name, uuid)| (format!("{NAMED_UUID}{name}"), Value::from(uuid.to_string()))));
        kept
    }

    /// Takes back what [`Values::kept`] returned.
    pub fn restore(&mut self, kept: &BTreeMap<String, Value>) {
        let captures = self.captures.entry(String::new()).or_default();
        for (name, value) in kept {
            match (name.strip_prefix(NAMED_UUID), value.as_str().and_then(|text| Uuid::parse_str(text).ok())) {
                (Some(name), Some(uuid)) => drop(self.named_uuids.insert(name.to_owned(), uuid)),
                _ => drop(captures.insert(name.clone(), value.clone())),
            }
        }
    }
}

/// The value of a placeholder, in the type that it has.
enum ResolvedValue<'v> {
    Text(&'v String),
    Uuid(&'v Uuid),
    Json(&'v Value),
}

impl JsonTemplate {
    /// The value with every placeholder replaced.
    pub fn render(&self, values: &mut Values) -> Result<Value, Unresolved> {
        self.prepare(values);
        self.resolve(values)
    }

    /// As [`JsonTemplate::render`], but without making UUIDs: a `{{uuid}}` that was not used before has no value.
    pub fn resolve(&self, values: &Values) -> Result<Value, Unresolved> {
        match self {
            Self::Fixed(value) => Ok(value.clone()),
            Self::Text(text) => match text.whole().map(|reference| text.look_up(reference, values)).transpose()? {
                Some(ResolvedValue::Json(value)) => Ok(value.clone()),
                _ => text.resolve(values).map(Value::String),
            },
            Self::Array(items) => items.iter().map(|item| item.resolve(values)).collect(),
            Self::Object(entries) => entries
                .iter()
                .map(|(key, value)| Ok((key.clone(), value.resolve(values)?)))
                .collect::<Result<serde_json::Map<_, _>, _>>()
                .map(Value::Object),
        }
    }

    /// Every text with placeholders in it.
    pub fn texts(&self) -> Vec<&Text> {
        match self {
            Self::Fixed(_) => Vec::new(),
            Self::Text(text) => vec![text],
            Self::Array(items) => items.iter().flat_map(Self::texts).collect(),
            Self::Object(entries) => entries.iter().flat_map(|(_, value)| value.texts()).collect(),
        }
    }

    /// Makes the UUIDs of the value that were not used before.
    pub(super) fn prepare(&self, values: &mut Values) {
        match self {
            Self::Fixed(_) => {}
            Self::Text(text) => text.prepare(values),
            Self::Array(items) => items.iter().for_each(|item| item.prepare(values)),
            Self::Object(entries) => entries.iter().for_each(|(_, value)| value.prepare(values)),
        }
    }

    /// Appends the value as compact JSON, with the keys in the order of the file.
    pub(super) fn write(&self, out: &mut Vec<u8>, values: &Values) -> Result<(), Unresolved> {
        match self {
            Self::Fixed(value) => put(out, value),
            Self::Text(text) => match text.whole().map(|reference| text.look_up(reference, values)).transpose()? {
                Some(ResolvedValue::Json(value)) => put(out, value),
                Some(ResolvedValue::Text(value)) => put(out, value),
                _ => put(out, &text.resolve(values)?),
            },
            Self::Array(items) => {
                out.push(b'[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    item.write(out, values)?;
                }
                out.push(b']');
            }
            Self::Object(entries) => {
                out.push(b'{');
                for (index, (key, value)) in entries.iter().enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    put(out, key);
                    out.push(b':');
                    value.write(out, values)?;
                }
                out.push(b'}');
            }
        }
        Ok(())
    }
}

/// Appends a value's JSON. Writing it to memory cannot fail, so there is no error to return.
fn put(out: &mut Vec<u8>, value: &(impl serde::Serialize + ?Sized)) {
    let written = serde_json::to_writer(out, value);
    debug_assert!(written.is_ok(), "a JSON value is always writable");
}
