//! The snapshots beside the cases as a whole: which belong to no case, and which insta must keep.

use std::path::Path;

use crate::baseline::{REFERENCES, SnapshotFiles};
use crate::settings::Settings;
use crate::suite::Suite;

/// The snapshots beside the cases, or of the baseline that is named.
fn recorded(settings: &Settings, suites: &[Suite]) -> SnapshotFiles {
    let Some(folder) = settings.baseline.clone().or_else(|| settings.recorded_beside()) else {
        return SnapshotFiles::default();
    };
    let cases = suites.iter().flat_map(|suite| &suite.cases).map(|case| case.id.as_str());
    let loaded: Vec<&str> = suites.iter().map(|suite| suite.id.as_str()).collect();
    SnapshotFiles::of(&folder, cases, Some(&loaded[..]).filter(|_| settings.cases.is_file()))
}

/// A note for each snapshot that no case has: the case was renamed or removed.
pub fn unused_snapshots(settings: &Settings, suites: &[Suite]) -> Vec<String> {
    let unused = recorded(settings, suites).unused;
    unused.iter().map(|path| format!("no case has the snapshot {}; remove it", path.display())).collect()
}

/// Tells `cargo insta` which snapshots are in use, if it asks for it. A note says when that failed.
pub fn list_used_snapshots(settings: &Settings, suites: &[Suite]) -> Option<String> {
    let references = settings.env.get(REFERENCES)?;
    let error = recorded(settings, suites).list_used(Path::new(references)).err()?;
    Some(format!("the file of {REFERENCES} cannot be written: {error}"))
}
