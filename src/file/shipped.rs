//! Files that are built into the command: the shipped document, suite, known deviations and snapshots.
//!
//! A path whose first part is `demo:` names one of them, as in `demo:/cases/delete_conversation.yaml`, wherever an input file
//! or folder is named; `./demo:` is an ordinary folder of that name. So `conformant demo` needs no checkout, and reports show
//! places in these files as in all others.

use std::path::{Component, Path, PathBuf};

/// The first part of the path of every shipped file.
const ROOT: &str = "demo:";

macro_rules! shipped {
    ($($name:literal)*) => {
        /// Every shipped file: its path below the root, and its text.
        pub const FILES: &[(&str, &str)] =
            &[$(($name, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $name)))),*];
    };
}

shipped! {
    "cases/delete_conversation.yaml"
    "cases/known_deviations.yaml"
    "snapshots/delete_conversation/basic_scheme.snap"
    "snapshots/delete_conversation/body_omitted.snap"
    "snapshots/delete_conversation/id_no_uuid.snap"
    "snapshots/delete_conversation/id_percent_encoded.snap"
    "snapshots/delete_conversation/id_upper_case.snap"
    "snapshots/delete_conversation/malformed_json.snap"
    "snapshots/delete_conversation/malformed_key.snap"
    "snapshots/delete_conversation/missing_and_no_key.snap"
    "snapshots/delete_conversation/missing_and_other_app.snap"
    "snapshots/delete_conversation/missing_and_wrong_key.snap"
    "snapshots/delete_conversation/missing_and_wrong_mode.snap"
    "snapshots/delete_conversation/missing_conversation.snap"
    "snapshots/delete_conversation/no_key.snap"
    "snapshots/delete_conversation/other_app.snap"
    "snapshots/delete_conversation/other_user.snap"
    "snapshots/delete_conversation/repeat.snap"
    "snapshots/delete_conversation/success.snap"
    "snapshots/delete_conversation/two_at_once.snap"
    "snapshots/delete_conversation/unknown_property.snap"
    "snapshots/delete_conversation/user_null.snap"
    "snapshots/delete_conversation/user_omitted.snap"
    "snapshots/delete_conversation/wrong_app_mode.snap"
    "snapshots/delete_conversation/wrong_key.snap"
    "spec/openapi_chatflow.yaml"
}

/// The text of a shipped file, if the path names one.
pub(super) fn text(path: &Path) -> Option<&'static str> {
    let name = below_root(path)?;
    FILES.iter().find(|(file, _)| Path::new(file) == name).map(|(_, text)| *text)
}

/// What lies in a shipped folder, in the order of the names; none if the path names no such folder.
pub(super) fn entries(path: &Path) -> Option<Vec<PathBuf>> {
    let name = below_root(path)?;
    let below = FILES.iter().filter_map(|(file, _)| Path::new(file).strip_prefix(&name).ok()?.components().next());
    let mut entries: Vec<PathBuf> = below.map(|first| path.join(first)).collect();
    entries.dedup();
    if entries.is_empty() || text(path).is_some() { None } else { Some(entries) }
}

/// Whether a path begins as those of shipped files do.
pub fn is_shipped(path: &Path) -> bool {
    path.components().next() == Some(Component::Normal(ROOT.as_ref()))
}

/// The path below the root, without `.` and `..`; none if the path does not begin there, or leads out.
fn below_root(path: &Path) -> Option<PathBuf> {
    if !is_shipped(path) {
        return None;
    }
    let mut name = PathBuf::new();
    for part in path.components().skip(1) {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                if !name.pop() {
                    return None;
                }
            }
            part => name.push(part),
        }
    }
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_that_ships_is_in_the_list() {
        let top = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut found = Vec::new();
        for folder in ["cases", "snapshots/delete_conversation", "spec"] {
            for entry in std::fs::read_dir(top.join(folder)).expect("a folder") {
                let name = entry.expect("an entry").file_name().into_string().expect("a plain name");
                // The folder may also hold a proposal for a snapshot.
                if Path::new(&name).extension().is_some_and(|end| end != "new") {
                    found.push(format!("{folder}/{name}"));
                }
            }
        }
        found.sort();
        let listed: Vec<&str> = FILES.iter().map(|(name, _)| *name).collect();
        assert_eq!(listed, found, "write these names in src/file/shipped.rs");
    }

    #[test]
    fn a_path_is_read_as_on_a_disk() {
        let suite = Path::new("demo:/cases/delete_conversation.yaml");
        assert!(text(suite).is_some_and(|text| text.contains("operation:")));
        assert!(text(Path::new("demo:/cases/../spec/openapi_chatflow.yaml")).is_some());
        for other in ["cases/delete_conversation.yaml", "demo:/cases", "demo:/../cases", "demo:", "/demo:/cases", ""] {
            assert_eq!(text(Path::new(other)), None, "{other}");
        }
        let entries = |path: &str| entries(Path::new(path));
        assert_eq!(entries("demo:/cases"), Some(vec![suite.into(), "demo:/cases/known_deviations.yaml".into()]));
        assert_eq!(entries("demo:").map(|entries| entries.len()), Some(3));
        for other in ["demo:/cases/delete_conversation.yaml", "demo:/none", "cases", "demo:/.."] {
            assert_eq!(entries(other), None, "{other}");
        }
    }
}
