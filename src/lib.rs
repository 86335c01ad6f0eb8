//! `conformant` tells whether an HTTP API keeps its OpenAPI contract: what it answers, what it does, and what it puts
//! on the wire.

pub mod case;
pub mod check;
pub mod exchange;
pub mod finding;
pub mod location;
pub mod outcome;
pub mod reference;
pub mod rule;
pub mod secret;
pub mod settings;
pub mod spec;
pub mod tree;
