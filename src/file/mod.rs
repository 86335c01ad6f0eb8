//! Input files: the only functions that open and read a file which a user named.
//!
//! Only regular files are read, and only up to a size for each kind of file. Files below `/proc`, `/sys` and `/dev` are
//! refused even if they look regular: they may hold the keys of this process, block, or never end. What the bytes mean is
//! decided elsewhere.

mod error;
pub mod most;
mod open;
mod path;
mod system;

pub use error::{FileError, FileError as Refused};
pub use open::{look, open, read};
pub use path::{FollowedPath, FollowedPath as Way};

#[cfg(test)]
mod tests;
