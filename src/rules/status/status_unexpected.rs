//! The case names the status, or a list of statuses, and the response has another one. This is the most general finding
//! about a status. So the rule is silent if another rule says more: `redirect-answered`, `unauthenticated-accepted`,
//! `credential-not-checked`, `foreign-object-reachable`, `repeat-accepted`, `switching-protocols-unasked`. If several
//! requests are sent at once, each response is matched with an expectation that it meets, in any order. The responses that
//! are left over are one finding.
//!
//! The body is then compared with the response object of the received status, if the document has one, by shape only:
//! the example that the case names belongs to another status.
//!
//! **Why it matters.** Clients branch on the status first. A 204 for an object that does not exist hides a typing
//! error. A 404 for an object that exists makes a client give up, or try forever.
//!
//! **Deviates**, where the case expects 404:
//!
//! ```http
//! HTTP/1.1 204 No Content
//! ```
//!
//! **Conforms.**
//!
//! ```http
//! HTTP/1.1 404 Not Found
//! Content-Type: application/json
//! ```
//!
//! **Limits.** The origin of the finding is the document in two situations: a case of the core profile expects a
//! documented status, or the document lists an expected status and not the received one. Otherwise the origin is the
//! suite, which knows more about the API than the document says. For example, HTTP allows any response to a repeated
//! DELETE (RFC 9110 §9.2.2 requires the same effect, not the same response). Only the document says that it is a 404.
//!
//! **Clause.** OpenAPI 3.0, Responses Object: the documented responses are the operation's answers.

use crate::assess::{AssessedAnswer, Assessment, StatusAssessment, format};
use crate::finding::Finding;
use crate::location::Anchor;
use crate::observation::Role;
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::{Checked, each_answer};
use crate::suite::{Expectation, Profile, Statuses};

pub(super) static RULE: Rule = Rule {
    id: "status-unexpected",
    summary: "The status is not the one that the case expects",
    level: Level::Must,
    origin: Origin::Document,
    clause: "OpenAPI 3.0 Responses Object",
    since: "0.1.0",
    source: include_str!("status_unexpected.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    let checked = each_answer(assessment, "no judged response has a status", |assessed, findings| {
        let Some(status) = assessed.status else {
            return false;
        };
        match (assessed.status_assessment, assessed.expectation) {
            (StatusAssessment::Unexpected, Some(expectation)) => {
                let expected = format::statuses(expectation, assessed.operation);
                let message = format!("the server answered {status} instead of {expected}");
                let mut finding = assessed.finding(&RULE, message).compared(expected, status.to_string());
                finding.spec = Some(expected_anchor(assessed, expectation));
                findings.push(finding.origin(origin(assessment, assessed, expectation, status)));
            }
            (StatusAssessment::UnexpectedInGroup, _) => findings.push(among(assessment, assessed)),
            _ => {}
        }
        true
    });
    with_calls(assessment, checked)
}

/// Where the document describes the status that should have come, else the operation.
fn expected_anchor(assessed: &AssessedAnswer<'_>, expectation: &Expectation) -> Anchor {
    let response = expectation.single_status().and_then(|status| assessed.operation.response(status));
    response.map_or(&assessed.operation.anchor, |response| &response.anchor).clone()
}

/// Who decides that the status is wrong.
fn origin(assessment: &Assessment<'_>, assessed: &AssessedAnswer<'_>, expectation: &Expectation, came: u16) -> Origin {
    let documented = |status: u16| assessed.operation.response(status).is_some();
    let expects_documented = match &expectation.status {
        Statuses::OneOf(list) => list.iter().any(|status| documented(*status)),
        Statuses::Documented => true,
    };
    let decided = expects_documented && (assessment.observation.case.profile == Profile::Core || !documented(came));
    if decided { Origin::Document } else { Origin::Suite }
}

/// One finding for all answers of a step whose expectations may be met in any order.
fn among(assessment: &Assessment<'_>, assessed: &AssessedAnswer<'_>) -> Finding {
    let expected: Vec<String> = assessed
        .observed
        .step
        .expect
        .all()
        .iter()
        .map(|expectation| one_of(&format::statuses(expectation, assessed.operation)))
        .collect();
    let of_step = |role: &Role| match (role, &assessed.observed.role) {
        (Role::Judged { step: a, .. }, Role::Judged { step: b, .. }) => a == b,
        _ => false,
    };
    // Which of them came first says nothing, and must not make two findings of one.
    let mut came: Vec<String> = assessment
        .observation
        .exchanges
        .iter()
        .filter(|observed| of_step(&observed.role))
        .map(|observed| {
            observed.exchange.answer.status().map_or_else(|| "no response".to_owned(), |status| status.to_string())
        })
        .collect();
    came.sort();
    let (expected, came) = (expected.join(" and "), came.join(" and "));
    let message = format!(
        "the server answered {} requests sent at once with {came} instead of {expected}",
        assessed.observed.step.at_once
    );
    let finding = assessed.finding(&RULE, message).compared(format!("{expected}, in any order"), came);
    // How many may be answered so the suite alone knows; that none may be is the document's word.
    let unlisted = assessed.status.filter(|status| assessed.operation.response(*status).is_none());
    let origin = match (unlisted, assessed.observed.step.expect.all().first()) {
        (Some(status), Some(expectation)) => origin(assessment, assessed, expectation, status),
        _ => Origin::Suite,
    };
    finding.case(assessed.suite.place(assessed.observed.step.span)).origin(origin)
}

/// Choices in brackets, so that they can stand in a list.
fn one_of(statuses: &str) -> String {
    if statuses.contains(" or ") { format!("({statuses})") } else { statuses.to_owned() }
}

/// A `call` of the case is no operation of the document: its status is the suite's matter. An answer without a status is the
/// matter of other rules.
fn with_calls(assessment: &Assessment<'_>, checked: Checked) -> Checked {
    let mut findings = Vec::new();
    let mut applies = false;
    for (index, observed) in assessment.observation.exchanges.iter().enumerate() {
        let (Role::Called { .. }, Some(expectation)) = (&observed.role, observed.step.expect.all().first()) else {
            continue;
        };
        let Statuses::OneOf(list) = &expectation.status else {
            continue;
        };
        applies = true;
        let Some(status) = observed.exchange.answer.status().filter(|status| !list.contains(status)) else {
            continue;
        };
        let expected = list.iter().map(u16::to_string).collect::<Vec<_>>().join(" or ");
        findings.push(
            Finding::new(&RULE, format!("the server answered the call with {status} instead of {expected}"))
                .compared(expected, status.to_string())
                .origin(Origin::Suite)
                .step(index)
                .case(assessment.observation.suite.place(expectation.span)),
        );
    }
    match checked {
        checked if !applies => checked,
        Checked::NotApplicable(_) => Checked::Findings(findings),
        Checked::Findings(mut judged) => {
            judged.extend(findings);
            Checked::Findings(judged)
        }
    }
}
