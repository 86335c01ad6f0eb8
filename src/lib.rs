//! `conformant` tells whether an HTTP API keeps its OpenAPI contract: what it answers, what it does, and what it puts
//! on the wire.
//!
//! It loads an OpenAPI 3.0 document and suite files, runs each case against a base URL, and reports every case as a
//! test result. The command (`conformant`) and the test target (`cargo test --test conformance`, by [`conformance!`]) are
//! two doors to the same code.
//!
//! # Map
//!
//! A module imports only from those above it.
//!
//! | module | what it is |
//! |---|---|
//! | [`printable`] | text that is safe to show, in a terminal and in a log |
//! | [`rule`], [`location`], [`secret`], [`date`], [`write`](mod@write) | rule records and levels; places in files; what must never be shown; days; writing that ends |
//! | [`tree`] | YAML and JSON files as trees of values with their places |
//! | [`spec`], [`exchange`] | the document as a contract; a request and its answer, bytes kept |
//! | [`case`], [`finding`] | suites, read strictly and bound to the document; what was found |
//! | [`guard`], [`check`], [`lint`], [`settings`], [`outcome`] | what may be sent; one rule a file, with a target and without; flag over variable over default; what a run came to |
//! | [`event`] | what happens in a run, told while it happens |
//! | [`transport`], [`baseline`], [`known`] | the only sockets, the guard before them; recorded behaviour; known deviations |
//! | [`object`] | credentials; the life of an object; provider states |
//! | [`report`] | one file per format |
//! | [`run`] | the only wiring |
//! | [`harness`], `cli` | the door for `cargo test`; the command |
//! | [`reference`](mod@reference) | the embedded server; stands apart |
//!
//! # Example
//!
//! Bytes that a server sent, read and judged without any network:
//!
//! ```
//! use conformant::exchange::{FaultKind, Reader};
//!
//! let answer = Reader::read("DELETE", b"HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n{}");
//! assert_eq!(answer.status(), Some(204));
//! assert!(matches!(answer.faults[0].kind, FaultKind::BodilessWithLength(_)));
//! assert_eq!(answer.surplus.expect("bytes after a 204").bytes, b"{}");
//! ```

pub mod assess;
pub mod baseline;
pub mod case;
#[doc(hidden)]
pub mod cli;
pub mod date;
pub mod event;
pub mod exchange;
pub mod file;
pub mod finding;
pub mod guard;
pub mod harness;
pub mod known;
pub mod lint;
pub mod location;
pub mod object;
pub mod observation;
pub mod outcome;
pub mod printable;
pub mod reference;
pub mod report;
pub mod rule;
pub mod rules;
pub mod run;
pub mod secret;
pub mod settings;
pub mod spec;
pub mod transport;
pub mod tree;
pub mod write;
