//! From a file or folder on disk to suites: which files are suites, and the documents that they share.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::Suite;
use super::decode::{self, Contract};
use super::strict::shown;
use crate::file::{self, Way, most};
use crate::location::{InputError, InputErrors, Source, Span};
use crate::printable::{has_command, hidden};
use crate::spec::Document;
use crate::tree::{Beginning, Tree, yaml};

/// A file beside the suites that is none.
const KNOWN_DEVIATIONS: &str = "known_deviations.yaml";

/// How to begin, where there are no suites.
const BEGIN: &str = "Name a suite file or a folder of them with --cases. To try conformant without one, use `conformant demo`. \
                     For your own API, write a suite beside its OpenAPI document; `conformant demo --write DIR` writes an \
                     example of both.";

/// How many values a file may hold that belongs to suites: each takes up to a thousand bytes until it is decoded.
pub(crate) const MOST_VALUES: usize = 120_000;

/// Loads suites: of one file, or of a folder and all below it except `known_deviations.yaml`, in the order of their
/// paths. Hidden files and folders are left out. `spec`, when given, replaces what every suite names.
///
/// A suite's document is looked for relative to the suite's file; suites that name the same file share it. A link in the
/// folder that leads out of it is not read, neither as a suite nor as a document. All errors of all files come together,
/// each with its place.
pub fn load(cases: &Path, spec: Option<&Path>) -> Result<Vec<Suite>, InputErrors> {
    let files = find(cases)?;
    let mut documents = Documents { top: top(cases), ..Documents::default() };
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
    for file in &files {
        let tree = match read(&file.path) {
            Ok(tree) => tree,
            Err(InputErrors(found)) => {
                errors.extend(found);
                continue;
            }
        };
        let contract = match (&replacement, spec) {
            (Some(document), _) => Contract::Read(Arc::clone(document)),
            (None, Some(_)) => Contract::Unreadable,
            (None, None) => named_by(&tree, &file.path, &mut documents, &mut errors),
        };
        match decode::suite(&tree, file.id.clone(), contract, spec.is_some()) {
            Ok(mut suite) => {
                // Where another document takes its place, what is wrong with it is no matter.
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
    if errors.is_empty() { Ok(suites) } else { Err(InputErrors(errors)) }
}

/// The document that a suite names. What is wrong inside the document goes to `errors`.
fn named_by(tree: &Tree, file: &Path, documents: &mut Documents, errors: &mut Vec<InputError>) -> Contract {
    let Some((named, span)) = decode::spec_of(tree) else { return Contract::Unreadable };
    let path = tidy(&file.parent().unwrap_or(Path::new("")).join(named));
    let text = shown(&named.to_string_lossy());
    let missing =
        |message: String, help: String| Contract::Missing(InputError::at(tree.source.place(span), message).help(help));
    if let Some(link) = Way::of(&path).leaves(&documents.top) {
        let (message, help) = leads_out(&format!("the document `{text}`"), link, &documents.top);
        return missing(message, help);
    }
    match file::look(&path) {
        Ok(()) => match documents.load(&path) {
            Ok(document) => Contract::Read(document),
            Err(found) => {
                // What could not be opened after all has no place of its own.
                errors.extend(found.into_iter().map(|error| match error.place {
                    None => InputError { place: Some(tree.source.place(span)), ..error },
                    Some(_) => error,
                }));
                Contract::Unreadable
            }
        },
        Err(_) if text.contains("://") => {
            missing(format!("`{text}` is no file"), "Save the document beside the suite and name that file.".to_owned())
        }
        Err(file::Refused::Unread(error)) if error.kind() == std::io::ErrorKind::NotFound => missing(
            format!("the document `{text}` does not exist"),
            format!("Tried {}. The path is relative to the suite's folder.", file::absolute(&path).display()),
        ),
        Err(refused) => {
            let help =
                refused.help().unwrap_or("Name a file that may be read. The path is relative to the suite's folder.");
            missing(format!("the document `{text}` is not read: {refused}"), help.to_owned())
        }
    }
}

/// The folder of suites that a path is or lies in, without links.
fn top(cases: &Path) -> PathBuf {
    let folder = if file::is_folder(cases) { cases } else { cases.parent().unwrap_or(Path::new("")) };
    Way::of(folder).end
}

/// What is said of a link that leads out of the folder of suites. `who` is what was named.
fn leads_out(who: &str, link: &Path, top: &Path) -> (String, String) {
    let link = link.strip_prefix(top).unwrap_or(link);
    let message =
        format!("{who} is not read: the link `{}` leads out of the folder of suites", shown(&link.to_string_lossy()));
    (message, "Put the file itself there, or name it by a path that needs no link.".to_owned())
}

/// Documents by their real path; none if one could not be read, which was said then.
#[derive(Default)]
struct Documents {
    /// The folder of suites, without links.
    top: PathBuf,
    read: HashMap<PathBuf, Option<Arc<Document>>>,
}

impl Documents {
    /// Reads a document, or gives the one that was read. Errors come the first time only.
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

/// A suite file and the suite's id.
struct File {
    path: PathBuf,
    id: String,
}

/// The suite files of a path.
fn find(cases: &Path) -> Result<Vec<File>, InputErrors> {
    let tried = || format!("Tried {}.", file::absolute(cases).display());
    let is_folder = file::names_folder(cases).map_err(|error| {
        let message = match error.kind() {
            std::io::ErrorKind::NotFound => format!("no cases: `{}` does not exist", cases.display()),
            _ => format!("no cases: `{}` cannot be read: {error}", cases.display()),
        };
        InputError::new(message).help(format!("{} {BEGIN}", tried()))
    })?;
    if !is_folder {
        let id = cases.file_stem().and_then(|stem| stem.to_str()).map(str::to_owned);
        let id = id.filter(|id| is_id(id)).ok_or_else(|| not_an_id(cases))?;
        return Ok(vec![File { path: cases.to_owned(), id }]);
    }
    let mut folder = Folder::of(cases);
    if !folder.errors.is_empty() {
        return Err(InputErrors(folder.errors));
    }
    if folder.files.is_empty() {
        let also = match folder.other.first() {
            Some(other) if is_hidden(other) => format!(" {} is hidden, and so left out.", other.display()),
            Some(other) => format!(" Suite files end in `.yaml`, and {} does not.", other.display()),
            None => " Suite files end in `.yaml`.".to_owned(),
        };
        let message = format!("no cases: `{}` has no suite files", cases.display());
        return Err(InputError::new(message).help(format!("{}{also}", tried())).into());
    }
    folder.files.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(folder.files.into_iter().map(|(_, file)| file).collect())
}

/// One sentence for every file of a folder that looks like a suite or known deviations, and is not read.
pub fn overlooked(cases: &Path) -> Vec<String> {
    let mut folder = if file::is_folder(cases) { Folder::of(cases) } else { Folder::default() };
    folder.other.sort();
    let yaml = folder.other.iter().filter(|path| !has_extension(path, "json"));
    yaml.map(|path| {
        let known = path.file_stem().is_some_and(|stem| stem.eq_ignore_ascii_case("known_deviations"));
        let why = if known {
            format!("known deviations stand in a file `{KNOWN_DEVIATIONS}`")
        } else if is_hidden(path) {
            "hidden files are left out".to_owned()
        } else {
            "suite files end in `.yaml`".to_owned()
        };
        format!("{} is not read: {why}", path.display())
    })
    .collect()
}

fn has_extension(path: &Path, wanted: &str) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(wanted))
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

/// The files with known deviations that may say something about the suites of a path: in its folder, below it, and in
/// the folders above, as far up as the current folder if the path is below that, else as far as one named `cases`.
/// The deepest come first.
pub(crate) fn known_deviations(cases: &Path) -> Result<Vec<PathBuf>, InputErrors> {
    let is_folder = file::is_folder(cases);
    let folder = if is_folder { Folder::of(cases) } else { Folder::default() };
    if !folder.errors.is_empty() {
        return Err(InputErrors(folder.errors));
    }
    let here = full_path(cases);
    let own = if is_folder { Some(here.as_path()) } else { here.parent() };
    let above: Vec<&Path> = own.into_iter().flat_map(Path::ancestors).collect();
    let current = std::env::current_dir().ok().map(|current| tidy(&current));
    let top = above
        .iter()
        .position(|folder| Some(*folder) == current.as_deref())
        .or_else(|| above.iter().position(|folder| folder.ends_with("cases")))
        .unwrap_or(0);
    let highest = above.get(top).map(|folder| Way::of(folder).end).unwrap_or_default();
    // The path's own folder has been walked, if it is one.
    let above = above.iter().take(top + 1).skip(usize::from(is_folder)).map(|folder| folder.join(KNOWN_DEVIATIONS));
    let shown = |path: PathBuf| match current.as_deref().and_then(|current| path.strip_prefix(current).ok()) {
        Some(below) => below.to_owned(),
        None => path,
    };
    let mut files = folder.known;
    files.sort();
    for path in above.filter(|path| file::names_folder(path).is_ok()) {
        if let Some(link) = Way::of(&path).leaves(&highest) {
            let (message, help) = leads_out(&format!("`{}`", shown(path.clone()).display()), link, &highest);
            return Err(InputError::new(message).help(help).into());
        }
        files.push(shown(path));
    }
    files.sort_by_key(|path| std::cmp::Reverse(full_path(path).components().count()));
    Ok(files)
}

/// What is found below a folder.
#[derive(Default)]
struct Folder {
    /// With the parts of their ids, to sort by.
    files: Vec<(Vec<String>, File)>,
    /// Files with known deviations.
    known: Vec<PathBuf>,
    /// What looks like a suite but has another ending, or is hidden.
    other: Vec<PathBuf>,
    errors: Vec<InputError>,
    /// The real paths of the folders from the top to here: a link back to one of them would never end.
    above: Vec<PathBuf>,
    /// The real path of the top.
    top: PathBuf,
}

impl Folder {
    fn of(cases: &Path) -> Self {
        let mut folder = Self { top: top(cases), ..Self::default() };
        folder.walk(cases, &mut Vec::new());
        folder
    }

    fn walk(&mut self, folder: &Path, parts: &mut Vec<String>) {
        let listing = file::real(folder).and_then(|real| Ok((real, file::entries(folder)?)));
        let (real, entries) = match listing {
            Ok(listing) => listing,
            Err(error) => return self.unreadable(folder, &error),
        };
        if self.above.contains(&real) {
            return;
        }
        self.above.push(real);
        for entry in entries {
            let path = match entry {
                Ok(path) => path,
                Err(error) => {
                    self.unreadable(folder, &error);
                    continue;
                }
            };
            self.entry(path, parts);
        }
        self.above.pop();
    }

    fn entry(&mut self, path: PathBuf, parts: &mut Vec<String>) {
        let Some(name) = path.file_name() else { return };
        if is_hidden(&path) {
            // Folders are left out whole, and so are the links by which editors lock a file.
            if path.is_file() && ["yaml", "yml"].iter().any(|wanted| has_extension(&path, wanted)) {
                self.other.push(path);
            }
            return;
        }
        let is_suite = path.extension().is_some_and(|extension| extension == "yaml");
        // A link to nothing matters only if it would be a suite.
        let Ok(is_folder) = file::names_folder(&path) else {
            if is_suite {
                let message = format!("`{}` cannot be read", path.display());
                self.errors.push(InputError::new(message).help("Remove the link, or make its goal."));
            }
            return;
        };
        if is_folder {
            if self.leads_out(&path) {
                return;
            }
            match name.to_str() {
                Some(name) => {
                    parts.push(name.to_owned());
                    self.walk(&path, parts);
                    parts.pop();
                }
                None => self.errors.push(not_an_id(&path)),
            }
            return;
        }
        if !is_suite {
            if ["yaml", "yml", "json"].iter().any(|wanted| has_extension(&path, wanted)) {
                self.other.push(path);
            }
            return;
        }
        if self.leads_out(&path) {
            return;
        }
        if name == KNOWN_DEVIATIONS {
            self.known.push(path);
            return;
        }
        let Some(stem) = path.file_stem().and_then(|stem| stem.to_str()) else {
            self.errors.push(not_an_id(&path));
            return;
        };
        let mut parts = parts.clone();
        parts.push(stem.to_owned());
        let id = parts.join("/");
        if is_id(&id) {
            self.files.push((parts, File { path, id }));
        } else {
            self.errors.push(not_an_id(&path));
        }
    }

    /// Whether a path is a link that leads out of the folder of suites, which is an error then.
    fn leads_out(&mut self, path: &Path) -> bool {
        let way = Way::of(path);
        let Some(link) = way.leaves(&self.top) else { return false };
        let (message, help) = leads_out(&format!("`{}`", shown(&path.to_string_lossy())), link, &self.top);
        self.errors.push(InputError::new(message).help(help));
        true
    }

    fn unreadable(&mut self, path: &Path, error: &std::io::Error) {
        let message = format!("the folder `{}` cannot be read: {error}", path.display());
        self.errors.push(InputError::new(message).help("Allow reading it, or name another folder."));
    }
}

/// Whether a suite's id can be part of a test's name, which runners print as it is: a person sees all of it, and a log takes
/// no part of it for a command.
fn is_id(id: &str) -> bool {
    !id.is_empty() && !id.contains("::") && !id.chars().any(|c| hidden(c) || c.is_whitespace()) && !has_command(id)
}

fn not_an_id(path: &Path) -> InputError {
    let message = format!("`{}` cannot name a suite", shown(&path.to_string_lossy()));
    InputError::new(message).help(
        "Rename the file: a name in UTF-8 without spaces, without `::`, without characters that are not seen, and without \
         what a log takes for a command, such as `##[`.",
    )
}

/// The text of every suite file of a path that can be read, however wrong it is.
pub(super) fn sources(cases: &Path) -> Vec<Source> {
    let files = if file::is_folder(cases) {
        Folder::of(cases).files.into_iter().map(|(_, file)| file.path).collect()
    } else {
        vec![cases.to_owned()]
    };
    let text = |path: PathBuf| {
        let read = read_text(&path, most::SUITE, &decode::BEGINNING);
        read.or_else(|error| error.place.map(|place| place.source).ok_or(())).ok()
    };
    files.into_iter().filter_map(text).collect()
}

/// Reads a suite file into its tree.
fn read(path: &Path) -> Result<Tree, InputErrors> {
    let source = read_text(path, most::SUITE, &decode::BEGINNING)?;
    let read = yaml::read_few(&source, MOST_VALUES);
    match decode::BEGINNING.refusal(&source, source.text(), &read) {
        Some(error) => Err(error.into()),
        None => read,
    }
}

/// Reads a text file that belongs to suites, of `most` bytes at most, and begins so.
pub(crate) fn read_text(path: &Path, most: u64, beginning: &Beginning) -> Result<Source, InputError> {
    let name = path.display().to_string();
    let bytes = file::read(path, most).map_err(|refused| {
        let help = refused.help().unwrap_or("Name a readable text file.");
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

/// `a/b/../c` as `a/c`, where that is surely the same, so that messages are easy to read.
fn tidy(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            // A link's parent is not where the link stands.
            Component::ParentDir
                if matches!(out.components().next_back(), Some(Component::Normal(_))) && !out.is_symlink() =>
            {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

/// The whole path of a file, from the root on.
pub(crate) fn full_path(path: &Path) -> PathBuf {
    tidy(&file::absolute(path))
}

#[cfg(test)]
#[path = "load_tests.rs"]
mod tests;
