//! The guard: no request is sent that could change something that this run did not make.
//!
//! **Path values.** The guard checks every request of an operation of the document, and every call whose method is not GET,
//! HEAD, OPTIONS or TRACE. Each value in the path must be one of these. The guard looks at the value itself, not at where
//! the suite says it comes from:
//!
//! - an id that this run captured or was given to use up ([`Guard::note_captured`], [`Guard::note_from_env`]);
//! - a UUID that this run made up ([`RunIds`](crate::suite::RunIds) recognises its own without storing them);
//! - a literal that cannot be a real id (see below);
//! - a companion: a value that was captured with an id ([`Guard::note_companion`]), such as the id of the object's parent.
//!   It passes only together with one of the others, because alone it would name something that this run did not make.
//!
//! Values are read as the most lenient server would read them: percent-decoded until nothing changes. A UUID is the
//! same in upper and lower case, with or without dashes, braces and `urn:uuid:`; in other ids case matters.
//! If the decoded value contains `/`, `\`, `?`, `#`, `;`, `%`, `*`, `,` or a control character, or is empty or a dot
//! segment, it is refused even if it was captured: servers disagree about which object such a path names. (One exception: a
//! plain slash after the last value, if that value is of this run.)
//!
//! **Literals.** A literal is refused if
//!
//! - it has characters other than ASCII letters, digits, `-`, `_`, `.`, `~` and inner spaces;
//! - it begins with a digit (many servers read `12abc` as 12);
//! - a part of it could be an id (a long run of hex digits, of digits, or of letters mixed with digits);
//! - it is a word with a meaning for servers (`all`, `me`, `latest`, `null` …);
//! - a POST, PUT or PATCH of any loaded suite writes that name ([`WrittenNames`]), so that it may exist.
//!
//! Any other literal passes in two cases. First, if it says that it is not an id: it begins with `not-a-`, `no-such-`,
//! `does-not-exist` or `nonexistent`, or contains a `~` that no captured id contains. Second, if ids were captured, all of
//! them have a fixed shape (UUID, number, hex), and the literal does not have that shape. Before the first capture only the
//! first case applies, because nothing is known about real ids.
//!
//! A literal alone never lets a request reach a collection: if no value in the path is of this run and the request may
//! change something, the last segment must be such a literal (`/buckets/no-such-bucket`, not
//! `/buckets/no-such-bucket/records`).
//!
//! **The target.** The request target is checked as well: it must be the base path and then the path template with exactly
//! these values, and decoding must not change its segments. In calls, the literal parts of path and query must not look
//! like ids either. Fields that rewrite the method, host, path or framing are refused in every request, and so is
//! everything that would end the request line or a field line early.
//!
//! **Query, fields and body** of a request that may change something (not GET, HEAD, OPTIONS or TRACE) may name objects
//! too. If the name of a value says that it is an id (`id`, `job_ids`, `conversationId`), the value must be of this run, or
//! clearly not an id. Any other text must not contain anything that looks like an id (a UUID, long hex, 15 digits or more,
//! as many digits as captured ids have, letters and digits in random order), unless it is of this run. A DELETE, PUT or
//! PATCH that names nothing of this run is refused: it could change everything.
//!
//! **Making.** The POST that makes an object of a state has fewer limits ([`Guard::permit_making`]): it may name existing
//! objects, such as the app to make something in. If its path says that it removes something (`/x/delete`), the full
//! limits apply.
//!
//! **What the guard cannot see** in a request: that a target does more than the request asks for, that a word in a body is a
//! real id, and which object the path of a making POST belongs to.

mod decoded;
#[expect(clippy::module_inception, reason = "the file is named for the type that it holds")]
mod guard;
mod literal;
mod refusal;
mod run_values;
mod shapes;
mod target;
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
pub(crate) use target::fields_well_formed;
pub use written_names::WrittenNames;
