//! Reads suites and the documents that they name.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::decode::{self, Contract};
use super::find::{find, leads_out, suite_files, top};
use super::paths::tidy;
use super::strict::shown;
use super::suite::Suite;
use crate::file::{self, FollowedPath, most};
use crate::location::{InputError, InputErrors, Source, Span};
use crate::spec::{Document, read_as_another_file};
use crate::tree::{FileKind, Tree, yaml};

/// The most values of a suite file or a file of known deviations: each takes up to a thousand bytes until it is decoded.
pub(crate) const MOST_VALUES: usize = 120_000;

/// Loads suites: one file, or a folder and everything below it except `known_deviations.yaml`, in the order of their
/// paths. Hidden files and folders are left out, and so is a document that a suite or `spec` names. `spec`, if given, replaces the document that each suite names.
///
/// The path of a document is relative to the suite's file; suites that name the same document share it. Links that lead
/// out of the folder are not read, neither as a suite nor as a document. The errors of all files are returned together,
/// each with its place.
pub fn load(cases: &Path, spec: Option<&Path>) -> Result<Vec<Suite>, InputErrors> {
    let files = find(cases)?;
    let mut documents = LoadedDocuments { top: top(cases), ..LoadedDocuments::default() };
    let mut errors = Vec::new();
    let replacement = match spec {
        Some(path) => match documents.load(path) {
            Ok(document) => Some(document),
            Err(found) => {
                errors.extend(found);
                None
            }
        },
        None => None,
    };
    let mut suites = Vec::new();
    let mut others = OtherFiles::default();
    let mut trees = 0;
    if let Some(path) = spec {
        others.name(path);
    }
    for file in &files {
        let tree = match read(&file.path) {
            Ok(tree) => tree,
            Err(InputErrors(found)) => {
                others.files.push((file.path.clone(), errors.len(), found));
                continue;
            }
        };
        trees += 1;
        if let Some((named, _)) = decode::spec_of(&tree) {
            others.name(&file.path.parent().unwrap_or(Path::new("")).join(named));
        }
        let contract = match (&replacement, spec) {
            (Some(document), _) => Contract::Read(Arc::clone(document)),
            (None, Some(_)) => Contract::Unreadable,
            (None, None) => named_by(&tree, &file.path, &mut documents, &mut errors),
        };
        match decode::suite(&tree, file.id.clone(), contract, spec.is_some()) {
            Ok(mut suite) => {
                // The document is replaced, so its errors do not matter.
                if spec.is_some()
                    && let Contract::Read(named) = named_by(&tree, &file.path, &mut documents, &mut Vec::new())
                {
                    suite.named = Some(named);
                }
                suites.push(suite);
            }
            Err(found) => errors.extend(found),
        }
    }
    others.report(&mut errors, trees > 0);
    if errors.is_empty() { Ok(suites) } else { Err(InputErrors(errors)) }
}

/// Files in the folder of suites that do not begin like a suite. Some may be documents of the suites.
#[derive(Default)]
struct OtherFiles {
    /// The real paths of the documents that suites or `spec` name.
    named: HashSet<PathBuf>,
    /// Each such file with its errors, and how many errors there were before them.
    files: Vec<(PathBuf, usize, Vec<InputError>)>,
}

impl OtherFiles {
    /// Notes that a document is named.
    fn name(&mut self, path: &Path) {
        self.named.extend(file::real(path));
    }

    /// Puts the errors of the files that nobody names at their places. If there is no suite at all, every file is one that
    /// was meant as a suite.
    fn report(self, errors: &mut Vec<InputError>, has_suites: bool) {
        let Self { named, files } = self;
        for (path, at, found) in files.into_iter().rev() {
            let is_document = has_suites && file::real(&path).is_ok_and(|real| named.contains(&real));
            if !is_document {
                errors.splice(at..at, found);
            }
        }
    }
}

/// The document that a suite names. Errors inside the document go to `errors`.
fn named_by(tree: &Tree, file: &Path, documents: &mut LoadedDocuments, errors: &mut Vec<InputError>) -> Contract {
    let Some((named, span)) = decode::spec_of(tree) else { return Contract::Unreadable };
    let path = tidy(&file.parent().unwrap_or(Path::new("")).join(named));
    let text = shown(&named.to_string_lossy());
    let missing =
        |message: String, help: String| Contract::Missing(InputError::at(tree.source.place(span), message).help(help));
    if let Some(link) = FollowedPath::of(&path).leaves(&documents.top) {
        let (message, help) = leads_out(&format!("the document `{text}`"), link, &documents.top);
        return missing(message, help);
    }
    match file::look(&path) {
        Ok(()) => match documents.load(&path) {
            Ok(document) => Contract::Read(document),
            Err(found) => {
                // A file that cannot be opened has no place of its own.
                errors.extend(found.into_iter().map(|error| match error.place {
                    None => InputError { place: Some(tree.source.place(span)), ..error },
                    Some(_) => error,
                }));
                Contract::Unreadable
            }
        },
        Err(_) if text.contains("://") => missing(
            format!("`{text}` is not a file"),
            "Save the document next to the suite and name that file.".to_owned(),
        ),
        Err(file::FileError::Unread(error)) if error.kind() == std::io::ErrorKind::NotFound => missing(
            format!("the document `{text}` does not exist"),
            format!("Tried {}. The path is relative to the suite's folder.", file::absolute(&path).display()),
        ),
        Err(refused) => {
            let help =
                refused.help().unwrap_or("Name a file that can be read. The path is relative to the suite's folder.");
            missing(format!("the document `{text}` cannot be read: {refused}"), help.to_owned())
        }
    }
}

/// The documents that were read, by their real path; `None` for one with errors.
#[derive(Default)]
struct LoadedDocuments {
    /// The folder of suites, without links.
    top: PathBuf,
    read: HashMap<PathBuf, Option<Arc<Document>>>,
}

impl LoadedDocuments {
    /// Reads a document, or returns the one that was read before. Errors are returned only the first time.
    fn load(&mut self, path: &Path) -> Result<Arc<Document>, Vec<InputError>> {
        let real = file::real(path).unwrap_or_else(|_| path.to_owned());
        if let Some(known) = self.read.get(&real) {
            return known.clone().ok_or_else(Vec::new);
        }
        let loaded = Document::load(path).map(Arc::new);
        self.read.insert(real, loaded.as_ref().ok().map(Arc::clone));
        loaded.map_err(|InputErrors(errors)| errors)
    }
}

/// The text of every suite file of a path that can be read, even if it has errors.
pub(super) fn sources(cases: &Path) -> Vec<Source> {
    let text = |path: PathBuf| {
        let read = read_text(&path, most::SUITE, &decode::BEGINNING);
        read.or_else(|error| error.place.map(|place| place.source).ok_or(())).ok()
    };
    suite_files(cases).into_iter().filter_map(text).collect()
}

/// Reads a suite file into its tree.
fn read(path: &Path) -> Result<Tree, InputErrors> {
    let source = read_text(path, most::SUITE, &decode::BEGINNING)?;
    if let Some(error) =
        read_as_another_file(&source, "a suite").filter(|_| !decode::BEGINNING.has_begun(source.text()))
    {
        return Err(error.into());
    }
    let read = yaml::read_few(&source, MOST_VALUES);
    match decode::BEGINNING.refusal(&source, source.text(), &read) {
        Some(error) => Err(error.into()),
        None => read,
    }
}

/// Reads a suite file or a file of known deviations, of `most` bytes at most. `beginning` says how it must begin.
pub(crate) fn read_text(path: &Path, most: u64, beginning: &FileKind) -> Result<Source, InputError> {
    let name = path.display().to_string();
    let bytes = file::read(path, most).map_err(|refused| {
        let help = refused.help().unwrap_or("Name a text file that can be read.");
        InputError::new(format!("`{name}` cannot be read: {refused}")).help(help)
    })?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Source::new(name, text)),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            let place = beginning.guarded(&Source::new(name, text)).place(Span::new(at, at));
            Err(InputError::at(place, "the file is not UTF-8 from here on").help("Save it as UTF-8."))
        }
    }
}

#[cfg(test)]
#[path = "load_tests.rs"]
mod tests;
