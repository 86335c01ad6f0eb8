//! The only code that opens sockets, with the guard in front.
//!
//! A [`Client`] sends requests to one target. [`Client::send_judged`] sends what is judged and keeps every byte of the response.
//! [`Client::send_call`] sends the calls around it. Both ask the [`Guard`] first, so nothing is sent past it. What is sent when is
//! decided in `run` and `object`, and whether a response is right in `check`.

mod authority;
mod base_url;
mod client;
mod connection;
mod dial;
mod failure;
mod gateway;
#[cfg_attr(not(feature = "http2"), path = "http2/absent.rs")]
mod http2;
mod lack;
mod library;
mod options;
mod overhear;
mod pace;
mod pem;
mod pool;
mod production;
mod proxy;
mod rehearsal;
mod sent;
mod shortage;
mod tls;
mod tunnel;
mod wire;

pub use crate::guard::{Guard, Refusal, Scopes, StateKey, WrittenNames};
pub use base_url::BaseUrl;
pub use client::{Begun, Client, Reached, Rest, Reuse};
pub use failure::Failure;
pub use gateway::refuse_fields;
pub use lack::Lack;
pub use options::ClientOptions;
pub use pem::{Identity, MACHINE, authorities, machine};
pub use production::refuse_production;
pub use proxy::{Proxy, goes_direct};
pub use rehearsal::{Cue, Rehearsal, Script};
