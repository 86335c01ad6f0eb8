//! What the request of a step breaks of the document: its parameters, its body, its media type.

use serde_json::Value;

use super::document_nodes;
use super::known_values::{self, SAMPLES};
use super::schema_fit::{self, WrittenParameter};
use super::subject::{operation, quoted};
use crate::location::{Anchor, Span};
use crate::rule::Level;
use crate::spec::{
    Document, Media, MediaType, Operation, Parameter, ParameterIn, ParameterStyle, RequestBody, SchemeKind,
    Serialization, Violation,
};
use crate::suite::{Auth, Body, ParameterValue, PathValue, Step, StructuredValue, Suite, Text};
use crate::tree;

/// Fields that the client writes itself, so that no suite must.
const CLIENT_FIELDS: [&str; 5] = ["host", "user-agent", "accept-encoding", "content-length", "connection"];

/// One thing that a request breaks.
pub(super) struct Breach {
    /// One sentence without a full stop, after the name of the case.
    pub(super) message: String,
    /// The level of a finding about it.
    pub(super) level: Level,
    /// Where the value stands in the suite; none if something is missing.
    pub(super) at: Option<Span>,
    /// Where the document says otherwise.
    pub(super) anchor: Anchor,
}

/// What the request of a step breaks. Empty for a call.
pub(super) fn breaches(suite: &Suite, step: &Step) -> Vec<Breach> {
    let document = &*suite.document;
    let Some(operation) = operation(document, step) else { return Vec::new() };
    let mut found = Vec::new();
    for parameter in operation.parameters.iter() {
        found.extend(missing(suite, operation, step, parameter).or_else(|| misfit(document, step, parameter)));
    }
    found.extend(undeclared(suite, operation, step));
    found.extend(body(document, operation, step));
    found
}

/// Whether nothing about the request is open: every value of it is known, and none is sent byte for byte.
pub(super) fn is_known(document: &Document, step: &Step) -> bool {
    let Some(operation) = operation(document, step) else { return false };
    let sends_by_hand = matches!(step.auth, Auth::Header(_))
        || matches!(step.body, Body::Raw(_))
        || step.path.iter().any(|(_, value)| matches!(value, PathValue::Raw(_)));
    let lacks_credential =
        matches!(step.auth, Auth::None) && operation.security.iter().any(|schemes| !schemes.is_empty());
    let undeclared_body = operation.request_body.is_none() && !matches!(step.body, Body::None);
    if sends_by_hand || lacks_credential || undeclared_body {
        return false;
    }
    let parameters = [&step.query, &step.header, &step.cookie].into_iter().flatten();
    let in_body = match &step.body {
        Body::Json(json) => json.texts(),
        Body::Form(pairs) => pairs.iter().map(|(_, text)| text).collect(),
        Body::None | Body::Raw(_) => Vec::new(),
    };
    let in_path = step.path.iter().flat_map(|(_, value)| value.texts());
    let mut texts = in_path.chain(parameters.flat_map(|(_, value)| value.texts())).chain(in_body);
    texts.all(|text| known_values::text(text, 0).is_some())
}

fn place_name(place: ParameterIn) -> &'static str {
    match place {
        ParameterIn::Path => "path parameter",
        ParameterIn::Query => "query parameter",
        ParameterIn::Header => "header",
        ParameterIn::Cookie => "cookie",
    }
}

fn values(step: &Step, place: ParameterIn) -> &[(String, ParameterValue)] {
    match place {
        ParameterIn::Path => &[],
        ParameterIn::Query => &step.query,
        ParameterIn::Header => &step.header,
        ParameterIn::Cookie => &step.cookie,
    }
}

fn has_name(place: ParameterIn, parameter: &str, name: &str) -> bool {
    parameter == name || (place == ParameterIn::Header && parameter.eq_ignore_ascii_case(name))
}

/// A required parameter that the request lacks.
fn missing(suite: &Suite, operation: &Operation, step: &Step, parameter: &Parameter) -> Option<Breach> {
    let Parameter { name, place, required, .. } = parameter;
    let is_sent = values(step, *place).iter().any(|(sent, value)| {
        let deep = || sent.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('['));
        !is_empty(value) && (has_name(*place, name, sent) || (*place == ParameterIn::Query && deep()))
    });
    let by_credential = matches!(step.auth, Auth::Credential(_))
        && suite.document.schemes.iter().any(
            |scheme| matches!(&scheme.kind, SchemeKind::ApiKey(of, key) if of == place && has_name(*place, name, key)),
        );
    let by_client = *place == ParameterIn::Header && CLIENT_FIELDS.iter().any(|field| field.eq_ignore_ascii_case(name));
    // A suite may write the pairs of an exploded map, or the whole Cookie field, itself.
    let by_hand = match place {
        ParameterIn::Query => is_exploded(parameter) && undeclared_names(operation, step).next().is_some(),
        ParameterIn::Cookie => step.header.iter().any(|(sent, _)| sent.eq_ignore_ascii_case("cookie")),
        ParameterIn::Path | ParameterIn::Header => false,
    };
    if !required || *place == ParameterIn::Path || is_sent || by_credential || by_client || by_hand {
        return None;
    }
    Some(Breach {
        message: format!("lacks the required {} {}", place_name(*place), quoted(name)),
        level: Level::Should,
        at: None,
        anchor: parameter.anchor.clone(),
    })
}

/// Whether a value is an empty list or map, which is not sent.
fn is_empty(value: &ParameterValue) -> bool {
    match value.structured() {
        Some(StructuredValue::List(items)) => items.is_empty(),
        Some(StructuredValue::Map(entries)) => entries.is_empty(),
        _ => false,
    }
}

fn is_exploded(parameter: &Parameter) -> bool {
    matches!(parameter.serialization, Serialization::Style { style: ParameterStyle::Form, explode: true, .. })
}

/// A value of a parameter that its schema does not allow.
fn misfit(document: &Document, step: &Step, parameter: &Parameter) -> Option<Breach> {
    let schema = parameter.schema.as_deref()?;
    let (value, at) = sent_value(step, parameter)?;
    let is_empty = matches!(&value, StructuredValue::One(text) if text.literal() == Some(""));
    if is_empty && parameter.place == ParameterIn::Query && may_be_empty(document, parameter) {
        return None;
    }
    let message = match (&parameter.serialization, &value) {
        (Serialization::Content(media_type), _) if !media_type.is_json() => None,
        (Serialization::Content(_), StructuredValue::One(text)) => {
            let value = serde_json::from_str::<Value>(text.literal()?).ok()?;
            schema_fit::violations(document, schema, &value, &[]).into_iter().next().map(|violation| violation.message)
        }
        (_, StructuredValue::Json(json)) => {
            let wrong = |sample| {
                let (value, unknown) = known_values::json(json, sample);
                schema_fit::violations(document, schema, &value, &unknown)
            };
            common(wrong).map(|violation| violation.message)
        }
        (Serialization::Style { .. }, value) => {
            let wrong = |sample| {
                let written = WrittenParameter::of(value, |text| known_values::text(text, sample))?;
                schema_fit::styled(document, schema, &written)
            };
            SAMPLES.map(wrong).into_iter().collect::<Option<Vec<String>>>()?.into_iter().next()
        }
        (Serialization::Content(_), _) => None,
    }?;
    Some(Breach {
        message: format!(
            "sends a value of the {} {} that breaks its schema: {message}",
            place_name(parameter.place),
            quoted(&parameter.name)
        ),
        level: Level::Should,
        at: Some(at),
        anchor: schema.anchor.clone(),
    })
}

/// Whether the document says `allowEmptyValue`.
fn may_be_empty(document: &Document, parameter: &Parameter) -> bool {
    let declared = document_nodes::at(document, &parameter.anchor.pointer);
    let flag = declared.and_then(|parameter| parameter.get("allowEmptyValue"));
    flag.is_some_and(|flag| matches!(flag.value, tree::Value::Bool(true)))
}

/// The value that a step sends for a parameter, and where it stands.
fn sent_value(step: &Step, parameter: &Parameter) -> Option<(StructuredValue, Span)> {
    let of_text = |text: &Text| (StructuredValue::One(text.clone()), text.span);
    if parameter.place == ParameterIn::Path {
        let (_, value) = step.path.iter().find(|(name, _)| *name == parameter.name)?;
        return match value {
            PathValue::Encoded(text) => Some(of_text(text)),
            PathValue::Raw(_) => None,
            PathValue::Styled(styled) => Some((styled.value.clone(), styled.span)),
        };
    }
    let mut sent = values(step, parameter.place).iter();
    let (_, value) = sent.find(|(name, _)| has_name(parameter.place, &parameter.name, name))?;
    match value {
        _ if is_empty(value) => None,
        ParameterValue::Text(text) => Some(of_text(text)),
        ParameterValue::Styled(styled) => Some((styled.value.clone(), styled.span)),
    }
}

/// The names in the query that the operation does not declare, each with its value.
fn undeclared_names<'a>(
    operation: &'a Operation,
    step: &'a Step,
) -> impl Iterator<Item = (&'a str, &'a ParameterValue)> {
    let declared = move |name: &str| {
        operation.parameters.iter().filter(|parameter| parameter.place == ParameterIn::Query).any(|parameter| {
            let rest = name.strip_prefix(parameter.name.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('['))
        })
    };
    step.query.iter().filter(move |(name, _)| !declared(name)).map(|(name, value)| (name.as_str(), value))
}

/// Query parameters that the operation does not declare. A map without fixed names may declare any.
fn undeclared(suite: &Suite, operation: &Operation, step: &Step) -> Vec<Breach> {
    let mut parameters = operation.parameters.iter().filter(|parameter| parameter.place == ParameterIn::Query);
    let any_name = parameters.any(|parameter| {
        let schema =
            parameter.schema.as_ref().and_then(|schema| document_nodes::at(&suite.document, &schema.anchor.pointer));
        is_exploded(parameter)
            && schema.is_none_or(|schema| schema.get("type").is_none_or(|of| of.as_str() == Some("object")))
    });
    if any_name {
        return Vec::new();
    }
    let is_key = |name: &str| {
        suite
            .document
            .schemes
            .iter()
            .any(|scheme| matches!(&scheme.kind, SchemeKind::ApiKey(ParameterIn::Query, key) if key == name))
    };
    let names = undeclared_names(operation, step).filter(|(name, _)| !is_key(name));
    names
        .map(|(name, value)| Breach {
            message: format!(
                "sends the query parameter {}, which {} does not declare",
                quoted(name),
                operation.title()
            ),
            level: Level::Note,
            at: value.texts().first().map(|text| text.span),
            anchor: operation.anchor.clone(),
        })
        .collect()
}

/// What is wrong with the body or its media type.
fn body(document: &Document, operation: &Operation, step: &Step) -> Option<Breach> {
    let declared = operation.request_body.as_deref()?;
    let breach =
        |message: String, level, at, anchor: &Anchor| Some(Breach { message, level, at, anchor: anchor.clone() });
    if matches!(step.body, Body::None) {
        let message = "lacks the body that the document requires".to_owned();
        return breach(message, Level::Should, None, &declared.anchor).filter(|_| declared.required);
    }
    let written = content_type(step)?;
    let media = MediaType::parse(&written).and_then(|media_type| covering(declared, &media_type));
    let Some(media) = media else {
        let known: Vec<String> = declared.content.iter().map(|media| quoted(&media.key)).collect();
        if known.is_empty() {
            return None;
        }
        let message = format!(
            "sends the content type {}, and {} declares {}",
            quoted(&written),
            operation.title(),
            known.join(", ")
        );
        return breach(message, Level::Should, None, &declared.anchor);
    };
    let schema = media.schema.as_deref();
    let is_json = MediaType::parse(&written).is_some_and(|media_type| media_type.is_json());
    let wrong = |sample| match &step.body {
        Body::Json(json) => {
            let (value, unknown) = known_values::json(json, sample);
            Some(schema_fit::violations(document, schema?, &value, &unknown))
        }
        Body::Raw(text) => {
            let value = serde_json::from_str::<Value>(&known_values::text(text, sample)?).ok()?;
            Some(schema_fit::violations(document, schema?, &value, &[]))
        }
        Body::None | Body::Form(_) => None,
    };
    if let Body::Raw(text) = &step.body
        && is_json
        && known_values::text(text, 0).is_some_and(|text| serde_json::from_str::<Value>(&text).is_err())
    {
        return breach("sends a body that is not JSON".to_owned(), Level::Should, Some(text.span), &media.anchor);
    }
    let violation = is_json.then(|| common(|sample| wrong(sample).unwrap_or_default()))??;
    let place =
        if violation.instance.is_empty() { String::new() } else { format!(" at {}", quoted(&violation.instance)) };
    let message = format!("sends a body that breaks its schema{place}: {}", violation.message);
    breach(message, Level::Should, None, &violation.anchor)
}

/// The violation that every sample has.
fn common(wrong: impl Fn(usize) -> Vec<Violation>) -> Option<Violation> {
    let [first, second] = SAMPLES.map(wrong);
    first
        .into_iter()
        .find(|one| second.iter().any(|two| (&one.instance, &one.keyword) == (&two.instance, &two.keyword)))
}

/// The media type object that describes a body of this type.
fn covering<'a>(body: &'a RequestBody, media_type: &MediaType) -> Option<&'a Media> {
    let exact = body.content.iter().find(|media| media.range.covers(media_type));
    exact.or_else(|| body.content.iter().find(|media| media.range.covers_essence(media_type)))
}

/// The Content-Type that a step sends, if it is known.
fn content_type(step: &Step) -> Option<String> {
    match step.header.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
        Some((_, value)) => known_values::text(value.text()?, 0),
        None => matches!(step.body, Body::Json(_)).then(|| "application/json".to_owned()),
    }
}
