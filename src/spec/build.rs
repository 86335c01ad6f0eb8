//! From the raw document to its operations: references followed, path items merged, servers filled in.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_json::Value;

use super::gate::MAX_REMARKS;
use super::objects::{METHODS, Object};
use super::raw::{Raw, escape};
use super::schema::Schemas;
use super::{
    Media, Operation, Parameter, ParameterIn, Remark, RequestBody, Response, ResponseHeader, SchemeKind,
    SecurityScheme, Server, gate,
};
use crate::location::{InputError, InputErrors};

/// After this many errors the rest of a document is not looked at.
const MAX_ERRORS: usize = 20;

/// How many parts a document may have, and one more for so many bytes: each takes many times its text in memory.
const PARTS: usize = 20_000;
const BYTES_PER_PART: usize = 150;

/// What a document consists of.
pub(super) struct Parts {
    pub(super) operations: Vec<Operation>,
    pub(super) servers: Vec<Server>,
    pub(super) schemes: Vec<SecurityScheme>,
    pub(super) remarks: Vec<Remark>,
}

/// Builds the parts of a document that went through the gate.
pub(super) struct Builder {
    pub(super) raw: Raw,
    pub(super) schemas: Schemas,
    pub(super) errors: Vec<InputError>,
    pub(super) remarks: Vec<Remark>,
    /// What references reached outside the usual places, and the gate has checked since.
    checked: HashSet<String>,
    pub(super) built: Built,
    /// How many parts were built.
    parts: usize,
}

/// What was built already, by the pointer of the object: what many refer to is built once, and shared.
#[derive(Default)]
pub(super) struct Built {
    pub(super) bodies: HashMap<String, Arc<RequestBody>>,
    pub(super) responses: HashMap<String, Held>,
    operations: HashMap<String, Shared>,
}

/// What a response object holds.
pub(super) type Held = (Arc<[Media]>, Arc<[ResponseHeader]>);

/// What an operation has wherever its path item stands.
#[derive(Clone)]
struct Shared {
    parameters: Arc<[Parameter]>,
    /// Those of them that stand in the path, by index.
    in_path: Arc<[usize]>,
    request_body: Option<Arc<RequestBody>>,
    responses: Arc<[Response]>,
    security: Arc<[Vec<String>]>,
    servers: Arc<[Server]>,
}

impl Builder {
    pub(super) fn new(raw: Raw, remarks: Vec<Remark>) -> Self {
        Self {
            schemas: Schemas::new(raw.clone()),
            raw,
            errors: Vec::new(),
            remarks,
            checked: HashSet::new(),
            built: Built::default(),
            parts: 0,
        }
    }

    pub(super) fn build(mut self) -> Result<Parts, InputErrors> {
        let schemes = self.schemes();
        let operations = self.operations(&schemes);
        let servers = self.servers("");
        super::paths::remark_on(&self.raw, &mut self.remarks);
        self.duplicate_ids(&operations);
        if self.errors.is_empty() {
            match self.schemas.finish() {
                Ok(remarks) => self.remarks.extend(remarks),
                Err(errors) => self.errors.extend(errors.0),
            }
        }
        if !self.errors.is_empty() {
            return Err(InputErrors(in_order(self.errors)));
        }
        // A part that many operations refer to is looked at once for each.
        self.remarks.sort_by(|a, b| (a.anchor.line, &a.message).cmp(&(b.anchor.line, &b.message)));
        self.remarks.dedup_by(|a, b| a.anchor == b.anchor && a.message == b.message);
        Ok(Parts { operations, servers, schemes, remarks: self.remarks })
    }

    pub(super) fn remark(&mut self, pointer: &str, message: impl Into<String>) {
        if self.remarks.len() >= MAX_REMARKS {
            return;
        }
        self.remarks.push(Remark { message: message.into(), anchor: self.raw.anchor(pointer) });
    }

    /// Counts a part that is built. Says whether there may be one more; that there are too many is an error, once.
    pub(super) fn may_build(&mut self, pointer: &str) -> bool {
        let most = PARTS + self.raw.tree.source.text().len() / BYTES_PER_PART;
        self.parts += 1;
        if self.parts == most + 1 {
            let message = format!(
                "the document has more than {most} operations, responses, parameters, headers, media types and examples"
            );
            let error = InputError::at(self.raw.place(pointer), message);
            self.errors.push(error.help("Name a document of the part of the API that is tested."));
        }
        self.parts <= most
    }

    /// Follows references to an object of a kind; what a reference reaches outside the usual places is checked first.
    pub(super) fn follow(&mut self, object: Object, pointer: &str) -> Option<String> {
        if self.errors.len() >= MAX_ERRORS {
            return None;
        }
        let found = match self.raw.follow(pointer) {
            Ok(found) if !found.value.is_object() => {
                let place = self.raw.place(&format!("{pointer}/$ref"));
                let message =
                    format!("this `$ref` leads to {}, not to {}", self.raw.kind(&found.pointer), object.name());
                Err(InputError::at(place, message).help("Correct the reference."))
            }
            Ok(found) => Ok(found.pointer),
            Err(error) => Err(error),
        };
        match found {
            Ok(found) => {
                let usual = found == pointer || is_component(object, &found);
                if !usual && self.checked.insert(found.clone()) {
                    match gate::check_one(&self.raw, object, &found) {
                        Ok(remarks) => self.remarks.extend(remarks),
                        Err(errors) => {
                            self.errors.extend(errors.0);
                            return None;
                        }
                    }
                }
                Some(found)
            }
            Err(error) => {
                self.errors.push(error);
                None
            }
        }
    }

    /// The pointers of a sequence's items or a mapping's values, in order; none if it is not there.
    pub(super) fn below(&self, pointer: &str) -> Vec<(String, String)> {
        match self.raw.get(pointer) {
            Some(Value::Object(map)) => {
                map.keys().map(|key| (key.clone(), format!("{pointer}/{}", escape(key)))).collect()
            }
            Some(Value::Array(items)) => {
                (0..items.len()).map(|index| (index.to_string(), format!("{pointer}/{index}"))).collect()
            }
            _ => Vec::new(),
        }
    }

    pub(super) fn text(&self, pointer: &str) -> Option<String> {
        self.raw.get(pointer)?.as_str().map(ToOwned::to_owned)
    }

    pub(super) fn flag(&self, pointer: &str) -> bool {
        self.raw.get(pointer).and_then(Value::as_bool).unwrap_or(false)
    }

    fn operations(&mut self, schemes: &[SecurityScheme]) -> Vec<Operation> {
        let mut operations = Vec::new();
        let document_security: Arc<[Vec<String>]> = self.security("", schemes).unwrap_or_default().into();
        for (path, at) in self.below("/paths") {
            if !path.starts_with('/') {
                continue;
            }
            let Some(item) = self.follow(Object::PathItem, &at) else { continue };
            let mut of_item = None;
            for (method, at) in self.below(&item) {
                if !METHODS.contains(&method.as_str()) || self.errors.len() >= MAX_ERRORS {
                    continue;
                }
                if !self.may_build(&at) {
                    return operations;
                }
                let shared = if let Some(shared) = self.built.operations.get(&at) {
                    shared.clone()
                } else {
                    let of_item = of_item.get_or_insert_with(|| self.of_item(&item));
                    let shared = self.shared(&at, of_item, schemes, &document_security);
                    self.built.operations.insert(at.clone(), shared.clone());
                    shared
                };
                operations.push(Operation {
                    id: self.text(&format!("{at}/operationId")),
                    method: method.to_ascii_uppercase(),
                    path: path.clone(),
                    parameters: shared.parameters,
                    request_body: shared.request_body,
                    responses: shared.responses,
                    security: shared.security,
                    servers: shared.servers,
                    anchor: self.raw.anchor(&at),
                });
                if let Some(operation) = operations.last().filter(|_| self.remarks.len() < MAX_REMARKS) {
                    super::paths::remark_on_parameters(operation, &shared.in_path, &mut self.remarks);
                }
            }
        }
        operations
    }

    /// What a path item gives to its operations.
    fn of_item(&mut self, item: &str) -> (Arc<[Parameter]>, Arc<[Server]>) {
        (self.parameters(&format!("{item}/parameters")).into(), self.servers(item).into())
    }

    fn shared(
        &mut self,
        at: &str,
        (parameters, servers): &(Arc<[Parameter]>, Arc<[Server]>),
        schemes: &[SecurityScheme],
        security: &Arc<[Vec<String>]>,
    ) -> Shared {
        let own = self.parameters(&format!("{at}/parameters"));
        let own_servers = self.servers(at);
        let own_security = self.security(at, schemes);
        let parameters: Arc<[Parameter]> =
            if own.is_empty() { Arc::clone(parameters) } else { merge(own, parameters).into() };
        let in_path = parameters.iter().enumerate().filter(|(_, parameter)| parameter.place == ParameterIn::Path);
        Shared {
            in_path: in_path.map(|(index, _)| index).collect(),
            parameters,
            request_body: self.request_body(&format!("{at}/requestBody")),
            responses: self.responses(&format!("{at}/responses")).into(),
            security: own_security.map_or_else(|| Arc::clone(security), Into::into),
            servers: if own_servers.is_empty() { Arc::clone(servers) } else { own_servers.into() },
        }
    }

    fn parameters(&mut self, pointer: &str) -> Vec<Parameter> {
        let mut parameters: Vec<Parameter> = Vec::new();
        let mut known: HashMap<(String, ParameterIn), usize> = HashMap::new();
        for (_, at) in self.below(pointer) {
            let Some(at) = self.follow(Object::Parameter, &at) else { continue };
            if !self.may_build(&at) {
                return parameters;
            }
            let place = match self.text(&format!("{at}/in")).as_deref() {
                Some("path") => ParameterIn::Path,
                Some("header") => ParameterIn::Header,
                Some("cookie") => ParameterIn::Cookie,
                // The gate lets no other pass.
                _ => ParameterIn::Query,
            };
            let name = self.text(&format!("{at}/name")).unwrap_or_default();
            let ignored = ["accept", "content-type", "authorization"];
            if place == ParameterIn::Header && ignored.contains(&name.to_ascii_lowercase().as_str()) {
                self.remark(&at, format!("a header parameter `{name}` is ignored (OpenAPI 3.0 says so)"));
                continue;
            }
            if let Some(line) = known.get(&(name.clone(), place)) {
                self.remark(&at, format!("the parameter `{name}` stands in line {line} too; this one is ignored"));
                continue;
            }
            let required = self.flag(&format!("{at}/required"));
            if place == ParameterIn::Path && !required {
                self.remark(&at, format!("the path parameter `{name}` must have `required: true`"));
            }
            let anchor = self.raw.anchor(&at);
            known.insert((name.clone(), place), anchor.line);
            parameters.push(Parameter {
                name,
                place,
                required: required || place == ParameterIn::Path,
                schema: self.schema_of(&at),
                anchor,
            });
        }
        parameters
    }

    /// Servers of the document (an empty pointer), a path item or an operation.
    fn servers(&mut self, pointer: &str) -> Vec<Server> {
        let mut servers = Vec::new();
        for (_, at) in self.below(&format!("{pointer}/servers")) {
            if !self.may_build(&at) {
                return servers;
            }
            let template = self.text(&format!("{at}/url")).unwrap_or_default();
            let mut defaults = HashMap::new();
            let mentioned: HashSet<&str> = super::paths::names(&template).into_iter().collect();
            let (mut variables, mut values) = (Vec::new(), Vec::new());
            for (name, at) in self.below(&format!("{at}/variables")) {
                let default = self.text(&format!("{at}/default")).unwrap_or_default();
                if !mentioned.contains(name.as_str()) {
                    self.remark(
                        &at,
                        format!("the URL of the server has no `{{{name}}}`, so this variable does nothing"),
                    );
                }
                let listed = self.below(&format!("{at}/enum"));
                let listed = listed.iter().filter_map(|(_, at)| self.text(at));
                values.push(std::iter::once(default.clone()).chain(listed).collect());
                defaults.insert(name.clone(), default);
                variables.push(name);
            }
            let default_url = super::paths::filled(&template, &defaults);
            if lacks_scheme(&default_url) {
                self.remark(
                    &format!("{at}/url"),
                    format!(
                        "the URL of the server has no scheme, so it is a path beside the document; write \
                         https://{default_url} if it names a host"
                    ),
                );
            }
            for name in super::paths::names(&template) {
                if !defaults.contains_key(name) {
                    self.remark(&format!("{at}/url"), format!("the server has no variable `{name}`"));
                }
            }
            servers.push(Server { template, default_url, variables, values, anchor: self.raw.anchor(&at) });
        }
        servers
    }

    /// The requirements that stand at a place, `None` if it does not say.
    fn security(&mut self, pointer: &str, schemes: &[SecurityScheme]) -> Option<Vec<Vec<String>>> {
        let pointer = format!("{pointer}/security");
        self.raw.get(&pointer)?.as_array()?;
        let known: HashSet<&str> = schemes.iter().map(|scheme| scheme.name.as_str()).collect();
        let mut requirements = Vec::new();
        for (_, at) in self.below(&pointer) {
            let mut names = Vec::new();
            for (name, at) in self.below(&at) {
                if !known.contains(name.as_str()) {
                    self.remark(&at, format!("`components.securitySchemes` has no `{name}`"));
                }
                names.push(name);
            }
            requirements.push(names);
        }
        Some(requirements)
    }

    fn schemes(&mut self) -> Vec<SecurityScheme> {
        let mut schemes = Vec::new();
        for (name, at) in self.below("/components/securitySchemes") {
            let Some(at) = self.follow(Object::SecurityScheme, &at) else { continue };
            let text = |key: &str| self.text(&format!("{at}/{key}")).unwrap_or_default();
            let kind = match text("type").as_str() {
                "http" => match text("scheme").to_ascii_lowercase().as_str() {
                    "bearer" => SchemeKind::Bearer,
                    "basic" => SchemeKind::Basic,
                    _ => SchemeKind::Other(text("scheme")),
                },
                "apiKey" => {
                    let place = match text("in").as_str() {
                        "query" => ParameterIn::Query,
                        "cookie" => ParameterIn::Cookie,
                        // The gate lets no other pass.
                        _ => ParameterIn::Header,
                    };
                    SchemeKind::ApiKey(place, text("name"))
                }
                other => SchemeKind::Other(other.to_owned()),
            };
            schemes.push(SecurityScheme { name, kind, anchor: self.raw.anchor(&at) });
        }
        schemes
    }

    fn duplicate_ids(&mut self, operations: &[Operation]) {
        let mut seen = HashMap::new();
        for operation in operations {
            let Some(id) = &operation.id else { continue };
            let Some(first) = seen.insert(id.as_str(), operation) else { continue };
            if self.errors.len() >= MAX_ERRORS {
                return;
            }
            // Two paths may refer to one path item; then the id stands once.
            if first.anchor == operation.anchor {
                self.remark(
                    &operation.anchor.pointer.clone(),
                    format!("the operation `{id}` is on two paths, `{}` and `{}`", first.path, operation.path),
                );
                continue;
            }
            let place = self.raw.place(&format!("{}/operationId", operation.anchor.pointer));
            let message = format!(
                "two operations have the id `{id}`: {} in line {} and {} in line {}",
                first.title(),
                self.raw.anchor(&format!("{}/operationId", first.anchor.pointer)).line,
                operation.title(),
                place.line()
            );
            self.errors.push(InputError::at(place, message).help("Give one of them another `operationId`."));
        }
    }
}

/// The operation's own parameters, and those of the path item that it does not replace.
fn merge(own: Vec<Parameter>, shared: &[Parameter]) -> Vec<Parameter> {
    let known: HashSet<(String, ParameterIn)> =
        own.iter().map(|parameter| (parameter.name.clone(), parameter.place)).collect();
    let others = shared.iter().filter(|parameter| !known.contains(&(parameter.name.clone(), parameter.place)));
    let others: Vec<Parameter> = others.cloned().collect();
    own.into_iter().chain(others).collect()
}

/// Whether a server's URL names a host by its looks and has no scheme, which makes it a path beside the document.
fn lacks_scheme(url: &str) -> bool {
    let host = url.split(['/', '?', '#', ':']).next().unwrap_or_default();
    !url.contains("//") && !host.starts_with('.') && host.contains('.') && !host.contains('{')
}

/// Whether a pointer is to a component of the kind, which the gate has checked already.
fn is_component(object: Object, pointer: &str) -> bool {
    let Some((section, name)) = pointer.strip_prefix("/components/").and_then(|rest| rest.split_once('/')) else {
        return false;
    };
    !name.contains('/')
        && section
            == match object {
                Object::Schema => "schemas",
                Object::Response => "responses",
                Object::Parameter => "parameters",
                Object::Example => "examples",
                Object::RequestBody => "requestBodies",
                Object::Header => "headers",
                Object::SecurityScheme => "securitySchemes",
                _ => return false,
            }
}

/// Errors in the order of the file, each once.
fn in_order(mut errors: Vec<InputError>) -> Vec<InputError> {
    let key = |error: &InputError| (error.place.as_ref().map(|place| place.span.start), error.message.clone());
    errors.sort_by_key(key);
    errors.dedup_by_key(|error| key(error));
    errors.truncate(MAX_ERRORS);
    errors
}
