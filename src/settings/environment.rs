//! The environment as it was at the start. Its values may be credentials, so they are never shown.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::location::InputError;

/// The variables that say whether to colour.
pub(super) const COLOR_VARIABLES: [&str; 3] = ["NO_COLOR", "CLICOLOR_FORCE", "TERM"];

/// Variables by name. `Debug` shows names only.
#[derive(Clone, Default)]
pub struct Environment {
    values: BTreeMap<String, String>,
    /// Names of variables whose value is no Unicode text.
    unreadable: BTreeSet<String>,
}

impl Environment {
    /// Reads the environment of this process.
    #[allow(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn read() -> Self {
        let mut environment = Self::default();
        for (name, value) in std::env::vars_os() {
            // The name of no setting is anything but Unicode text.
            let Ok(name) = name.into_string() else { continue };
            match value.into_string() {
                Ok(value) => drop(environment.values.insert(name, value)),
                Err(_) => drop(environment.unreadable.insert(name)),
            }
        }
        environment
    }

    /// With further variables; those that are set already stay as they are.
    pub(super) fn over(mut self, variables: Vec<(String, String)>) -> Self {
        for (name, value) in variables {
            if !self.has(&name) {
                self.values.insert(name, value);
            }
        }
        self
    }

    /// Sets a variable, whatever it was before.
    pub(crate) fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        let name = name.into();
        self.unreadable.remove(&name);
        self.values.insert(name, value.into());
    }

    /// Only the variables whose names pass.
    pub(super) fn only(mut self, passes: impl Fn(&str) -> bool) -> Self {
        self.values.retain(|name, _| passes(name));
        self.unreadable.retain(|name| passes(name));
        self
    }

    /// A variable's value, be it empty; none if it is unset or no Unicode text.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// A variable's value, which must not be empty: a missing secret of a pipeline arrives as an empty variable, and
    /// must not pass for "not set".
    pub fn filled(&self, name: &str) -> Result<Option<&str>, InputError> {
        if self.unreadable.contains(name) {
            return Err(InputError::new(format!("the variable {name} holds something that is no Unicode text"))
                .help(format!("set {name} to plain text, or unset it")));
        }
        match self.get(name) {
            Some(value) if value.trim().is_empty() => Err(InputError::new(format!(
                "the variable {name} is set but empty"
            ))
            .help(format!("give {name} a value (in a pipeline: is the secret defined for this job?), or unset it"))),
            value => Ok(value),
        }
    }

    /// Whether a variable is set at all.
    pub fn has(&self, name: &str) -> bool {
        self.values.contains_key(name) || self.unreadable.contains(name)
    }

    /// The names of all variables, in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let mut names: Vec<&str> = self.values.keys().chain(&self.unreadable).map(String::as_str).collect();
        names.sort_unstable();
        names.into_iter()
    }

    /// All variables that have a readable value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether to colour: `NO_COLOR` (see <https://no-color.org>) and `TERM=dumb` say no, `CLICOLOR_FORCE` says yes. If none
    /// is set, output to a terminal is coloured.
    pub fn color(&self) -> Option<bool> {
        let [no, force, terminal] = COLOR_VARIABLES.map(|name| self.get(name).filter(|value| !value.is_empty()));
        if no.is_some() {
            Some(false)
        } else if force.is_some_and(|value| value != "0") {
            Some(true)
        } else if terminal == Some("dumb") {
            Some(false)
        } else {
            None
        }
    }

    #[cfg(test)]
    pub(super) fn with_unreadable(mut self, name: &str) -> Self {
        self.values.remove(name);
        self.unreadable.insert(name.to_owned());
        self
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let values = pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Self { values, unreadable: BTreeSet::new() }
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}
