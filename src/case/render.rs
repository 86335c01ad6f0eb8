//! From a step and its values to the request that is sent.

use super::{Step, Suite, Unresolved, Values};
use crate::exchange::Request;

/// A request, and what the guard must know about it.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// The request.
    pub request: Request,
    /// The path values as sent (still encoded), by parameter name; for a call, every value put into its path or
    /// query.
    pub path_values: Vec<(String, String)>,
    /// The base URL's path, with which the target begins; without a slash at its end.
    pub base_path: String,
    /// The path below it as sent, without the query, each value replaced by `{name}`, where the name is that of its
    /// entry in `path_values`; what was literal in a call's path stands as it is sent.
    pub template: String,
    /// Whether it is an operation of the document (judged) or a call (staged).
    pub judged: bool,
}

impl Step {
    /// Makes the request. `origin` is `http://host:port`, `base_path` the base URL's path without a trailing slash,
    /// `secrets` the values of the suite's credentials by index (`None`: not set), `extra` fields for every request.
    pub fn render(
        &self,
        suite: &Suite,
        origin: &str,
        base_path: &str,
        secrets: &[Option<String>],
        values: &mut Values,
    ) -> Result<Rendered, Unresolved> {
        let _ = (suite, origin, base_path, secrets, values);
        unimplemented!()
    }
}
