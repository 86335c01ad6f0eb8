//! The answer is a 301, 302, 303, 307 or 308 that neither the case nor the document expects. It stands instead of
//! `status-unexpected` and `status-undocumented`, and names where the redirect leads.
//!
//! **Why it matters.** Clients part ways here. Some follow and some do not; of those that do, many turn a redirected
//! DELETE into a GET, on 303 as they should and some on 301 and 302 too, so that nothing is deleted and the page they
//! are led to looks like success; many drop the Authorization field on the way. Typical causes are a missing trailing
//! slash and plain HTTP where HTTPS is served.
//!
//! **Deviates.**
//!
//! ```http
//! HTTP/1.1 308 Permanent Redirect
//! Location: https://api.example.com/conversations/1f3b/
//! ```
//!
//! **Conforms.** The documented answer under the address that the document gives.
//!
//! **Limits.** Nothing is followed, so what stands behind the redirect is not looked at. 300, 304 and 305 are left to
//! the status rules.
//!
//! **Clause.** OpenAPI 3.0, Responses Object. HTTP leaves room: RFC 9110 §15.4 lets any server redirect, and leaves it
//! to the client whether to follow. That it does not happen here is the document's word.

use crate::assess::{Assessment, StatusAssessment, format};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::{Checked, each_answer};

pub(super) static RULE: Rule = Rule {
    id: "redirect-answered",
    summary: "The answer is a redirect that is not documented",
    level: Level::Must,
    origin: Origin::Document,
    clause: "OpenAPI 3.0 Responses Object; RFC 9110 §15.4",
    since: "0.1.0",
    source: include_str!("redirect_answered.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    each_answer(assessment, "no judged answer has a status", |assessed, findings| {
        let Some(status) = assessed.status else {
            return false;
        };
        if assessed.status_assessment == StatusAssessment::UndocumentedRedirect {
            let location = assessed.answer().value("location");
            let to = location.as_deref().map_or_else(|| "nowhere (no Location)".to_owned(), format::quoted);
            let one = |expectation| format::statuses(expectation, assessed.operation);
            let all = || assessed.observed.step.expect.all().iter().map(one).collect::<Vec<_>>().join(" and ");
            let expected = assessed.expectation.map_or_else(all, one);
            let finding = assessed
                .finding(&RULE, format!("the operation answers {status}, a redirect to {to}"))
                .compared(expected, status.to_string());
            findings.push(
                finding
                    .advice("Nothing was followed. Check the base URL: its scheme, its host, and slashes at its end."),
            );
        }
        true
    })
}
