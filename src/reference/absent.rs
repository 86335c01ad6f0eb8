//! What a build without the feature `reference` has instead of the embedded reference: it serves nothing, and code that
//! asks for it gets an error that names the feature.

use std::fmt;
use std::io;
use std::time::Duration;

/// Whether this build has the embedded reference.
pub const BUILT_IN: bool = false;

/// It knows no credential.
pub const CREDENTIALS: [&str; 0] = [];

/// It is a reference of nothing.
pub const SERVES: &str = "nothing";

/// It serves no operation.
pub const fn serves(_method: &str, _path: &str) -> bool {
    false
}

/// What a server would be asked for.
#[derive(Clone, Debug)]
pub struct ReferenceOptions {
    /// The port.
    pub port: u16,
    /// The release.
    pub release: &'static Release,
    /// How long it takes to make an object.
    pub making: Duration,
    /// How long it takes between looking a user up and making one.
    pub user_gap: Option<Duration>,
}

impl Default for ReferenceOptions {
    fn default() -> Self {
        Self { port: 0, release: Release::newest(), making: Duration::ZERO, user_gap: None }
    }
}

/// There is none.
#[derive(Debug)]
pub enum ReferenceServer {}

impl ReferenceServer {
    /// Says which feature is missing.
    #[allow(clippy::unused_async, reason = "the embedded reference starts so")]
    pub async fn start(_options: ReferenceOptions) -> io::Result<Self> {
        Err(io::Error::new(io::ErrorKind::Unsupported, Missing.to_string()))
    }

    /// The base URL.
    pub fn base_url(&self) -> String {
        match *self {}
    }

    /// The credentials.
    pub fn credentials(&self) -> Vec<(&'static str, String)> {
        match *self {}
    }

    /// Ends it.
    #[allow(clippy::unused_async, reason = "the embedded reference ends so")]
    pub async fn shutdown(self) {
        match self {}
    }
}

/// A release of nothing.
#[derive(Debug, PartialEq, Eq)]
pub struct Release {
    /// Its name.
    pub version: &'static str,
}

impl Release {
    /// The only one.
    pub const fn newest() -> &'static Self {
        &Self { version: "none" }
    }

    /// No release has a name.
    pub fn named(_text: &str) -> Result<&'static Self, Missing> {
        Err(Missing)
    }

    /// No release stands for another.
    pub const fn substitution_note(&self, _asked: &str) -> Option<String> {
        None
    }
}

/// The embedded reference was asked for and is not in this build.
#[derive(Clone, Copy, Debug)]
pub struct Missing;

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this build has no embedded reference: the Cargo feature `reference` of conformant is off")
    }
}

impl std::error::Error for Missing {}
