//! The flags that the rerun command repeats: those besides the target that decide what is sent, who receives it, and what is
//! found.

use super::flag::{Flag, InRerun, Takes};
use super::parse;

/// A setting that was given by flag or variable, and that the rerun command repeats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Repeated {
    flag: &'static str,
    is_switch: bool,
    text: String,
}

impl Repeated {
    /// Remembers what was given, unless the rerun command leaves it out.
    pub(super) fn new(flag: &Flag, text: &str) -> Option<Self> {
        let text = text.trim();
        let wanted = match flag.rerun {
            InRerun::Repeated => true,
            InRerun::RepeatedIf(value) => text == value,
            InRerun::Left | InRerun::FromOutcome | InRerun::HeaderField => false,
        };
        wanted.then(|| Self { flag: flag.name, is_switch: flag.takes == Takes::Switch, text: text.to_owned() })
    }

    /// Whether it is the setting of this flag.
    pub(super) fn is_of(&self, flag: &Flag) -> bool {
        self.flag == flag.name
    }

    /// The words of a command line that say it.
    pub(super) fn words(&self) -> Vec<String> {
        let Self { flag, is_switch, text } = self;
        if *is_switch && parse::boolean(text).is_ok_and(|it| it) {
            return vec![(*flag).to_owned()];
        }
        // A switch takes its value behind `=` only, and a value that looks like a flag must not pass for one.
        if *is_switch || text.starts_with('-') {
            return vec![format!("{flag}={text}")];
        }
        vec![(*flag).to_owned(), text.clone()]
    }
}
