//! The generated pages and the rules' pages are complete and up to date.
//!
//! `docs/rules.md` comes from the rules, `docs/settings.md` and a table in `docs/networks.md` from the flags.
//! `CONFORMANT_UPDATE_DOCS=1 cargo test --test docs` writes them anew.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use conformant::cli;
use conformant::report::catalog::{self, Group};

const UPDATE: &str = "CONFORMANT_UPDATE_DOCS";

/// The parts of a page, each with the words that may begin it, in their order.
const PARTS: &[(&str, &[&str])] = &[
    ("why it matters", &["Why it matters."]),
    ("what deviates", &["Deviates", "Reported", "Noted"]),
    ("what conforms", &["Conforms", "Not reported", "Not noted"]),
    ("its limits", &["Limits."]),
    ("its clause", &["Clause."]),
];

#[test]
fn every_rule_has_a_proper_record() {
    let mut ids = BTreeSet::new();
    for rule in catalog::all() {
        let id = rule.id;
        let is_word = |word: &str| {
            !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        assert!(id.contains('-') && id.split('-').all(is_word), "{id} is not kebab-case");
        assert!(ids.insert(id), "{id} stands twice");
        let summary = rule.summary;
        assert!(!summary.is_empty() && !summary.contains('\n'), "{id}: {summary:?} is not one line");
        assert!(!summary.ends_with('.'), "{id}: {summary:?} ends with a full stop");
        assert!(summary.starts_with(|c: char| c.is_uppercase()), "{id}: {summary:?} begins small");
        assert!(!rule.clause.trim().is_empty(), "{id} rests on no clause");
        let version: Vec<&str> = rule.since.split('.').collect();
        assert!(version.len() == 3 && version.iter().all(|part| part.parse::<u32>().is_ok()), "{id}: {}", rule.since);
        assert!(rule.source.contains(&format!("id: \"{id}\"")), "the source of {id} is another file");
    }
    assert!(ids.len() > 70, "the list is too short: {ids:?}");
}

#[test]
fn every_page_begins_with_a_sentence_and_has_all_its_parts_in_order() {
    for rule in catalog::all() {
        let (id, page) = (rule.id, rule.page());
        let first: String = page.lines().take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
        assert!(
            first.ends_with('.') && !first.starts_with("**"),
            "the page of {id} begins with no sentence: {first:?}"
        );
        assert!(first.starts_with(|c: char| c.is_uppercase() || c == '`'), "the page of {id} begins small: {first:?}");
        let mut last = 0;
        for (part, words) in PARTS {
            let at = words.iter().find_map(|word| page.find(&format!("**{word}")));
            let at = at.unwrap_or_else(|| panic!("the page of {id} does not say {part}"));
            assert!(at > last, "{part} stands too early on the page of {id}");
            last = at;
        }
        assert_eq!(page.matches("\n```").count() % 2, 0, "a block on the page of {id} has no end");
    }
}

#[test]
fn a_page_names_only_rules_that_there_are() {
    let ids: BTreeSet<&str> = catalog::all().iter().map(|rule| rule.id).collect();
    for rule in catalog::all() {
        for name in rule.page().split('`').skip(1).step_by(2) {
            let is_like_one = name.matches('-').count() >= 1
                && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
                && !name.starts_with('-')
                && !matches!(name, "us-ascii" | "trailer-fields" | "status-code" | "x-");
            assert!(!is_like_one || ids.contains(name), "the page of {} names {name}, which is no rule", rule.id);
        }
    }
}

#[test]
fn the_page_of_all_rules_is_what_their_records_say() {
    is_up_to_date("docs/rules.md", |_| page());
}

#[test]
fn the_page_of_all_settings_is_what_the_table_of_flags_says() {
    is_up_to_date("docs/settings.md", |_| cli::settings_page());
}

#[test]
fn the_table_of_network_options_is_what_the_table_of_flags_says() {
    is_up_to_date("docs/networks.md", |page| {
        let (before, rest) = page.split_once(TABLE_BEGINS).expect("where the table begins");
        let (_, after) = rest.split_once(TABLE_ENDS).expect("where the table ends");
        format!("{before}{TABLE_BEGINS}\n{}{TABLE_ENDS}{after}", cli::flags_of_network())
    });
}

/// The lines before and after a table in a page that is otherwise written by hand.
const TABLE_BEGINS: &str =
    "<!-- Made from the table of flags by `CONFORMANT_UPDATE_DOCS=1 cargo test --test docs`. -->\n";
const TABLE_ENDS: &str = "\n<!-- End of the table. -->";

/// Compares a page with what it should be, which may depend on what it is, and writes it anew if that is wanted.
fn is_up_to_date(name: &str, expected: impl Fn(&str) -> String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let read = || fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    let expected = expected(&read());
    #[allow(clippy::disallowed_methods, reason = "it is about this test, and no setting of the command")]
    if std::env::var_os(UPDATE).is_some_and(|value| value == "1") {
        fs::write(&path, &expected).expect("the page can be written");
    }
    let actual = read();
    let differs = actual.lines().zip(expected.lines()).position(|(actual, expected)| actual != expected);
    assert!(
        actual == expected,
        "{name} is not what its source says, from line {} on; run {UPDATE}=1 cargo test --test docs",
        differs.unwrap_or_else(|| actual.lines().count().min(expected.lines().count())) + 1
    );
}

/// The section of docs/safety.md that says who may be hostile.
const THREATS: &str = "## Who may be hostile";

#[test]
fn every_line_about_hostility_names_a_test_that_there_is() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(folder.join("docs/safety.md")).expect("the page");
    let (_, section) = page.split_once(&format!("{THREATS}\n")).expect("the section");
    let section = section.split("\n## ").next().unwrap_or_default();
    let is_line = |line: &&str| line.starts_with("| ");
    let mut wrong = Vec::new();
    let mut lines = 0;
    for table in section.split("\n\n").filter(|part| part.starts_with('|')) {
        for line in table.lines().filter(is_line).skip(1) {
            lines += 1;
            let named: Vec<(&str, &str)> =
                line.split('`').skip(1).step_by(2).filter_map(|code| code.split_once(".rs: ")).collect();
            if named.is_empty() {
                wrong.push(format!("names no test: {line}"));
            }
            for (file, test) in named {
                let text = fs::read_to_string(folder.join(format!("{file}.rs"))).unwrap_or_default();
                if !is_test(&text, test) {
                    wrong.push(format!("there is no test `{test}` in {file}.rs"));
                }
            }
        }
    }
    assert!(lines > 40, "only {lines} lines");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether a file has a test of that name: a function with its attribute, or a trial with its name.
fn is_test(text: &str, name: &str) -> bool {
    let mut is_next = false;
    for line in text.lines().map(str::trim_start) {
        is_next = match line {
            _ if line.starts_with("#[test]") || line.starts_with("#[tokio::test") => true,
            _ if line.contains(&format!("fn {name}(")) && is_next => return true,
            _ => is_next && (line.starts_with("#[") || line.starts_with("//")),
        };
    }
    text.contains(&format!("(\"{name}\", "))
}

/// The page as it should be.
fn page() -> String {
    let groups = catalog::groups();
    let mut out = String::from(
        "# The rules\n\nMade from the records and pages in `src/` by `CONFORMANT_UPDATE_DOCS=1 cargo test --test docs`;\n\
         `conformant explain RULE` shows the same. What every rule about answers finds and leaves alone, on every \
         stored deviation, is in\n[the detection matrix](../tests/detection.matrix.md).\n\nA finding of level `must` fails \
         its case, one of level `should` only under `--strict`, and a `note` informs. The origin\nsays on whose authority \
         it stands: the `document`, `http` (RFC 9110, 9112, 8259), or the `suite`.\n",
    );
    for Group { title, rules, .. } in &groups {
        // Writing to a string cannot fail, here and below.
        let _ = write!(
            out,
            "\n**[{title}](#{})**\n\n| rule | level | origin | summary |\n|---|---|---|---|\n",
            anchor(title)
        );
        for rule in rules {
            let _ = writeln!(out, "| [{0}](#{0}) | {1} | {2} | {3} |", rule.id, rule.level, rule.origin, rule.summary);
        }
    }
    for Group { title, about, rules } in &groups {
        let _ = write!(out, "\n## {title}\n\n{about}\n");
        for rule in rules {
            let _ = write!(
                out,
                "\n### {}\n\n{}.\n\n`{}` · {} · {} · since {}\n\n{}\n",
                rule.id,
                rule.summary,
                rule.level,
                rule.origin,
                rule.clause,
                rule.since,
                rule.page().trim()
            );
        }
    }
    out
}

/// The anchor that a heading gets.
fn anchor(title: &str) -> String {
    title.to_lowercase().replace(' ', "-")
}
