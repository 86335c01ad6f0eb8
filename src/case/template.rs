//! Values in suites: `{{user}}`, `{{uuid}}`, `{{NAME.capture}}`, `{{env.NAME}}`, and what they become in a run.

use std::collections::BTreeMap;

use crate::location::Span;

/// Text with placeholders.
#[derive(Clone, Debug)]
pub struct Text {
    /// Its parts; adjacent literals are one.
    pub parts: Vec<Part>,
    /// Where it stands.
    pub span: Span,
}

/// A part of a text.
#[derive(Clone, Debug)]
pub enum Part {
    /// As written.
    Literal(String),
    /// A placeholder and, after `|`, its filter.
    Value(Reference, Option<Filter>),
}

/// What a placeholder stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// `{{user}}`: one per run.
    User,
    /// `{{uuid}}`: one per place in the file and case run; the number tells places of a suite apart.
    Uuid(usize),
    /// `{{NAME.capture}}` of the case's `given`; inside a state the name is empty: `{{capture}}`.
    Capture {
        /// The name under `given`, or empty.
        given: String,
        /// The capture.
        name: String,
    },
    /// `{{env.NAME}}`.
    Env(String),
}

/// What is done to a value before it is put in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// `upper`: ASCII letters in upper case.
    Upper,
    /// `percent`: every byte percent-encoded; only for `raw` path values.
    Percent,
}

/// A JSON value with placeholders; a string that is one placeholder takes the value's JSON type.
#[derive(Clone, Debug)]
pub enum JsonTemplate {
    /// No placeholder inside.
    Fixed(serde_json::Value),
    /// A string with placeholders.
    Text(Text),
    /// An array.
    Array(Vec<JsonTemplate>),
    /// An object.
    Object(Vec<(String, JsonTemplate)>),
}

/// What the placeholders of one case run stand for.
#[derive(Clone, Debug, Default)]
pub struct Values {
    /// `{{user}}`.
    pub user: String,
    /// Captures by the name under `given` (empty inside a state), then by their own.
    pub captures: BTreeMap<String, BTreeMap<String, serde_json::Value>>,
    /// `{{uuid}}` by place; filled as they are first used.
    pub uuids: BTreeMap<usize, uuid::Uuid>,
    /// `{{env.NAME}}`.
    pub env: BTreeMap<String, String>,
}

/// A placeholder that has no value in this run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unresolved {
    /// As written, without braces.
    pub placeholder: String,
    /// Where the text stands.
    pub span: Span,
}

impl Text {
    /// Its literal text, if it has no placeholder.
    pub fn literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// The text with every placeholder replaced; a captured value that is no string as its JSON text.
    pub fn render(&self, values: &mut Values) -> Result<String, Unresolved> {
        let _ = values;
        unimplemented!()
    }
}

impl JsonTemplate {
    /// The value with every placeholder replaced.
    pub fn render(&self, values: &mut Values) -> Result<serde_json::Value, Unresolved> {
        let _ = values;
        unimplemented!()
    }
}
