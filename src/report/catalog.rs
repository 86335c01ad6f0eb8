//! The rules as people read them: the list of all, its table, and the page of one. All come from the rules' records.

use std::fmt::Write as _;

use super::paint::Paint;
use crate::baseline;
use crate::known;
use crate::lint;
use crate::location::{InputError, nearest};
use crate::rule::Rule;
use crate::rules;

/// Rules under one heading.
#[derive(Debug)]
pub struct Group {
    /// The heading.
    pub title: &'static str,
    /// What the rules are about, in one sentence.
    pub about: &'static str,
    /// The rules, in order.
    pub rules: Vec<&'static Rule>,
}

/// Every rule of this program, in groups: the families that judge answers, then recorded behaviour, known deviations, and
/// documents and suites.
pub fn groups() -> Vec<Group> {
    let families = rules::FAMILIES.iter().map(|family| Group {
        title: family.title,
        about: family.about,
        rules: family.checks.iter().map(|check| check.rule).collect(),
    });
    let others = [
        Group {
            title: "Recorded behaviour",
            about: "How the responses differ from a baseline, if the run has one.",
            rules: baseline::RULES.to_vec(),
        },
        Group {
            title: "Known deviations",
            about: "What `known_deviations.yaml` lists for a case, after the case was judged.",
            rules: known::RULES.to_vec(),
        },
        Group {
            title: "Documents and suites",
            about: "What `conformant lint` reports. It sends no request.",
            rules: lint::RULES.iter().map(|lint| lint.rule).collect(),
        },
    ];
    families.chain(others).collect()
}

/// Every rule of this program, in the order of [`groups`].
pub fn all() -> Vec<&'static Rule> {
    groups().into_iter().flat_map(|group| group.rules).collect()
}

/// Whether a text stands in what reports say of their own, whatever was run: their formats' names and the rules.
pub fn says(text: &str) -> bool {
    const SCHEMAS: [&str; 4] = ["conformant.report/1", "conformant.doctor/1", "conformant.plan/1", "conformant.lint/1"];
    let of_rules = all().into_iter().flat_map(|rule| [rule.id, rule.summary, rule.clause, rule.since]);
    SCHEMAS.into_iter().chain(of_rules).any(|own| own.contains(text))
}

/// The table of all rules, by group: id, level, origin, summary. The clause is on the rule's page ([`explain`]).
pub fn rules(color: bool) -> String {
    table(&groups(), Paint(color))
}

/// The page of a rule.
pub fn explain(id: &str, color: bool) -> Result<String, InputError> {
    let rules = all();
    match rules.iter().find(|rule| rule.id == id) {
        Some(rule) => Ok(page(rule, Paint(color))),
        None => Err(unknown(id, &rules)),
    }
}

fn table(groups: &[Group], paint: Paint) -> String {
    let ids = groups.iter().flat_map(|group| &group.rules).map(|rule| rule.id.chars().count());
    let width = ids.max().unwrap_or(0);
    let mut out = String::new();
    for (index, group) in groups.iter().enumerate() {
        let gap = if index == 0 { "" } else { "\n" };
        let _ = writeln!(out, "{gap}{}", paint.strong(group.title));
        for rule in &group.rules {
            let id = format!("{:<width$}", rule.id);
            let id = paint.strong(&id);
            let _ = writeln!(out, "{id}  {:<6}  {:<8}  {}", rule.level, rule.origin, rule.summary);
        }
    }
    out
}

fn page(rule: &Rule, paint: Paint) -> String {
    let page = rule.page();
    format!(
        "{}: {}\n\nlevel:    {}\norigin:   {}\nrests on: {}\nsince:    {}\n\n{}\n",
        paint.strong(rule.id),
        rule.summary,
        rule.level,
        rule.origin,
        rule.clause,
        rule.since,
        page.trim()
    )
}

fn unknown(id: &str, rules: &[&Rule]) -> InputError {
    let help = match nearest(id, rules.iter().map(|rule| rule.id)) {
        Some(near) => format!("did you mean {near}?"),
        None => "`conformant rules` lists them all".to_owned(),
    };
    InputError::new(format!("there is no rule `{id}`")).help(help)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::{BODY_MISSING, EXAMPLE_VALUE};

    const BOTH: [&Rule; 2] = [&EXAMPLE_VALUE, &BODY_MISSING];

    #[test]
    fn the_table_has_a_heading_per_group_and_a_line_per_rule_in_columns() {
        let group = |title, rule| Group { title, about: "", rules: vec![rule] };
        let groups = [group("Contract", &EXAMPLE_VALUE), group("Body", &BODY_MISSING)];
        assert_eq!(
            table(&groups, Paint(false)),
            "Contract\nexample-value  must    document  a value differs from the example's\n\n\
             Body\nbody-missing   should  http      no body came\n"
        );
    }

    #[test]
    fn a_page_has_the_record_and_the_text_of_the_rules_file() {
        assert_eq!(
            page(&EXAMPLE_VALUE, Paint(false)),
            "example-value: a value differs from the example's\n\nlevel:    must\norigin:   document\n\
             rests on: OpenAPI 3.0 Example Object\nsince:    0.1.0\n\n# Values\n\nThey must be equal.\n"
        );
    }

    #[test]
    fn an_unknown_rule_is_answered_with_the_nearest() {
        assert_eq!(unknown("exmaple-value", &BOTH).help.as_deref(), Some("did you mean example-value?"));
        assert_eq!(unknown("zebra", &BOTH).help.as_deref(), Some("`conformant rules` lists them all"));
    }

    #[test]
    fn every_list_is_in_the_list_of_all() {
        let all = all();
        for id in ["status-unexpected", "baseline-changed", "known-vanished", "response-unpinned"] {
            assert!(all.iter().any(|rule| rule.id == id), "{id}");
        }
        assert_eq!(all.len(), rules::all().count() + baseline::RULES.len() + known::RULES.len() + lint::RULES.len());
    }

    #[test]
    fn every_rule_of_this_program_can_be_explained() {
        for rule in all() {
            let text = explain(rule.id, false).expect("a rule of the list");
            assert!(text.starts_with(rule.id) && text.contains(rule.clause), "{text}");
        }
    }

    #[test]
    fn the_table_fits_a_page() {
        for line in rules(false).lines() {
            assert!(line.chars().count() <= 112, "{} columns: {line}", line.chars().count());
        }
    }
}
