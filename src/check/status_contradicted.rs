//! Every documented example of this response repeats the response's status in one property, and the answer has another
//! status number there than its status line.
//!
//! **Why it matters.** Some clients look at the status line, others at the body. They now disagree about what happened.
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
//! **Conforms.** `"status":404`; a property that is no number from 100 to 599, which `example-shape` looks at; any number
//! where the examples do not repeat the status.
//!
//! **Limits.** Where the case names the example, its values are compared anyway (`example-value`), and where the status
//! line itself is wrong, that is the finding; this rule is silent on both. It looks at properties of the body's top level.
//!
//! **Clause.** OpenAPI 3.0, Media Type Object, `examples`.

use serde_json::Value;

use super::content::Content;
use super::held::Standing;
use super::{Checked, Evidence, shape, shown};
use crate::rule::{Level, Origin, Rule};
use crate::spec::{Example, StatusPattern};
use crate::tree;

pub(super) static RULE: Rule = Rule {
    id: "status-contradicted",
    summary: "The body names another status than the status line",
    level: Level::Must,
    origin: Origin::Document,
    clause: "OpenAPI 3.0 Media Type Object, example",
    since: "0.1.0",
    source: include_str!("status_contradicted.rs"),
};

pub(super) fn run(evidence: &Evidence<'_>) -> Checked {
    evidence.over("no body came whose examples repeat the status", |held, findings| {
        let (Standing::Expected, Some(response), Some(status)) = (held.standing, held.response, held.status) else {
            return false;
        };
        let Content::Json(read, media) = &held.content else {
            return false;
        };
        let Some((first, rest)) = media.examples.split_first() else {
            return false;
        };
        let (StatusPattern::Exact(_), None, Some(members)) =
            (response.status, held.named_example(), first.value.as_object())
        else {
            return false;
        };
        let repeats =
            |example: &Example, key: &str| example.value.get(key).and_then(Value::as_u64) == Some(status.into());
        let mut applies = false;
        for key in members.keys() {
            if !repeats(first, key) || !rest.iter().all(|example| repeats(example, key)) {
                continue;
            }
            applies = true;
            let Some(node) = read.root.entries().and_then(|entries| shape::last(entries, key)) else {
                continue;
            };
            let came = match &node.value {
                tree::Value::Number(number) => number.0.parse::<u16>().ok(),
                _ => None,
            };
            if came.is_some_and(|came| (100..600).contains(&came) && came != status) {
                let message =
                    format!("the status line says {status}, {} in the body says otherwise", shown::quoted(key));
                let finding = held.finding(&RULE, message).compared(format!("{status} (number)"), shown::node(node));
                findings.push(finding.spec(&first.anchor));
            }
        }
        applies
    })
}
