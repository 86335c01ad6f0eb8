//! The settings of `conformant serve`.

use std::time::Duration;

use super::environment::Environment;
use super::flags::Flags;
use super::resolver::Resolver;
use super::table::{CREATION_TIME, PORT, USER_GAP};
use crate::location::InputErrors;

/// How a served reference is to be; what is `None` stays as the reference has it.
#[derive(Clone, Debug)]
pub struct Served {
    /// `--port`.
    pub port: u16,
    /// `--release`: the release of the real API.
    pub release: Option<String>,
    /// `--creation-time`: how long it takes to make a conversation.
    pub creation_time: Option<Duration>,
    /// `--user-gap`: how long it takes between looking a user up and making one.
    pub user_gap: Option<Duration>,
}

impl Served {
    /// Resolves the settings. Serving asks no target, so a variable that names one is no conflict with a release.
    pub fn resolve(flags: &Flags, env: &Environment) -> Result<Self, InputErrors> {
        let mut resolver = Resolver::new(flags, env);
        let served = Self {
            port: resolver.value(&PORT),
            release: resolver.release(None),
            creation_time: resolver.given(&CREATION_TIME),
            user_gap: resolver.given(&USER_GAP),
        };
        if resolver.errors.is_empty() { Ok(served) } else { Err(InputErrors(resolver.errors)) }
    }
}
