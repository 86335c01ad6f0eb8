//! Whether circles and types are found where they are, in small trees that are made up.

use super::graph::Imports;
use super::modules::{Files, Modules};

fn files(tree: &[(&str, &str)]) -> Files {
    tree.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

/// The shortest circles of a tree below `src/lib.rs`.
fn circles(tree: &[(&str, &str)]) -> Vec<String> {
    let imports = Imports::read(&files(tree), &["src/lib.rs"]);
    assert!(imports.unread.is_empty(), "{:?}", imports.unread);
    imports.circles().into_iter().map(|circle| circle.text).collect()
}

#[test]
fn a_circle_through_a_module_file_is_found() {
    let found = circles(&[
        ("src/lib.rs", "mod a;"),
        ("src/a/mod.rs", "mod b;\nuse b::Part;\npub struct Whole(Part);"),
        ("src/a/b.rs", "use super::Whole;\npub struct Part(Box<Whole>);"),
    ]);
    assert_eq!(found, ["src/a/b.rs -> src/a/mod.rs: Whole (line 1)\nsrc/a/mod.rs -> src/a/b.rs: Part (line 2)"]);
}

#[test]
fn a_circle_through_a_path_in_the_code_is_found() {
    let found = circles(&[
        ("src/lib.rs", "mod a;\nmod b;"),
        ("src/a.rs", "pub fn one() -> crate::b::Two {\n    crate::b::two()\n}"),
        ("src/b.rs", "use crate::a;\npub struct Two;\npub fn two() -> Two { Two }\nfn three() { a::one(); }"),
    ]);
    assert_eq!(found, ["src/a.rs -> src/b.rs: Two (line 1), two (line 2)\nsrc/b.rs -> src/a.rs: one (line 4)"]);
}

#[test]
fn a_circle_through_a_re_export_is_found_at_the_file_that_defines_the_name() {
    let found = circles(&[
        ("src/lib.rs", "pub mod a;\npub mod b;"),
        ("src/a/mod.rs", "mod c;\npub use c::{Deep as Renamed, other};"),
        ("src/a/c.rs", "use crate::b::Low;\npub struct Deep(Low);\npub fn other() {}"),
        ("src/b.rs", "use crate::a::Renamed;\npub struct Low;\nimpl From<Renamed> for Low {}"),
    ]);
    assert_eq!(found, ["src/a/c.rs -> src/b.rs: Low (line 1)\nsrc/b.rs -> src/a/c.rs: Renamed (line 1)"]);
}

#[test]
fn a_re_export_that_its_own_file_uses_is_an_import() {
    let child = ("src/a/b.rs", "use super::Whole;\npub struct Part(Box<Whole>);");
    let lib = ("src/lib.rs", "mod a;");
    let used = "mod b;\npub(crate) use b::Part;\npub struct Whole(Vec<Part>);";
    assert_eq!(circles(&[lib, child, ("src/a/mod.rs", used)]).len(), 1);
    let unused = "mod b;\npub(crate) use b::Part;\npub struct Whole;";
    assert_eq!(circles(&[lib, child, ("src/a/mod.rs", unused)]), [""; 0]);
}

#[test]
fn a_circle_through_an_import_of_everything_is_found() {
    let child = ("src/a/b.rs", "use super::*;\npub struct Part(Box<Whole>);");
    let parent = "mod b;\nmod c;\nuse c::Other;\npub struct Whole(b::Part);";
    let found = circles(&[("src/lib.rs", "mod a;"), ("src/a/mod.rs", parent), ("src/a/c.rs", ""), child]);
    assert_eq!(found, ["src/a/b.rs -> src/a/mod.rs: Whole (line 1)\nsrc/a/mod.rs -> src/a/b.rs: Part (line 4)"]);
}

#[test]
fn of_a_large_circle_the_shortest_is_shown_and_all_files_are_known() {
    let tree = files(&[
        ("src/lib.rs", "mod a;\nmod b;\nmod c;"),
        ("src/a.rs", "use crate::b::B;\npub struct A(B);"),
        ("src/b.rs", "use crate::c::C;\npub struct B(C);"),
        ("src/c.rs", "use crate::a::A;\nuse crate::b::B;\npub struct C(A, B);"),
    ]);
    let circles = Imports::read(&tree, &["src/lib.rs"]).circles();
    let [circle] = circles.as_slice() else { panic!("{circles:?}") };
    assert_eq!(circle.files, ["src/a.rs", "src/b.rs", "src/c.rs"]);
    assert_eq!(circle.text, "src/b.rs -> src/c.rs: C (line 1)\nsrc/c.rs -> src/b.rs: B (line 2)");
}

#[test]
fn a_sound_tree_has_no_circle() {
    let found = circles(&[
        ("src/lib.rs", "pub mod a;\npub mod d;\n//! [`a::Whole`]\npub use a::Whole;"),
        // Modules that declare and re-export, tests that look up, comments and texts are no imports.
        (
            "src/a/mod.rs",
            "//! See `b::Part`.\nmod b;\nmod whole;\npub use b::Part;\npub use whole::Whole;\n#[cfg(test)]\nmod tests;",
        ),
        ("src/a/whole.rs", "use super::Part;\npub struct Whole(Part);\nconst TEXT: &str = \"crate::d::low()\";"),
        (
            "src/a/b.rs",
            "// crate::a::Whole\npub struct Part;\n#[cfg(test)]\nuse super::Whole;\n#[cfg(test)]\n#[path = \"b_tests.rs\"]\n\
             mod tests;\n#[cfg(test)]\nmod more {\n    use super::super::Whole;\n}\n#[cfg(test)]\nfn test() -> super::Whole { x }",
        ),
        ("src/d.rs", "use crate::a::{self, Part as Piece};\nfn low(_: Piece, _: a::Whole, d: std::io::Error) {}"),
    ]);
    assert_eq!(found, [""; 0]);
}

#[test]
fn types_are_found_wherever_they_are_defined() {
    let tree = files(&[(
        "src/lib.rs",
        "#[derive(Debug)]\npub struct A;\npub(crate) enum B {\n    #[default]\n    A,\n}\ntrait C { type Output; }\ntype D = A;\nmod inner {\n    struct E;\n}\n\
         fn f() {\n    struct F;\n}\nimpl C for A { type Output = B; }\n#[cfg(test)]\nstruct G;",
    )]);
    let modules = Modules::read(&tree, &["src/lib.rs"]);
    let types: Vec<(usize, &str)> =
        modules.all.iter().flat_map(|module| &module.types).map(|(line, name)| (*line, name.as_str())).collect();
    assert_eq!(types, [(2, "A"), (3, "B"), (7, "C"), (8, "D"), (13, "F"), (10, "E")]);
}

#[test]
fn a_module_without_a_file_is_told() {
    let imports = Imports::read(&files(&[("src/lib.rs", "\nmod gone;")]), &["src/lib.rs"]);
    assert_eq!(imports.unread, ["src/lib.rs:2: mod gone"]);
}
