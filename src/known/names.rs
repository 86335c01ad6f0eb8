//! Which suite and which case a name in a file with known deviations means. There may be ten thousand of each, and as
//! many entries.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::case::{Suite, full_path};

/// The suites that were loaded, with their paths without extension.
pub(super) struct Loaded<'a> {
    pub(super) suites: &'a [Suite],
    paths: Vec<PathBuf>,
}

impl<'a> Loaded<'a> {
    pub(super) fn new(suites: &'a [Suite]) -> Self {
        let paths = suites.iter().map(|suite| full_path(Path::new(suite.source.name())).with_extension("")).collect();
        Self { suites, paths }
    }
}

/// The names that a file in one folder can use. It speaks for the suites in its folder and below.
pub(super) struct Names<'a> {
    suites: &'a [Suite],
    below: Vec<usize>,
    /// By the id that reports show.
    ids: HashMap<&'a str, Vec<usize>>,
    /// By as much of the path as names a suite from the folder, or from one further up.
    paths: HashMap<&'a Path, Vec<usize>>,
    /// The cases of those suites that were asked for, by name.
    cases: HashMap<usize, HashMap<&'a str, usize>>,
}

impl<'a> Names<'a> {
    pub(super) fn new(folder: &Path, loaded: &'a Loaded<'a>) -> Self {
        let mut names = Self {
            suites: loaded.suites,
            below: Vec::new(),
            ids: HashMap::new(),
            paths: HashMap::new(),
            cases: HashMap::new(),
        };
        for (index, (suite, path)) in loaded.suites.iter().zip(&loaded.paths).enumerate() {
            // What is below the folder must be named; what is above it may be.
            let Ok(inner) = path.strip_prefix(folder) else { continue };
            names.below.push(index);
            names.ids.entry(&suite.id).or_default().push(index);
            let above = path.components().count() - inner.components().count();
            let mut rest = path.components();
            for _ in 0..=above {
                names.paths.entry(rest.as_path()).or_default().push(index);
                rest.next();
            }
        }
        names
    }

    /// The suites in the folder and below.
    pub(super) fn below(&self) -> impl Iterator<Item = &'a Suite> {
        let suites = self.suites;
        self.below.iter().map(move |index| &suites[*index])
    }

    /// The suites that a name may mean, those first whose id it is.
    pub(super) fn suites(&self, name: &str) -> Vec<usize> {
        let ids = self.ids.get(name).map_or(&[][..], Vec::as_slice);
        let paths = self.paths.get(Path::new(name)).map_or(&[][..], Vec::as_slice);
        ids.iter().chain(paths.iter().filter(|index| !ids.contains(index))).copied().collect()
    }

    /// A case of a suite, by its name.
    pub(super) fn case(&mut self, suite: usize, name: &str) -> Option<usize> {
        let suites = self.suites;
        let cases = self.cases.entry(suite).or_insert_with(|| {
            let cases = suites[suite].cases.iter().enumerate();
            cases.map(|(index, case)| (case.name.as_str(), index)).collect()
        });
        cases.get(name).copied()
    }
}
