//! The document as a contract: an OpenAPI 3.0 document, read from YAML, JSON or a Markdown page. Every `$ref` inside it is
//! followed, values are judged by its schemas, and every part knows its JSON pointer and line.
//!
//! Callbacks and links are not read. Suites (`case`) and rules (`check`, `lint`) build on this module.

mod branches;
mod budget;
mod build;
mod builder;
mod compiler;
mod contents;
mod dialect;
mod discriminator;
mod document;
mod explain;
mod formats;
mod gate;
mod judge;
mod lazy_pointer;
mod load;
mod media_type;
mod objects;
mod page;
mod parameter;
mod paths;
mod pattern;
mod raw;
mod remark;
mod schema;
mod schema_check;
mod servers;
mod standalone;
mod value;
mod violation;
mod write_only;

pub use budget::STEPS;
pub use document::{
    Document, Example, Media, Operation, RequestBody, Response, ResponseHeader, SchemeKind, SecurityScheme, Server,
    StatusPattern,
};
pub(crate) use load::read_as_another_file;
pub use media_type::MediaType;
pub use parameter::{Parameter, ParameterIn, ParameterStyle, Serialization};
pub use remark::Remark;
pub use schema::{Schema, TooMuch};
pub use violation::{MAX_VIOLATIONS, Violation};
