//! The journal of a session: begun before anything is made, removed at the end or told of.

use super::Session;
use crate::location::InputError;
use crate::object::Journal;
use crate::outcome::TargetKind;
use crate::run::parting::named_in;

impl Session {
    /// Begins the journal. One that was asked for and cannot be made is an error; where nobody asked, it is a note. The
    /// embedded reference needs none: what is made there ends with this process.
    pub fn keep_journal(&self) -> Result<(), InputError> {
        let asked = self.fixed.settings.journal.as_deref();
        if self.fixed.target.kind == TargetKind::Reference {
            if asked.is_some() {
                self.note("no journal was kept: what is made in the embedded reference server ends with it");
            }
            return Ok(());
        }
        let usual = self.fixed.settings.temporary.join(Journal::usual_name());
        let path = asked.unwrap_or(&usual);
        let run = self.fixed.run.rsplit('-').next().unwrap_or_default();
        match Journal::create(path, run, &self.fixed.target.url, &self.fixed.secrets) {
            Ok(journal) => self.ledger.keep(journal),
            Err(error) if asked.is_some() => {
                let error = if error.kind() == std::io::ErrorKind::AlreadyExists {
                    InputError::new(format!("the journal {} is there already", path.display())).help(format!(
                        "a run that was killed or left something behind wrote it: `conformant clean {}` removes what it \
                         names; or name another file",
                        path.display()
                    ))
                } else {
                    InputError::new(format!("the journal {} cannot be made: {error}", path.display()))
                        .help("name a file in a folder that is there and can be written")
                };
                return Err(error);
            }
            Err(error) => self.note(&format!(
                "no journal was kept, so nothing is known of what a killed run left behind: {} cannot be made: {error}; \
                 --journal names another file",
                path.display()
            )),
        }
        Ok(())
    }

    /// Ends the journal: it is removed if nothing is left, and else told of.
    pub fn end_journal(&self) {
        let Some(journal) = self.ledger.journal() else { return };
        if let Some(why) = journal.trouble() {
            self.note(&format!(
                "the journal could not always be written, so it does not name all that was made: {why}"
            ));
        }
        if let Some(path) = journal.end() {
            self.note(&named_in(path));
        }
    }
}
