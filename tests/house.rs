//! The floors of the house: a module imports only from the floors above its own, so that judging stays free of sockets
//! and reports free of judging.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The floors, top first. Modules of one floor do not know each other.
const FLOORS: &[&[&str]] = &[
    &["printable"],
    &["date", "location", "rule", "secret", "write"],
    &["file", "tree"],
    &["spec", "exchange"],
    &["case", "finding"],
    &["outcome", "check", "lint", "guard", "settings"],
    &["event"],
    &["transport", "baseline", "known"],
    &["object"],
    &["report"],
    &["run"],
    &["cli", "harness"],
    &["main"],
];

/// Stands apart: imports nothing of the crate, and only the wiring and the doors know it.
const APART: &str = "reference";

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a readable folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The top-level module a file belongs to.
fn module(path: &Path) -> String {
    let below = path.strip_prefix("src").expect("a path below src");
    let first = below.components().next().expect("a component").as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

/// Every `crate::NAME` in the code of a file, comments left out.
fn imports(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let code = line.split("//").next().unwrap_or_default();
        for (at, marker) in code.match_indices("crate::").chain(code.match_indices("conformant::")) {
            let rest = &code[at + marker.len()..];
            let names: Vec<String> = if let Some(list) = rest.strip_prefix('{') {
                list.trim_end_matches([';', '}'])
                    .split(['{', '}', ','])
                    .map(|name| name.trim().split("::").next().unwrap_or_default().to_owned())
                    .collect()
            } else {
                vec![rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()]
            };
            found.extend(names.into_iter().map(|name| (number + 1, name)));
        }
    }
    found
}

#[test]
fn every_module_imports_from_floors_above_only() {
    let floors: BTreeMap<&str, usize> =
        FLOORS.iter().enumerate().flat_map(|(floor, names)| names.iter().map(move |name| (*name, floor))).collect();
    let mut paths = Vec::new();
    files(Path::new("src"), &mut paths);
    assert!(paths.len() > 20, "the walk over src/ found too little: {paths:?}");
    let mut wrong = Vec::new();
    let mut seen = 0;
    for path in &paths {
        let name = module(path);
        if name == "lib" {
            continue;
        }
        let text = fs::read_to_string(path).expect("a readable file");
        for (line, imported) in imports(&text) {
            if imported == name {
                continue;
            }
            let Some(&there) = floors.get(imported.as_str()) else {
                if imported == APART && name != APART && floors.get(name.as_str()).is_some_and(|floor| *floor >= 9) {
                    continue;
                }
                wrong.push(format!(
                    "{}:{line}: {name} imports {imported}, which is on no floor it may use",
                    path.display()
                ));
                continue;
            };
            seen += 1;
            match floors.get(name.as_str()) {
                Some(&here) if there < here => {}
                _ => wrong.push(format!("{}:{line}: {name} imports {imported}", path.display())),
            }
        }
    }
    assert!(seen > 50, "only {seen} imports were found, so this test reads the files wrongly");
    assert!(wrong.is_empty(), "imports against the floors:\n{}", wrong.join("\n"));
}

#[test]
fn every_module_is_on_a_floor() {
    let mut names: Vec<String> = fs::read_dir("src")
        .expect("src")
        .flatten()
        .map(|entry| module(&entry.path()))
        .filter(|name| name != "lib" && name != APART)
        .collect();
    names.sort();
    // A module may be a file and a folder.
    names.dedup();
    let mut floors: Vec<&str> = FLOORS.iter().flat_map(|names| names.iter().copied()).collect();
    floors.sort_unstable();
    assert_eq!(names, floors);
}

#[test]
fn no_file_holds_more_than_one_can_hold_in_the_head() {
    let mut paths = Vec::new();
    files(Path::new("src"), &mut paths);
    files(Path::new("tests"), &mut paths);
    let long: Vec<String> = paths
        .iter()
        .map(|path| (path, fs::read_to_string(path).expect("a readable file").lines().count()))
        .filter(|(_, lines)| *lines > 550)
        .map(|(path, lines)| format!("{}: {lines} lines", path.display()))
        .collect();
    assert!(long.is_empty(), "files to split:\n{}", long.join("\n"));
}

#[test]
fn nothing_but_the_reference_knows_the_first_contract() {
    let mut paths = Vec::new();
    files(Path::new("src"), &mut paths);
    let is_test = |path: &PathBuf| path.to_string_lossy().ends_with("tests.rs");
    for path in paths.iter().filter(|path| module(path) != APART && !is_test(path)) {
        let text = fs::read_to_string(path).expect("a readable file");
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        for (number, line) in code.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default().to_lowercase();
            for word in ["dify", "conversation_not_exists", "deleteadvancedconversation", "/chat-messages"] {
                assert!(!code.contains(word), "{}:{}: the code names {word}", path.display(), number + 1);
            }
        }
    }
}
