//! A value of a parameter as the file writes it, before it is known how the document writes the parameter.

use crate::location::Span;
use crate::suite::template::{JsonTemplate, Text};

/// A value as the file writes it.
#[derive(Clone, Debug)]
pub(super) struct SuppliedValue {
    pub(super) kind: SuppliedKind,
    pub(super) span: Span,
}

/// What kind of value it is.
#[derive(Clone, Debug)]
pub(super) enum SuppliedKind {
    Null,
    /// A scalar as a text and, if it is a number or a boolean, as JSON.
    Text(Text, Option<serde_json::Value>),
    List(Vec<SuppliedValue>),
    Map(Vec<(String, SuppliedValue)>),
}

/// A value of `path` as the file writes it.
#[derive(Clone, Debug)]
pub(super) enum SuppliedPathValue {
    Raw(Text),
    Value(SuppliedValue),
}

impl SuppliedValue {
    /// The value as JSON.
    pub(super) fn into_json(self) -> JsonTemplate {
        match self.kind {
            SuppliedKind::Null => JsonTemplate::Fixed(serde_json::Value::Null),
            SuppliedKind::Text(_, Some(value)) => JsonTemplate::Fixed(value),
            SuppliedKind::Text(text, None) => match text.literal() {
                Some(literal) => JsonTemplate::Fixed(literal.into()),
                None => JsonTemplate::Text(text),
            },
            SuppliedKind::List(items) => JsonTemplate::Array(items.into_iter().map(Self::into_json).collect()),
            SuppliedKind::Map(entries) => {
                JsonTemplate::Object(entries.into_iter().map(|(key, value)| (key, value.into_json())).collect())
            }
        }
    }
}
