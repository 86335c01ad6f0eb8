//! Begins the journal before the run makes anything, and ends it after the clean-up.

use std::io::ErrorKind;
use std::path::Path;

use crate::location::InputError;
use crate::object::Journal;
use crate::outcome::TargetKind;
use crate::run::clean_command::CleanCommand;
use crate::run::parts::record::{Record, lock};
use crate::run::parts::setup::Setup;

/// Begins the journal. If the settings name a journal and it cannot be made, that is an error; otherwise it is a note. The
/// embedded reference needs no journal: its objects end with this process.
pub(crate) fn begin(setup: &Setup, record: &Record) -> Result<(), InputError> {
    let asked = setup.settings.journal.as_deref();
    if setup.target.kind == TargetKind::Reference {
        if asked.is_some() {
            record.note("no journal was kept: the objects of the embedded reference server end with it");
        }
        return Ok(());
    }
    let usual = setup.settings.temporary.join(Journal::usual_name());
    let path = asked.unwrap_or(&usual);
    let run = setup.run.rsplit('-').next().unwrap_or_default();
    match Journal::create(path, run, &setup.target.url, &setup.secrets) {
        Ok(journal) => record.ledger.keep(journal),
        Err(error) if asked.is_some() => return Err(not_made(path, &error)),
        Err(error) => record.note(&format!(
            "no journal was kept, so nothing is known of what a killed run left behind: {} cannot be made: {error}; \
             --journal names another file",
            path.display()
        )),
    }
    Ok(())
}

/// Why the journal that the settings name cannot be made.
fn not_made(path: &Path, error: &std::io::Error) -> InputError {
    let path = path.display();
    if error.kind() == ErrorKind::AlreadyExists {
        return InputError::new(format!("the journal {path} already exists")).help(format!(
            "a run that was killed or left something behind wrote it: `conformant clean {path}`, with the target and the keys \
             of that run, removes what it names; or name another file"
        ));
    }
    InputError::new(format!("the journal {path} cannot be made: {error}"))
        .help("name a file in a folder that exists and can be written")
}

/// Ends the journal. Removes the file if nothing is left; otherwise adds a note that names it.
pub(crate) fn end(setup: &Setup, record: &Record) {
    let Some(journal) = record.ledger.journal() else {
        if setup.target.kind != TargetKind::Reference && !lock(&record.left_behind()).is_empty() {
            record.note("no journal lists what is left behind, so remove it by hand");
        }
        return;
    };
    if let Some(why) = journal.trouble() {
        record.note(&format!("the journal could not always be written, so it does not name all that was made: {why}"));
    }
    if let Some(path) = journal.end() {
        record.note(&if CleanCommand::can_remove_any(&setup.suites, &lock(&record.left_behind())) {
            CleanCommand::of(setup).note(path)
        } else {
            CleanCommand::note_by_hand(path)
        });
    }
}
