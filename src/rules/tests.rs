use std::collections::BTreeSet;

use super::*;

#[test]
fn every_rule_has_a_proper_record() {
    let mut ids = BTreeSet::new();
    for check in all() {
        let rule = check.rule;
        let words = rule
            .id
            .split('-')
            .all(|word| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()));
        assert!(words, "{} is not kebab-case", rule.id);
        assert!(ids.insert(rule.id), "{} stands twice in the list", rule.id);
        assert!(!rule.summary.ends_with('.') && !rule.summary.contains('\n'), "{}: {}", rule.id, rule.summary);
        assert!(!rule.clause.is_empty() && !rule.since.is_empty(), "{} has no clause or version", rule.id);
        let own = format!("id: \"{}\"", rule.id);
        assert!(rule.source.contains(&own), "the source of {} is another file", rule.id);
        assert_eq!(super::rule(rule.id), Some(rule));
    }
    assert_eq!(rule("no-such-rule"), None);
}

#[test]
fn every_page_says_what_a_reader_needs() {
    for check in all() {
        let page = check.rule.page();
        let id = check.rule.id;
        for part in ["**Why it matters.**", "**Limits.**", "**Clause.**"] {
            assert!(page.contains(part), "the page of {id} has no {part}");
        }
        let shows = |names: [&str; 3]| names.iter().any(|name| page.contains(&format!("**{name}")));
        assert!(shows(["Deviates", "Reported", "Noted"]), "the page of {id} shows no deviation");
        assert!(shows(["Conforms", "Not reported", "Not noted"]), "the page of {id} shows nothing that conforms");
        // A page names other rules by their ids, so a renamed one is found here.
        for name in page.split('`').skip(1).step_by(2).filter(|name| looks_like_a_rule(name)) {
            assert!(rule(name).is_some(), "the page of {id} names {name}, which is no rule");
        }
    }
}

fn looks_like_a_rule(name: &str) -> bool {
    name.matches('-').count() >= 1
        && !name.starts_with('-')
        && name.chars().all(|c| c.is_ascii_lowercase() || c == '-')
        && !matches!(name, "us-ascii" | "trailer-fields" | "status-code")
        && !name.starts_with("x-")
}

#[test]
fn each_rule_is_two_lines_in_its_family() {
    for (family, text) in TEXTS {
        let folder = format!("{}/src/rules/{family}", env!("CARGO_MANIFEST_DIR"));
        for check in all() {
            let module = check.rule.id.replace('-', "_");
            let is_here = std::path::Path::new(&format!("{folder}/{module}.rs")).is_file();
            let lines = [format!("mod {module};\n"), format!("rule: &{module}::RULE, run: {module}::run")];
            for line in lines {
                assert_eq!(text.matches(&line).count(), usize::from(is_here), "{line} in the family {family}");
            }
        }
    }
}

/// The families by their folders, with the texts that register their rules.
const TEXTS: &[(&str, &str)] = &[
    ("status", include_str!("status/mod.rs")),
    ("media_type", include_str!("media_type/mod.rs")),
    ("body", include_str!("body/mod.rs")),
    ("contract", include_str!("contract/mod.rs")),
    ("head", include_str!("head/mod.rs")),
    ("framing", include_str!("framing/mod.rs")),
    ("connection", include_str!("connection/mod.rs")),
    ("effect", include_str!("effect/mod.rs")),
    ("security", include_str!("security/mod.rs")),
];
