//! Finds the suite and the case that an entry names. There may be ten thousand of each, and as many entries, so names are
//! looked up in maps.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::suite::{Suite, full_path};

/// The suites that were loaded, with their paths without extension.
pub(super) struct LoadedSuites<'a> {
    pub(super) suites: &'a [Suite],
    paths: Vec<PathBuf>,
}

impl<'a> LoadedSuites<'a> {
    pub(super) fn new(suites: &'a [Suite]) -> Self {
        let paths = suites.iter().map(|suite| full_path(Path::new(suite.source.name())).with_extension("")).collect();
        Self { suites, paths }
    }
}

/// The names that a file of known deviations can use: those of the suites in its folder and below.
pub(super) struct Names<'a> {
    suites: &'a [Suite],
    below: Vec<usize>,
    /// Suites by the id that reports show.
    ids: HashMap<&'a str, Vec<usize>>,
    /// Suites by their path, seen from the folder of the file or from any folder above it.
    paths: HashMap<&'a Path, Vec<usize>>,
    /// Cases by name, for each suite that was looked up.
    cases: HashMap<usize, HashMap<&'a str, usize>>,
}

impl<'a> Names<'a> {
    pub(super) fn new(folder: &Path, loaded: &'a LoadedSuites<'a>) -> Self {
        let mut names = Self {
            suites: loaded.suites,
            below: Vec::new(),
            ids: HashMap::new(),
            paths: HashMap::new(),
            cases: HashMap::new(),
        };
        for (index, (suite, path)) in loaded.suites.iter().zip(&loaded.paths).enumerate() {
            // A name must contain the path below the folder of the file, and may contain folders above it.
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

    /// The suites that a name may mean; those with this id come first.
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
