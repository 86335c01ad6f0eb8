//! The only code that opens sockets, with the guard in front.

mod base_url;
mod production;

pub use base_url::BaseUrl;
pub use production::refuse_production;
