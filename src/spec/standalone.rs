//! Schemas that stand alone, outside a document: those of a suite. They have the keywords and the meaning of the schemas in a
//! document.

use std::sync::Arc;

use super::gate;
use super::objects::ObjectKind;
use super::raw::RawDocument;
use super::remark::Remark;
use super::schema::{Schema, Schemas};
use crate::location::{InputError, InputErrors, Source};
use crate::tree::{Node, Tree};

/// What to do about a schema that cannot be read.
const HELP: &str =
    "It has the keywords of a schema in an OpenAPI 3.0 document. Instead of `const: x` write `enum: [x]`.";

impl Schema {
    /// Reads a schema from a node of a file. `$ref: '#'` is the schema itself. What is only odd in a document is an error here,
    /// such as an unknown keyword.
    pub fn standalone(source: &Source, node: &Node) -> Result<Arc<Self>, InputErrors> {
        let raw = RawDocument::new(Arc::new(Tree { source: source.clone(), root: node.clone() }));
        let refused = |remarks: Vec<Remark>| {
            let errors = remarks
                .into_iter()
                .map(|remark| InputError::at(raw.key_place(&remark.anchor.pointer), remark.message).help(HELP));
            let errors: Vec<InputError> = errors.collect();
            if errors.is_empty() { Ok(()) } else { Err(InputErrors(errors)) }
        };
        refused(gate::check_one(&raw, ObjectKind::Schema, "")?)?;
        let mut schemas = Schemas::new(raw.clone());
        let schema = schemas.schema("");
        refused(schemas.finish()?)?;
        Ok(schema)
    }
}
