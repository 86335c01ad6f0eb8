//! The objects of OpenAPI 3.0 (specification 3.0.3, §4.7) as data: their fixed fields, which of those hold further
//! objects, and the type of `openapiv3` that reads them.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// A kind of object. Small objects that hold no others (`xml`, OAuth flows …) are checked as parts of the object that holds them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ObjectKind {
    OpenApi,
    Info,
    Server,
    ServerVariable,
    Paths,
    PathItem,
    Operation,
    Parameter,
    RequestBody,
    MediaType,
    Encoding,
    Responses,
    Response,
    Header,
    Example,
    Tag,
    Components,
    Schema,
    Discriminator,
    SecurityScheme,
}

/// How a field holds objects.
#[derive(Clone, Copy, Debug)]
pub(super) enum Holds {
    /// One.
    One(ObjectKind),
    /// A sequence of them.
    List(ObjectKind),
    /// A mapping from names to them.
    Map(ObjectKind),
}

use Holds::{List, Map, One};

impl ObjectKind {
    /// The name, with its article.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::OpenApi => "the document",
            Self::Info => "the info object",
            Self::Server => "a server",
            Self::ServerVariable => "a server variable",
            Self::Paths => "`paths`",
            Self::PathItem => "a path item",
            Self::Operation => "an operation",
            Self::Parameter => "a parameter",
            Self::RequestBody => "a request body",
            Self::MediaType => "a media type object",
            Self::Encoding => "an encoding",
            Self::Responses => "`responses`",
            Self::Response => "a response",
            Self::Header => "a header",
            Self::Example => "an example object",
            Self::Tag => "a tag",
            Self::Components => "`components`",
            Self::Schema => "a schema",
            Self::Discriminator => "a discriminator",
            Self::SecurityScheme => "a security scheme",
        }
    }

    /// Whether a reference object may replace it.
    pub(super) fn may_be_reference(self) -> bool {
        matches!(
            self,
            Self::PathItem
                | Self::Parameter
                | Self::RequestBody
                | Self::Response
                | Self::Header
                | Self::Example
                | Self::Schema
                | Self::SecurityScheme
        )
    }

    /// The field that selects the variant of the object.
    pub(super) fn tag(self) -> Option<&'static str> {
        match self {
            Self::Parameter => Some("in"),
            Self::SecurityScheme => Some("type"),
            _ => None,
        }
    }

    /// The objects in a field of this object, if they are checked on their own.
    pub(super) fn holds(self, key: &str) -> Option<Holds> {
        Some(match (self, key) {
            (Self::OpenApi, "info") => One(Self::Info),
            (Self::OpenApi | Self::PathItem | Self::Operation, "servers") => List(Self::Server),
            (Self::OpenApi, "paths") => One(Self::Paths),
            (Self::OpenApi, "components") => One(Self::Components),
            (Self::OpenApi, "tags") => List(Self::Tag),
            (Self::Server, "variables") => Map(Self::ServerVariable),
            (Self::Paths, path) if path.starts_with('/') => One(Self::PathItem),
            (Self::PathItem, method) if METHODS.contains(&method) => One(Self::Operation),
            (Self::PathItem | Self::Operation, "parameters") => List(Self::Parameter),
            (Self::Operation, "requestBody") => One(Self::RequestBody),
            (Self::Operation, "responses") => One(Self::Responses),
            (Self::Responses, status) if !status.starts_with("x-") => One(Self::Response),
            (Self::Parameter | Self::Header | Self::RequestBody | Self::Response, "content") => Map(Self::MediaType),
            (Self::Parameter | Self::Header | Self::MediaType | Self::Components, "examples") => Map(Self::Example),
            (Self::MediaType, "encoding") => Map(Self::Encoding),
            (Self::Encoding | Self::Response | Self::Components, "headers") => Map(Self::Header),
            (Self::Components, "schemas") | (Self::Schema, "properties") => Map(Self::Schema),
            (Self::Components, "responses") => Map(Self::Response),
            (Self::Components, "parameters") => Map(Self::Parameter),
            (Self::Components, "requestBodies") => Map(Self::RequestBody),
            (Self::Components, "securitySchemes") => Map(Self::SecurityScheme),
            (Self::Parameter | Self::Header | Self::MediaType, "schema")
            | (Self::Schema, "items" | "not" | "additionalProperties") => One(Self::Schema),
            (Self::Schema, "allOf" | "oneOf" | "anyOf") => List(Self::Schema),
            (Self::Schema, "discriminator") => One(Self::Discriminator),
            _ => return None,
        })
    }

    /// The fixed fields of the object and of the small ones inside it. The typed reader leaves some of them out, so
    /// what it drops is unknown only if it is not here.
    pub(super) fn fixed_fields(self) -> impl Iterator<Item = &'static str> {
        let fields = match self {
            Self::OpenApi => "openapi info servers paths components security tags externalDocs description url",
            Self::Info => "title description termsOfService contact license version name url email",
            Self::Server => "url description variables",
            Self::ServerVariable => "enum default description",
            Self::Paths => "",
            Self::PathItem => {
                "$ref summary description get put post delete options head patch trace servers parameters"
            }
            Self::Operation => {
                "tags summary description externalDocs operationId parameters requestBody responses callbacks \
                 deprecated security servers url"
            }
            Self::Parameter | Self::Header => {
                "name in description required deprecated allowEmptyValue style explode allowReserved schema example \
                 examples content"
            }
            Self::RequestBody => "description content required",
            Self::MediaType => "schema example examples encoding",
            Self::Encoding => "contentType headers style explode allowReserved",
            Self::Responses => "default",
            Self::Response => "description headers content links",
            Self::Example => "summary description value externalValue",
            Self::Tag => "name description externalDocs url",
            Self::Components => {
                "schemas responses parameters examples requestBodies headers securitySchemes links callbacks"
            }
            Self::Schema => {
                "title multipleOf maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern \
                 maxItems minItems uniqueItems maxProperties minProperties required enum type allOf oneOf anyOf not \
                 items properties additionalProperties description format default nullable discriminator readOnly \
                 writeOnly xml externalDocs example deprecated url name namespace prefix attribute wrapped"
            }
            Self::Discriminator => "propertyName mapping",
            Self::SecurityScheme => {
                "type description name in scheme bearerFormat flows openIdConnectUrl implicit password \
                 clientCredentials authorizationCode authorizationUrl tokenUrl refreshUrl scopes"
            }
        };
        fields.split_whitespace()
    }

    /// The minimal object of this kind that its type accepts.
    pub(super) fn least(self) -> Value {
        match self {
            Self::Info => json!({"title": "", "version": ""}),
            Self::Server => json!({"url": ""}),
            Self::ServerVariable => json!({"default": ""}),
            Self::Tag => json!({"name": ""}),
            Self::Operation => json!({"responses": {}}),
            Self::Discriminator => json!({"propertyName": ""}),
            _ if self.may_be_reference() => json!({"$ref": "#"}),
            _ => json!({}),
        }
    }

    /// The object through its type and back; an error says what the type does not take.
    pub(super) fn round_trip(self, value: &Value) -> serde_json::Result<Value> {
        match self {
            Self::OpenApi => through::<openapiv3::OpenAPI>(value),
            Self::Info => through::<openapiv3::Info>(value),
            Self::Server => through::<openapiv3::Server>(value),
            Self::ServerVariable => through::<openapiv3::ServerVariable>(value),
            Self::Paths => in_parts::<openapiv3::Paths>(value),
            Self::PathItem => through::<openapiv3::PathItem>(value),
            Self::Operation => through::<openapiv3::Operation>(value),
            Self::Parameter => through::<openapiv3::Parameter>(value),
            Self::RequestBody => through::<openapiv3::RequestBody>(value),
            Self::MediaType => through::<openapiv3::MediaType>(value),
            Self::Encoding => through::<openapiv3::Encoding>(value),
            Self::Responses => in_parts::<openapiv3::Responses>(value),
            Self::Response => through::<openapiv3::Response>(value),
            Self::Header => through::<openapiv3::Header>(value),
            Self::Example => through::<openapiv3::Example>(value),
            Self::Tag => through::<openapiv3::Tag>(value),
            Self::Components => through::<openapiv3::Components>(value),
            Self::Schema => through::<openapiv3::Schema>(value),
            Self::Discriminator => through::<openapiv3::Discriminator>(value),
            Self::SecurityScheme => through::<openapiv3::SecurityScheme>(value),
        }
    }
}

/// The methods of a path item, as its keys are written.
pub(super) const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// The same for a mapping of any size, some entries at a time: the type takes kilobytes for each.
fn in_parts<T: DeserializeOwned + Serialize>(value: &Value) -> serde_json::Result<Value> {
    const PART: usize = 64;
    let Some(map) = value.as_object().filter(|map| map.len() > PART) else { return through::<T>(value) };
    let mut back = serde_json::Map::new();
    let mut entries = map.iter();
    loop {
        let part: serde_json::Map<String, Value> =
            entries.by_ref().take(PART).map(|(key, value)| (key.clone(), value.clone())).collect();
        if part.is_empty() {
            return Ok(Value::Object(back));
        }
        if let Value::Object(part) = through::<T>(&Value::Object(part))? {
            back.extend(part);
        }
    }
}

fn through<T: DeserializeOwned + Serialize>(value: &Value) -> serde_json::Result<Value> {
    serde_json::to_value(T::deserialize(value)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [ObjectKind; 20] = [
        ObjectKind::OpenApi,
        ObjectKind::Info,
        ObjectKind::Server,
        ObjectKind::ServerVariable,
        ObjectKind::Paths,
        ObjectKind::PathItem,
        ObjectKind::Operation,
        ObjectKind::Parameter,
        ObjectKind::RequestBody,
        ObjectKind::MediaType,
        ObjectKind::Encoding,
        ObjectKind::Responses,
        ObjectKind::Response,
        ObjectKind::Header,
        ObjectKind::Example,
        ObjectKind::Tag,
        ObjectKind::Components,
        ObjectKind::Schema,
        ObjectKind::Discriminator,
        ObjectKind::SecurityScheme,
    ];

    #[test]
    fn the_least_of_an_object_is_taken_wherever_it_is_held() {
        for holder in ALL {
            let pattern: &[&str] = match holder {
                ObjectKind::Paths => &["/path"],
                ObjectKind::Responses => &["200", "4XX"],
                _ => &[],
            };
            for field in holder.fixed_fields().chain(pattern.iter().copied()) {
                let (kind, value) = match holder.holds(field) {
                    Some(One(kind)) => (kind, kind.least()),
                    Some(List(kind)) => (kind, json!([kind.least()])),
                    Some(Map(kind)) => (kind, json!({"name": kind.least()})),
                    None => continue,
                };
                let mut object = match holder {
                    ObjectKind::OpenApi => json!({"openapi": "", "info": ObjectKind::Info.least(), "paths": {}}),
                    ObjectKind::Parameter => json!({"name": "", "in": "query"}),
                    ObjectKind::Response => json!({"description": ""}),
                    _ if holder.may_be_reference() => json!({}),
                    _ => holder.least(),
                };
                if matches!((holder, field), (ObjectKind::Parameter | ObjectKind::Header, "examples")) {
                    object["schema"] = ObjectKind::Schema.least();
                }
                object[field] = value;
                let back = holder.round_trip(&object).unwrap_or_else(|error| panic!("{holder:?}.{field}: {error}"));
                assert!(back.get(field).is_some(), "{holder:?}.{field} holds {kind:?} and is dropped");
            }
        }
    }
}
