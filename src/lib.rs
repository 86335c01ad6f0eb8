//! `conformant` tells whether an HTTP API keeps its OpenAPI contract: what it answers, what it does, and what it puts
//! on the wire.
//!
//! It loads an OpenAPI 3.0 document and suite files, runs each case against a base URL, and reports every case as a
//! test result. There are three ways to it, which run the same code: a [builder](Conformance) inside a test of yours, a test
//! target that is one line ([`conformance!`]), and the command `conformant`.
//!
//! # In a test that starts your own server
//!
//! ```
//! # use conformant::{BadInput, Conformance};
//! # struct Mock(conformant::reference::ReferenceServer);
//! # impl Mock {
//! #     async fn start() -> Self {
//! #         Self(conformant::reference::ReferenceServer::start(Default::default()).await.expect("a free port"))
//! #     }
//! #     fn url(&self) -> String { self.0.base_url() }
//! #     fn key(&self) -> String { self.key_of_app(0) }
//! #     fn key_of_app(&self, app: usize) -> String { self.0.credentials()[app].1.clone() }
//! # }
//! # /*
//! #[tokio::test]
//! # */
//! async fn the_mock_keeps_its_contract() -> Result<(), BadInput> {
//!     let mock = Mock::start().await; // your own server
//!     let report = Conformance::new("cases")
//!         .base_url(mock.url())
//!         .env("API_KEY", mock.key())
//! #       .env("WRONG_MODE_API_KEY", mock.key_of_app(1))
//! #       .env("OTHER_APP_API_KEY", mock.key_of_app(2))
//!         .run()
//!         .await?;
//!     report.assert_conforms();
//!     Ok(())
//! }
//! # if conformant::reference::BUILT_IN {
//! #     let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
//! #     runtime.block_on(the_mock_keeps_its_contract()).expect("good input");
//! # }
//! ```
//!
//! A test without a runtime calls [`run_blocking`](Conformance::run_blocking). The [`Report`] is data too.
//!
//! # As a test target
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

#![cfg_attr(
    not(all(feature = "cli", feature = "http2", feature = "junit", feature = "progress", feature = "reference")),
    allow(dead_code, unused_imports, reason = "some parts are used by what a feature adds, and by nothing else")
)]

// Public for the tests, the benchmarks, the fuzz targets and the command. What a team uses is below.
#[doc(hidden)]
pub mod assess;
#[doc(hidden)]
pub mod baseline;
#[doc(hidden)]
#[cfg(feature = "cli")]
pub mod cli;
#[doc(hidden)]
pub mod date;
#[doc(hidden)]
pub mod event;
#[doc(hidden)]
pub mod exchange;
#[doc(hidden)]
pub mod file;
#[doc(hidden)]
pub mod finding;
#[doc(hidden)]
pub mod guard;
#[doc(hidden)]
pub mod harness;
#[doc(hidden)]
pub mod known;
mod library;
#[doc(hidden)]
pub mod lint;
#[doc(hidden)]
pub mod location;
#[doc(hidden)]
pub mod object;
#[doc(hidden)]
pub mod observation;
#[doc(hidden)]
pub mod outcome;
#[doc(hidden)]
pub mod printable;
#[doc(hidden)]
#[cfg_attr(not(feature = "reference"), path = "reference/absent.rs")]
pub mod reference;
#[doc(hidden)]
pub mod report;
#[doc(hidden)]
pub mod rule;
#[doc(hidden)]
pub mod rules;
#[doc(hidden)]
pub mod run;
#[doc(hidden)]
pub mod secret;
#[doc(hidden)]
pub mod settings;
#[doc(hidden)]
pub mod spec;
#[doc(hidden)]
pub mod suite;
#[doc(hidden)]
pub mod transport;
#[doc(hidden)]
pub mod tree;
#[doc(hidden)]
pub mod write;

pub use library::{BadInput, CaseReport, Conformance, FilePlace, FindingReport, Mistake, Report, RunEvent};
#[doc(inline)]
pub use outcome::{LeftBehind, Verdict};
#[doc(inline)]
pub use rule::Level;
