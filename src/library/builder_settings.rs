//! The settings that a builder was given, resolved from the table of flags by the code that the command uses.

use std::path::Path;

use crate::location::{InputError, InputErrors, nearest};
use crate::secret::Secrets;
use crate::settings::table::{DRY_RUN, FLAGS, FORMAT, RELEASE, REPORT, VERBOSE};
use crate::settings::{self, CommandName, Environment, Flag, Flags, Review, Settings, Takes};

/// What a builder was given.
#[derive(Clone, Debug, Default)]
pub(super) struct BuilderSettings {
    flags: Flags,
    env: Environment,
    pub(super) has_process_env: bool,
    errors: Vec<InputError>,
}

impl BuilderSettings {
    /// Adds the text of a flag.
    pub(super) fn add(&mut self, flag: &Flag, text: impl Into<String>) {
        self.flags.add(flag, [text.into()]);
    }

    /// Adds a path. Settings are text, so one that is not Unicode text is an error.
    pub(super) fn add_path(&mut self, flag: &Flag, path: &Path) {
        match path.to_str() {
            Some(text) => self.add(flag, text),
            None => self.errors.push(
                InputError::new(format!("{} is {}, which is not Unicode text", flag.name, path.display()))
                    .help("give the file or folder a name in Unicode"),
            ),
        }
    }

    /// Adds a setting by the name of its flag.
    pub(super) fn add_named(&mut self, name: &str, text: String) {
        let Some(flag) = run_flags().find(|flag| setting_name(flag) == setting_word(name)) else {
            return self.errors.push(unknown(name));
        };
        if [REPORT.flag.name, FORMAT.flag.name, DRY_RUN.flag.name].contains(&flag.name) {
            return self.errors.push(
                InputError::new(format!("the setting `{name}` has no effect in a library"))
                    .help("leave it out; the report of the run can be had as text and as JSON"),
            );
        }
        match (flag.takes, text.trim()) {
            // How often the flag is given counts.
            (Takes::Count, "0") => {}
            (Takes::Count, "1") => self.flags.add(flag, [text]),
            (Takes::Count, "2") => self.flags.add(flag, [text.clone(), text]),
            (Takes::Count, _) => self.errors.push(
                InputError::new(format!("{} is `{text}`, which is not 0, 1 or 2", VERBOSE.flag.name))
                    .help("write 1 for what passing cases sent and received, 2 for every byte of it"),
            ),
            _ => self.flags.add(flag, [text]),
        }
    }

    /// Sets a variable.
    pub(super) fn set(&mut self, name: String, value: String) {
        self.env.set(name, value);
    }

    /// The variables that the run reads: those of the process, if that was asked for, under those that were given.
    pub(super) fn environment(&self) -> Environment {
        if !self.has_process_env {
            return self.env.clone();
        }
        let mut env = Environment::read();
        for (name, value) in self.env.iter() {
            env.set(name, value);
        }
        env
    }

    /// What is masked in errors: everything in the settings that may be a secret.
    pub(super) fn secrets(&self, env: Environment) -> Secrets {
        settings::hidden(&self.flags.words(), env)
    }

    /// The settings of a run. Everything that is wrong comes together.
    pub(super) fn settings(self, env: Environment) -> Result<Settings, InputErrors> {
        let resolved = Settings::resolve(&self.flags, env);
        let mut errors = self.errors;
        let mut settings = match resolved {
            Ok(settings) if errors.is_empty() => settings,
            Ok(_) => return Err(InputErrors(errors)),
            Err(wrong) => {
                errors.extend(wrong.0);
                return Err(InputErrors(errors));
            }
        };
        settings.has_required_target()?;
        settings.is_no_dry_run()?;
        has_target(&settings)?;
        has_no_reports(&settings)?;
        if !self.has_process_env {
            // Recorded behaviour is only proposed where a variable of insta may say so.
            settings.review = Review::nothing();
        }
        Ok(settings)
    }
}

/// The flags that mean something to a run.
fn run_flags() -> impl Iterator<Item = &'static Flag> {
    FLAGS.iter().copied().filter(|flag| flag.is_for(CommandName::Run))
}

/// The name of a flag as a setting: `base-url`.
fn setting_name(flag: &Flag) -> String {
    setting_word(flag.name)
}

fn setting_word(name: &str) -> String {
    name.trim_start_matches('-').to_ascii_lowercase().replace('_', "-")
}

fn unknown(name: &str) -> InputError {
    let names: Vec<String> = run_flags().map(setting_name).collect();
    let word = setting_word(name);
    let help = match nearest(&word, names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the settings are {}", names.join(", ")),
    };
    InputError::new(format!("there is no setting `{name}`")).help(help)
}

/// Refuses to judge the embedded reference where it was not asked for: a test without its own server would always pass.
fn has_target(settings: &Settings) -> Result<(), InputError> {
    if settings.base_url.is_some() || settings.release.is_some() {
        return Ok(());
    }
    Err(InputError::new("there is no target: no base URL was given").help(format!(
        "call `base_url` with the URL of your server; the setting `{}` judges the embedded reference server",
        setting_name(&RELEASE.flag)
    )))
}

/// Refuses report files, which a variable may ask for.
fn has_no_reports(settings: &Settings) -> Result<(), InputError> {
    match settings.reports.first() {
        None => Ok(()),
        Some(wish) => Err(InputError::new(format!("{} asks for a report, and a library writes none", wish.from))
            .help("unset it, and write what the report's `to_json` returns to a file")),
    }
}
