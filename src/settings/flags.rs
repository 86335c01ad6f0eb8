//! What a command line gave: texts by flag.

use std::collections::BTreeMap;
use std::fmt;

use super::flag::{CommandName, Flag, SecretIn, Setting};
use super::table::{FILTER, FLAGS};

/// What a command line gave, as text; the test target gives nothing.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Flags {
    /// The command.
    pub(crate) command: CommandName,
    /// By the name of the flag, in the order in which they were given. A switch that stands alone is `yes`; a flag that
    /// counts has as many texts as it was given times.
    texts: BTreeMap<&'static str, Vec<String>>,
    /// The names of all commands, if none was given: the first filter may be a mistyped one.
    pub(crate) commands: Vec<String>,
}

impl Flags {
    /// Nothing but a command.
    pub(crate) fn of(command: CommandName) -> Self {
        Self { command, ..Self::default() }
    }

    /// With one more text of a flag.
    #[must_use]
    pub(crate) fn with<T>(mut self, setting: &'static Setting<T>, text: &str) -> Self {
        self.add(&setting.flag, [text.to_owned()]);
        self
    }

    /// Adds texts of a flag.
    pub(crate) fn add(&mut self, flag: &Flag, texts: impl IntoIterator<Item = String>) {
        self.texts.entry(flag.name).or_default().extend(texts);
    }

    /// The texts of a flag.
    pub(crate) fn all(&self, flag: &Flag) -> &[String] {
        self.texts.get(flag.name).map(Vec::as_slice).unwrap_or_default()
    }

    /// Every text with its flag: `--header=X-Team: blue`.
    pub(crate) fn words(&self) -> Vec<String> {
        let words = |(name, texts): (&&str, &Vec<String>)| {
            texts.iter().map(|text| format!("{name}={text}")).collect::<Vec<_>>()
        };
        self.texts.iter().flat_map(words).collect()
    }

    /// The commands that the first filter may be a mistyped name of: only a word on the command line can be.
    pub(super) fn commands_for_filter(&self) -> Vec<String> {
        if self.all(&FILTER.flag).is_empty() { Vec::new() } else { self.commands.clone() }
    }

    /// The text of a flag that takes one.
    pub(crate) fn one(&self, flag: &Flag) -> Option<&str> {
        self.all(flag).last().map(String::as_str)
    }
}

impl fmt::Debug for Flags {
    /// A value that may hold a secret is left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let holds_secret = |name: &str| FLAGS.iter().any(|flag| flag.name == name && flag.secret != SecretIn::None);
        let shown = self.texts.iter().map(|(name, texts)| {
            let texts =
                if holds_secret(name) { vec!["…"; texts.len()] } else { texts.iter().map(String::as_str).collect() };
            (name, texts)
        });
        f.debug_map().entries(shown).finish()
    }
}
