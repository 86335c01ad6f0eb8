//! Suites: read strictly from YAML, with the place of every value, and bound to the operation that they test.
//!
//! A suite that this module returns fits its document: every operation, example, credential, state and value that it
//! names exists. `run` and `object` carry the cases out; `check` judges the responses.
//!
//! - `suite`, `case`, `step`, `expectation`, `state`, `credential`: what a suite holds.
//! - `template`, `placeholder`, `ids`: texts with placeholders such as `{{user}}`.
//! - `find`, `load`, `strict`, `decode`: from files to suites.
//! - `parameter`, `expand`, `encode`: values that the document writes by a style.
//! - `render`, `scheme`, `learn`: from a step to a request.

mod case;
mod credential;
mod decode;
mod encode;
mod expand;
mod expectation;
mod find;
mod hosts;
mod ids;
mod learn;
mod load;
mod marks;
mod parameter;
mod path_template;
mod paths;
mod placeholder;
mod render;
mod schema_expectation;
mod scheme;
mod state;
mod step;
pub(crate) mod strict;
#[expect(clippy::module_inception, reason = "the file is named for the type that it holds")]
mod suite;
mod syntax;
mod template;
#[cfg(test)]
mod testing;
mod texts;
mod variable_names;

pub use case::{Case, Given, Profile};
pub use credential::{
    Credential, CredentialSource, CredentialValue, Csrf, CsrfSource, Login, LoginGives, LoginKey, Note,
};
pub use expectation::{Expectation, Expected, HeaderExpectation, MatchExpectation, Statuses};
pub(crate) use find::known_deviations;
pub use find::unread_files;
pub use hosts::DeclaredHosts;
pub use ids::RunIds;
pub use learn::{learn_secret, may_learn_secrets};
pub use load::load;
pub(crate) use load::{MOST_VALUES, read_text};
pub use marks::has_no_id_mark;
pub use parameter::{ParameterValue, StructuredValue, StyledValue};
pub(crate) use paths::full_path;
pub use render::{ElementValues, RenderError, Rendered};
pub use schema_expectation::SchemaExpectation;
pub use state::{Contains, Exists, Look, Pages, State, Undo};
pub use step::{Action, Auth, Body, PathValue, Step};
pub use suite::Suite;
pub use template::{Filter, JsonTemplate, Part, Reference, Text, Unresolved, Values};
pub use texts::TextPlace;
pub use variable_names::{VariableNames, variable_names};
