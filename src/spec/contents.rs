//! Responses, request bodies and what they hold: media types, examples, headers.

use std::sync::Arc;

use super::build::{Builder, Held};
use super::objects::Object;
use super::{Example, Media, MediaType, RequestBody, Response, ResponseHeader, Schema, StatusPattern};

impl Builder {
    /// The request body at a pointer, if there is one.
    pub(super) fn request_body(&mut self, pointer: &str) -> Option<Arc<RequestBody>> {
        self.raw.get(pointer)?;
        let at = self.follow(Object::RequestBody, pointer)?;
        if let Some(built) = self.built.bodies.get(&at) {
            return Some(Arc::clone(built));
        }
        let body = Arc::new(RequestBody {
            required: self.flag(&format!("{at}/required")),
            content: content(self, &format!("{at}/content")).into(),
            anchor: self.raw.anchor(&at),
        });
        self.built.bodies.insert(at, Arc::clone(&body));
        Some(body)
    }

    /// The responses at a pointer, in the order of the file.
    pub(super) fn responses(&mut self, pointer: &str) -> Vec<Response> {
        let mut responses: Vec<Response> = Vec::new();
        for (key, at) in self.below(pointer) {
            if key.starts_with("x-") {
                continue;
            }
            if !self.may_build(&at) {
                return responses;
            }
            let Some(status) = StatusPattern::parse(&key) else {
                // The gate has remarked on what it drops; it keeps numbers that are no status of HTTP.
                if key.len() == 3 {
                    self.remark(&at, format!("`{key}` is no status, so the response under it is ignored"));
                }
                continue;
            };
            if let Some(first) = responses.iter().find(|other| other.status == status) {
                let (other, line) = (first.key.clone(), first.anchor.line);
                self.remark(&at, format!("`{key}` is the same as `{other}` in line {line}; this one is ignored"));
                continue;
            }
            let Some(at) = self.follow(Object::Response, &at) else { continue };
            let (content, headers) = self.response(&at);
            responses.push(Response {
                status,
                key,
                description: self.text(&format!("{at}/description")).unwrap_or_default(),
                content,
                headers,
                anchor: self.raw.anchor(&at),
            });
        }
        responses
    }

    /// What the response object at a pointer holds, built once for all that refer to it.
    fn response(&mut self, at: &str) -> Held {
        if let Some((content, headers)) = self.built.responses.get(at) {
            return (Arc::clone(content), Arc::clone(headers));
        }
        let content: Arc<[Media]> = content(self, &format!("{at}/content")).into();
        let headers: Arc<[ResponseHeader]> = headers(self, &format!("{at}/headers")).into();
        self.built.responses.insert(at.to_owned(), (Arc::clone(&content), Arc::clone(&headers)));
        (content, headers)
    }

    /// The schema of a parameter: its `schema`, or that of the one media type under `content`.
    pub(super) fn schema_of(&mut self, pointer: &str) -> Option<Arc<Schema>> {
        let direct = format!("{pointer}/schema");
        let at = if self.raw.get(&direct).is_some() {
            direct
        } else {
            format!("{}/schema", self.below(&format!("{pointer}/content")).first()?.1)
        };
        schema(self, &at)
    }
}

/// The schema at a pointer, if there is one; an error of its references is kept for the end.
fn schema(builder: &mut Builder, pointer: &str) -> Option<Arc<Schema>> {
    builder.raw.get(pointer)?;
    let at = builder.follow(Object::Schema, pointer)?;
    Some(builder.schemas.schema(&at))
}

fn content(builder: &mut Builder, pointer: &str) -> Vec<Media> {
    let mut content = Vec::new();
    for (key, at) in builder.below(pointer) {
        if !builder.may_build(&at) {
            return content;
        }
        let Some(range) = MediaType::parse(&key) else {
            builder.remark(&at, format!("`{key}` is no media type or range, and is ignored"));
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
        let Some(at) = builder.follow(Object::Example, &at) else { continue };
        if !builder.may_build(&at) {
            return examples;
        }
        let value_at = format!("{at}/value");
        if builder.raw.get(&value_at).is_some() {
            examples.push(Example::new(&builder.raw, name, &value_at));
        } else if let Some(url) = builder.text(&format!("{at}/externalValue")) {
            builder.remark(&at, format!("the example `{name}` stands elsewhere ({url}) and cannot be compared"));
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
        let Some(at) = builder.follow(Object::Header, &at) else { continue };
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

impl StatusPattern {
    /// Reads a key of `responses`.
    pub(super) fn parse(key: &str) -> Option<Self> {
        if key == "default" {
            return Some(Self::Default);
        }
        let [first, rest @ ..] = key.as_bytes() else { return None };
        if key.len() != 3 || !matches!(first, b'1'..=b'5') {
            return None;
        }
        if rest.eq_ignore_ascii_case(b"XX") {
            return Some(Self::Class(u16::from(first - b'0')));
        }
        // A sign would parse as a number.
        rest.iter().all(u8::is_ascii_digit).then(|| key.parse().ok().map(Self::Exact)).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_read_strictly() {
        for (key, expected) in [
            ("204", Some(StatusPattern::Exact(204))),
            ("4XX", Some(StatusPattern::Class(4))),
            ("5xx", Some(StatusPattern::Class(5))),
            ("default", Some(StatusPattern::Default)),
            ("Default", None),
            ("20X4", None),
            ("20X", None),
            ("666", None),
            ("099", None),
            ("0XX", None),
            ("6XX", None),
            ("2+4", None),
            ("2é", None),
            ("", None),
        ] {
            assert_eq!(StatusPattern::parse(key), expected, "{key:?}");
        }
    }
}
