//! The rules as people read them: the table of all, and the page of one. Both come from the rules' records.

use std::fmt::Write as _;

use super::paint::Paint;
use crate::check::RULES;
use crate::location::{InputError, nearest};
use crate::rule::Rule;

/// The table of all rules: id, level, origin, clause, summary.
pub fn rules(color: bool) -> String {
    let rules: Vec<&Rule> = RULES.iter().map(|check| check.rule).collect();
    table(&rules, Paint(color))
}

/// The page of a rule.
pub fn explain(id: &str, color: bool) -> Result<String, InputError> {
    let rules: Vec<&Rule> = RULES.iter().map(|check| check.rule).collect();
    match rules.iter().find(|rule| rule.id == id) {
        Some(rule) => Ok(page(rule, Paint(color))),
        None => Err(unknown(id, &rules)),
    }
}

fn table(rules: &[&Rule], paint: Paint) -> String {
    let width = |text: fn(&Rule) -> &str| rules.iter().map(|rule| text(rule).chars().count()).max().unwrap_or(0);
    let (id, clause) = (width(|rule| rule.id), width(|rule| rule.clause));
    let mut out = String::new();
    for rule in rules {
        let name = format!("{:<id$}", rule.id);
        let _ = writeln!(
            out,
            "{}  {:<6}  {:<8}  {:<clause$}  {}",
            paint.strong(&name),
            rule.level,
            rule.origin,
            rule.clause,
            rule.summary
        );
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
    fn the_table_has_a_line_per_rule_in_columns() {
        assert_eq!(
            table(&BOTH, Paint(false)),
            "example-value  must    document  OpenAPI 3.0 Example Object  a value differs from the example's\n\
             body-missing   should  http      RFC 9110 §6.4               no body came\n"
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
    fn every_rule_of_this_program_can_be_explained() {
        for check in RULES {
            let text = explain(check.rule.id, false).expect("a rule of the list");
            assert!(text.starts_with(check.rule.id), "{text}");
        }
        assert_eq!(rules(false).lines().count(), RULES.len());
    }
}
