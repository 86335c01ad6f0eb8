//! Values that must never be shown, and the mask that hides them in every form in which they can appear.
//!
//! Everything that stores or writes text of a request, a response or a file masks it first. Where the values come from is
//! known elsewhere (`settings`, `object`).

#[cfg(test)]
mod cost;
mod detect;
mod forms;
mod late;
mod search;
mod secrets;

#[cfg(test)]
mod tests;

pub use detect::{logins, logins_of_url, says_secret};
pub use forms::SHORTEST;
pub use secrets::Secrets;
