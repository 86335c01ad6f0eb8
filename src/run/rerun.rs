//! What the command that runs a case again repeats of the settings of this run.

use crate::outcome::{Rerun, RerunWord};
use crate::secret::Secrets;
use crate::settings::Settings;
use crate::settings::table::HEADER;

/// The command and its words besides target and case.
pub(super) fn rerun(settings: &Settings, secrets: &Secrets) -> Rerun {
    Rerun { command: settings.rerun_command(), words: words(settings.rerun_words(), settings, secrets) }
}

/// Words that repeat settings, and the header fields. A header field that came from a variable is left out: the variable is
/// there again, and the field may be secret.
pub(super) fn words(settings_words: Vec<String>, settings: &Settings, secrets: &Secrets) -> Vec<RerunWord> {
    let mut words: Vec<RerunWord> =
        settings_words.into_iter().map(|word| RerunWord::Word(secrets.mask_id(&word).into_owned())).collect();
    let network = &settings.network;
    for header in network.headers.iter().filter(|_| network.headers_were_flags()) {
        let field = format!("{}: {}", header.name, header.value);
        words.push(RerunWord::Word(HEADER.flag.name.to_owned()));
        words.push(if secrets.mask_str(&field) == field {
            RerunWord::Word(field)
        } else {
            RerunWord::SecretField(header.name.clone())
        });
    }
    words
}
