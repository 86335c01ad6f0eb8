//! The detection matrix: every rule runs on every stored deviation, and the exact set of findings is asserted.
//!
//! The data are the files `tests/deviations/<family>/<rule>/<name>.http`. Files named `near_…` are near misses, which the
//! rule must not report. It must report all others. `tests/deviations/harmless/` holds answers that no rule may report.
//! The outcome is the page `tests/detection.matrix.md`. If it differs, the failure names the command that renews it.

#[path = "support/page.rs"]
mod page;
#[path = "detection/stored.rs"]
mod stored;
#[path = "detection/varied.rs"]
mod varied;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use conformant::assess::{self, EvidenceStrength, Presence, effects};
use conformant::exchange::{Answer, Exchange, Protocol, Reader, Request, Timing};
use conformant::finding::Finding;
use conformant::observation::{Observation, ObservedExchange, Role};
use conformant::rule::Level;
use conformant::rules::{self, Checked};
use conformant::suite::{self, Action, Case, Expectation, Statuses, Step, Suite, Values};

use stored::{Settled, Stored, StoredAnswer};

const SLOW: Duration = Duration::from_secs(2);
const ORIGIN: &str = "http://127.0.0.1:9";

/// The folder of the stored deviations.
const STORED: &str = "tests/deviations";
/// The folder of answers that no rule may report.
const HARMLESS: &str = "harmless";

/// Everything below `tests/deviations`, sorted by the names of rules and files. The answers of no rule are named
/// `harmless/…`.
fn all_stored() -> Vec<Stored> {
    let mut all = Vec::new();
    for folder in rule_folders().iter().map(|(_, folder)| folder).chain([&Path::new(STORED).join(HARMLESS)]) {
        let rule = folder.file_name().expect("a folder with a name").to_string_lossy();
        for name in sorted(folder) {
            let path = folder.join(&name);
            let stem = name.strip_suffix(".http").unwrap_or_else(|| panic!("{} is no .http file", path.display()));
            all.push(Stored::read(&format!("{rule}/{stem}"), &path));
        }
    }
    assert!(all.len() > 100, "only {} stored deviations were found", all.len());
    all.sort_by(|one, other| one.name.split('/').cmp(other.name.split('/')));
    all
}

/// The folders of rules, each with the name of its family's folder.
fn rule_folders() -> Vec<(String, PathBuf)> {
    let families = sorted(Path::new(STORED)).into_iter().filter(|name| name != HARMLESS);
    let of_family = |family: String| {
        let folder = Path::new(STORED).join(&family);
        sorted(&folder).into_iter().map(move |rule| (family.clone(), folder.join(rule)))
    };
    families.flat_map(of_family).collect()
}

/// The folder that must hold a rule's stored deviations: that of its family in `src/rules/`, then its id.
fn folder_of(rule: &str) -> Option<PathBuf> {
    let family = rules::FAMILIES.iter().find(|family| family.checks.iter().any(|check| check.rule.id == rule))?;
    Some(Path::new(STORED).join(family.title.to_lowercase().replace(' ', "_")).join(rule))
}

fn sorted(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn suites() -> Vec<Suite> {
    let load = |path: &str| match suite::load(Path::new(path), None) {
        Ok(suites) => suites,
        Err(errors) => panic!("{errors}"),
    };
    let mut suites = load("cases");
    suites.extend(load("tests/data/detection"));
    suites
}

/// What every rule finds in a stored case run, sorted as [`Stored::finds`], and what pinned the answers.
fn found(suites: &[Suite], stored: &Stored) -> (Vec<String>, Vec<Finding>, EvidenceStrength) {
    found_over(Protocol::Http1, suites, stored).expect("it is carried by HTTP/1.1")
}

/// As [`found`], as if another protocol had carried the judged answers. None if it could not have.
fn found_over(
    protocol: Protocol,
    suites: &[Suite],
    stored: &Stored,
) -> Option<(Vec<String>, Vec<Finding>, EvidenceStrength)> {
    let (suite, case) = suites
        .iter()
        .find_map(|suite| Some((suite, suite.cases.iter().find(|case| case.id == stored.case)?)))
        .unwrap_or_else(|| panic!("{}: there is no case {}", stored.name, stored.case));
    let mut values = values(suite, case);
    let mut taken = asked(suite, case, stored, &mut values);
    for one in taken.iter_mut().filter(|_| protocol != Protocol::Http1) {
        let answer = &mut one.exchange.answer;
        if !answer.faults.is_empty() || answer.surplus.is_some() || !answer.is_complete() {
            return None;
        }
        answer.protocol = protocol;
    }
    for requirement in effects::requirements(case, suite, &taken) {
        let told = stored.settled.iter().find(|settled| settled.given == case.given[requirement.given].name);
        let found = told.and_then(|settled| settled.found.as_deref()).unwrap_or(match requirement.must_be {
            Presence::Gone => "gone",
            Presence::Present | Presence::Unknown => "there",
        });
        taken.extend(looked(suite, case, requirement.given, found, told));
    }
    for settled in &stored.settled {
        assert!(case.given.iter().any(|given| given.name == settled.given), "{}: no {}", stored.name, settled.given);
    }
    let observation = Observation::new(suite, case, &taken, &values, SLOW);
    let assessment = assess::assess(&observation);
    let mut findings = Vec::new();
    for check in rules::all() {
        if let Checked::Findings(found) = (check.run)(&assessment) {
            assert!(found.iter().all(|finding| finding.rule == check.rule), "{} signs as another rule", check.rule.id);
            findings.extend(found);
        }
    }
    let mut names: Vec<String> = findings
        .iter()
        .map(|finding| {
            let mut name = finding.rule.id.to_owned();
            if finding.level != finding.rule.level {
                let _ = write!(name, " {}", finding.level);
            }
            if finding.origin != finding.rule.origin {
                let _ = write!(name, " {}", finding.origin);
            }
            name
        })
        .collect();
    names.sort();
    Some((names, findings, assessment.strength))
}

fn values(suite: &Suite, case: &Case) -> Values {
    let mut values = Values { user: "conformance-1".to_owned(), ..Values::default() };
    for (index, given) in case.given.iter().enumerate() {
        let captured = suite.states[given.state]
            .capture
            .iter()
            .map(|(name, _)| (name.clone(), format!("00000000-0000-4000-8000-00000000000{index}").into()))
            .collect();
        values.captures.insert(given.name.clone(), captured);
    }
    values
}

/// The case's own requests with their stored answers.
fn asked<'a>(suite: &'a Suite, case: &'a Case, stored: &Stored, values: &mut Values) -> Vec<ObservedExchange<'a>> {
    let mut answers = stored.answers.iter();
    let secrets = vec![Some("secret-of-the-suite".to_owned().into()); suite.credentials.len()];
    let mut taken = Vec::new();
    for (index, step) in case.steps.iter().enumerate() {
        for copy in 0..step.at_once {
            // A file that ends early is a run that ended early.
            let Some(answer) = answers.next() else {
                return taken;
            };
            let rendered = step
                .render(suite, ORIGIN, "/v1", &secrets, values)
                .unwrap_or_else(|error| panic!("{}: {error:?}", stored.name));
            let role = match step.action {
                Action::Operation(_) => Role::Judged { step: index, copy },
                Action::Call { .. } => Role::Called { step: index },
            };
            taken.push(ObservedExchange::new(role, step, exchange(rendered.request, answer)));
        }
    }
    assert!(answers.next().is_none(), "{}: more answers than the case has requests", stored.name);
    taken
}

fn exchange(request: Request, stored: &StoredAnswer) -> Exchange {
    let answer = stored.answer(&request.method);
    let timing = Timing { connect: Duration::ZERO, first_byte: Some(stored.took), total: stored.took };
    Exchange {
        request: Arc::new(request),
        answer,
        timing,
        reused: stored.reused,
        repeated_credentials: stored.repeated.clone(),
    }
}

/// The exchanges by which it was learnt what became of an object.
fn looked<'a>(
    suite: &'a Suite,
    case: &Case,
    given: usize,
    found: &str,
    told: Option<&Settled>,
) -> Vec<ObservedExchange<'a>> {
    let state = &suite.states[case.given[given].state];
    let by_undo = told.is_some_and(|settled| settled.by_undo);
    let staged = |role: Role, step: &'a Step, answer: Answer| {
        let request = Request {
            method: "GET".to_owned(),
            origin: ORIGIN.to_owned(),
            target: "/v1/look".to_owned(),
            fields: Vec::new(),
            body: None,
        };
        let timing = Timing::default();
        let exchange =
            Exchange { request: Arc::new(request), answer, timing, reused: false, repeated_credentials: Vec::new() };
        ObservedExchange::new(role, step, exchange)
    };
    let look = state.exists.as_ref().map(|exists| &exists.looks[0]);
    let undo = state.undo.as_ref().map(|undo| &undo.last);
    match (look, undo) {
        (Some(look), Some(undo)) if told.is_some_and(|settled| settled.undone.is_some()) => {
            let (status, there) = told.and_then(|settled| settled.undone).expect("what was looked for");
            let after = first_status(if there { &look.yes } else { &look.no });
            vec![
                staged(Role::Exists { given }, &look.call, library(first_status(&look.yes), "")),
                staged(Role::Undo { given }, undo, library(status, "")),
                staged(Role::Removed { given }, &look.call, library(after, "")),
            ]
        }
        (Some(look), _) if !by_undo => {
            let status = match found {
                "gone" => first_status(&look.no),
                "there" => first_status(&look.yes),
                _ => 500,
            };
            let contrary = first_status(if found == "gone" { &look.yes } else { &look.no });
            let late = told.is_some_and(|settled| settled.late).then_some(contrary);
            let looks = late.into_iter().chain([status]);
            looks.map(|status| staged(Role::Exists { given }, &look.call, library(status, ""))).collect()
        }
        (_, Some(undo)) => {
            let answer = match (found, &state.gone) {
                ("there", _) => library(first_status(&undo.expect.all()[0]), ""),
                ("gone", Some(gone)) => {
                    let status = first_status(gone);
                    let response = suite.operation().response(status).expect("a documented status");
                    let (_, example) = response.example(gone.example.as_deref().expect("an example")).expect("it");
                    library(status, &example.value().to_string())
                }
                ("gone", None) => library(404, ""),
                ("unclear", _) => library(404, "{}"),
                _ => library(500, ""),
            };
            vec![staged(Role::Undo { given }, undo, answer)]
        }
        _ => Vec::new(),
    }
}

fn first_status(expectation: &Expectation) -> u16 {
    match &expectation.status {
        Statuses::OneOf(list) => list[0],
        Statuses::Documented => 204,
    }
}

/// An answer as a library hands it out.
fn library(status: u16, body: &str) -> Answer {
    let text = format!("HTTP/1.1 {status} \r\nContent-Type: application/json\r\n\r\n{body}");
    let mut answer = Reader::read("GET", text.as_bytes());
    answer.protocol = Protocol::Library;
    answer
}

#[test]
fn every_deviation_gives_exactly_its_findings() {
    let suites = suites();
    let mut wrong = String::new();
    for stored in all_stored() {
        let (names, findings, _) = found(&suites, &stored);
        if names != stored.finds {
            let _ = writeln!(
                wrong,
                "{} ({})\n  must find: {:?}\n  found:     {names:?}",
                stored.name, stored.about, stored.finds
            );
            for finding in findings {
                let _ = writeln!(
                    wrong,
                    "    {}: {} | expected {:?} | actual {:?}",
                    finding.rule.id, finding.message, finding.expected, finding.actual
                );
            }
        }
    }
    assert!(wrong.is_empty(), "deviations with other findings than they must have:\n{wrong}");
}

/// What is no matter of how bytes are framed is the same deviation, or the same harmless variation, over HTTP/2.
#[test]
fn over_http2_the_same_is_found() {
    let suites = suites();
    let mut held = 0;
    for stored in all_stored() {
        if let Some((names, _, _)) = found_over(Protocol::Http2, &suites, &stored) {
            assert_eq!(names, stored.finds, "{} ({})", stored.name, stored.about);
            held += 1;
        }
    }
    assert!(held > 100, "{held} answers alone could be held against it");
}

#[test]
fn every_rule_has_a_deviation_that_fires_it_and_a_near_miss() {
    let stored = all_stored();
    let mut missing = Vec::new();
    for rule in rules::all().map(|check| check.rule) {
        let of_rule = || {
            stored.iter().filter_map(move |stored| {
                stored.name.strip_prefix(rule.id)?.strip_prefix('/').map(|name| (name.to_owned(), stored))
            })
        };
        let finds = |stored: &Stored| stored.finds.iter().any(|found| found.split(' ').next() == Some(rule.id));
        if !of_rule().any(|(name, stored)| !name.starts_with("near_") && finds(stored)) {
            missing.push(format!("{}: nothing fires it", rule.id));
        }
        if !of_rule().any(|(name, stored)| name.starts_with("near_") && !finds(stored)) {
            missing.push(format!("{}: no near miss", rule.id));
        }
        for (name, stored) in of_rule() {
            if name.starts_with("near_") == finds(stored) {
                missing.push(format!("{} is in the wrong place or has the wrong name", stored.name));
            }
        }
    }
    for (family, folder) in rule_folders() {
        let rule = folder.file_name().expect("a folder with a name").to_string_lossy();
        if folder_of(&rule).is_none_or(|expected| expected != folder) {
            missing.push(format!("{} is the folder of no rule of the family {family}", folder.display()));
        }
    }
    assert!(missing.is_empty(), "the matrix has holes:\n{}", missing.join("\n"));
}

#[test]
fn nothing_harmless_is_flagged() {
    let harmless: Vec<Stored> =
        all_stored().into_iter().filter(|stored| stored.name.starts_with("harmless/")).collect();
    assert!(harmless.len() >= 20, "only {} harmless variations", harmless.len());
    for stored in &harmless {
        assert!(stored.finds.is_empty(), "{} is called harmless and finds {:?}", stored.name, stored.finds);
    }
}

#[test]
fn every_finding_says_what_a_reader_needs() {
    let suites = suites();
    for stored in all_stored() {
        for finding in found(&suites, &stored).1 {
            let id = finding.rule.id;
            let name = &stored.name;
            assert!(finding.level <= finding.rule.level, "{name}: {id} is heavier than its rule");
            assert!(
                !finding.message.is_empty() && !finding.message.ends_with('.'),
                "{name}: {id}: {}",
                finding.message
            );
            for text in [Some(&finding.message), finding.expected.as_ref(), finding.actual.as_ref()] {
                let text = text.unwrap_or_else(|| panic!("{name}: {id} does not say what was expected and what came"));
                assert!(!text.is_empty(), "{name}: {id} says nothing of what was expected or came");
                assert!(!text.chars().any(char::is_control), "{name}: {id} shows control characters: {text:?}");
                assert!(text.chars().count() < 400, "{name}: {id} talks too much: {text}");
            }
            if ["effect-missing", "effect-despite-refusal", "bystander-lost"].contains(&id) {
                let proof = finding.advice.as_deref().unwrap_or_default();
                assert!(proof.contains("Shown by: ") && proof.contains(" answered "), "{name}: {id}: {proof}");
            }
            if id == "status-line-malformed" {
                let reused = stored.answers.iter().any(|answer| answer.reused);
                let told = finding.advice.as_deref().is_some_and(|advice| advice.contains("was used before"));
                assert_eq!(told, reused, "{name}: {id}: {:?}", finding.advice);
            }
            if id != "response-undocumented" {
                let place = finding.case.unwrap_or_else(|| panic!("{name}: {id} has no place in the case"));
                assert!(place.line() > 1, "{name}: {id}");
                assert!(finding.step.is_some(), "{name}: {id} is about no step");
            }
            let called = stored.case.ends_with("then_call") || stored.case.ends_with("then_look");
            assert!(called || finding.spec.is_some(), "{name}: {id} has no place in the document");
        }
    }
}

#[test]
fn a_forbidden_null_is_reported_with_the_meaning_of_nullable() {
    let suites = suites();
    let advice = |name: &str| {
        let stored = all_stored().into_iter().find(|stored| stored.name == name).expect("it is stored");
        found(&suites, &stored).1.into_iter().filter_map(|finding| finding.advice).collect::<String>()
    };
    assert!(advice("schema-violated/null").contains("`nullable: true` beside the `type`"));
    assert_eq!(advice("schema-violated/wrong_type"), "");
}

#[test]
fn a_truncated_list_of_findings_says_how_many_are_left_out() {
    let numbered = |count: usize, value: &str| {
        (0..count).map(|number| format!("\"p{number:02}\":{value}")).collect::<Vec<_>>().join(",")
    };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("wide");
    let document = format!(
        "openapi: 3.0.3\ninfo: {{title: Wide, version: '1'}}\npaths:\n  /wide:\n    get:\n      operationId: wide\n      \
         responses:\n        '200':\n          description: Wide.\n          content: {{application/json: {{examples: {{all: \
         {{value: {{{}}}}}}}}}}}\n",
        numbered(20, "1").replace(':', ": ")
    );
    std::fs::create_dir_all(folder.join("cases")).expect("made");
    std::fs::write(folder.join("wide.yaml"), document).expect("written");
    let suite = "spec: ../wide.yaml\noperation: wide\ncases: {one: {expect: {status: 200, example: all}}}\n";
    std::fs::write(folder.join("cases/wide.yaml"), suite).expect("written");
    let mut suites = suites();
    suites.extend(suite::load(&folder.join("cases"), None).unwrap_or_else(|errors| panic!("{errors}")));
    // How many findings of a rule are told of a body, and what the last of them says of the others.
    let told = |case: &str, rule: &str, body: String| {
        let answer = format!(
            "HTTP/1.1 200 OK\nContent-Type: application/json\nETag: \"1\"\nContent-Length: {{length}}\n\n{body}"
        );
        let findings = found(&suites, &Stored::answered(case, &answer, "closed")).1;
        let own: Vec<_> = findings.iter().filter(|finding| finding.rule.id == rule).collect();
        assert!(
            own.iter().filter(|finding| finding.message.ends_with(" more)")).count() <= 1,
            "only one tells of others"
        );
        let others = own.iter().find_map(|finding| finding.message.split_once(" (and "));
        (own.len(), others.map_or_else(String::new, |(_, rest)| rest.to_owned()))
    };
    let body = |wrong: usize, value: &str| {
        let right: Vec<String> = (wrong..20).map(|number| format!("\"p{number:02}\":1")).collect();
        let all: Vec<String> = [numbered(wrong, value)].into_iter().chain(right).collect();
        format!("{{{}}}", all.join(","))
    };
    assert_eq!(told("wide/one", "example-value", body(12, "2")), (12, String::new()));
    assert_eq!(told("wide/one", "example-value", body(16, "2")), (12, "4 more)".to_owned()));
    assert_eq!(told("wide/one", "example-shape", body(16, "null")), (12, "4 more)".to_owned()));
    let torn = format!("HTTP/1.1 200 OK\nX: {}1\nContent-Length: 0\n\n", "1\n ".repeat(40));
    let torn = found(&suites, &Stored::answered("orders/get", &torn, "closed")).1;
    let torn = torn.iter().find(|finding| finding.rule.id == "field-folded").expect("it is found");
    assert!(torn.message.ends_with(" (and at least 15 more times)"), "{}", torn.message);
    let order = |count: usize| format!("{{\"id\":\"17\",\"lines\":[{}]}}", vec!["{}"; count].join(","));
    assert_eq!(told("orders/get", "schema-violated", order(16)), (10, "6 more)".to_owned()));
    assert_eq!(told("orders/get", "schema-violated", order(300)), (10, "at least 90 more)".to_owned()));
}

#[test]
fn harmless_variations_stay_harmless_together() {
    let suites = suites();
    let case = "delete_conversation/missing_conversation";
    for seed in 0..600 {
        let mut stored = Stored::answered(case, "", "closed");
        let bytes = varied::not_found(seed);
        stored.answers[0].set(bytes.clone());
        let (names, _, _) = found(&suites, &stored);
        assert!(names.is_empty(), "seed {seed}: {names:?} on\n{}", String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn an_answer_that_is_cut_anywhere_never_passes() {
    let suites = suites();
    let whole = "HTTP/1.1 404 Not Found\nContent-Type: application/json\nContent-Length: {length}\n\n\
                 {\"code\":\"not_found\",\"message\":\"Conversation Not Exists.\",\"status\":404}";
    let case = "delete_conversation/missing_conversation";
    for end in ["closed", "reset", "idle", "total"] {
        let length = Stored::answered(case, whole, end).answers[0].length();
        for cut in 0..=length {
            let mut stored = Stored::answered(case, whole, end);
            stored.answers[0].cut(cut);
            let (names, findings, _) = found(&suites, &stored);
            let fails = findings.iter().any(|finding| finding.level == Level::Must);
            assert_eq!(fails, cut < length, "{end} after {cut} of {length} bytes: {names:?}");
        }
    }
}

#[test]
fn the_page_of_the_matrix_is_up_to_date() {
    let matrix = matrix(&suites());
    // Past libtest, which keeps what a test that passes prints.
    std::io::stdout().write_all(matrix.as_bytes()).expect("stdout");
    let path = Path::new("tests/detection.matrix.md");
    let known = std::fs::read_to_string(path).unwrap_or_default();
    if known != matrix {
        let fresh = Path::new(env!("CARGO_TARGET_TMPDIR")).join("detection.matrix.md");
        std::fs::write(&fresh, &matrix).expect("a writable folder for the new matrix");
        let (fresh, path) = (fresh.display(), path.display());
        panic!(
            "the matrix has changed. Read the difference, and if it is right:\n  diff {path} {fresh}\n  cp {fresh} {path}"
        );
    }
}

#[test]
fn the_table_of_stored_answers_is_up_to_date() {
    // Kept short: what each of them finds is asserted above, and stands in the matrix.
    let mut levels: BTreeMap<Level, (usize, usize, usize)> = BTreeMap::new();
    let mut harmless = 0;
    let stored = all_stored();
    for check in rules::all() {
        levels.entry(check.rule.level).or_default().0 += 1;
    }
    for one in &stored {
        let (folder, name) = one.name.split_once('/').expect("a folder and a name");
        match rules::all().find(|check| check.rule.id == folder) {
            None => harmless += 1,
            Some(check) if name.starts_with("near_") => levels.entry(check.rule.level).or_default().2 += 1,
            Some(check) => levels.entry(check.rule.level).or_default().1 += 1,
        }
    }
    let mut table =
        String::from("| level | rules | deviations caught | near misses left alone |\n|---|---:|---:|---:|\n");
    for (level, (rules, deviations, near)) in levels.iter().rev() {
        let _ = writeln!(table, "| {level} | {rules} | {deviations} of {deviations} | {near} of {near} |");
    }
    let _ = writeln!(table, "\n{harmless} of {harmless} harmless answers are left alone; so are 600 more by chance.");
    page::keep("stored", &table);
}

/// The whole outcome as a page: per rule how many deviations fire it, then every deviation with its findings.
fn matrix(suites: &[Suite]) -> String {
    let mut page = String::from(
        "# The detection matrix\n\nEvery rule runs on every stored deviation in `tests/deviations/`. This page is kept by \
         `tests/detection.rs`.\n\n",
    );
    let mut rows = String::new();
    let mut fired: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let all = all_stored();
    for stored in &all {
        let (names, findings, pin) = found(suites, stored);
        for check in rules::all() {
            let count = fired.entry(check.rule.id).or_default();
            if names.iter().any(|name| name.split(' ').next() == Some(check.rule.id)) {
                count.0 += 1;
            } else {
                count.1 += 1;
            }
        }
        let mut shown: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        shown.dedup();
        let shown = if shown.is_empty() { "nothing".to_owned() } else { shown.join(", ") };
        let told = findings.iter().map(|finding| {
            let [expected, actual] = [&finding.expected, &finding.actual].map(|it| it.as_deref().unwrap_or_default());
            format!("{} (expected {expected}; came {actual})", finding.message)
        });
        let mut told: Vec<String> = told.collect();
        told.dedup();
        let cell = |text: &str| text.replace('|', "\\|");
        let told = cell(&told.join("<br>"));
        let _ = writeln!(rows, "| {} | {} | {pin:?} | {shown} | {told} |", stored.name, cell(&stored.about));
    }
    let _ = writeln!(page, "{} rules, {} stored case runs.\n", rules::all().count(), all.len());
    page.push_str("| rule | level | fires on | silent on |\n|---|---|---:|---:|\n");
    for check in rules::all() {
        let (flags, silent) = fired.get(check.rule.id).copied().unwrap_or_default();
        let _ = writeln!(page, "| `{}` | {} | {flags} | {silent} |", check.rule.id, check.rule.level);
    }
    page.push_str("\n| stored | about | pinned by | finds | says |\n|---|---|---|---|---|\n");
    page.push_str(&rows);
    page
}
