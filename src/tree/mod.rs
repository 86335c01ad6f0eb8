//! A YAML or JSON text as a tree of values, each with its place.
//!
//! Documents and suites are decoded from this tree by hand, so that every error can name its line and column. JSON bodies
//! are read by [`json`] too, because `serde_json::Value` loses duplicate keys and digits. What the values mean is decided
//! elsewhere (`spec`, `case`, `check`).

mod digits;
mod double;
mod file_kind;
pub mod json;
mod limit;
mod node;
mod scalar;
mod tab;
pub mod yaml;

pub use digits::Digits;
pub use file_kind::FileKind;
pub(crate) use limit::most_values;
pub use node::{Entries, Entry, Node, Number, Tree, Value};
