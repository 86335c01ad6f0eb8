//! Settings that exclude each other, or that a command cannot have: each is refused before anything is loaded or sent.

use super::flag::CommandName;
use super::resolved::Settings;
use super::table::{API_BASE_URL, DRY_RUN, ENV_FILE, JOURNAL, REQUIRE_TARGET};
use crate::location::InputError;

impl Settings {
    /// Refuses to run without a target if a gate requires one, or if a file of variables holds keys, which only a target
    /// needs. The embedded reference would be judged instead, and would always pass.
    pub fn has_required_target(&self) -> Result<(), InputError> {
        if let Some((file, name)) = self.env_file.as_ref().zip(self.key_without_target.as_ref()) {
            return Err(InputError::new(format!(
                "{} sets {name}, and neither it nor anything else names a target",
                file.display()
            ))
            .help(format!(
                "set {API_BASE_URL} there to the target's base URL; without {} the embedded reference is judged, which \
                 has keys of its own",
                ENV_FILE.flag.name
            )));
        }
        if self.require_target && self.command == CommandName::Demo {
            return Err(InputError::new(format!("{REQUIRE_TARGET} is set, and a demo judges no target")).help(
                format!("unset it to see the demo, or judge a target with `conformant run` and {API_BASE_URL}"),
            ));
        }
        if self.require_target && self.base_url.is_none() {
            return Err(InputError::new(format!("{REQUIRE_TARGET} is set and there is no target")).help(format!(
                "set {API_BASE_URL} to the target's base URL; in a pipeline, check that the variable reaches this job"
            )));
        }
        Ok(())
    }

    /// Refuses reports from a dry run, which judges nothing.
    pub fn has_no_reports(&self) -> Result<(), InputError> {
        match self.reports.first() {
            Some(wish) => {
                Err(InputError::new(format!("{} asks for a report of a dry run, which judges nothing", wish.from))
                    .help(format!(
                        "leave {} out, or {}; a dry run prints what would be sent on stdout",
                        wish.from, DRY_RUN.flag.name
                    )))
            }
            None => Ok(()),
        }
    }

    /// Refuses a dry run where each case is a test: a test that sent nothing would look like one that passed.
    pub fn is_no_dry_run(&self) -> Result<(), InputError> {
        if self.dry_run {
            return Err(InputError::new(format!(
                "{} is set: a dry run judges nothing, and as tests its cases would seem to have passed",
                DRY_RUN.flag.variable()
            ))
            .help(format!("unset it here; `conformant run {}` shows what would be sent", DRY_RUN.flag.name)));
        }
        Ok(())
    }

    /// Refuses reports where every case runs in its own process: each process would overwrite the report of the one before.
    pub fn has_reports_of_one_process(&self) -> Result<(), InputError> {
        match self.reports.first().filter(|_| self.process_per_case) {
            None => Ok(()),
            Some(wish) => Err(InputError::new(format!(
                "{} asks for a report of the run, and this test runner starts a process for every case",
                wish.from
            ))
            .help("unset it and take the runner's own report, or run `cargo test` or `conformant run`")),
        }
    }

    /// Refuses one journal for several processes: all but the first would find that the file exists.
    pub fn has_journal_of_one_process(&self) -> Result<(), InputError> {
        if self.journal.is_some() && self.process_per_case {
            return Err(InputError::new(format!(
                "{} names one file, and this test runner starts a process for every case",
                JOURNAL.flag.variable()
            ))
            .help("unset it: each process then keeps a journal of its own in the folder of temporary files"));
        }
        Ok(())
    }
}
