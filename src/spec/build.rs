//! From the raw document to its operations: references are followed, and what path items and the document share is added to each
//! operation.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::builder::Builder;
use super::document::{Operation, RequestBody, Response, SecurityScheme, Server};
use super::media_type::MediaType;
use super::objects::{METHODS, ObjectKind};
use super::parameter::{Parameter, ParameterIn, ParameterStyle, Serialization};
use super::raw::RawDocument;
use super::remark::{MAX_ERRORS, MAX_REMARKS, Remark};
use super::{contents, paths, servers};
use crate::location::{InputError, InputErrors};

/// The parts of a document.
pub(super) struct DocumentParts {
    pub(super) operations: Vec<Operation>,
    pub(super) servers: Vec<Server>,
    pub(super) schemes: Vec<SecurityScheme>,
    pub(super) remarks: Vec<Remark>,
}

/// The parts of an operation that do not depend on its path.
#[derive(Clone)]
struct SharedOperation {
    parameters: Arc<[Parameter]>,
    /// The indexes of the path parameters.
    in_path: Arc<[usize]>,
    request_body: Option<Arc<RequestBody>>,
    responses: Arc<[Response]>,
    security: Arc<[Vec<String>]>,
    servers: Arc<[Server]>,
}

/// Builds the parts of a document that was checked. `remarks` are those on the document so far.
pub(super) fn parts(raw: RawDocument, remarks: Vec<Remark>) -> Result<DocumentParts, InputErrors> {
    let mut builder = Builder::new(raw, remarks);
    let schemes = servers::schemes(&mut builder);
    let operations = operations(&mut builder, &schemes);
    let servers = servers::servers(&mut builder, "");
    paths::remark_on(&builder.raw, &mut builder.remarks);
    refuse_duplicate_ids(&mut builder, &operations);
    let Builder { mut schemas, mut errors, mut remarks, .. } = builder;
    if errors.is_empty() {
        match schemas.finish() {
            Ok(further) => remarks.extend(further),
            Err(further) => errors.extend(further.0),
        }
    }
    if !errors.is_empty() {
        return Err(InputErrors(in_order(errors)));
    }
    // A part that several operations refer to is visited once for each.
    remarks.sort_by(|a, b| (a.anchor.line, &a.message).cmp(&(b.anchor.line, &b.message)));
    remarks.dedup_by(|a, b| a.anchor == b.anchor && a.message == b.message);
    Ok(DocumentParts { operations, servers, schemes, remarks })
}

/// The operations of all paths, in the order of the file.
fn operations(builder: &mut Builder, schemes: &[SecurityScheme]) -> Vec<Operation> {
    let mut operations = Vec::new();
    // A path item that several paths refer to is built once.
    let mut built: HashMap<String, SharedOperation> = HashMap::new();
    let document_security: Arc<[Vec<String>]> = servers::security(builder, "", schemes).unwrap_or_default().into();
    for (path, at) in builder.below("/paths") {
        if !path.starts_with('/') {
            continue;
        }
        let Some(item) = builder.follow(ObjectKind::PathItem, &at) else { continue };
        let mut inherited = None;
        for (method, at) in builder.below(&item) {
            if !METHODS.contains(&method.as_str()) || builder.errors.len() >= MAX_ERRORS {
                continue;
            }
            if !builder.may_build(&at) {
                return operations;
            }
            let shared = if let Some(shared) = built.get(&at) {
                shared.clone()
            } else {
                let inherited = inherited.get_or_insert_with(|| of_item(builder, &item));
                let shared = shared(builder, &at, inherited, schemes, &document_security);
                built.insert(at.clone(), shared.clone());
                shared
            };
            operations.push(Operation {
                id: builder.text(&format!("{at}/operationId")),
                method: method.to_ascii_uppercase(),
                path: path.clone(),
                parameters: shared.parameters,
                request_body: shared.request_body,
                responses: shared.responses,
                security: shared.security,
                servers: shared.servers,
                anchor: builder.raw.anchor(&at),
            });
            if let Some(operation) = operations.last().filter(|_| builder.remarks.len() < MAX_REMARKS) {
                paths::remark_on_parameters(operation, &shared.in_path, &mut builder.remarks);
            }
        }
    }
    operations
}

/// The parameters and servers that a path item gives to its operations.
fn of_item(builder: &mut Builder, item: &str) -> (Arc<[Parameter]>, Arc<[Server]>) {
    (parameters(builder, &format!("{item}/parameters")).into(), servers::servers(builder, item).into())
}

/// The parts of the operation at a pointer that do not depend on its path.
fn shared(
    builder: &mut Builder,
    at: &str,
    (inherited, inherited_servers): &(Arc<[Parameter]>, Arc<[Server]>),
    schemes: &[SecurityScheme],
    security: &Arc<[Vec<String>]>,
) -> SharedOperation {
    let own = parameters(builder, &format!("{at}/parameters"));
    let own_servers = servers::servers(builder, at);
    let own_security = servers::security(builder, at, schemes);
    let parameters: Arc<[Parameter]> =
        if own.is_empty() { Arc::clone(inherited) } else { merge(own, inherited).into() };
    let in_path = parameters.iter().enumerate().filter(|(_, parameter)| parameter.place == ParameterIn::Path);
    SharedOperation {
        in_path: in_path.map(|(index, _)| index).collect(),
        parameters,
        request_body: contents::request_body(builder, &format!("{at}/requestBody")),
        responses: contents::responses(builder, &format!("{at}/responses")).into(),
        security: own_security.map_or_else(|| Arc::clone(security), Into::into),
        servers: if own_servers.is_empty() { Arc::clone(inherited_servers) } else { own_servers.into() },
    }
}

/// The parameters at a pointer.
fn parameters(builder: &mut Builder, pointer: &str) -> Vec<Parameter> {
    let mut parameters: Vec<Parameter> = Vec::new();
    let mut known: HashMap<(String, ParameterIn), usize> = HashMap::new();
    for (_, at) in builder.below(pointer) {
        let Some(at) = builder.follow(ObjectKind::Parameter, &at) else { continue };
        if !builder.may_build(&at) {
            return parameters;
        }
        let place = match builder.text(&format!("{at}/in")).as_deref() {
            Some("path") => ParameterIn::Path,
            Some("header") => ParameterIn::Header,
            Some("cookie") => ParameterIn::Cookie,
            // Other places are refused earlier.
            _ => ParameterIn::Query,
        };
        let name = builder.text(&format!("{at}/name")).unwrap_or_default();
        let ignored = ["accept", "content-type", "authorization"];
        if place == ParameterIn::Header && ignored.contains(&name.to_ascii_lowercase().as_str()) {
            builder.remark(&at, format!("a header parameter `{name}` is ignored (OpenAPI 3.0 says so)"));
            continue;
        }
        if let Some(line) = known.get(&(name.clone(), place)) {
            builder.remark(&at, format!("the parameter `{name}` stands in line {line} too; this one is ignored"));
            continue;
        }
        let required = builder.flag(&format!("{at}/required"));
        if place == ParameterIn::Path && !required {
            builder.remark(&at, format!("the path parameter `{name}` must have `required: true`"));
        }
        let anchor = builder.raw.anchor(&at);
        known.insert((name.clone(), place), anchor.line);
        parameters.push(Parameter {
            name,
            place,
            required: required || place == ParameterIn::Path,
            schema: contents::schema_of(builder, &at),
            serialization: serialization(builder, &at, place),
            anchor,
        });
    }
    parameters
}

/// How the value of the parameter at a pointer is written.
fn serialization(builder: &Builder, at: &str, place: ParameterIn) -> Serialization {
    if builder.raw.get(&format!("{at}/schema")).is_none()
        && let Some((media_type, _)) = builder.below(&format!("{at}/content")).first()
        && let Some(media_type) = MediaType::parse(media_type)
    {
        return Serialization::Content(media_type);
    }
    let style = ParameterStyle::parse(builder.text(&format!("{at}/style")).as_deref(), place);
    let explode = builder.raw.get(&format!("{at}/explode")).and_then(serde_json::Value::as_bool);
    Serialization::Style {
        style,
        explode: explode.unwrap_or(style == ParameterStyle::Form),
        allow_reserved: place == ParameterIn::Query && builder.flag(&format!("{at}/allowReserved")),
    }
}

/// Adds an error for each operation id that stands more than once.
fn refuse_duplicate_ids(builder: &mut Builder, operations: &[Operation]) {
    let mut seen = HashMap::new();
    for operation in operations {
        let Some(id) = &operation.id else { continue };
        let Some(first) = seen.insert(id.as_str(), operation) else { continue };
        if builder.errors.len() >= MAX_ERRORS {
            return;
        }
        // Two paths may refer to one path item. The id then stands once.
        if first.anchor == operation.anchor {
            builder.remark(
                &operation.anchor.pointer.clone(),
                format!("the operation `{id}` is on two paths, `{}` and `{}`", first.path, operation.path),
            );
            continue;
        }
        let place = builder.raw.place(&format!("{}/operationId", operation.anchor.pointer));
        let message = format!(
            "two operations have the id `{id}`: {} in line {} and {} in line {}",
            first.title(),
            builder.raw.anchor(&format!("{}/operationId", first.anchor.pointer)).line,
            operation.title(),
            place.line()
        );
        builder.errors.push(InputError::at(place, message).help("Give one of them another `operationId`."));
    }
}

/// The parameters of an operation, and those of its path item that it does not replace.
fn merge(own: Vec<Parameter>, shared: &[Parameter]) -> Vec<Parameter> {
    let known: HashSet<(String, ParameterIn)> =
        own.iter().map(|parameter| (parameter.name.clone(), parameter.place)).collect();
    let others = shared.iter().filter(|parameter| !known.contains(&(parameter.name.clone(), parameter.place)));
    let others: Vec<Parameter> = others.cloned().collect();
    own.into_iter().chain(others).collect()
}

/// Errors in the order of the file, each once.
fn in_order(mut errors: Vec<InputError>) -> Vec<InputError> {
    let key = |error: &InputError| (error.place.as_ref().map(|place| place.span.start), error.message.clone());
    errors.sort_by_key(key);
    errors.dedup_by_key(|error| key(error));
    errors.truncate(MAX_ERRORS);
    errors
}
