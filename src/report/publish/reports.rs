//! The reports of a run: which formats go where, checked before the run, and the files written after it.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use super::place::{STDOUT, identity, same_file, writable};
use super::published::Published;
use super::render::rendered;
use super::stdout::{Apart, Output, StdoutReport};
use crate::location::{InputError, InputErrors, nearest};
use crate::outcome::RunOutcome;
use crate::report::format::{Format, View};
use crate::report::formats::FORMATS;
use crate::secret::Secrets;
use crate::settings::{ReportWish, Settings};
use crate::write;

/// The reports of a run: which, and where to.
#[derive(Debug)]
pub struct Reports {
    stdout: &'static Format,
    files: Vec<(&'static Format, PathBuf)>,
    color: Option<bool>,
    verbose: u8,
    strict: bool,
}

impl Reports {
    /// Checks formats and paths before a run, so that a mistake costs nothing. Folders that are missing below the working
    /// folder are made; elsewhere one is, because a path that leads further than that is more likely mistyped.
    pub fn prepare(settings: &Settings) -> Result<Self, InputErrors> {
        let mut errors = Vec::new();
        let stdout = match one_for_stdout(settings) {
            Ok(wish) => format(wish).map_err(|error| errors.push(error)).unwrap_or(&FORMATS[0]),
            Err(error) => {
                errors.push(error);
                &FORMATS[0]
            }
        };
        let mut files: Vec<(&'static Format, PathBuf)> = Vec::new();
        for wish in &settings.reports {
            let Some(path) = wish.path.as_ref().filter(|path| !is_stdout(path)) else { continue };
            let checked = format(wish).and_then(|format| writable(wish, path).map(|()| format));
            match checked {
                Ok(format) => match files.iter().find(|(_, other)| same_file(other, path)) {
                    Some((_, other)) => {
                        let as_well = if other.as_os_str() == path.as_os_str() {
                            String::new()
                        } else {
                            format!(", once as {}", other.display())
                        };
                        let message = format!("{} names {} twice{as_well}", wish.from, path.display());
                        errors.push(InputError::new(message).help("give every report a file of its own"));
                    }
                    None => files.push((format, path.clone())),
                },
                Err(error) => errors.push(error),
            }
        }
        if let Some(journal) = &settings.journal
            && let Some((_, path)) = files.iter().find(|(_, path)| same_file(path, journal))
        {
            let message = format!("the report {} and the journal would be the same file", path.display());
            errors.push(InputError::new(message).help("give each a file of its own"));
        }
        if !errors.is_empty() {
            return Err(InputErrors(errors));
        }
        let Settings { color, verbose, strict, .. } = *settings;
        Ok(Self { stdout, files, color, verbose, strict })
    }

    /// Refuses a report on stdout, for a door whose stdout belongs to somebody else.
    pub fn leave_stdout(settings: &Settings) -> Result<(), InputError> {
        match settings.reports.iter().find(|wish| wish.path.as_deref().is_some_and(is_stdout)) {
            None => Ok(()),
            Some(wish) => {
                let message = format!("{} asks for a report on stdout, which is the test runner's here", wish.from);
                Err(InputError::new(message).help(format!("name a file: {}=FILE", wish.format)))
            }
        }
    }

    /// Whether what goes to stdout is for people.
    pub fn stdout_is_text(&self) -> bool {
        self.stdout.name == FORMATS[0].name
    }

    /// Refuses reports that would be written over what the run reads: `inputs` are files, or folders with all below them,
    /// and what each is.
    pub fn spare(&self, inputs: &[(&'static str, PathBuf)]) -> Result<(), InputErrors> {
        let inputs: Vec<(&str, PathBuf)> = inputs.iter().map(|(what, path)| (*what, identity(path))).collect();
        let mut errors = Vec::new();
        for (format, path) in &self.files {
            let file = identity(path);
            if let Some((what, input)) = inputs.iter().find(|(_, input)| file.starts_with(input)) {
                let place = if file == *input { "is" } else { "is among" };
                errors.push(
                    InputError::new(format!(
                        "the {} report {} would be written over what is read: it {place} {what}",
                        format.name,
                        path.display()
                    ))
                    .help("give the report a file of its own"),
                );
            }
        }
        if errors.is_empty() { Ok(()) } else { Err(InputErrors(errors)) }
    }

    /// The report that goes to stdout, ready for a run whose secrets these are.
    ///
    /// A text report is printed while the run goes on, unless it is `held_back`: a part that is printed cannot be masked
    /// any more when an answer makes another value a secret.
    pub fn to_stdout(&self, secrets: &Secrets, held_back: bool, apart: Apart) -> StdoutReport {
        let stdout = io::stdout();
        let is_terminal = stdout.is_terminal();
        self.to_output(secrets, held_back, Output::new(Box::new(stdout), is_terminal, apart))
    }

    pub(super) fn to_output(&self, secrets: &Secrets, held_back: bool, output: Output) -> StdoutReport {
        let view = View { color: self.color.unwrap_or(output.is_terminal()), ..self.view() };
        StdoutReport::begin(self.stdout, view, secrets, held_back, output)
    }

    /// Writes the reports that go to files, for a door whose stdout belongs to somebody else.
    pub fn publish_files(&self, outcome: &RunOutcome, secrets: &Secrets) -> Published {
        let mut published = Published::default();
        for (format, path) in &self.files {
            let text = rendered(format, outcome, self.view(), secrets, &mut published.problems);
            if let Err(error) = write::replace(path, text.into_bytes()) {
                published.problems.push(format!("the report {} could not be written: {error}", path.display()));
            }
        }
        published
    }

    fn view(&self) -> View {
        View { color: false, verbose: self.verbose, strict: self.strict }
    }
}

/// Whether a report is to go to stdout.
fn is_stdout(path: &Path) -> bool {
    path.as_os_str() == STDOUT
}

/// The one report that goes to stdout; two there would be readable as neither.
fn one_for_stdout(settings: &Settings) -> Result<&ReportWish, InputError> {
    let chosen = |wish: &&ReportWish| wish.path.as_deref().is_some_and(is_stdout);
    let mut wishes = std::iter::once(&settings.format).chain(&settings.reports).filter(chosen);
    match (wishes.next(), wishes.next()) {
        (None, _) => Ok(&settings.format),
        (Some(one), None) => Ok(one),
        (Some(one), Some(other)) => Err(InputError::new(format!(
            "two reports would go to stdout: {} by {}, and {} by {}",
            one.format, one.from, other.format, other.from
        ))
        .help("name a file for one of them; `-` in place of a file is stdout, as --format is")),
    }
}

fn format(wish: &ReportWish) -> Result<&'static Format, InputError> {
    FORMATS.iter().find(|format| format.name == wish.format).ok_or_else(|| {
        if wish.format == "junit" {
            return InputError::new(format!("{} names the format `junit`, which this build does not have", wish.from))
                .help("turn the Cargo feature `junit` of conformant on");
        }
        let names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
        let help = match nearest(&wish.format, names.iter().copied()) {
            Some(near) => format!("did you mean {near}?"),
            None => format!("the formats are {}", listed(&names)),
        };
        InputError::new(format!("{} names the format `{}`, which does not exist", wish.from, wish.format)).help(help)
    })
}

/// Names in a sentence: `a, b and c`.
fn listed(names: &[&str]) -> String {
    match names {
        [most @ .., last] if !most.is_empty() => format!("{} and {last}", most.join(", ")),
        _ => names.join(", "),
    }
}
