//! Reads a file of known deviations strictly: every entry must name a case and a rule that exist.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use super::entry::KnownEntry;
use super::names::{LoadedSuites, Names};
use super::target::TargetPattern;
use crate::date::Date;
use crate::file::most;
use crate::location::{InputErrors, Source, Span, nearest};
use crate::outcome::KnownDeviation;
use crate::rule::{Level, Rule};
use crate::suite::strict::{Strict, lacks, shown, suggestion};
use crate::suite::{MOST_VALUES, full_path, read_text};
use crate::tree::{FileKind, Node, Value, yaml};

/// The keys of an entry.
const KEYS: [&str; 7] = ["case", "rule", "actual", "target", "reason", "link", "until"];
/// How a file of known deviations begins.
const BEGINNING: FileKind = FileKind {
    what: "a list of known deviations",
    keys: &KEYS,
    sure: &["case", "rule"],
    extensible: false,
    list: true,
};

/// The keys that every entry must have, each with what to write.
const REQUIRED: [(&str, &str); 5] = [
    ("case", "Add the case's id, such as `case: suite/case`; `conformant list` shows them all."),
    ("rule", "Add the rule that finds it, such as `rule: status-unexpected`; reports name it."),
    ("reason", "Add `reason:` and one sentence that says why it is accepted."),
    ("link", "Add `link:` and the address of an issue or page about it."),
    ("until", "Add `until:` and the last day on which it is accepted, such as `until: 2026-01-31`."),
];

/// For how many unknown names of a file the nearest known name is looked up.
const MAX_LOOKED_UP: usize = 20;

/// The form of an entry, for help.
const FORM: &str = "Write `- {case: …, rule: …, reason: …, link: …, until: YYYY-MM-DD}` for each deviation.";

/// Reads one file. `cases` is the path whose suites were loaded.
pub(super) fn file(
    path: &Path,
    cases: &Path,
    loaded: &LoadedSuites<'_>,
    rules: &[&'static Rule],
) -> Result<Vec<KnownEntry>, InputErrors> {
    let source = read_text(path, most::KNOWN_DEVIATIONS, &BEGINNING)?;
    let file = full_path(path);
    let all_loaded = file.starts_with(full_path(cases));
    entries(&source, file.parent().unwrap_or(Path::new("")), all_loaded, loaded, rules)
}

/// Reads the entries of one text. `folder` is the folder of the file; `all_loaded`: every suite below it was loaded.
pub(super) fn entries(
    source: &Source,
    folder: &Path,
    all_loaded: bool,
    loaded: &LoadedSuites<'_>,
    rules: &[&'static Rule],
) -> Result<Vec<KnownEntry>, InputErrors> {
    // Only comments may be left after the last entry is removed.
    let says_nothing = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    if source.text().trim_start_matches('\u{feff}').lines().all(says_nothing) {
        return Ok(Vec::new());
    }
    let read = yaml::read_few(source, MOST_VALUES);
    if let Some(error) = BEGINNING.refusal(source, source.text(), &read) {
        return Err(error.into());
    }
    let tree = read?;
    let mut reader = EntryReader {
        strict: Strict::new(source),
        all_loaded,
        loaded,
        names: Names::new(folder, loaded),
        rules,
        looked_up: 0,
    };
    let mut read = Vec::new();
    let mut seen = HashMap::new();
    for item in reader.strict.sequence(&tree.root, "a list of known deviations", FORM).unwrap_or_default() {
        let Some(entry) = reader.entry(item) else { continue };
        let what = (entry.suite, entry.case, entry.rule.id, entry.actual.clone(), entry.target.clone());
        if let Some(first) = seen.insert(what, first_key(item)) {
            let line = source.position(first.start).line;
            let message = format!("this known deviation is already listed in line {line}");
            reader.strict.error(first_key(item), message, "Keep one of the two.");
        }
        read.push(entry);
    }
    let errors = reader.strict.finish();
    if errors.is_empty() { Ok(read) } else { Err(InputErrors(errors)) }
}

/// Where an entry begins.
fn first_key(item: &Node) -> Span {
    item.entries().and_then(<[_]>::first).map_or(item.span, |entry| entry.key_span)
}

struct EntryReader<'a> {
    strict: Strict<'a>,
    all_loaded: bool,
    loaded: &'a LoadedSuites<'a>,
    names: Names<'a>,
    rules: &'a [&'static Rule],
    /// How many unknown names were compared with all known names.
    looked_up: usize,
}

/// The result of looking up the case that an entry names.
enum CaseLookup {
    /// The suite and the case: indexes.
    Case(usize, usize),
    /// Its suite was not loaded, because the run uses only a part of the suites.
    NotLoaded,
    /// There is no such case, and an error is noted.
    Unknown,
}

impl EntryReader<'_> {
    /// Reads one entry. `None` if it has an error, or if its suite was not loaded.
    fn entry(&mut self, item: &Node) -> Option<KnownEntry> {
        let node = self.strict.keys(item, "a known deviation", &KEYS)?;
        for (key, help) in REQUIRED {
            if node.get(key).is_none() && lacks(node, key) {
                self.strict.error(first_key(item), format!("the known deviation has no `{key}`"), help);
            }
        }
        let help = |key: &str| REQUIRED.iter().find(|(name, _)| *name == key).map_or("", |(_, help)| help);
        let case = node.get("case").map(|node| self.case(node, help("case")));
        let rule = node.get("rule").and_then(|node| self.rule(node, help("rule")));
        let actual = node.get("actual").map(|node| self.actual(node));
        let target = node.get("target").map_or(Some(TargetPattern::All), |node| self.target(node));
        let reason = node.get("reason").and_then(|node| self.strict.string(node, "`reason`", help("reason")));
        let link = node.get("link").and_then(|node| self.link(node, help("link")));
        let until = node.get("until").and_then(|node| self.until(node, help("until")));
        let Some(CaseLookup::Case(suite, case)) = case else { return None };
        let place = self.strict.source.place(node.get("case").map_or(item.span, |case| case.span));
        let reason = reason?.split_whitespace().collect::<Vec<_>>().join(" ");
        let deviation = Arc::new(KnownDeviation { reason, link: link?, until: until?, place });
        Some(KnownEntry { suite, case, rule: rule?, actual: actual.flatten(), target: target?, deviation })
    }

    /// Looks up the case: by its id as reports show it, or by its path from this file's folder.
    fn case(&mut self, node: &Node, help: &str) -> CaseLookup {
        let Some(text) = self.strict.string(node, "`case`", help) else { return CaseLookup::Unknown };
        let Some((suite, name)) = text.rsplit_once('/').filter(|(suite, name)| !suite.is_empty() && !name.is_empty())
        else {
            let help = self.nearest_id(text).unwrap_or_else(|| help.to_owned());
            self.strict.error(
                node.span,
                format!("`{}` is not a case id, which has the form `suite/case`", shown(text)),
                help,
            );
            return CaseLookup::Unknown;
        };
        let meant = self.names.suites(suite);
        for index in &meant {
            if let Some(case) = self.names.case(*index, name) {
                return CaseLookup::Case(*index, case);
            }
        }
        if let Some(index) = meant.first() {
            let suite = &self.loaded.suites[*index];
            let message = format!("the suite `{}` has no case `{}`", shown(&suite.id), shown(name));
            let cases = || suite.cases.iter().map(|case| case.name.as_str()).collect();
            let help = self.suggestion(name, cases, "Its cases are");
            self.strict.error(node.span, message, help);
            return CaseLookup::Unknown;
        }
        if !self.all_loaded {
            return CaseLookup::NotLoaded;
        }
        let help = self.nearest_id(text).unwrap_or_else(|| {
            if self.names.below().next().is_none() {
                return "There is no suite in this file's folder or below it. Move the entry to the folder of its suite."
                    .to_owned();
            }
            let most = if self.looked_up < MAX_LOOKED_UP { usize::MAX } else { 0 };
            let ids: Vec<&str> = self.names.below().take(most).map(|suite| suite.id.as_str()).collect();
            self.suggestion(suite, || ids, "The suites in this file's folder and below it are")
        });
        self.strict.error(node.span, format!("there is no case `{}`", shown(text)), help);
        CaseLookup::Unknown
    }

    /// Whether one more unknown name may be compared with all known names. There may be many of both, and each comparison
    /// takes time in proportion to the product of their lengths.
    fn may_look_up(&mut self, text: &str) -> bool {
        self.looked_up += 1;
        text.len() <= 200 && self.looked_up <= MAX_LOOKED_UP
    }

    /// The help for an unknown name, see [`suggestion`].
    fn suggestion<'n>(&mut self, typed: &str, known: impl FnOnce() -> Vec<&'n str>, intro: &str) -> String {
        if self.may_look_up(typed) {
            suggestion(typed, &known(), intro)
        } else {
            "`conformant list` shows every case id.".to_owned()
        }
    }

    /// The help for an id that is similar to the id of a loaded case.
    fn nearest_id(&mut self, text: &str) -> Option<String> {
        if !self.may_look_up(text) {
            return None;
        }
        let cases = self.names.below().flat_map(|suite| &suite.cases);
        let ids = cases.filter(|case| case.id.len().abs_diff(text.len()) <= text.len() / 3 + 1);
        nearest(text, ids.map(|case| case.id.as_str())).map(|near| format!("Did you mean `{near}`?"))
    }

    fn rule(&mut self, node: &Node, help: &str) -> Option<&'static Rule> {
        let id = self.strict.string(node, "`rule`", help)?;
        if let Some(rule) = self.rules.iter().find(|rule| rule.id == id) {
            if rule.level == Level::Note {
                let message = format!("the rule `{id}` only writes notes, so there is nothing to accept");
                self.strict.error(node.span, message, "Remove the entry: a note fails nothing.");
                return None;
            }
            return Some(rule);
        }
        let near = if self.may_look_up(id) { nearest(id, self.rules.iter().map(|rule| rule.id)) } else { None };
        let help = match near {
            Some(near) => format!("Did you mean `{near}`? `conformant rules` lists them all."),
            None => {
                "`conformant rules` lists all rules. Rules about documents and suites cannot be listed here.".to_owned()
            }
        };
        self.strict.error(node.span, format!("there is no rule `{}` that judges cases", shown(id)), help);
        None
    }

    /// The `actual` of the finding, as reports show it.
    fn actual(&mut self, node: &Node) -> Option<String> {
        const HELP: &str = "Write what the report shows as `actual`, such as `actual: 415`.";
        match &node.value {
            Value::Number(_) => self.strict.source.text().get(node.span.start..node.span.end).map(str::to_owned),
            _ => self.strict.string(node, "`actual`", HELP).map(|text| text.trim().to_owned()),
        }
    }

    fn target(&mut self, node: &Node) -> Option<TargetPattern> {
        const HELP: &str = "Write `reference`, or a host such as `staging.example.com` or `*.example.com`. Without `target` the entry is for all targets.";
        let text = self.strict.string(node, "`target`", HELP)?;
        let target = TargetPattern::parse(text.trim());
        target.map_err(|why| self.strict.error(node.span, format!("the target `{}` {why}", shown(text)), HELP)).ok()
    }

    fn link(&mut self, node: &Node, help: &str) -> Option<String> {
        let text = self.strict.string(node, "`link`", help)?.trim();
        if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
            self.strict.error(node.span, format!("`{}` is not a link: it contains white space", shown(text)), help);
            return None;
        }
        Some(text.to_owned())
    }

    fn until(&mut self, node: &Node, help: &str) -> Option<Date> {
        let text = self.strict.string(node, "`until`", help)?;
        let date = Date::parse(text);
        if date.is_none() {
            let message = format!("`{}` is not a date", shown(text));
            self.strict.error(node.span, message, "Write a date as YYYY-MM-DD, such as `until: 2026-01-31`.");
        }
        date
    }
}
