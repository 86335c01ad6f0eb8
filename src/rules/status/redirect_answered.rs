//! The response is a 301, 302, 303, 307 or 308 that neither the case nor the document expects. It is reported instead of
//! `status-unexpected` and `status-undocumented`. The finding names the target of the redirect.
//!
//! **Why it matters.** Clients differ here. Some follow the redirect and some do not. Many of those that follow turn a
//! redirected DELETE into a GET: on 303 as they should, and some on 301 and 302 too. Then nothing is deleted, and the
//! page that they get looks like success. Many drop the Authorization field on the way. Typical causes are a missing
//! slash at the end and plain HTTP instead of HTTPS.
//!
//! **Deviates.**
//!
//! ```http
//! HTTP/1.1 308 Permanent Redirect
//! Location: https://api.example.com/conversations/1f3b/
//! ```
//!
//! **Conforms.** The documented response under the address that the document gives.
//!
//! **Limits.** The redirect is not followed, so its target is not judged. 300, 304 and 305 are left to the other status
//! rules.
//!
//! **Clause.** OpenAPI 3.0, Responses Object. HTTP leaves room: RFC 9110 §15.4 lets any server redirect, and any client
//! decide whether to follow. The document lists no redirect here.

use crate::assess::{Assessment, StatusAssessment, format};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::{Checked, each_answer};

pub(super) static RULE: Rule = Rule {
    id: "redirect-answered",
    summary: "The server answered with an undocumented redirect",
    level: Level::Must,
    origin: Origin::Document,
    clause: "OpenAPI 3.0 Responses Object; RFC 9110 §15.4",
    since: "0.1.0",
    source: include_str!("redirect_answered.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    each_answer(assessment, "no judged response has a status", |assessed, findings| {
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
                .finding(&RULE, format!("the server answered {status}, a redirect to {to}"))
                .compared(expected, status.to_string());
            findings.push(finding.advice(
                "The run follows no redirect. Check the base URL: its scheme, its host, and a slash at its end.",
            ));
        }
        true
    })
}
