//! The guard: no request is sent that could change something that this run did not make.
//!
//! It judges resources: what a request is about is decided by the last value in its path, and what stands before that value
//! only says where. A value is taken as it is sent. Where the suite says that it comes from does not matter.
//!
//! **Reading** is GET, HEAD and OPTIONS, on any path below the base URL. Everything else may change something, and so may a
//! request of any method that says that it removes, cancels, resets, moves or logs out (`removing`).
//!
//! **A request that may change something** is sent in four cases (`permission`):
//!
//! - *It is about an object of this run.* The last value of the path is an id that the run made or was given to use up. After
//!   it stand only fixed segments of the document or, in a call, one literal segment. Before it stand values of this run, what
//!   was captured with the object, and what stands at the same place in the call, `exists` or `undo` of its state (`scopes`).
//! - *It is about nothing.* The last value of the path holds a UUID or a name that this run made up, with a letter at its
//!   beginning. Or the path ends with a literal that says that it is no id (`not-a-…`, `no-such-…`), and no POST, PUT or PATCH
//!   of the suites writes that name ([`WrittenNames`]). Before it stands anything.
//! - *It names an object of this run outside the path.* It is a POST without path values whose query or body names an object, or
//!   an operation whose required query parameter does.
//! - *It creates.* The POST by which a state makes its object may have any body, and any path that does not end with an id of
//!   something else: a POST there changes that object. Another POST is sent if its path has no value, or only values of this
//!   run and of its objects, and does not end with one that only came with an object.
//!
//! *Made* is what the accepted response to a creation gave. A `{{uuid}}` names no object, and neither does a value that came with
//! an object, such as the id of its parent ([`Guard::note_captured`] takes both).
//!
//! **Values are read as the most lenient server would read them:** percent-decoded until nothing changes. A UUID is the same in
//! upper and lower case, with or without dashes, braces and `urn:uuid:`; in other ids case matters. If the decoded value
//! contains `/`, `\`, `?`, `#`, `;`, `%`, `*`, `,` or a control character, or is empty or a dot segment, it is refused even if
//! it was captured: servers disagree about which object such a path names. (One exception: a plain slash after the last value.)
//!
//! **The target** must be the base path and then the path template with exactly these values, and decoding must not change its
//! segments. Fields and parameters that rewrite the method, host, path or framing are refused in every request (`request`).
//!
//! **Query, fields and body** of a request that may change something may name objects too (`values`). If a word of a name says
//! that its value is an id (`id`, `jobIds`, `filter[id]`, `id__in`), the value must be of this run, or clearly not an id. No
//! other text, no name and no cookie may contain anything that looks like an id (a UUID, long hex, 15 digits or more, as many
//! digits as captured ids have, letters and digits in random order, the length and letters of a captured random id), unless it
//! is of this run. Texts are searched as they are and with every escape of URLs, JSON and XML read. A list that holds an object
//! of the run holds only objects of the run. What came with an object may be named beside the object itself, but not in a list,
//! not without a name, not under a name that says nothing but `id`, and not in a body that is neither JSON nor a form.
//!
//! **What the guard cannot see** in a request: that a target does more than the request asks for, that a word in a body is a
//! real id, which object the path of a making POST belongs to, and that a server ignores the last value of a path.

mod decoded;
#[expect(clippy::module_inception, reason = "the file is named for the type that it holds")]
mod guard;
mod id_texts;
mod literal;
mod path;
mod permission;
mod refusal;
mod removing;
mod request;
mod run_values;
mod scopes;
mod shapes;
mod values;
mod written_names;

#[cfg(test)]
mod attacks;
#[cfg(test)]
mod element_tests;
#[cfg(test)]
mod outside_path_tests;
#[cfg(test)]
mod tests;

pub use guard::Guard;
pub use refusal::Refusal;
pub(crate) use request::operator_fields_well_formed;
pub use scopes::{Scopes, StateKey};
pub use written_names::WrittenNames;
