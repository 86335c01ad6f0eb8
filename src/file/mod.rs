//! Input files: the only functions that open and read a file which a user named.
//!
//! A path below `demo:` names a file that is built into the command; every other one is a path of the file system.
//!
//! Only regular files are read, and only up to a size for each kind of file. Files below `/proc`, `/sys` and `/dev` are
//! refused even if they look regular: they may hold the keys of this process, block, or never end. What the bytes mean is
//! decided elsewhere.

mod error;
pub mod most;
mod open;
mod path;
mod shipped;
mod system;

pub use error::FileError;
pub use open::{entries, is_folder, look, names_folder, open, read, real};
pub use path::{FollowedPath, absolute};
pub use shipped::{FILES as SHIPPED, is_shipped};

#[cfg(test)]
mod tests;
