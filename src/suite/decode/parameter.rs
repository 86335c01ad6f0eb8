//! The values of `path`, `query`, `header` and `cookie`: first as the file writes them, then as the document says to send
//! them.

use super::context::Decoder;
use super::draft::NamedValue;
use super::supplied::{SuppliedKind, SuppliedPathValue, SuppliedValue};
use crate::spec::{MediaType, Operation, Parameter, ParameterIn, ParameterStyle, Serialization};
use crate::suite::expand::separator;
use crate::suite::parameter::{ParameterValue, StructuredValue, StyledValue};
use crate::suite::step::PathValue;
use crate::suite::strict::{lacks, shown};
use crate::suite::syntax::{ends_cookie, splits_request_line};
use crate::suite::template::{Part, Text};
use crate::tree::{Entry, Node, Value};

impl Decoder<'_> {
    /// Reads a value. What cannot be sent is refused when it is known how the document writes the parameter.
    pub(super) fn supplied(&mut self, node: &Node, what: &str) -> SuppliedValue {
        let kind = match &node.value {
            Value::Null => SuppliedKind::Null,
            Value::Sequence(items) => SuppliedKind::List(items.iter().map(|item| self.supplied(item, what)).collect()),
            Value::Mapping(entries) => {
                let mut read = Vec::with_capacity(entries.len());
                for entry in entries {
                    if entry.key.contains("{{") {
                        let message = format!("a key of {what} cannot contain placeholders");
                        self.strict.error(entry.key_span, message, "Write the key as text.");
                    }
                    read.push((entry.key.clone(), self.supplied(&entry.value, what)));
                }
                SuppliedKind::Map(read)
            }
            Value::Bool(value) => SuppliedKind::Text(self.strict.text(node, what), Some((*value).into())),
            Value::Number(number) => SuppliedKind::Text(self.strict.text(node, what), Some(number.to_json())),
            Value::String(_) => SuppliedKind::Text(self.strict.text(node, what), None),
        };
        SuppliedValue { kind, span: node.span }
    }

    /// Reads a value of `path`: a value, or `{raw: …}`.
    pub(super) fn path_value(&mut self, entry: &Entry) -> SuppliedPathValue {
        let node = &entry.value;
        let what = format!("`{}`", shown(&entry.key));
        let nearly_raw = node.entries().is_some_and(|entries| entries.len() <= 1 && !lacks(node, "raw"));
        if !nearly_raw {
            let value = self.supplied(node, &what);
            let empty = match &value.kind {
                SuppliedKind::Text(text, _) => text.parts.is_empty() && matches!(&node.value, Value::String(_)),
                SuppliedKind::List(items) => items.is_empty(),
                SuppliedKind::Map(entries) => entries.is_empty(),
                SuppliedKind::Null => false,
            };
            if empty {
                self.strict.error(
                    node.span,
                    format!("{what} is empty, so the request would have another path"),
                    "Write `{raw: \"\"}` if you mean that.",
                );
            }
            return SuppliedPathValue::Value(value);
        }
        let raw = self.strict.keys(node, "a path value", &["raw"]).and_then(|node| node.get("raw"));
        let Some(raw) = raw else { return SuppliedPathValue::Raw(Text::fixed("", node.span)) };
        let text = self.strict.text(raw, "`raw`");
        for part in &text.parts {
            if let Part::Literal(literal) = part
                && let Some(odd) = literal.chars().find(|c| splits_request_line(*c))
            {
                let message = format!("a raw path value contains {odd:?}, which would split the request line");
                self.strict.error(raw.span, message, "Percent-encode it, such as `%20` for a space.");
            }
        }
        SuppliedPathValue::Raw(text)
    }

    /// The value of a path parameter, as the operation writes it.
    pub(super) fn bind_path_value(&mut self, operation: &Operation, name: &str, value: SuppliedPathValue) -> PathValue {
        let value = match value {
            SuppliedPathValue::Raw(text) => return PathValue::Raw(text),
            SuppliedPathValue::Value(value) => value,
        };
        let parameter = operation.parameter(ParameterIn::Path, name);
        let simple = Serialization::Style { style: ParameterStyle::Simple, explode: false, allow_reserved: false };
        let serialization = parameter.map_or(&simple, |parameter| &parameter.serialization);
        match self.bind_value(ParameterIn::Path, name, value, serialization) {
            ParameterValue::Text(text) => PathValue::Encoded(text),
            ParameterValue::Styled(styled) => PathValue::Styled(styled),
        }
    }

    /// The values of the query, the header or the cookies, as the operation writes them. `operation` is `None` for a call.
    pub(super) fn bind_values(
        &mut self,
        place: ParameterIn,
        values: Vec<NamedValue<SuppliedValue>>,
        operation: Option<&Operation>,
    ) -> Vec<(String, ParameterValue)> {
        let mut bound = Vec::new();
        for NamedValue { name, value, .. } in values {
            let Some(value) = value else { continue };
            match operation.and_then(|operation| operation.parameter(place, &name)) {
                Some(Parameter { serialization, .. }) => {
                    let value = self.bind_value(place, &name, value, serialization);
                    bound.push((name, value));
                }
                None => self.bind_undeclared(place, name, value, &mut bound),
            }
        }
        for (_, value) in &bound {
            self.check_sendable(place, value);
        }
        bound
    }

    /// Refuses what would end a field or a cookie where it stands without encoding.
    fn check_sendable(&mut self, place: ParameterIn, value: &ParameterValue) {
        let is_json = matches!(value.structured(), Some(StructuredValue::Json(_)));
        match (place, value) {
            (ParameterIn::Header, _) if !is_json => value.texts().into_iter().for_each(|text| self.field_text(text)),
            (ParameterIn::Cookie, ParameterValue::Text(text)) => {
                if let Some(odd) = text.literals().flat_map(str::chars).find(|c| ends_cookie(*c)) {
                    let message = format!("the value of a cookie contains {odd:?}, which would end the cookie");
                    self.strict.error(text.span, message, "Percent-encode it, as your server expects it.");
                }
            }
            _ => {}
        }
    }

    /// A value that the document says nothing about: a text, or in the query several texts under one name.
    fn bind_undeclared(
        &mut self,
        place: ParameterIn,
        name: String,
        value: SuppliedValue,
        bound: &mut Vec<(String, ParameterValue)>,
    ) {
        match value.kind {
            SuppliedKind::List(items) if place == ParameterIn::Query => {
                for item in items {
                    let text = self.scalar(&name, item);
                    bound.push((name.clone(), ParameterValue::Text(text)));
                }
            }
            SuppliedKind::Text(text, _) => bound.push((name, ParameterValue::Text(text))),
            SuppliedKind::Null => {}
            kind => {
                let what = if matches!(kind, SuppliedKind::List(_)) { "a sequence" } else { "a mapping" };
                let example = match place {
                    ParameterIn::Query => format!(", name by name, such as `\"{}[key]\": value`", shown(&name)),
                    _ => " as one text".to_owned(),
                };
                let message = format!("`{}` must be a string, not {what}", shown(&name));
                let help = format!(
                    "The document declares no such parameter here, so nothing says how it is written. Write it as it is \
                     sent{example}."
                );
                self.strict.error(value.span, message, help);
            }
        }
    }

    /// A value of a parameter that the document declares.
    fn bind_value(
        &mut self,
        place: ParameterIn,
        name: &str,
        value: SuppliedValue,
        serialization: &Serialization,
    ) -> ParameterValue {
        let span = value.span;
        let (style, explode, allow_reserved) = match serialization {
            Serialization::Content(media_type) => return self.bind_content(place, name, value, media_type),
            Serialization::Style { style, explode, allow_reserved } => (*style, *explode, *allow_reserved),
        };
        let styled = |value| ParameterValue::Styled(StyledValue { style, explode, allow_reserved, value, span });
        match value.kind {
            SuppliedKind::Null => styled(StructuredValue::List(Vec::new())),
            SuppliedKind::Text(text, _) => {
                let plain = match place {
                    ParameterIn::Path => style == ParameterStyle::Simple,
                    ParameterIn::Query => !allow_reserved,
                    ParameterIn::Header => true,
                    ParameterIn::Cookie => false,
                };
                if plain { ParameterValue::Text(text) } else { styled(StructuredValue::One(text)) }
            }
            SuppliedKind::List(_) if style == ParameterStyle::DeepObject => {
                let message = format!("`{}` cannot be a list: the document writes it as `deepObject`", shown(name));
                self.strict.error(span, message, format!("Write a map, such as `{}: {{key: value}}`.", shown(name)));
                styled(StructuredValue::List(Vec::new()))
            }
            SuppliedKind::List(items) => {
                let items: Vec<Text> =
                    items.into_iter().map(|item| self.element(place, name, item, (style, explode))).collect();
                styled(StructuredValue::List(items))
            }
            SuppliedKind::Map(entries) => {
                let delimited = matches!(style, ParameterStyle::SpaceDelimited | ParameterStyle::PipeDelimited);
                if delimited && explode {
                    let style = style.name();
                    let message = format!(
                        "`{}` cannot be a map: the document writes it as `{style}` with `explode`",
                        shown(name)
                    );
                    let help = "OpenAPI does not say how such a map is written. Write a list, or correct the document.";
                    self.strict.error(span, message, help);
                }
                let mut read = Vec::with_capacity(entries.len());
                for (key, value) in entries {
                    read.push((key, self.element(place, name, value, (style, explode))));
                }
                styled(StructuredValue::Map(read))
            }
        }
    }

    /// A value that the document writes as a body of a media type. Text that is JSON already stays as it is.
    fn bind_content(
        &mut self,
        place: ParameterIn,
        name: &str,
        value: SuppliedValue,
        media_type: &MediaType,
    ) -> ParameterValue {
        let span = value.span;
        if !media_type.is_json() {
            let essence = format!("{}/{}", media_type.kind, media_type.subtype);
            return ParameterValue::Text(self.text_alone(name, value, &essence));
        }
        let style = match place {
            ParameterIn::Path | ParameterIn::Header => ParameterStyle::Simple,
            ParameterIn::Query | ParameterIn::Cookie => ParameterStyle::Form,
        };
        let value = match value.kind {
            SuppliedKind::Text(text, None) if text.literal().is_some_and(is_json_text) => StructuredValue::One(text),
            kind => StructuredValue::Json(SuppliedValue { kind, span }.into_json()),
        };
        ParameterValue::Styled(StyledValue { style, explode: false, allow_reserved: false, value, span })
    }

    /// An element of a list or map: a scalar, in which the separator of the style does not occur.
    fn element(
        &mut self,
        place: ParameterIn,
        name: &str,
        value: SuppliedValue,
        (style, explode): (ParameterStyle, bool),
    ) -> Text {
        let span = value.span;
        if matches!(value.kind, SuppliedKind::List(_) | SuppliedKind::Map(_)) {
            let message = format!("`{}` is nested, and the document writes it as `{}`", shown(name), style.name());
            let help = "That style writes one list, or one map, of scalars. Write the inner value as one text, or the \
                        parameters name by name as they are sent.";
            self.strict.error(span, message, help);
            return Text::fixed("", span);
        }
        let text = self.scalar(name, value);
        let joined = !explode || style == ParameterStyle::Simple;
        if let Some((separator, words)) = separator(style, place != ParameterIn::Header).filter(|_| joined)
            && text.parts.iter().any(|part| matches!(part, Part::Literal(literal) if literal.contains(separator)))
        {
            let message = format!("an element of `{}` contains {words}, which separates the elements", shown(name));
            self.strict.error(span, message, "Servers would read two elements. Write it without that character.");
        }
        text
    }

    /// A text, for the media type of a parameter that is not JSON.
    fn text_alone(&mut self, name: &str, value: SuppliedValue, media_type: &str) -> Text {
        if matches!(value.kind, SuppliedKind::List(_) | SuppliedKind::Map(_)) {
            let message =
                format!("`{}` must be a string: the document writes it as `{}`", shown(name), shown(media_type));
            self.strict.error(value.span, message, "Write the text that is sent.");
            return Text::fixed("", value.span);
        }
        self.scalar(name, value)
    }

    fn scalar(&mut self, name: &str, value: SuppliedValue) -> Text {
        let kind = match value.kind {
            SuppliedKind::Text(text, _) => return text,
            SuppliedKind::Null => "null",
            SuppliedKind::List(_) => "a sequence",
            SuppliedKind::Map(_) => "a mapping",
        };
        let message = format!("`{}` must be a string, not {kind}", shown(name));
        self.strict.error(value.span, message, "Write a text. Put it in quotes if it begins with `{`.");
        Text::fixed("", value.span)
    }
}

/// Whether a text is JSON of an object or array, so that it is sent as it is.
fn is_json_text(text: &str) -> bool {
    text.trim_start().starts_with(['{', '[']) && serde_json::from_str::<serde_json::Value>(text).is_ok()
}
