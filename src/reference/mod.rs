//! The embedded reference: the *Delete Conversation* of a chat API, with the other operations that its cases need. It
//! responds as a real server was recorded to respond.
//!
//! It is the target of a run without a base URL, and `serve` makes it available to others. It uses nothing of the harness,
//! so that the two cannot share a mistake, and it is the only part of the crate that knows the API. It leaves out
//! everything that no case needs: streaming, files, feedback, other lists.
//!
//! It sends what the recorded server sent: status, fields and bytes of the body, and it makes its checks in the same order.
//! It cannot repeat the order of the fields and the spelling of their names (`Www-Authenticate`).

mod answer;
mod keys;
mod releases;
mod request;
mod route;
mod server;
mod service;
mod store;
#[cfg(test)]
mod tests;

pub use keys::{CREDENTIALS, Keys};
pub use releases::{RELEASES, Release, UnknownRelease, Version};
pub use route::{SERVES, serves};
pub use server::{ReferenceOptions, ReferenceServer, Seed};
pub use store::App;

/// Whether this build has the embedded reference.
pub const BUILT_IN: bool = true;
