//! Where reports go: stdout and files, made ready before a run, and scanned for credentials before anything is written.

use std::borrow::Cow;
use std::fs;
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

use serde_json::Value;

use super::streams::readable;
use super::{FORMATS, Format, Syntax, View, junit};
use crate::location::{InputError, InputErrors, nearest};
use crate::outcome::{Exit, RunOutcome};
use crate::printable::logged;
use crate::secret::Secrets;
use crate::settings::{ReportWish, Settings};

/// The reports of a run: which, and where to.
#[derive(Debug)]
pub struct Reports {
    stdout: &'static Format,
    files: Vec<(&'static Format, PathBuf)>,
    color: Option<bool>,
    verbose: u8,
    strict: bool,
}

/// How publishing went.
#[derive(Debug, Default)]
#[must_use]
pub struct Published {
    /// What went wrong, one sentence each, for stderr: a credential that had to be masked, a file that could not be
    /// written.
    pub problems: Vec<String>,
}

impl Published {
    /// The exit status of the run, given how its reports went: a report that is missing or leaked is not a result.
    pub fn exit(&self, exit: Exit) -> Exit {
        if self.problems.is_empty() || exit == Exit::Interrupted { exit } else { Exit::NotJudged }
    }

    /// Takes over what went wrong elsewhere.
    pub fn merge(&mut self, other: Self) {
        self.problems.extend(other.problems);
    }
}

impl Reports {
    /// Checks formats and paths before a run, so that a mistake costs nothing. Folders that are missing below the working
    /// folder are made; elsewhere one is, because a path that leads further than that is more likely mistyped.
    pub fn prepare(settings: &Settings) -> Result<Self, InputErrors> {
        let mut errors = Vec::new();
        let stdout = format(&settings.format).map_err(|error| errors.push(error)).unwrap_or(&FORMATS[0]);
        let mut files: Vec<(&'static Format, PathBuf)> = Vec::new();
        for wish in &settings.reports {
            let Some(path) = &wish.path else { continue };
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
        if !errors.is_empty() {
            return Err(InputErrors(errors));
        }
        let Settings { color, verbose, strict, .. } = *settings;
        Ok(Self { stdout, files, color, verbose, strict })
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

    /// Writes every report: the one for `stdout` there, the rest to their files.
    pub fn publish(
        &self,
        outcome: &RunOutcome,
        secrets: &Secrets,
        stdout: &mut dyn Write,
        is_terminal: bool,
    ) -> Published {
        let view = View { color: self.color.unwrap_or(is_terminal), ..self.view() };
        let mut published = self.publish_files(outcome, secrets);
        let text = scanned(self.stdout, outcome, view, secrets, &mut published);
        let text = readable(&text, is_terminal);
        // A reader that has seen enough (`| head`) is no trouble.
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                published.problems.push(format!("the report could not be written to stdout: {error}"));
            }
            _ => {}
        }
        published
    }

    /// Writes the reports that go to files, for a door whose stdout belongs to somebody else.
    pub fn publish_files(&self, outcome: &RunOutcome, secrets: &Secrets) -> Published {
        let mut published = Published::default();
        for (format, path) in &self.files {
            let text = scanned(format, outcome, self.view(), secrets, &mut published);
            // A file may well be printed into a log.
            let text = logged(&text);
            if let Err(error) = write(path, text.as_bytes()) {
                published.problems.push(format!("the report {} could not be written: {error}", path.display()));
            }
        }
        published
    }

    fn view(&self) -> View {
        View { color: false, verbose: self.verbose, strict: self.strict }
    }
}

fn format(wish: &ReportWish) -> Result<&'static Format, InputError> {
    FORMATS.iter().find(|format| format.name == wish.format).ok_or_else(|| {
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

/// A report with every credential masked that got this far. None should: everything was masked when it was read, so
/// one that is found here is a defect of this program, and is said.
fn scanned(format: &Format, outcome: &RunOutcome, view: View, secrets: &Secrets, published: &mut Published) -> String {
    let text = (format.render)(outcome, view);
    // What was learned and may be a word is in every report by right, as the word.
    let secrets = &secrets.unmistakable();
    let masked = match secrets.mask_str(&text) {
        Cow::Borrowed(_) => None,
        Cow::Owned(masked) => (masked != text).then_some(masked),
    };
    let Some(masked) = masked else { return text };
    published.problems.push(format!(
        "the {} report held a credential; it was masked before it was written, and this is a defect to be reported",
        format.name
    ));
    match format.syntax {
        Syntax::Plain => masked,
        Syntax::Json => mask_json(&text, secrets).unwrap_or_else(|| super::json::written(&Value::String(masked))),
        Syntax::JUnit => junit::masked(&text, secrets),
    }
}

/// Masks inside string values only, so that the text stays JSON whatever the credential is.
fn mask_json(text: &str, secrets: &Secrets) -> Option<String> {
    let mut value = serde_json::from_str(text).ok()?;
    mask_values(&mut value, secrets);
    Some(super::json::written(&value))
}

/// Masks inside the string values of a JSON value.
pub(super) fn mask_values(value: &mut Value, secrets: &Secrets) {
    match value {
        Value::String(text) => {
            if let Cow::Owned(masked) = secrets.mask_str(text) {
                *text = masked;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| mask_values(item, secrets)),
        Value::Object(members) => members.values_mut().for_each(|member| mask_values(member, secrets)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Whether a report can be written there; makes missing folders.
fn writable(wish: &ReportWish, path: &Path) -> Result<(), InputError> {
    let refused = |reason: String| {
        InputError::new(format!("{} names {}, which cannot be written: {reason}", wish.from, path.display()))
            .help("name a file in a folder that you may write to")
    };
    let names_a_folder = path.file_name().is_none() || path.to_string_lossy().ends_with(std::path::is_separator);
    if names_a_folder || path.is_dir() {
        return Err(refused("it is a folder".to_owned()));
    }
    if special(path) {
        return Ok(());
    }
    let folder = folder(path);
    if let Some(outermost) = too_far(&folder) {
        return Err(refused(format!("there is no folder {}", outermost.display()))
            .help("make the folder first; only below the working folder is more than one made"));
    }
    fs::create_dir_all(&folder).map_err(|error| refused(error.to_string()))?;
    let trial = beside(path);
    fs::write(&trial, b"").and_then(|()| fs::remove_file(&trial)).map_err(|error| refused(error.to_string()))
}

/// The first missing part of a folder that is not to be made: it is outside of the working folder, and more than one is
/// missing.
fn too_far(folder: &Path) -> Option<&Path> {
    let is_missing = |part: &&Path| !part.as_os_str().is_empty() && !part.exists();
    let missing: Vec<&Path> = folder.ancestors().take_while(is_missing).collect();
    let outermost = missing.last().filter(|_| missing.len() > 1)?;
    let above = outermost.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // What is behind `..` may be anywhere.
    let behind = folder.strip_prefix(outermost);
    let leads_up = behind.is_ok_and(|rest| rest.components().any(|part| part == Component::ParentDir));
    let is_below = match (above.canonicalize(), Path::new(".").canonicalize()) {
        (Ok(above), Ok(working)) => above.starts_with(working),
        _ => false,
    };
    (leads_up || !is_below).then_some(*outermost)
}

/// Writes a file whole or not at all: a reader never sees half a report.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if special(path) {
        return fs::write(path, bytes);
    }
    // A link stays a link: what it points to is replaced.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let fresh = beside(&path);
    let written = fs::write(&fresh, bytes).and_then(|()| fs::rename(&fresh, &path));
    if written.is_err() {
        // The first error is the one to tell; what is left of the attempt goes if it can.
        let _ = fs::remove_file(&fresh);
    }
    written
}

/// Whether something is there that is no regular file (a pipe, a device), which must be written to, not replaced.
fn special(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| !metadata.is_file())
}

/// Whether two reports would be the same file. What is written to and not replaced, such as `/dev/stderr`, may be shared
/// under different names.
fn same_file(one: &Path, other: &Path) -> bool {
    one == other || (!special(one) && identity(one) == identity(other))
}

/// The file that is meant, however it is spelled: links are followed, also one whose goal is yet to be made.
fn identity(path: &Path) -> PathBuf {
    /// As many links as systems follow.
    const LINKS: usize = 40;
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        if let Ok(real) = path.canonicalize() {
            return real;
        }
        match fs::read_link(&path) {
            Ok(goal) => path = folder(&path).join(goal),
            Err(_) => break,
        }
    }
    let within = folder(&path);
    let within = within.canonicalize().unwrap_or(within);
    path.file_name().map_or_else(|| within.clone(), |name| within.join(name))
}

fn folder(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// A name in the same folder that no other process takes.
fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    folder(path).join(format!(".{name}.{}.tmp", std::process::id()))
}

#[cfg(test)]
mod tests;
