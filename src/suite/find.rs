//! Finds the files of suites and of known deviations below a path.

use std::path::{Path, PathBuf};

use super::paths::{full_path, tidy};
use super::strict::shown;
use crate::file::{self, FollowedPath, absolute};
use crate::location::{InputError, InputErrors};
use crate::printable::{has_command, is_unprintable};

/// The file of known deviations. It is not a suite.
const KNOWN_DEVIATIONS: &str = "known_deviations.yaml";

/// How to begin, where there are no suites.
const BEGIN: &str = "Name a suite file or a folder of them with --cases. To try conformant without one, use `conformant demo`. \
                     For your own API, write a suite beside its OpenAPI document; `conformant demo --write DIR` writes an \
                     example of both.";

/// A suite file and the suite's id.
pub(super) struct SuiteFile {
    pub(super) path: PathBuf,
    pub(super) id: String,
}

/// The suite files of a path. It is an error if there are none.
pub(super) fn find(cases: &Path) -> Result<Vec<SuiteFile>, InputErrors> {
    let tried = || format!("Tried {}.", absolute(cases).display());
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
        return Ok(vec![SuiteFile { path: cases.to_owned(), id }]);
    }
    let mut folder = SuiteFolder::of(cases);
    if !folder.errors.is_empty() {
        return Err(InputErrors(folder.errors));
    }
    if folder.files.is_empty() {
        let also = match folder.other.first() {
            Some(other) if is_hidden(other) => {
                format!(" {} is a hidden file, and hidden files are left out.", other.display())
            }
            Some(other) => format!(" Suite files end in `.yaml`, and {} does not.", other.display()),
            None => " Suite files end in `.yaml`.".to_owned(),
        };
        let message = format!("no cases: `{}` has no suite files", cases.display());
        return Err(InputError::new(message).help(format!("{}{also}", tried())).into());
    }
    folder.files.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(folder.files.into_iter().map(|(_, file)| file).collect())
}

/// One sentence for every file of a folder that is not read although it looks like a suite or known deviations.
pub fn unread_files(cases: &Path) -> Vec<String> {
    let mut folder = if file::is_folder(cases) { SuiteFolder::of(cases) } else { SuiteFolder::default() };
    folder.other.sort();
    let yaml = folder.other.iter().filter(|path| !has_extension(path, "json"));
    yaml.map(|path| {
        let known = path.file_stem().is_some_and(|stem| stem.eq_ignore_ascii_case("known_deviations"));
        let why = if known {
            format!("known deviations are read from a file `{KNOWN_DEVIATIONS}`")
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

/// The files of known deviations that may concern the suites of a path: those in its folder, below it, and in the folders
/// above it, up to the current folder if the path is below that, otherwise up to a folder named `cases`. The deepest come
/// first.
pub(crate) fn known_deviations(cases: &Path) -> Result<Vec<PathBuf>, InputErrors> {
    let is_folder = file::is_folder(cases);
    let folder = if is_folder { SuiteFolder::of(cases) } else { SuiteFolder::default() };
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
    let highest = above.get(top).map(|folder| FollowedPath::of(folder).end).unwrap_or_default();
    // If the path is a folder, its own file is already in `folder.known`.
    let above = above.iter().take(top + 1).skip(usize::from(is_folder)).map(|folder| folder.join(KNOWN_DEVIATIONS));
    let shown = |path: PathBuf| match current.as_deref().and_then(|current| path.strip_prefix(current).ok()) {
        Some(below) => below.to_owned(),
        None => path,
    };
    let mut files = folder.known;
    files.sort();
    for path in above.filter(|path| file::names_folder(path).is_ok()) {
        if let Some(link) = FollowedPath::of(&path).leaves(&highest) {
            let (message, help) = leads_out(&format!("`{}`", shown(path.clone()).display()), link, &highest);
            return Err(InputError::new(message).help(help).into());
        }
        files.push(shown(path));
    }
    files.sort_by_key(|path| std::cmp::Reverse(full_path(path).components().count()));
    Ok(files)
}

/// What was found below a folder.
#[derive(Default)]
struct SuiteFolder {
    /// The suite files, with the parts of their ids to sort by.
    files: Vec<(Vec<String>, SuiteFile)>,
    /// The files of known deviations.
    known: Vec<PathBuf>,
    /// Files that look like suites, but have another extension or are hidden.
    other: Vec<PathBuf>,
    errors: Vec<InputError>,
    /// The real paths of the folders from the top to here: a link back to one of them would never end.
    above: Vec<PathBuf>,
    /// The real path of the top.
    top: PathBuf,
}

impl SuiteFolder {
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
            // Only regular files are reported: not folders, and not the links by which editors lock a file.
            if path.is_file() && ["yaml", "yml"].iter().any(|wanted| has_extension(&path, wanted)) {
                self.other.push(path);
            }
            return;
        }
        let is_suite = path.extension().is_some_and(|extension| extension == "yaml");
        // A broken link matters only if it would be a suite.
        let Ok(is_folder) = file::names_folder(&path) else {
            if is_suite {
                let message = format!("`{}` cannot be read", path.display());
                self.errors
                    .push(InputError::new(message).help("Remove the link, or create the file that it leads to."));
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
            self.files.push((parts, SuiteFile { path, id }));
        } else {
            self.errors.push(not_an_id(&path));
        }
    }

    /// Whether a path is a link that leads out of the folder of suites. If so, it notes an error.
    fn leads_out(&mut self, path: &Path) -> bool {
        let way = FollowedPath::of(path);
        let Some(link) = way.leaves(&self.top) else { return false };
        let (message, help) = leads_out(&format!("`{}`", shown(&path.to_string_lossy())), link, &self.top);
        self.errors.push(InputError::new(message).help(help));
        true
    }

    fn unreadable(&mut self, path: &Path, error: &std::io::Error) {
        let message = format!("the folder `{}` cannot be read: {error}", path.display());
        self.errors.push(InputError::new(message).help("Make it readable, or name another folder."));
    }
}

/// Whether a suite's id can be part of a test's name. Test runners print the name unchanged, so it must not contain
/// invisible characters or anything that a CI log reads as a command.
fn is_id(id: &str) -> bool {
    !id.is_empty()
        && !id.contains("::")
        && !id.chars().any(|c| is_unprintable(c) || c.is_whitespace())
        && !has_command(id)
}

fn not_an_id(path: &Path) -> InputError {
    let message = format!("`{}` cannot name a suite", shown(&path.to_string_lossy()));
    InputError::new(message).help(
        "Rename the file: its name must be UTF-8, without spaces, `::`, invisible characters and commands of CI logs, such \
         as `##[`.",
    )
}

/// The suite files of a path, without an error if there are none or some cannot be read.
pub(super) fn suite_files(cases: &Path) -> Vec<PathBuf> {
    if file::is_folder(cases) {
        SuiteFolder::of(cases).files.into_iter().map(|(_, file)| file.path).collect()
    } else {
        vec![cases.to_owned()]
    }
}

/// The folder of suites: the path itself, or the folder of the file, with links resolved.
pub(super) fn top(cases: &Path) -> PathBuf {
    let folder = if file::is_folder(cases) { cases } else { cases.parent().unwrap_or(Path::new("")) };
    FollowedPath::of(folder).end
}

/// The error about a link that leads out of the folder of suites: message and help. `who` is what was named.
pub(super) fn leads_out(who: &str, link: &Path, top: &Path) -> (String, String) {
    let link = link.strip_prefix(top).unwrap_or(link);
    let message =
        format!("{who} is not read: the link `{}` leads out of the folder of suites", shown(&link.to_string_lossy()));
    (message, "Put the file itself there, or name it by a path without links.".to_owned())
}
