//! The only code that opens sockets, with the guard in front.

mod base_url;
mod guard;
mod production;

pub use base_url::BaseUrl;
pub use guard::{Guard, Refusal};
pub use production::refuse_production;
