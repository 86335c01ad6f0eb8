//! The package holds the promised files, dependencies, Rust version and page.
//!
//! `CONFORMANT_UPDATE_DOCS=1 cargo test --test package` writes `packaging/README.md` anew.
#![allow(clippy::disallowed_methods, reason = "the variables here are Cargo's and this test's own")]

#[path = "support/command.rs"]
mod command;

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use command::{Finished, Folder, conformant};

/// How many crates a team pays for the macro alone, this one included.
const CRATES: usize = 160;
/// How many files a package holds at most.
const FILES: usize = 700;
/// The first page of the library's documentation.
const FIRST_PAGE: &str = include_str!("../src/lib.rs");
const PAGE: &str = "packaging/README.md";

fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO")).args(arguments).output().expect("Cargo runs this test");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// `1.95` or `1.95.0` as numbers.
fn version(text: &str) -> Vec<u32> {
    let digits = text.split('.').map(|part| part.parse().expect("a number"));
    digits.take(2).collect()
}

/// The versions that a text names after `before`.
fn named<'a>(text: &'a str, before: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(before)
        .skip(1)
        .map(|rest| rest.split(|c: char| !c.is_ascii_digit() && c != '.').next().unwrap_or_default())
        .map(|version| version.trim_end_matches('.'))
        .filter(|version| !version.is_empty())
}

#[test]
fn every_rust_that_is_documented_compiles_it() {
    let oldest = env!("CARGO_PKG_RUST_VERSION");
    for file in ["docs/ci.md", "packaging/Dockerfile", "README.md"] {
        let text = fs::read_to_string(file).expect("a file of this project");
        let images = named(&text, "rust:").chain(named(&text, "Rust "));
        let versions: Vec<&str> = images.collect();
        assert!(!versions.is_empty(), "{file} names no version of Rust");
        for one in versions {
            assert!(version(one) >= version(oldest), "{file} names Rust {one}, and {oldest} is needed");
        }
    }
}

#[test]
#[expect(clippy::print_stderr, reason = "the number is of interest in CI")]
fn the_macro_alone_costs_few_crates() {
    let arguments = ["tree", "--locked", "--offline", "--prefix", "none", "--edges", "normal"];
    let count = |more: &[&str]| {
        let tree = cargo(&[&arguments[..], more].concat());
        let lines = tree.lines().map(|line| line.split(" (").next().unwrap_or_default().to_owned());
        lines.filter(|line| !line.is_empty()).collect::<BTreeSet<_>>().len()
    };
    let (all, alone) = (count(&[]), count(&["--no-default-features"]));
    eprintln!("crates: {all} with the command, {alone} with the macro alone");
    assert!(alone < CRATES, "the macro alone costs {alone} crates");
    let readme = fs::read_to_string("README.md").expect("README.md");
    assert!(
        readme.contains(&format!("dependencies are {alone} crates")),
        "README.md names another number than {alone}"
    );
}

#[test]
#[expect(clippy::print_stderr, reason = "the number is of interest in CI")]
fn the_package_holds_what_it_needs_and_not_the_tests_of_the_whole() {
    let list = cargo(&["package", "--list", "--allow-dirty", "--offline", "--locked"]);
    let files: BTreeSet<&str> = list.lines().collect();
    eprintln!("files in the package: {}", files.len());
    assert!(files.len() < FILES, "{} files", files.len());
    let needed = ["LICENSE-APACHE", "LICENSE-MIT", "README.md", PAGE, "build.rs", "spec/openapi_chatflow.yaml"];
    for file in needed.into_iter().chain(["cases/delete_conversation.yaml", "tests/conformance.rs"]) {
        assert!(files.contains(file), "{file} is not in the package");
    }
    assert!(!files.iter().any(|file| file.starts_with("tests/deviations") || file.starts_with("fuzz")), "{list}");
}

/// README.md with each link into the repository as plain text: a registry's page has no such files.
fn for_a_registry(readme: &str) -> String {
    let mut page = String::new();
    let mut rest = readme;
    while let Some((before, after)) = rest.split_once('[') {
        page.push_str(before);
        let link = after.split_once("](").and_then(|(text, after)| Some((text, after.split_once(')')?)));
        match link {
            Some((text, (to, after))) if !text.contains(['[', ']']) && !to.starts_with("http") => {
                let name = text.replace('\n', " ");
                let is_file = name.contains('/');
                page.extend([if is_file { "`" } else { "" }, &name, if is_file { "`" } else { "" }]);
                rest = after;
            }
            _ => {
                page.push('[');
                rest = after;
            }
        }
    }
    page + rest
}

#[test]
fn the_page_of_a_registry_is_the_readme_without_dead_links() {
    let page = for_a_registry(&fs::read_to_string("README.md").expect("README.md"));
    assert!(!page.contains("](docs/") && !page.contains("](LICENSE"), "{page}");
    if std::env::var_os("CONFORMANT_UPDATE_DOCS").is_some() {
        fs::write(PAGE, &page).expect("written");
    }
    let written = fs::read_to_string(PAGE).unwrap_or_default();
    assert!(written == page, "{PAGE} is not what README.md makes: CONFORMANT_UPDATE_DOCS=1 cargo test --test package");
}

#[test]
fn a_link_into_the_repository_is_plain_text_there() {
    let readme = "See [docs/safety.md](docs/safety.md#a), [MIT](LICENSE-MIT), [x](https://example.com) and `a[0]`.";
    let page = "See `docs/safety.md`, MIT, [x](https://example.com) and `a[0]`.";
    assert_eq!(for_a_registry(readme), page);
}

/// The first block of a language on the first page.
fn block(language: &str) -> String {
    let begin = format!("//! ```{language}\n");
    let lines = FIRST_PAGE.split_once(&begin).expect("a block").1.lines();
    let inside = lines.take_while(|line| *line != "//! ```").map(|line| line.trim_start_matches("//!"));
    inside.flat_map(|line| [line.strip_prefix(' ').unwrap_or(line), "\n"]).collect()
}

#[test]
fn the_suite_of_the_first_page_runs_as_it_stands_there() {
    let folder = Folder::new();
    for name in ["spec", "cases"] {
        fs::create_dir(folder.path().join(name)).expect("a folder");
    }
    fs::copy("examples/team_repository/spec/conversations.yaml", folder.path().join("spec/conversations.yaml"))
        .expect("copied");
    folder.file("cases/close_conversation.yaml", &block("yaml"));
    let mut command = conformant(&["run"]);
    command.current_dir(folder.path());
    let ended = Finished::of(command).expect(0);
    assert!(ended.stdout.contains("pass  close_conversation/unknown"), "{}", ended.stdout);
}

#[test]
fn the_features_of_the_first_page_are_those_of_the_package() {
    let manifest = fs::read_to_string("Cargo.toml").expect("Cargo.toml");
    let (_, table) = FIRST_PAGE.split_once("//! | feature |").expect("a table");
    let rows = table.lines().skip(2).take_while(|line| line.starts_with("//! |"));
    let named: Vec<&str> = rows.filter_map(|row| row.split('`').nth(1)).collect();
    let all = format!("default = {named:?}");
    assert!(manifest.contains(&all), "{all}");
    assert!(block("toml").contains("default-features = false") && block("toml").contains("harness = false"));
}
