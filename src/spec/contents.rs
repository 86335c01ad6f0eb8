//! Responses, request bodies and what they hold: media types, examples, headers.

use std::sync::Arc;

use super::builder::{Builder, ResponseContents};
use super::document::{Example, Media, RequestBody, Response, ResponseHeader, StatusPattern};
use super::media_type::MediaType;
use super::objects::ObjectKind;
use super::schema::Schema;

/// The request body at a pointer, if there is one.
pub(super) fn request_body(builder: &mut Builder, pointer: &str) -> Option<Arc<RequestBody>> {
    builder.raw.get(pointer)?;
    let at = builder.follow(ObjectKind::RequestBody, pointer)?;
    if let Some(built) = builder.bodies.get(&at) {
        return Some(Arc::clone(built));
    }
    let body = Arc::new(RequestBody {
        required: builder.flag(&format!("{at}/required")),
        content: content(builder, &format!("{at}/content")).into(),
        anchor: builder.raw.anchor(&at),
    });
    builder.bodies.insert(at, Arc::clone(&body));
    Some(body)
}

/// The responses at a pointer, in the order of the file.
pub(super) fn responses(builder: &mut Builder, pointer: &str) -> Vec<Response> {
    let mut responses: Vec<Response> = Vec::new();
    for (key, at) in builder.below(pointer) {
        if key.starts_with("x-") {
            continue;
        }
        if !builder.may_build(&at) {
            return responses;
        }
        let Some(status) = StatusPattern::parse(&key) else {
            // The gate has remarked on what it drops; it keeps numbers that are no status of HTTP.
            if key.len() == 3 {
                builder.remark(&at, format!("`{key}` is not a status, so the response under it is ignored"));
            }
            continue;
        };
        if let Some(first) = responses.iter().find(|other| other.status == status) {
            let (other, line) = (first.key.clone(), first.anchor.line);
            builder.remark(&at, format!("`{key}` is the same as `{other}` in line {line}; this one is ignored"));
            continue;
        }
        let Some(at) = builder.follow(ObjectKind::Response, &at) else { continue };
        let (content, headers) = response(builder, &at);
        responses.push(Response {
            status,
            key,
            description: builder.text(&format!("{at}/description")).unwrap_or_default(),
            content,
            headers,
            anchor: builder.raw.anchor(&at),
        });
    }
    responses
}

/// The contents of the response object at a pointer, built once.
fn response(builder: &mut Builder, at: &str) -> ResponseContents {
    if let Some((content, headers)) = builder.responses.get(at) {
        return (Arc::clone(content), Arc::clone(headers));
    }
    let content: Arc<[Media]> = content(builder, &format!("{at}/content")).into();
    let headers: Arc<[ResponseHeader]> = headers(builder, &format!("{at}/headers")).into();
    builder.responses.insert(at.to_owned(), (Arc::clone(&content), Arc::clone(&headers)));
    (content, headers)
}

/// The schema of a parameter: its `schema`, or that of the one media type under `content`.
pub(super) fn schema_of(builder: &mut Builder, pointer: &str) -> Option<Arc<Schema>> {
    let direct = format!("{pointer}/schema");
    let at = if builder.raw.get(&direct).is_some() {
        direct
    } else {
        format!("{}/schema", builder.below(&format!("{pointer}/content")).first()?.1)
    };
    schema(builder, &at)
}

/// The schema at a pointer, if there is one. An error of a reference is added to those of the document.
fn schema(builder: &mut Builder, pointer: &str) -> Option<Arc<Schema>> {
    builder.raw.get(pointer)?;
    let at = builder.follow(ObjectKind::Schema, pointer)?;
    Some(builder.schemas.schema(&at))
}

fn content(builder: &mut Builder, pointer: &str) -> Vec<Media> {
    let mut content = Vec::new();
    for (key, at) in builder.below(pointer) {
        if !builder.may_build(&at) {
            return content;
        }
        let Some(range) = MediaType::parse(&key) else {
            builder.remark(&at, format!("`{key}` is not a media type or range, and is ignored"));
            continue;
        };
        content.push(Media {
            range,
            key,
            schema: schema(builder, &format!("{at}/schema")),
            examples: examples(builder, &at),
            anchor: builder.raw.anchor(&at),
        });
    }
    content
}

fn examples(builder: &mut Builder, pointer: &str) -> Vec<Example> {
    let mut examples = Vec::new();
    let single = format!("{pointer}/example");
    if builder.raw.get(&single).is_some() {
        examples.push(Example::new(&builder.raw, "example".to_owned(), &single));
    }
    for (name, at) in builder.below(&format!("{pointer}/examples")) {
        let Some(at) = builder.follow(ObjectKind::Example, &at) else { continue };
        if !builder.may_build(&at) {
            return examples;
        }
        let value_at = format!("{at}/value");
        if builder.raw.get(&value_at).is_some() {
            examples.push(Example::new(&builder.raw, name, &value_at));
        } else if let Some(url) = builder.text(&format!("{at}/externalValue")) {
            builder.remark(&at, format!("the example `{name}` is external ({url}) and cannot be compared"));
        } else {
            builder.remark(&at, format!("the example `{name}` has no value"));
        }
    }
    examples
}

fn headers(builder: &mut Builder, pointer: &str) -> Vec<ResponseHeader> {
    let mut headers = Vec::new();
    for (name, at) in builder.below(pointer) {
        if name.eq_ignore_ascii_case("content-type") {
            continue;
        }
        let Some(at) = builder.follow(ObjectKind::Header, &at) else { continue };
        if !builder.may_build(&at) {
            return headers;
        }
        let mut content = content(builder, &format!("{at}/content"));
        if content.len() > 1 {
            builder
                .remark(&format!("{at}/content"), format!("`content` of the header `{name}` must have one media type"));
        }
        headers.push(ResponseHeader {
            required: builder.flag(&format!("{at}/required")),
            schema: schema(builder, &format!("{at}/schema")),
            content: if content.is_empty() { None } else { Some(content.swap_remove(0)) },
            anchor: builder.raw.anchor(&at),
            name,
        });
    }
    headers
}
