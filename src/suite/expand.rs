//! Writes a value by its style (OpenAPI 3.0.4, "Style Examples"; RFC 6570): the pieces of a path, a query, a field or a
//! cookie, not yet encoded.

use serde_json::Value;

use super::parameter::{StructuredValue, StyledValue};
use super::template::{Text, Unresolved, Values};
use crate::location::Span;
use crate::spec::ParameterStyle;

/// A piece of a written value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// A separator of the style, as sent.
    Syntax(&'static str),
    /// Between two parameters: `&` in the query, `; ` in a cookie.
    Next,
    /// The name of the parameter.
    Name(String),
    /// The key of a map.
    Key(String),
    /// A value.
    Value(String),
}

/// A value after its placeholders were replaced.
pub(super) enum ResolvedParameter {
    One(String),
    List(Vec<String>),
    Map(Vec<(String, String)>),
    Json(Value, String),
}

/// A value that its style cannot write so that a server reads it back.
#[derive(Debug)]
pub(super) enum ExpandError {
    /// A placeholder has no value.
    NoValue(Unresolved),
    /// An element contains the separator. Holds the separator in words, and where the element stands.
    Separator(&'static str, Span),
}

impl From<Unresolved> for ExpandError {
    fn from(unresolved: Unresolved) -> Self {
        Self::NoValue(unresolved)
    }
}

/// The separator that an element of a list or map must not contain, because the style or the place has no way to escape
/// it: as a character, and in words.
pub(super) fn separator(style: ParameterStyle, encoded: bool) -> Option<(char, &'static str)> {
    match style {
        ParameterStyle::SpaceDelimited => Some((' ', "a space")),
        ParameterStyle::PipeDelimited => Some(('|', "`|`")),
        ParameterStyle::Simple if !encoded => Some((',', "a comma")),
        _ => None,
    }
}

impl StyledValue {
    /// Replaces the placeholders. `encoded`: the place percent-encodes its values.
    pub(super) fn resolve(&self, encoded: bool, values: &Values) -> Result<ResolvedParameter, ExpandError> {
        let element = |text: &Text| {
            let written = text.resolve(values)?;
            match separator(self.style, encoded)
                .filter(|(separator, _)| !self.explode_pairs() && written.contains(*separator))
            {
                Some((_, words)) => Err(ExpandError::Separator(words, text.span)),
                None => Ok(written),
            }
        };
        Ok(match &self.value {
            StructuredValue::One(text) => ResolvedParameter::One(text.resolve(values)?),
            StructuredValue::List(items) => {
                ResolvedParameter::List(items.iter().map(element).collect::<Result<_, _>>()?)
            }
            StructuredValue::Map(entries) => ResolvedParameter::Map(
                entries
                    .iter()
                    .map(|(key, text)| Ok((key.clone(), element(text)?)))
                    .collect::<Result<_, ExpandError>>()?,
            ),
            StructuredValue::Json(json) => {
                let mut written = Vec::new();
                json.write(&mut written, values)?;
                ResolvedParameter::Json(json.resolve(values)?, String::from_utf8_lossy(&written).into_owned())
            }
        })
    }

    /// Whether each element is a parameter of its own, so that no separator of the style stands between them.
    pub(super) fn explode_pairs(&self) -> bool {
        self.explode && !matches!(self.style, ParameterStyle::Simple | ParameterStyle::Label)
    }

    /// The pieces of the value. Nothing for an empty list or map in the query or a cookie.
    pub(super) fn expand(&self, name: &str, resolved: &ResolvedParameter) -> Vec<Piece> {
        use ParameterStyle as Style;
        if let (ResolvedParameter::Json(_, text), Style::Simple) = (resolved, self.style) {
            return vec![Piece::Value(text.clone())];
        }
        let mut out = Vec::new();
        match self.style {
            Style::Simple => joined(&mut out, resolved, ",", if self.explode { "=" } else { "," }),
            Style::Label => {
                out.push(Piece::Syntax("."));
                let (separator, equals) = if self.explode { (".", "=") } else { (",", ",") };
                joined(&mut out, resolved, separator, equals);
            }
            Style::Matrix if self.explode => matrix(&mut out, name, resolved),
            Style::Matrix => {
                out.extend([Piece::Syntax(";"), Piece::Name(name.to_owned())]);
                if !matches!(resolved, ResolvedParameter::One(text) if text.is_empty()) {
                    out.push(Piece::Syntax("="));
                    joined(&mut out, resolved, ",", ",");
                }
            }
            Style::DeepObject => pairs(&mut out, name, resolved, true),
            _ if self.explode => pairs(&mut out, name, resolved, false),
            _ if resolved.is_empty() => {}
            style => {
                let separator = match style {
                    Style::SpaceDelimited => "%20",
                    Style::PipeDelimited => "%7C",
                    _ => ",",
                };
                out.extend([Piece::Name(name.to_owned()), Piece::Syntax("=")]);
                joined(&mut out, resolved, separator, separator);
            }
        }
        out
    }
}

impl ResolvedParameter {
    fn is_empty(&self) -> bool {
        match self {
            Self::One(_) | Self::Json(..) => false,
            Self::List(items) => items.is_empty(),
            Self::Map(entries) => entries.is_empty(),
        }
    }

    /// Every value in it, alone, with each name under which a server may know it.
    pub(super) fn elements(&self, name: &str) -> Vec<(Option<String>, String)> {
        let named = |name: &str, value: &str| (Some(name.to_owned()), value.to_owned());
        match self {
            Self::One(text) => vec![named(name, text)],
            Self::List(items) => items.iter().map(|item| named(name, item)).collect(),
            Self::Map(entries) => entries
                .iter()
                .flat_map(|(key, value)| [(None, key.clone()), named(name, value), named(key, value)])
                .collect(),
            Self::Json(value, _) => {
                let mut elements = Vec::new();
                of_json(name, value, &mut elements);
                elements
            }
        }
    }
}

/// The values of a JSON value, each under the name of its member.
fn of_json(name: &str, value: &Value, out: &mut Vec<(Option<String>, String)>) {
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::Number(number) => out.push((Some(name.to_owned()), number.to_string())),
        Value::String(text) => out.push((Some(name.to_owned()), text.clone())),
        Value::Array(items) => items.iter().for_each(|item| of_json(name, item, out)),
        Value::Object(members) => members.iter().for_each(|(key, member)| {
            out.push((None, key.clone()));
            of_json(key, member, out);
        }),
    }
}

/// The values with a separator between them, and another one between key and value.
fn joined(out: &mut Vec<Piece>, resolved: &ResolvedParameter, separator: &'static str, equals: &'static str) {
    let mut items: Vec<Vec<Piece>> = Vec::new();
    match resolved {
        ResolvedParameter::One(text) | ResolvedParameter::Json(_, text) => items.push(vec![Piece::Value(text.clone())]),
        ResolvedParameter::List(list) => items.extend(list.iter().map(|item| vec![Piece::Value(item.clone())])),
        ResolvedParameter::Map(entries) => items.extend(
            entries
                .iter()
                .map(|(key, value)| vec![Piece::Key(key.clone()), Piece::Syntax(equals), Piece::Value(value.clone())]),
        ),
    }
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(Piece::Syntax(separator));
        }
        out.extend(item);
    }
}

/// Path parameters after `;`, one for each element.
fn matrix(out: &mut Vec<Piece>, name: &str, resolved: &ResolvedParameter) {
    let named = |name: Piece, value: &str| {
        let equals = (!value.is_empty()).then(|| [Piece::Syntax("="), Piece::Value(value.to_owned())]);
        [Piece::Syntax(";"), name].into_iter().chain(equals.into_iter().flatten())
    };
    let own = || Piece::Name(name.to_owned());
    match resolved {
        ResolvedParameter::One(text) | ResolvedParameter::Json(_, text) => out.extend(named(own(), text)),
        ResolvedParameter::List(items) => items.iter().for_each(|item| out.extend(named(own(), item))),
        ResolvedParameter::Map(entries) => {
            out.extend(entries.iter().flat_map(|(key, value)| named(Piece::Key(key.clone()), value)));
        }
    }
}

/// Parameters `name=value`, one for each element. `deep`: the key of a map stands in brackets after the name.
fn pairs(out: &mut Vec<Piece>, name: &str, resolved: &ResolvedParameter, deep: bool) {
    let own = || vec![Piece::Name(name.to_owned())];
    let all: Vec<(Vec<Piece>, &str)> = match resolved {
        ResolvedParameter::One(text) | ResolvedParameter::Json(_, text) => vec![(own(), text)],
        ResolvedParameter::List(items) => items.iter().map(|item| (own(), item.as_str())).collect(),
        ResolvedParameter::Map(entries) => {
            let key = |key: &String| {
                let key = Piece::Key(key.clone());
                if deep { [own(), vec![Piece::Syntax("%5B"), key, Piece::Syntax("%5D")]].concat() } else { vec![key] }
            };
            entries.iter().map(|(name, value)| (key(name), value.as_str())).collect()
        }
    };
    for (index, (name, value)) in all.into_iter().enumerate() {
        if index > 0 {
            out.push(Piece::Next);
        }
        out.extend(name);
        out.extend([Piece::Syntax("="), Piece::Value(value.to_owned())]);
    }
}

#[cfg(test)]
#[path = "expand_tests.rs"]
mod tests;
