//! Every documented example of this response repeats the response's status in one property, and the response has there
//! another status than in its status line. Or the body is a problem detail (`application/problem+json`), whose `status`
//! must be that of the response. For a problem detail the level is `should`, whatever the document says.
//!
//! **Why it matters.** Some clients read the status line, others read the body. Now they disagree about what happened.
//!
//! **Deviates**, where the 404's example has `"status": 404`:
//!
//! ```http
//! HTTP/1.1 404 Not Found
//! Content-Type: application/json
//!
//! {"code":"not_found","message":"Conversation Not Exists.","status":500}
//! ```
//!
//! **Conforms.** `"status":404`; a property that is not a number from 100 to 599 (`example-shape` judges it); any
//! number if the examples do not repeat the status.
//!
//! **Limits.** If the case names the example, `example-value` compares the values and this rule is silent. It is silent
//! too if the status line itself is wrong. It reads only properties at the top level of the body.
//!
//! **Clause.** OpenAPI 3.0, Media Type Object, `examples`. RFC 9457 §3.1.2: generators MUST use the same status code in
//! the response; the member is advisory, and a proxy may have changed the status line, so it is a `should`.

use serde_json::Value;

use crate::assess::{AssessedAnswer, Assessment, BodyAssessment, StatusAssessment, Transfer, example_diff, format};
use crate::exchange::Answer;
use crate::finding::Finding;
use crate::location::Anchor;
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::{Checked, each_answer};
use crate::spec::{Example, MediaType, StatusPattern};
use crate::tree::{self, Node};

/// The member of a problem detail that repeats the status (RFC 9457 §3.1.2).
const MEMBER: &str = "status";

pub(super) static RULE: Rule = Rule {
    id: "status-contradicted",
    summary: "The body names another status than the status line",
    level: Level::Must,
    origin: Origin::Document,
    clause: "OpenAPI 3.0 Media Type Object, example",
    since: "0.1.0",
    source: include_str!("status_contradicted.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    each_answer(assessment, "no body came that repeats the status", |assessed, findings| {
        let (StatusAssessment::Expected, Some(status)) = (assessed.status_assessment, assessed.status) else {
            return false;
        };
        let repeated = by_examples(assessed, status);
        for (key, anchor) in &repeated {
            let BodyAssessment::Json(read, _) = &assessed.body else { continue };
            if let Some(came) = other_status(&read.root, key, status) {
                findings.push(contradicted(assessed, status, key, came).spec(anchor));
            }
        }
        if !is_problem(assessed.answer()) || assessed.transfer != Transfer::Complete {
            return !repeated.is_empty();
        }
        let named = assessed.named_example().and_then(|name| assessed.response?.example(name));
        let pinned = repeated.iter().any(|(key, _)| *key == MEMBER)
            || named.is_some_and(|(_, example)| example.value().get(MEMBER).is_some());
        if let (false, Ok(read)) = (pinned, assessed.observed.json())
            && let Some(came) = other_status(&read.root, MEMBER, status)
        {
            let finding = contradicted(assessed, status, MEMBER, came).level(Level::Should).origin(Origin::Http);
            findings.push(finding.advice("RFC 9457 §3.1.2: `status` is the status code of the response itself."));
        }
        true
    })
}

/// The properties in which every example of the response repeats its status.
fn by_examples<'a>(assessed: &AssessedAnswer<'a>, status: u16) -> Vec<(&'a str, &'a Anchor)> {
    let (BodyAssessment::Json(_, media), Some(response)) = (&assessed.body, assessed.response) else {
        return Vec::new();
    };
    let Some((first, rest)) = media.examples.split_first() else {
        return Vec::new();
    };
    let (StatusPattern::Exact(_), None, Some(members)) =
        (response.status, assessed.named_example(), first.value().as_object())
    else {
        return Vec::new();
    };
    let repeats =
        |example: &Example, key: &str| example.value().get(key).and_then(Value::as_u64) == Some(status.into());
    let keys = members.keys().map(String::as_str);
    keys.filter(|key| repeats(first, key) && rest.iter().all(|example| repeats(example, key)))
        .map(|key| (key, &first.anchor))
        .collect()
}

/// A property's value, if it is another status.
fn other_status<'n>(root: &'n Node, key: &str, status: u16) -> Option<&'n Node> {
    let node = example_diff::last(root.entries()?, key)?;
    let tree::Value::Number(number) = &node.value else {
        return None;
    };
    let came = number.0.parse::<u16>().ok()?;
    ((100..600).contains(&came) && came != status).then_some(node)
}

fn contradicted(assessed: &AssessedAnswer<'_>, status: u16, key: &str, came: &Node) -> Finding {
    let message = format!("the status line says {status}, but {} in the body says otherwise", format::quoted(key));
    assessed.finding(&RULE, message).compared(format!("{status} (number)"), format::node(came))
}

/// Whether the body is a problem detail in JSON.
fn is_problem(answer: &Answer) -> bool {
    let kind = answer.value("content-type").and_then(|value| MediaType::parse(&value));
    kind.is_some_and(|kind| kind.essence() == "application/problem+json")
}
