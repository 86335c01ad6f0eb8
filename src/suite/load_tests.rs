use super::*;

use crate::suite::testing::{EXAMPLE, TestFolder};

const SPEC: &str = include_str!("../../spec/openapi_chatflow.yaml");

/// A suite with one case that names the document by this path.
fn small(spec: &str) -> String {
    format!(
        "spec: {spec}\noperation: deleteAdvancedConversation\ncases:\n  one: {{auth: none, path: {{conversation_id: x}}, expect: 404}}\n"
    )
}

fn ids(suites: &[Suite]) -> Vec<&str> {
    suites.iter().map(|suite| suite.id.as_str()).collect()
}

fn loaded(cases: &Path) -> Vec<Suite> {
    load(cases, None).unwrap_or_else(|errors| panic!("{errors}"))
}

fn errors(cases: &Path, spec: Option<&Path>) -> Vec<InputError> {
    load(cases, spec).map(|suites| suites.len()).expect_err("it cannot be loaded").0
}

/// The one error of a path: its message and help.
fn error(cases: &Path) -> (String, String) {
    let mut errors = errors(cases, None);
    assert_eq!(errors.len(), 1, "{errors:?}");
    let error = errors.remove(0);
    (error.message, error.help.expect("every error says what to do"))
}

#[test]
fn the_example_suite_loads_from_its_file() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/suites/example.yaml");
    let suites = loaded(&path);
    assert_eq!(ids(&suites), ["example"]);
    assert_eq!(suites[0].cases[0].id, "example/success");
    assert_eq!(suites[0].source.name(), path.display().to_string());
    assert_eq!(suites[0].document.title, "Chatflow App API");
}

#[test]
fn a_folder_gives_its_suites_in_the_order_of_their_paths() {
    let folder = TestFolder::new();
    folder.write("spec/s.yaml", SPEC);
    for name in ["b.yaml", "a/z.yaml", "a/deep/er/x.yaml", "a.b.yaml", "c.yaml"] {
        let up = "../".repeat(name.matches('/').count() + 1);
        folder.write(&format!("cases/{name}"), small(&format!("{up}spec/s.yaml")));
    }
    for name in
        ["known_deviations.yaml", "a/known_deviations.yaml", ".hidden.yaml", ".git/x.yaml", "notes.txt", "d.yml"]
    {
        folder.write(&format!("cases/{name}"), "no suite");
    }
    let suites = loaded(&folder.path().join("cases"));
    assert_eq!(ids(&suites), ["a/deep/er/x", "a/z", "a.b", "b", "c"]);
    assert_eq!(suites[0].cases[0].id, "a/deep/er/x/one");
    assert!(suites.iter().all(|suite| Arc::ptr_eq(&suite.document, &suites[0].document)), "one file, one document");
}

#[test]
fn a_document_may_be_replaced_and_need_not_be_named_then() {
    let folder = TestFolder::new();
    let other = folder.write("other.yaml", SPEC);
    folder.write("cases/a.yaml", small("nowhere.yaml"));
    folder.write("cases/b.yaml", small("x").replace("spec: x\n", ""));
    let suites = load(&folder.path().join("cases"), Some(&other)).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(ids(&suites), ["a", "b"]);
    assert_eq!(suites[1].document.source.name(), other.display().to_string());
    assert!(Arc::ptr_eq(&suites[0].document, &suites[1].document));
}

#[test]
fn an_absent_or_empty_folder_is_an_error_with_the_path_tried() {
    let folder = TestFolder::new();
    let absent = folder.path().join("nowhere");
    let (message, help) = error(&absent);
    assert_eq!(message, format!("no cases: `{}` does not exist", absent.display()));
    assert!(help.starts_with(&format!("Tried {}.", absent.display())), "{help}");

    let (message, help) = error(folder.path());
    assert_eq!(message, format!("no cases: `{}` has no suite files", folder.path().display()));
    assert_eq!(help, format!("Tried {}. Suite files end in `.yaml`.", folder.path().display()));

    let other = folder.write("suite.yml", EXAMPLE);
    folder.write("known_deviations.yaml", "[]");
    let (_, help) = error(folder.path());
    assert!(help.ends_with(&format!("Suite files end in `.yaml`, and {} does not.", other.display())), "{help}");
}

#[test]
fn a_relative_path_is_shown_in_full_too() {
    let (message, help) = error(Path::new("no/such/cases"));
    assert_eq!(message, "no cases: `no/such/cases` does not exist");
    let full = std::env::current_dir().map(|folder| folder.join("no/such/cases").display().to_string());
    assert!(full.is_ok_and(|full| help.contains(&full)), "{help}");
}

#[test]
fn a_document_that_is_not_there_is_said_at_its_line() {
    let folder = TestFolder::new();
    let suite = folder.write("cases/a.yaml", small("../spec/nowhere.yaml"));
    let found = errors(&suite, None);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].message, "the document `../spec/nowhere.yaml` does not exist");
    assert_eq!(found[0].place.as_ref().map(ToString::to_string), Some(format!("{}:1:7", suite.display())));
    let tried = folder.path().join("spec/nowhere.yaml").display().to_string();
    let help = format!("Tried {tried}. The path is relative to the suite's folder.");
    assert_eq!(found[0].help.as_deref(), Some(help.as_str()));

    let suite = folder.write("cases/a.yaml", small("https://example.com/openapi.yaml"));
    assert_eq!(error(&suite).0, "`https://example.com/openapi.yaml` is not a file");
    let suite = folder.write("cases/a.yaml", small("../cases"));
    assert_eq!(error(&suite).0, "the document `../cases` cannot be read: it is a folder");
}

#[test]
fn all_errors_of_all_files_come_together() {
    let folder = TestFolder::new();
    folder.write("spec/s.yaml", SPEC);
    folder.write("spec/broken.yaml", "openapi: 3.0.1\ninfo: [\n");
    folder.write("cases/a.yaml", "cases: [\n");
    folder.write("cases/b.yaml", small("../spec/broken.yaml").replace("expect", "expcet"));
    folder.write("cases/c.yaml", small("../spec/broken.yaml"));
    folder.write("cases/d.yaml", small("../spec/s.yaml").replace("404", "4040").replace("auth: none", "auth: nobody"));
    folder.write("cases/e.yaml", small("../spec/s.yaml"));
    folder.write("cases/f.yaml", b"spec: \xff\n");
    let found = errors(&folder.path().join("cases"), None);
    let places: Vec<String> = found
        .iter()
        .map(|error| {
            let place = error.place.as_ref().expect("each has a place");
            let name = Path::new(place.source.name()).file_name().unwrap_or_default().to_string_lossy().into_owned();
            format!("{name}:{}", place.line())
        })
        .collect();
    assert!(places[0].starts_with("a.yaml:"), "{places:?}");
    assert!(places[1].starts_with("broken.yaml:"), "said once, although two suites name it: {places:?}");
    assert_eq!(places[2..], ["b.yaml:4", "d.yaml:4", "d.yaml:4", "f.yaml:1"], "{places:?}");
}

#[test]
fn a_document_named_from_outside_that_is_broken_is_said_once() {
    let folder = TestFolder::new();
    let spec = folder.write("broken.yaml", "[1]");
    folder.write("cases/a.yaml", small("x"));
    folder.write("cases/b.yaml", small("x").replace("one:", "One:"));
    let found = errors(&folder.path().join("cases"), Some(&spec));
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(found[1].message, "`One` cannot be the name of a case");
    let found = errors(&folder.path().join("cases"), Some(&folder.path().join("nowhere.yaml")));
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn what_is_no_text_file_is_refused() {
    let folder = TestFolder::new();
    folder.write("folder.yaml/x.txt", "");
    assert!(error(folder.path()).0.contains("has no suite files"), "a folder is no suite, whatever its name");
    let huge = folder.write("huge.yaml", vec![b'#'; usize::try_from(most::SUITE).unwrap_or(0) + 1]);
    assert!(error(&huge).0.ends_with("cannot be read: it has more than 8 MiB"));
    let empty = folder.write("empty.yaml", "");
    assert!(error(&empty).0.contains("empty"));
    let odd = folder.write("a b.yaml", small("x"));
    assert_eq!(error(&odd).0, format!("`{}` cannot name a suite", odd.display()));
}

#[test]
fn a_byte_order_mark_before_a_suite_does_no_harm() {
    let folder = TestFolder::new();
    folder.write("s.yaml.txt", "");
    folder.write("spec/s.yaml", SPEC);
    let suite = folder.write("cases/a.yaml", format!("\u{feff}{}", small("../spec/s.yaml")));
    assert_eq!(ids(&loaded(&suite)), ["a"]);
}

#[cfg(unix)]
#[test]
fn links_are_followed_but_not_in_circles() {
    use std::os::unix::fs::symlink;

    let folder = TestFolder::new();
    folder.write("spec/s.yaml", SPEC);
    folder.write("cases/a/one.yaml", small("../../spec/s.yaml"));
    let cases = folder.path().join("cases");
    symlink(&cases, cases.join("a/up")).expect("links can be made");
    symlink("b", cases.join("b")).expect("links can be made");
    symlink(cases.join("a"), cases.join("twin")).expect("links can be made");
    assert_eq!(ids(&loaded(&cases)), ["a/one", "twin/one"]);

    symlink("nowhere", cases.join("gone.yaml")).expect("links can be made");
    assert_eq!(error(&cases).0, format!("`{}` cannot be read", cases.join("gone.yaml").display()));
}

#[cfg(unix)]
#[test]
fn one_document_by_two_names_is_one_document() {
    let folder = TestFolder::new();
    let spec = folder.write("spec/s.yaml", SPEC);
    std::os::unix::fs::symlink(&spec, folder.path().join("spec/t.yaml")).expect("links can be made");
    folder.write("cases/a.yaml", small("../spec/s.yaml"));
    folder.write("cases/b.yaml", small("../spec/../spec/t.yaml"));
    let suites = loaded(&folder.path().join("cases"));
    assert!(Arc::ptr_eq(&suites[0].document, &suites[1].document));
}

#[test]
fn paths_are_made_easy_to_read_without_changing_what_they_mean() {
    let cases = [("a/b/../c", "a/c"), ("./a/./b", "a/b"), ("../a", "../a"), ("a/../../b", "../b"), ("/a/../b", "/b")];
    for (path, tidied) in cases {
        assert_eq!(tidy(Path::new(path)), Path::new(tidied), "{path}");
    }
}

#[test]
fn a_document_among_the_suites_is_one_error_unless_it_is_named() {
    let folder = TestFolder::new();
    folder.write("cases/s.yaml", SPEC);
    folder.write("cases/deep/t.yaml", format!("# The same.\n{SPEC}"));
    folder.write("cases/a.yaml", small("s.yaml"));
    folder.write("cases/api.json", "{\"openapi\": \"3.0.0\"}");
    let cases = folder.path().join("cases");
    let found = errors(&cases, None);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].message, "this is an OpenAPI document; name it by `spec:`");
    let place = found[0].place.as_ref().expect("a place");
    assert!(place.to_string().contains("deep/t.yaml:1:1"), "{place}");
    folder.write("cases/b.yaml", small("deep/../deep/t.yaml"));
    assert_eq!(ids(&loaded(&cases)), ["a", "b"], "both documents are named now");
    // One that `--spec` names is none either, even if no suite names it.
    std::fs::remove_file(cases.join("b.yaml")).expect("it was there");
    let spec = cases.join("deep/t.yaml");
    assert_eq!(load(&cases, Some(&spec)).map(|suites| suites.len()).ok(), Some(1));
    // A document is no folder of suites.
    let found = errors(&spec, Some(&spec));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].message, "this is an OpenAPI document; name it by `spec:`");
}

#[test]
fn a_swagger_document_among_the_suites_has_its_own_sentence() {
    let folder = TestFolder::new();
    folder.write("cases/s.yaml", "info: {title: T, version: '1'}\nswagger: '2.0'\npaths: {}\n");
    folder.write("spec.yaml", SPEC);
    folder.write("cases/a.yaml", small("../spec.yaml"));
    let (message, help) = error(&folder.path().join("cases"));
    assert_eq!(message, "this is a Swagger 2.0 document, and only OpenAPI 3.0 is read");
    assert!(help.contains("swagger2openapi") && help.contains("`spec:`"), "{help}");
}

#[test]
fn the_errors_of_files_stay_in_the_order_of_their_paths() {
    let folder = TestFolder::new();
    folder.write("spec.yaml", SPEC);
    folder.write("cases/a.yaml", "secret: 1\n");
    folder.write("cases/b.yaml", small("../nowhere.yaml"));
    folder.write("cases/c.yaml", SPEC);
    folder.write("cases/d.yaml", small("../elsewhere.yaml"));
    let found = errors(&folder.path().join("cases"), None);
    let messages: Vec<&str> = found.iter().map(|error| error.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "this is not a suite: it does not begin like one",
            "the document `../nowhere.yaml` does not exist",
            "this is an OpenAPI document; name it by `spec:`",
            "the document `../elsewhere.yaml` does not exist",
        ]
    );
}
