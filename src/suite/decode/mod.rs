//! From a suite file's tree to a suite that fits its document.
//!
//! `context` holds what every part needs. `request` reads a draft of a request, and `auth` its credentials; `draft` merges
//! drafts; `expectation` reads what is expected; `bind` checks the step against the document. `case`, `credential` with
//! `login`, `state` and `public` read the sections of the file, and `suite` its top level. `exists` (with `contains`) and `undo`
//! read the calls of a state.

mod auth;
mod bind;
mod case;
mod contains;
mod context;
mod credential;
mod draft;
mod exists;
mod expectation;
mod hosts;
mod login;
mod parameter;
mod public;
mod request;
mod setup;
mod state;
mod suite;
mod supplied;
mod undo;
mod within;

#[cfg(test)]
mod damage_tests;
#[cfg(test)]
mod decode_tests;
#[cfg(test)]
mod refuse_login_tests;
#[cfg(test)]
mod refuse_looks_tests;
#[cfg(test)]
mod refuse_request_tests;
#[cfg(test)]
mod refuse_state_tests;
#[cfg(test)]
mod refuse_tests;

pub(super) use suite::{BEGINNING, Contract, spec_of, suite};
