use std::path::Path;

use super::names::LoadedSuites;
use super::*;
use crate::date::Date;
use crate::finding::Finding;
use crate::location::{InputErrors, Source};
use crate::outcome::ReportedFinding;
use crate::rule::{Level, Rule};
use crate::rules;
use crate::suite::Suite;

/// Three suites: `cases/one`, `cases/deep/two` and `cases/deep/er/three`, each with the cases `first` and `second`.
struct Project(std::path::PathBuf);

impl Project {
    fn new() -> Self {
        let root = std::env::temp_dir().join(format!("conformant-{}", uuid::Uuid::new_v4()));
        let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("spec/openapi_chatflow.yaml");
        for name in ["cases/one", "cases/deep/two", "cases/deep/er/three"] {
            let path = root.join(name).with_extension("yaml");
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder can be made");
            let case = "{auth: none, path: {conversation_id: x}, expect: 404}";
            let text = format!(
                "spec: {}\noperation: deleteAdvancedConversation\ncases:\n  first: {case}\n  second: {case}\n",
                spec.display()
            );
            std::fs::write(path, text).expect("a file can be written");
        }
        Self(root)
    }

    fn suites(&self, cases: &str) -> Vec<Suite> {
        crate::suite::load(&self.0.join(cases), None).unwrap_or_else(|errors| panic!("{errors}"))
    }

    /// Reads a list in a folder, with the suites of `cases` loaded.
    fn read(&self, folder: &str, cases: &str, text: &str) -> Result<Vec<KnownEntry>, InputErrors> {
        let source = Source::new("known_deviations.yaml", text);
        let folder = self.0.join(folder);
        let all_loaded = folder.starts_with(self.0.join(cases));
        read::entries(&source, &folder, all_loaded, &LoadedSuites::new(&self.suites(cases)), &rules())
    }

    /// Asserts that a list is refused with exactly these messages and helps, at the places that `▶` marks.
    #[track_caller]
    fn refused(&self, marked: &str, expected: &[(&str, &str)]) {
        let pieces: Vec<&str> = marked.split('▶').collect();
        let text = pieces.concat();
        let source = Source::new("known_deviations.yaml", text.clone());
        let mut at = 0;
        let mut places = Vec::new();
        for piece in &pieces[..pieces.len() - 1] {
            at += piece.len();
            places.push(source.position(at));
        }
        let Err(InputErrors(errors)) = self.read("cases", "cases", &text) else { panic!("accepted:\n{text}") };
        let found: Vec<_> = errors
            .iter()
            .map(|error| {
                let place = error.place.as_ref().map(crate::location::Place::position).expect("a place");
                (place, error.message.as_str(), error.help.as_deref().unwrap_or(""))
            })
            .collect();
        let wanted: Vec<_> = places.iter().zip(expected).map(|(place, (say, help))| (*place, *say, *help)).collect();
        assert_eq!(found, wanted, "{}", InputErrors(errors.clone()));
        assert_eq!(places.len(), expected.len(), "a mark for every error");
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        // A folder that stays behind does no harm.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn rules() -> Vec<&'static Rule> {
    rules::all().map(|check| check.rule).collect()
}

fn rule(id: &str) -> &'static Rule {
    rules().into_iter().find(|rule| rule.id == id).expect("a rule")
}

fn date(text: &str) -> Date {
    Date::parse(text).expect("a date")
}

/// An entry with all that is required.
fn entry(case: &str, more: &str) -> String {
    format!("- {{case: {case}, rule: status-unexpected, reason: R, link: L, until: 2026-05-31{more}}}\n")
}

fn accepted(read: Result<Vec<KnownEntry>, InputErrors>) -> Vec<KnownEntry> {
    read.unwrap_or_else(|errors| panic!("{errors}"))
}

const REST: &str = "reason: R, link: L, until: 2026-05-31";
const CASE: &str = "Add the case's id, such as `case: suite/case`; `conformant list` shows them all.";
const RULES_HELP: &str = "`conformant rules` lists all rules. Rules about documents and suites cannot be listed here.";
const TARGETS: &str = "Write `reference`, or a host such as `staging.example.com` or `*.example.com`. Without `target` the entry is for all targets.";

#[test]
fn an_entry_has_everything_that_reports_say() {
    let project = Project::new();
    let text = "# Ours.\n- case: deep/two/second\n  rule: example-value\n  actual: 415\n  target: reference\n  reason: >-\n    \
                It was so\n    before us.\n  link: https://example.com/7\n  until: 2026-05-31\n";
    let entries = accepted(project.read("cases", "cases", text));
    let [entry] = entries.as_slice() else { panic!("{entries:?}") };
    let suites = project.suites("cases");
    assert_eq!(suites[entry.suite].cases[entry.case].id, "deep/two/second");
    assert_eq!(
        (entry.rule.id, entry.actual.as_deref(), &entry.target),
        ("example-value", Some("415"), &TargetPattern::Reference)
    );
    let deviation = &entry.deviation;
    assert_eq!((deviation.reason.as_str(), deviation.link.as_str()), ("It was so before us.", "https://example.com/7"));
    assert_eq!(
        (deviation.until, deviation.place.to_string().as_str()),
        (date("2026-05-31"), "known_deviations.yaml:2:9")
    );
}

#[test]
fn a_list_may_be_empty() {
    let project = Project::new();
    for text in ["[]", "", "\n\n", "# Nothing is known.\n", "\u{feff}# Nothing.\n  # Nothing.\n"] {
        assert!(accepted(project.read("cases", "cases", text)).is_empty(), "{text:?}");
    }
}

#[test]
fn what_is_missing_or_too_much_is_said() {
    let project = Project::new();
    project.refused(
        "- ▶▶▶▶▶{}",
        &[
            ("the known deviation has no `case`", CASE),
            (
                "the known deviation has no `rule`",
                "Add the rule that finds it, such as `rule: status-unexpected`; reports name it.",
            ),
            ("the known deviation has no `reason`", "Add `reason:` and one sentence that says why it is accepted."),
            ("the known deviation has no `link`", "Add `link:` and the address of an issue or page about it."),
            (
                "the known deviation has no `until`",
                "Add `until:` and the last day on which it is accepted, such as `until: 2026-01-31`.",
            ),
        ],
    );
    project.refused(
        &format!("- {{case: one/first, rule: example-value, ▶reson: R, link: L, until: 2026-05-31}}\n- {{case: one/first, rule: status-unexpected, {REST}, ▶owner: me}}"),
        &[
            (
                "unknown key `reson` in a known deviation",
                "Did you mean `reason`? These keys are known here: `case`, `rule`, `actual`, `target`, `reason`, `link` and `until`.",
            ),
            (
                "unknown key `owner` in a known deviation",
                "These keys are known here: `case`, `rule`, `actual`, `target`, `reason`, `link` and `until`.",
            ),
        ],
    );
    let form = "Each of its entries begins with one of `case`, `rule`, `actual`, `target`, `reason`, `link`, `until`. Of any \
                other file nothing is shown here.";
    project.refused("▶case: one/first\n", &[("this is a mapping, not a list of known deviations", form)]);
    project.refused("▶none", &[("this is a string, not a list of known deviations", form)]);
    project.refused(
        &format!("- {{case: one/first, rule: example-value, {REST}}}\n- ▶one/first\n"),
        &[(
            "a known deviation must be a mapping, not a string",
            "These keys are known here: `case`, `rule`, `actual`, `target`, `reason`, `link` and `until`.",
        )],
    );
}

#[test]
fn a_case_that_there_is_not_is_said_with_the_nearest() {
    let project = Project::new();
    let refused = |case: &str, message: &str, help: &str| {
        project.refused(&format!("- {{case: ▶{case}, rule: status-unexpected, {REST}}}"), &[(message, help)]);
    };
    refused(
        "one/frist",
        "the suite `one` has no case `frist`",
        "Did you mean `first`? Its cases are `first` and `second`.",
    );
    refused("one/zebra", "the suite `one` has no case `zebra`", "Its cases are `first` and `second`.");
    refused("deep/twoo/first", "there is no case `deep/twoo/first`", "Did you mean `deep/two/first`?");
    refused(
        "zebra/first",
        "there is no case `zebra/first`",
        "The suites in this file's folder and below it are `deep/er/three`, `deep/two` and `one`.",
    );
    refused("first", "`first` is not a case id, which has the form `suite/case`", CASE);
    refused("one_first", "`one_first` is not a case id, which has the form `suite/case`", "Did you mean `one/first`?");
    refused("one/", "`one/` is not a case id, which has the form `suite/case`", CASE);
    // Seen from the folder above, its folder has to be named.
    refused("two/first", "there is no case `two/first`", "Did you mean `one/first`?");
    refused("[one/first]", "`case` must be a string, not a sequence", CASE);
    refused("''", "`case` is empty", CASE);
}

#[test]
fn a_rule_that_finds_nothing_in_cases_is_said_with_the_nearest() {
    let project = Project::new();
    let refused = |rule: &str, message: &str, help: &str| {
        project.refused(&format!("- {{case: one/first, rule: ▶{rule}, {REST}}}"), &[(message, help)]);
    };
    refused(
        "status-unexpectd",
        "there is no rule `status-unexpectd` that judges cases",
        "Did you mean `status-unexpected`? `conformant rules` lists them all.",
    );
    refused("zebra", "there is no rule `zebra` that judges cases", RULES_HELP);
    refused("state-without-undo", "there is no rule `state-without-undo` that judges cases", RULES_HELP);
    refused(
        "property-undocumented",
        "the rule `property-undocumented` only writes notes, so there is nothing to accept",
        "Remove the entry: a note fails nothing.",
    );
}

#[test]
fn other_values_that_say_nothing_are_refused() {
    let project = Project::new();
    let refused = |written: &str, message: &str, help: &str| {
        let keys = [("reason", "R"), ("link", "L"), ("until", "2026-05-31")];
        let rest =
            keys.iter().filter(|(key, _)| !written.starts_with(key)).map(|(key, value)| format!(", {key}: {value}"));
        let written = written.replacen(": ", ": ▶", 1);
        let text = format!("- {{case: one/first, rule: example-value{}, {written}}}", rest.collect::<String>());
        project.refused(&text, &[(message, help)]);
    };
    let until = "Write a date as YYYY-MM-DD, such as `until: 2026-01-31`.";
    refused("until: 2026-02-30", "`2026-02-30` is not a date", until);
    refused("until: tomorrow", "`tomorrow` is not a date", until);
    let until = "Add `until:` and the last day on which it is accepted, such as `until: 2026-01-31`.";
    refused("until: 2026", "`until` must be a string, not a number", until);
    refused("until: null", "`until` must be a string, not null", until);
    let link = "Add `link:` and the address of an issue or page about it.";
    refused("link: ''", "`link` is empty", link);
    refused("link: see there", "`see there` is not a link: it contains white space", link);
    refused("reason: ' '", "`reason` is empty", "Add `reason:` and one sentence that says why it is accepted.");
    refused("target: https://x/v1", "the target `https://x/v1` contains a scheme or a path", TARGETS);
    refused("target: x:80", "the target `x:80` contains a port", TARGETS);
    refused("target: 7", "`target` must be a string, not a number", TARGETS);
    refused(
        "actual: [415]",
        "`actual` must be a string, not a sequence",
        "Write what the report shows as `actual`, such as `actual: 415`.",
    );
}

#[test]
fn one_deviation_is_listed_once() {
    let project = Project::new();
    let twice = entry("one/first", "") + "- ▶" + entry("one/first", "").split_at(2).1;
    let twice = twice.replace("▶{", "{▶");
    project.refused(&twice, &[("this known deviation is already listed in line 1", "Keep one of the two.")]);
    let apart = entry("one/first", "")
        + &entry("one/second", "")
        + &entry("one/first", ", target: reference")
        + &entry("one/first", ", actual: 415")
        + "- {case: one/first, rule: example-value, reason: R, link: L, until: 2026-05-31}\n";
    assert_eq!(accepted(project.read("cases", "cases", &apart)).len(), 5);
}

#[test]
fn of_many_wrong_names_only_some_are_held_against_all_others() {
    let project = Project::new();
    for (name, near) in [("one/frist", "Did you mean `first`?"), ("noe/first", "Did you mean `one/first`?")] {
        let text: String = (0..50).map(|_| entry(name, "")).collect();
        let Err(InputErrors(errors)) = project.read("cases", "cases", &text) else { panic!("accepted") };
        let helps: Vec<&str> = errors.iter().filter_map(|error| error.help.as_deref()).collect();
        assert_eq!(helps.len(), 50, "{name}");
        assert!(helps[0].starts_with(near), "{}", helps[0]);
        assert_eq!(helps[49], "`conformant list` shows every case id.", "{name}");
    }
}

#[test]
fn a_name_is_taken_by_parts_of_the_path_and_not_of_words() {
    let project = Project::new();
    let text = entry("cases/deep//er/three/first", "");
    let entries = accepted(project.read("cases/deep", "cases", &text));
    let [entry] = entries.as_slice() else { panic!("{entries:?}") };
    assert_eq!(project.suites("cases")[entry.suite].cases[entry.case].id, "deep/er/three/first");
    for name in ["three/first", "p/er/three/first", "eep/er/three/first"] {
        let Err(errors) = project.read("cases/deep", "cases", &self::entry(name, "")) else { panic!("{name}") };
        assert!(errors.to_string().contains(&format!("there is no case `{name}`")), "{errors}");
    }
}

#[test]
fn a_file_speaks_for_its_folder_and_below() {
    let project = Project::new();
    let named = |folder: &str, cases: &str, case: &str| {
        let suites = project.suites(cases);
        let entries = project.read(folder, cases, &entry(case, "")).map_err(|InputErrors(errors)| errors.len())?;
        Ok::<_, usize>(entries.first().map(|entry| suites[entry.suite].cases[entry.case].id.clone()))
    };
    let found = |id: &str| Ok(Some(id.to_owned()));
    assert_eq!(named("cases/deep", "cases", "deep/two/first"), found("deep/two/first"));
    assert_eq!(named("cases/deep", "cases", "two/first"), found("deep/two/first"), "as seen from its folder");
    assert_eq!(named("cases/deep", "cases", "er/three/first"), found("deep/er/three/first"));
    assert_eq!(named("cases/deep", "cases", "three/first"), Err(1), "its folder has to be named");
    assert_eq!(named("cases/deep", "cases", "one/first"), Err(1), "above its folder");
    // Only a part was asked for: the ids are shorter, and other suites are no mistake.
    assert_eq!(named("cases", "cases/deep", "deep/two/first"), found("two/first"));
    assert_eq!(named("cases", "cases/deep", "one/first"), Ok(None));
    assert_eq!(named("cases", "cases/deep/two.yaml", "deep/two/first"), found("two/first"));
    assert_eq!(named("cases", "cases/deep/two.yaml", "deep/er/three/first"), Ok(None));
    assert_eq!(named("cases", "cases/deep", "deep/two/zebra"), Err(1));
}

/// What covers a finding of `status-unexpected` in the case, and which notes there are if only that was found.
fn applied(text: &str, target: &RunTarget, today: &str, actual: &str) -> (Option<String>, Vec<String>) {
    let project = Project::new();
    let entries = accepted(project.read("cases", "cases", text));
    let suites = project.suites("cases");
    let suite = suites.iter().position(|suite| suite.id == "one").expect("a suite");
    let of_case = ApplicableEntries::new(entries, target, date(today)).of(suite, 0);
    let finding = Finding::new(rule("status-unexpected"), "m").compared("404", actual);
    let covering = of_case.covering(&finding);
    let found = ReportedFinding::once(finding, covering);
    let reason = found.covered().map(|known| known.reason.clone());
    let notes = of_case.notes(&[found], 1).into_iter().map(|note| {
        assert_eq!((note.finding.level, note.covered().is_none()), (Level::Note, true));
        note.finding.rule.id.to_owned()
    });
    (reason, notes.collect())
}

fn remote() -> RunTarget {
    RunTarget { host: "staging.example.com".to_owned(), is_reference: false }
}

#[test]
fn an_entry_counts_until_its_day_is_over() {
    let text = entry("one/first", "");
    let (covered, vanished, expired) = (Some("R".to_owned()), "known-vanished".to_owned(), "known-expired".to_owned());
    assert_eq!(applied(&text, &remote(), "2026-05-30", "415"), (covered.clone(), vec![]));
    assert_eq!(applied(&text, &remote(), "2026-05-31", "415"), (covered, vec![]), "the last day is one of its days");
    assert_eq!(applied(&text, &remote(), "2026-06-01", "415"), (None, vec![expired.clone()]));
    let other = entry("one/first", ", actual: 500");
    assert_eq!(applied(&other, &remote(), "2026-05-31", "415"), (None, vec![vanished]));
    assert_eq!(applied(&other, &remote(), "2026-06-01", "415"), (None, vec![expired]));
}

#[test]
fn an_entry_counts_at_its_targets_only() {
    let text = entry("one/first", ", target: '*.example.com'");
    assert_eq!(applied(&text, &remote(), "2026-01-01", "415"), (Some("R".to_owned()), vec![]));
    let reference = RunTarget { host: "127.0.0.1".to_owned(), is_reference: true };
    assert_eq!(applied(&text, &reference, "2026-01-01", "415"), (None, vec![]));
    assert_eq!(applied(&text, &reference, "2030-01-01", "415"), (None, vec![]), "elsewhere it may expire unheard");
}

#[test]
fn of_several_entries_each_has_its_own_fate() {
    let text = entry("one/first", ", actual: 500").replace("reason: R", "reason: FirstR")
        + &entry("one/first", ", actual: 415")
        + &entry("one/second", "")
        + "- {case: one/first, rule: example-value, reason: R, link: L, until: 2026-05-31}\n";
    let vanished = "known-vanished".to_owned();
    assert_eq!(
        applied(&text, &remote(), "2026-01-01", "415"),
        (Some("R".to_owned()), vec![vanished.clone(), vanished]),
        "the entries of another case say nothing here"
    );
}

#[test]
fn only_what_can_fail_is_covered() {
    let project = Project::new();
    let entries = accepted(project.read("cases", "cases", &entry("one/first", "")));
    let suite = entries[0].suite;
    let of_case = ApplicableEntries::new(entries, &remote(), date("2026-01-01")).of(suite, 0);
    let found = |rule_id: &str, level| of_case.covering(&Finding::new(rule(rule_id), "m").level(level)).is_some();
    assert!(found("status-unexpected", Level::Must) && found("status-unexpected", Level::Should));
    assert!(!found("status-unexpected", Level::Note), "a note fails nothing");
    assert!(!found("status-undocumented", Level::Must), "another rule");
}

#[test]
fn rules_that_are_not_carried_out_say_nothing() {
    let project = Project::new();
    let entries = accepted(project.read("cases", "cases", &entry("one/first", "")));
    let suite = entries[0].suite;
    let applying = ApplicableEntries::new(entries, &remote(), date("2026-01-01"));
    assert_eq!(applying.of(suite, 0).notes(&[], 1).len(), 1);
    assert_eq!(applying.without(&[rule("status-unexpected")]).of(suite, 0).notes(&[], 1).len(), 0);
}

#[test]
fn what_is_known_in_one_run_does_not_hide_what_is_not_in_another() {
    let project = Project::new();
    let entries = accepted(project.read("cases", "cases", &entry("one/first", ", actual: 415")));
    let suite = entries[0].suite;
    let of_case = ApplicableEntries::new(entries, &remote(), date("2026-01-01")).of(suite, 0);
    let finding = |actual: &str| Finding::new(rule("status-unexpected"), "m").compared("404", actual);
    let of_first = ReportedFinding::once(finding("415"), of_case.covering(&finding("415")));
    assert!(of_first.is(&finding("415"), of_case.covering(&finding("415")).as_ref()));
    assert!(!of_first.is(&finding("500"), of_case.covering(&finding("500")).as_ref()));
    let of_second = ReportedFinding::once(finding("500"), None);
    assert_eq!((of_first.fails_strict(), of_second.fails_strict()), (false, true));
    assert!(of_case.notes(&[of_second, of_first], 2).is_empty(), "it occurs in one of two runs");
}

#[test]
fn the_shipped_list_is_read_with_the_shipped_suites() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let suites = crate::suite::load(&cases, None).unwrap_or_else(|errors| panic!("{errors}"));
    let entries = accepted(load(&cases, &suites, &rules()));
    let listed: Vec<(&str, &str)> =
        entries.iter().map(|entry| (suites[entry.suite].cases[entry.case].name.as_str(), entry.rule.id)).collect();
    assert_eq!(listed, [("body_omitted", "status-unexpected"), ("id_no_uuid", "media-type-undocumented")]);
    assert!(
        entries.iter().all(|entry| entry.target == TargetPattern::All && entry.deviation.link.starts_with("https://"))
    );
}

#[test]
fn a_file_that_cannot_be_read_is_said_with_its_name() {
    let project = Project::new();
    for (bytes, said) in [
        (&b"- \xff"[..], "the file is not UTF-8 from here on"),
        (b"- {", "this is not a list of known deviations"),
        (b"- case: {", "not readable as YAML"),
        (b"- rule: a\n---\n- b\n", "a second document begins here"),
    ] {
        let path = project.0.join("cases/known_deviations.yaml");
        std::fs::write(&path, bytes).expect("a file can be written");
        let InputErrors(errors) = load(&project.0.join("cases"), &project.suites("cases"), &rules()).expect_err(said);
        let place = errors[0].place.as_ref().map(|place| place.source.name().to_owned());
        assert!(errors[0].message.starts_with(said), "{errors:?}");
        assert_eq!(place, Some(path.display().to_string()));
    }
}
