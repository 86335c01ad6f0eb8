//! A value of the path, the query, a field or a cookie, and how the document says to write it.

use super::template::{JsonTemplate, Text};
use crate::location::Span;
use crate::spec::ParameterStyle;

/// A value of the query, a field or a cookie.
#[derive(Clone, Debug)]
pub enum ParameterValue {
    /// A text.
    Text(Text),
    /// A list, a map, or a text that the document does not let stand as it is.
    Styled(StyledValue),
}

/// A value, with the way in which it is written.
#[derive(Clone, Debug)]
pub struct StyledValue {
    /// The style.
    pub style: ParameterStyle,
    /// Whether each element of a list or map is written as a parameter of its own.
    pub explode: bool,
    /// Whether reserved characters stay as they are.
    pub allow_reserved: bool,
    /// The value.
    pub value: StructuredValue,
    /// Where it stands.
    pub span: Span,
}

/// A value with parts.
#[derive(Clone, Debug)]
pub enum StructuredValue {
    /// One text.
    One(Text),
    /// A list.
    List(Vec<Text>),
    /// A map: keys and values.
    Map(Vec<(String, Text)>),
    /// A JSON value, written as JSON text.
    Json(JsonTemplate),
}

impl ParameterValue {
    /// The text, if the value is one text that is sent as it is.
    pub fn text(&self) -> Option<&Text> {
        match self {
            Self::Text(text) => Some(text),
            Self::Styled(_) => None,
        }
    }

    /// Every text in it, except those of a JSON value without placeholders.
    pub fn texts(&self) -> Vec<&Text> {
        match self {
            Self::Text(text) => vec![text],
            Self::Styled(styled) => styled.texts(),
        }
    }

    /// Its list, map or JSON value, if it has one.
    pub fn structured(&self) -> Option<&StructuredValue> {
        match self {
            Self::Text(_) => None,
            Self::Styled(styled) => Some(&styled.value),
        }
    }
}

impl StyledValue {
    /// Every text in it, except those of a JSON value without placeholders.
    pub fn texts(&self) -> Vec<&Text> {
        match &self.value {
            StructuredValue::One(text) => vec![text],
            StructuredValue::List(items) => items.iter().collect(),
            StructuredValue::Map(entries) => entries.iter().map(|(_, text)| text).collect(),
            StructuredValue::Json(json) => json.texts(),
        }
    }
}
