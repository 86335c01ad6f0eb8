//! docs/architecture.md against the code: the way of one request, its picture, the table of modules, and every file that the page
//! names.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::graph::Imports;
use super::{ROOTS, sources};

const PAGE: &str = include_str!("../../docs/architecture.md");
/// The most files on the way.
const FILES: usize = 12;
/// What runner and listeners have in common.
const EVENTS: &str = "src/event.rs";

/// The steps of the way: a file, and the functions that the request passes there.
fn way() -> Vec<(&'static str, Vec<&'static str>)> {
    let steps = PAGE.lines().filter(|line| line.starts_with(|first: char| first.is_ascii_digit()));
    let quoted = |line: &'static str| line.split('`').skip(1).step_by(2);
    steps
        .filter_map(|line| {
            let mut quoted = quoted(line);
            let file = quoted.next().filter(|file| file.starts_with("src/"))?;
            let is_function = |word: &&str| word.starts_with(|first: char| first.is_ascii_lowercase());
            Some((file, quoted.filter(is_function).collect()))
        })
        .collect()
}

#[test]
fn the_way_of_a_request_is_short_and_every_function_on_it_exists() {
    let way = way();
    assert!((8..=FILES).contains(&way.len()), "{} files are on the way", way.len());
    let files: BTreeSet<&str> = way.iter().map(|(file, _)| *file).collect();
    assert_eq!(files.len(), way.len(), "the way comes to a file twice");
    for (file, functions) in way {
        let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(!functions.is_empty(), "no function of {file} is named");
        for function in functions {
            let defined = ["(", "<"].iter().any(|next| text.contains(&format!("fn {function}{next}")));
            assert!(defined, "{file} defines no function {function}");
        }
    }
}

#[test]
fn the_picture_shows_the_way_and_its_arrows_are_in_the_code() {
    let imports = Imports::read(&sources(), ROOTS);
    let (_, picture) = PAGE.split_once("```mermaid\n").expect("a picture");
    let picture = picture.split("```").next().unwrap_or_default();
    let mut nodes: BTreeMap<&str, &str> = BTreeMap::new();
    for line in picture.lines().filter_map(|line| line.trim().split_once("[\"")) {
        nodes.insert(line.0, line.1.trim_end_matches("\"]"));
    }
    let on_the_way: Vec<&str> = way().into_iter().map(|(file, _)| file).collect();
    let shown: BTreeSet<&str> = nodes.values().copied().collect();
    assert_eq!(shown, on_the_way.iter().copied().collect(), "the picture shows other files than the way");
    let knows = |one: &str, other: &str| imports.of.get(one).is_some_and(|of| of.contains_key(other));
    let mut arrows = 0;
    for line in picture.lines() {
        let (from, to, is_dashed) = match (line.split_once(" --> "), line.split_once(" -.-> ")) {
            (Some((from, to)), _) => (from.trim(), to.trim(), false),
            (_, Some((from, to))) => (from.trim(), to.trim(), true),
            _ => continue,
        };
        arrows += 1;
        let (from, to) = (nodes[from], nodes[to]);
        let reaches = if is_dashed {
            imports.reached(from).contains(to) || knows(from, EVENTS) && knows(to, EVENTS)
        } else {
            knows(from, to)
        };
        assert!(reaches, "{from} does not lead to {to}");
    }
    assert!(arrows + 1 >= on_the_way.len(), "only {arrows} arrows connect {} files", on_the_way.len());
}

#[test]
fn every_module_is_in_the_table() {
    let table: BTreeSet<&str> = PAGE
        .lines()
        .filter(|line| line.starts_with("| `"))
        .flat_map(|line| line.split('|').nth(1).unwrap_or_default().split('`').skip(1).step_by(2))
        .collect();
    for entry in fs::read_dir("src").expect("src").flatten() {
        let name = entry.file_name().to_string_lossy().trim_end_matches(".rs").to_owned();
        assert!(
            ["lib", "main"].contains(&name.as_str()) || table.contains(name.as_str()),
            "{name} is not in the table"
        );
    }
}

#[test]
fn every_file_that_the_page_and_contributing_name_exists() {
    let pages = [PAGE, include_str!("../../CONTRIBUTING.md")];
    let words = pages.iter().flat_map(|page| page.split('`').skip(1).step_by(2));
    let named: Vec<&str> = words.filter(|word| word.starts_with("src/") && !word.contains('<')).collect();
    assert!(named.len() > FILES, "{named:?}");
    for file in named {
        assert!(Path::new(file).exists(), "{file} does not exist");
    }
}
