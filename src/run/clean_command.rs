//! The command that removes what a run left behind, as it can be copied into a POSIX shell.

use std::path::Path;

use super::rerun::words;
use crate::outcome::{LeftBehind, RerunWord};
use crate::printable::{escaped, secret_field, shell_word};
use crate::run::parts::setup::Setup;
use crate::suite::Suite;

/// The command without the journal's path.
#[derive(Clone, Debug)]
pub(crate) struct CleanCommand {
    /// The flags that `clean` needs to find the same target in the same way.
    flags: String,
    /// Whether the command needs keys that no file of variables holds.
    needs_keys: bool,
}

impl CleanCommand {
    /// The command for the objects of a run.
    pub(crate) fn of(setup: &Setup) -> Self {
        let Setup { settings, secrets, .. } = setup;
        let mut flags = format!(" --base-url {}", shell_word(&secrets.mask_id(&setup.target.url)));
        for word in words(settings.clean_words(), settings, secrets) {
            flags.push(' ');
            flags.push_str(&match word {
                RerunWord::Word(word) => shell_word(&word),
                RerunWord::SecretField(name) => secret_field(&name),
            });
        }
        let has_credentials = setup.suites.iter().any(|suite| !suite.credentials.is_empty());
        Self { flags, needs_keys: has_credentials && settings.env_file.is_none() }
    }

    /// The sentence that names the journal of what is left behind, and says how to remove that.
    pub(crate) fn note(&self, journal: &Path) -> String {
        let keys = if self.needs_keys { ", with the keys of this run in the environment" } else { "" };
        format!(
            "the journal {} lists what is left behind; to remove it, run `conformant clean {}{}`{keys}; remove by hand only \
             what that command cannot remove",
            escaped(&journal.display().to_string()),
            shell_word(&journal.display().to_string()),
            self.flags
        )
    }

    /// The sentence for a journal that names nothing that `clean` could remove.
    pub(crate) fn note_by_hand(journal: &Path) -> String {
        let journal = escaped(&journal.display().to_string());
        format!(
            "the journal {journal} lists what may be left behind; `conformant clean` cannot remove it, because its id is not \
             known or its state has no `undo`: look for it at the target, remove it by hand, and then remove the journal"
        )
    }

    /// Whether `clean` can remove any of this: its id is known, and its state says how.
    pub(crate) fn can_remove_any(suites: &[Suite], left: &[LeftBehind]) -> bool {
        let has_undo = |name: &str| {
            let mut states = suites.iter().flat_map(|suite| &suite.states);
            states.any(|state| state.name == name && state.undo.is_some())
        };
        left.iter().any(|one| !one.is_unknown() && has_undo(&one.state))
    }
}
