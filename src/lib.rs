//! `conformant` tells whether an HTTP API keeps its OpenAPI contract: what it answers, what it does, and what it puts
//! on the wire.
//!
//! It loads an OpenAPI 3.0 document and suite files, runs each case against a base URL, and reports every case as a
//! test result. The command `conformant` and the test target of [`conformance!`] run the same code.
//!
//! # Start in your own repository
//!
//! `Cargo.toml`:
//!
//! ```toml
//! [dev-dependencies]
//! conformant = { version = "0.1", default-features = false }
//!
//! [[test]]
//! name = "conformance"
//! harness = false
//! ```
//!
//! `tests/conformance.rs`:
//!
//! ```
//! # mod conformance {
//! conformant::conformance!();
//! # }
//! ```
//!
//! | folder | what is in it |
//! |---|---|
//! | `spec/` | the OpenAPI document |
//! | `cases/` | the suites; `cases/known_deviations.yaml` lists what the API is known to get wrong |
//! | `snapshots/` | optional: what the API was recorded to answer |
//!
//! A first suite, `cases/close_conversation.yaml`. `docs/suite.md` describes the format, with states that make the objects
//! that a case needs:
//!
//! ```yaml
//! spec: ../spec/conversations.yaml
//! operation: closeConversation
//!
//! credentials:
//!   desk: {env: API_KEY}
//!
//! cases:
//!   unknown:
//!     about: Nobody can close a conversation that does not exist.
//!     auth: desk
//!     path: {id: "{{uuid}}"}
//!     json: {user: "{{user}}"}
//!     expect: {status: 404, example: gone, free: [/message]}
//! ```
//!
//! ```sh
//! API_BASE_URL=https://staging.example.com/v1 API_KEY=app-… cargo test --test conformance
//! ```
//!
//! | variable | what it says |
//! |---|---|
//! | `API_BASE_URL` | the target |
//! | the names after `env:` in a suite, such as `API_KEY` | the credentials |
//! | `CONFORMANT_REQUIRE_TARGET=1` | a missing `API_BASE_URL` is an error: for CI |
//! | `CONFORMANT_CASES`, `CONFORMANT_SPEC` | other places for suites and document |
//! | `CONFORMANT_REPORT=json=PATH` | writes a report |
//! | `CONFORMANT_RATE`, `CONFORMANT_JOBS` | requests per second, cases at a time |
//!
//! # Features
//!
//! All are on by default, which is what the command needs. The macro needs none.
//!
//! | feature | what it adds |
//! |---|---|
//! | `cli` | the command |
//! | `http2` | HTTP/2 (`CONFORMANT_HTTP=2`) |
//! | `junit` | JUnit XML (`CONFORMANT_REPORT=junit=PATH`) |
//! | `progress` | a bar on the terminal |
//! | `reference` | the embedded reference server, the target where none is named |
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
//! | [`suite`], [`finding`] | suites, read strictly and bound to the document; what was found |
//! | [`observation`], [`guard`], [`lint`], [`settings`], [`outcome`] | what was observed in a case run; what may be sent; rules about documents and suites; flag over variable over default; what a run came to |
//! | [`assess`], [`event`], [`transport`], [`baseline`] | what follows from an observation, computed once; what happens in a run; the only sockets, the guard before them; recorded behaviour |
//! | [`rules`], [`object`] | one rule a file, in families; credentials, the life of an object, provider states |
//! | [`known`] | known deviations |
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

#![cfg_attr(
    not(all(feature = "cli", feature = "http2", feature = "junit", feature = "progress", feature = "reference")),
    allow(dead_code, reason = "some parts are used by what a feature adds, and by nothing else")
)]

pub mod assess;
pub mod baseline;
#[doc(hidden)]
#[cfg(feature = "cli")]
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
#[cfg_attr(not(feature = "reference"), path = "reference/absent.rs")]
pub mod reference;
pub mod report;
pub mod rule;
pub mod rules;
pub mod run;
pub mod secret;
pub mod settings;
pub mod spec;
pub mod suite;
pub mod transport;
pub mod tree;
pub mod write;
