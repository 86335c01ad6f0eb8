//! The structure of `src/`: which module may import from which, that no files import from each other in a circle, and
//! that no two types share a name. And no two files of `tests/` and `examples/` are identical.

#[path = "house/architecture.rs"]
mod architecture;
#[path = "house/graph.rs"]
mod graph;
#[path = "house/made_up.rs"]
mod made_up;
#[path = "house/modules.rs"]
mod modules;
#[path = "house/tokens.rs"]
mod tokens;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use graph::Imports;
use modules::{Files, Modules};

/// The files with which the library and the command begin.
const ROOTS: &[&str] = &["src/lib.rs", "src/main.rs"];

/// The floors, top first. Modules of one floor do not know each other.
const FLOORS: &[&[&str]] = &[
    &["printable"],
    &["date", "location", "rule", "secret", "write"],
    &["file", "tree"],
    &["spec", "exchange"],
    &["suite", "finding"],
    &["observation", "outcome", "lint", "guard", "settings"],
    &["assess", "baseline", "event", "transport"],
    &["rules", "object"],
    &["known"],
    &["report"],
    &["run"],
    &["cli", "harness", "library"],
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

/// The source files below `src/`, by their paths with slashes.
fn sources() -> Files {
    let mut paths = Vec::new();
    files(Path::new("src"), &mut paths);
    let text = |path: &PathBuf| fs::read_to_string(path).expect("a readable file");
    paths.iter().map(|path| (path.to_string_lossy().replace('\\', "/"), text(path))).collect()
}

#[test]
fn no_files_import_from_each_other_in_a_circle() {
    let imports = Imports::read(&sources(), ROOTS);
    assert!(imports.unread.is_empty(), "parts of src/ were not read: {:?}", imports.unread);
    let count: usize = imports.of.values().map(BTreeMap::len).sum();
    assert!(count > 500, "only {count} imports were found, so this test reads the files wrongly");
    let circles: Vec<String> = imports
        .circles()
        .iter()
        .map(|circle| {
            format!("{} files reach each other: {}\n{}", circle.files.len(), circle.files.join(", "), circle.text)
        })
        .collect();
    assert!(circles.is_empty(), "circles of imports:\n{}", circles.join("\n\n"));
}

#[test]
fn no_two_types_have_the_same_name() {
    let sources = sources();
    let modules = Modules::read(&sources, ROOTS);
    let is_read = |file: &&String| modules.all.iter().any(|module| module.file == **file);
    let is_test = |file: &&String| {
        let mut rests = modules.for_tests.iter().filter_map(|path| file.strip_prefix(path.as_str()));
        file.ends_with("_tests.rs") || rests.any(|rest| rest.starts_with(['.', '/']))
    };
    // What a build without a Cargo feature has in place of that part; its names are those of the part.
    let is_stand_in = |file: &&String| file.ends_with("/absent.rs");
    let is_left_out = |file: &&String| is_test(file) || is_stand_in(file);
    let unread: Vec<&String> = sources.keys().filter(|file| !is_read(file) && !is_left_out(file)).collect();
    assert!(unread.is_empty(), "files that no module declares: {unread:?}");
    let mut places: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for module in &modules.all {
        for (line, name) in &module.types {
            places.entry(name).or_default().push(format!("{}:{line}", module.file));
        }
    }
    assert!(places.len() > 200, "only {} types were found, so this test reads the files wrongly", places.len());
    let shared: Vec<String> = places
        .iter()
        .filter(|(_, places)| places.len() > 1)
        .map(|(name, places)| format!("{name}: {}", places.join(", ")))
        .collect();
    assert!(shared.is_empty(), "types with the same name:\n{}", shared.join("\n"));
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

/// The files below a folder, by their bytes.
fn files_by_bytes(folder: &Path, by_bytes: &mut BTreeMap<Vec<u8>, Vec<String>>) {
    for entry in fs::read_dir(folder).expect("a readable folder").flatten() {
        let path = entry.path();
        // What a build leaves is not of the project.
        if path.is_dir() && path.file_name().is_some_and(|name| name != "target") {
            files_by_bytes(&path, by_bytes);
        } else if path.is_file() {
            let bytes = fs::read(&path).expect("a readable file");
            by_bytes.entry(bytes).or_default().push(path.display().to_string());
        }
    }
}

#[test]
fn no_two_files_of_tests_and_examples_are_identical() {
    let mut by_bytes = BTreeMap::new();
    for folder in ["tests", "examples"] {
        files_by_bytes(Path::new(folder), &mut by_bytes);
    }
    assert!(by_bytes.len() > 300, "only {} files were found, so this test reads the folders wrongly", by_bytes.len());
    let identical: Vec<String> =
        by_bytes.values().filter(|paths| paths.len() > 1).map(|paths| paths.join(" and ")).collect();
    assert!(identical.is_empty(), "identical files:\n{}", identical.join("\n"));
}
