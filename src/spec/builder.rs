//! What building a document needs everywhere: the raw document, its schemas, errors and remarks, and the following of
//! references.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_json::Value;

use super::document::{Media, RequestBody, ResponseHeader};
use super::gate;
use super::objects::ObjectKind;
use super::raw::{RawDocument, escape};
use super::remark::{MAX_ERRORS, MAX_REMARKS, Remark};
use super::schema::Schemas;
use crate::location::InputError;

/// How many parts a document may have, and one more for each so many bytes. Each part takes many times its text in memory.
const PARTS: usize = 20_000;
const BYTES_PER_PART: usize = 150;

/// The state of building a document.
pub(super) struct Builder {
    pub(super) raw: RawDocument,
    pub(super) schemas: Schemas,
    pub(super) errors: Vec<InputError>,
    pub(super) remarks: Vec<Remark>,
    /// The pointers of objects outside the usual places that a reference led to, and that were checked since.
    checked: HashSet<String>,
    /// Request bodies that were built, by pointer. What several operations refer to is built once.
    pub(super) bodies: HashMap<String, Arc<RequestBody>>,
    /// The contents of responses that were built, by pointer.
    pub(super) responses: HashMap<String, ResponseContents>,
    /// How many parts were built.
    parts: usize,
}

/// What a response object holds.
pub(super) type ResponseContents = (Arc<[Media]>, Arc<[ResponseHeader]>);

impl Builder {
    /// `remarks` are those on the document so far.
    pub(super) fn new(raw: RawDocument, remarks: Vec<Remark>) -> Self {
        Self {
            schemas: Schemas::new(raw.clone()),
            raw,
            errors: Vec::new(),
            remarks,
            checked: HashSet::new(),
            bodies: HashMap::new(),
            responses: HashMap::new(),
            parts: 0,
        }
    }

    /// Adds a remark on a part.
    pub(super) fn remark(&mut self, pointer: &str, message: impl Into<String>) {
        if self.remarks.len() >= MAX_REMARKS {
            return;
        }
        self.remarks.push(Remark { message: message.into(), anchor: self.raw.anchor(pointer) });
    }

    /// Counts a part. False if there are too many; that is an error, which is added once.
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

    /// Follows references to an object of a kind. An object outside the usual places is checked first. None if there is an
    /// error, or were too many before.
    pub(super) fn follow(&mut self, object: ObjectKind, pointer: &str) -> Option<String> {
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

    /// The keys and pointers of the items of a sequence or the values of a mapping, in order. Empty if there is none.
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

    /// The string at a pointer.
    pub(super) fn text(&self, pointer: &str) -> Option<String> {
        self.raw.get(pointer)?.as_str().map(ToOwned::to_owned)
    }

    /// The boolean at a pointer; false if there is none.
    pub(super) fn flag(&self, pointer: &str) -> bool {
        self.raw.get(pointer).and_then(Value::as_bool).unwrap_or(false)
    }
}

/// Whether a pointer is that of a component of the kind, which was checked already.
fn is_component(object: ObjectKind, pointer: &str) -> bool {
    let Some((section, name)) = pointer.strip_prefix("/components/").and_then(|rest| rest.split_once('/')) else {
        return false;
    };
    !name.contains('/')
        && section
            == match object {
                ObjectKind::Schema => "schemas",
                ObjectKind::Response => "responses",
                ObjectKind::Parameter => "parameters",
                ObjectKind::Example => "examples",
                ObjectKind::RequestBody => "requestBodies",
                ObjectKind::Header => "headers",
                ObjectKind::SecurityScheme => "securitySchemes",
                _ => return false,
            }
}
