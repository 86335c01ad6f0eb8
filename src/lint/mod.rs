//! The lint rules: they check the document and the suites, and need no target.
//!
//! A rule is a file below `rules`: a record, a page and a pure function from a document and its suites to findings. A
//! document or suite that cannot be read at all is an input error instead (`spec`, `case`).

mod document_nodes;
mod known_values;
mod request_breaches;
mod rules;
mod run;
mod schema_fit;
mod subject;

pub use rules::{Lint, RULES};
pub use run::{LintResult, lint};
pub use subject::Subject;
