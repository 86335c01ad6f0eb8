//! Reads the files of known deviations that belong to the loaded suites.

use std::path::Path;

use super::entry::KnownEntry;
use super::names::LoadedSuites;
use super::read;
use crate::location::InputErrors;
use crate::rule::Rule;
use crate::suite::{Suite, known_deviations};

/// Reads every file of known deviations that may concern the suites of a path. `rules` are the rules that judge cases.
///
/// The entries of deeper folders come first, so that they take precedence. If only a part of the suites was loaded, entries
/// for the others are left out.
pub fn load(cases: &Path, suites: &[Suite], rules: &[&'static Rule]) -> Result<Vec<KnownEntry>, InputErrors> {
    let loaded = LoadedSuites::new(suites);
    let mut entries = Vec::new();
    let mut errors = Vec::new();
    for path in known_deviations(cases)? {
        match read::file(&path, cases, &loaded, rules) {
            Ok(found) => entries.extend(found),
            Err(InputErrors(found)) => errors.extend(found),
        }
    }
    if errors.is_empty() { Ok(entries) } else { Err(InputErrors(errors)) }
}
