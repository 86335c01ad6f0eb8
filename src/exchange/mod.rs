//! A request and its response as they were on the wire: every byte is kept (up to the limits), and every violation of the
//! grammar is named.
//!
//! The [`Reader`] is fed with bytes and knows no socket, so stored bytes are read by the same code as live ones. Connections
//! are the task of `transport`, and whether a response is right that of `check`.

mod answer;
mod chunked;
mod coding;
mod curl;
mod end;
mod fault;
mod framing;
mod head;
mod mask;
mod reader;
mod request;
mod show;

#[cfg(test)]
mod tests;

pub use answer::{Answer, Field, Framing, Head, Protocol, Surplus, Unpacked};
pub use end::{End, Stage, Wait};
pub use fault::{FAULTS_OF_A_KIND, Fault, FaultKind};
pub use reader::{Limits, Next, Reader};
pub use request::{Exchange, Request, Timing};
pub use show::escape_bytes;
