//! The response is complete, and took longer than `--slow` (two seconds, unless set otherwise).
//!
//! **Why it matters.** Gateways and clients in front of the API may give up earlier.
//!
//! **Deviates.** A DELETE that takes three seconds.
//!
//! **Conforms.** The same within two seconds.
//!
//! **Limits.** One slow answer says little, and the network may be the cause. `--repeat` shows more. HTTP has no time
//! limit, so the level is `should`. The origin is `http`, because only HTTP says what a wait leads to: a gateway's 504.
//!
//! **Clause.** RFC 9110 §15.6.5: a gateway that waits too long answers 504.

use std::time::Duration;

use crate::assess::{Assessment, Transfer};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::{Checked, each_answer};

pub(super) static RULE: Rule = Rule {
    id: "answer-slow",
    summary: "The response took long",
    level: Level::Should,
    origin: Origin::Http,
    clause: "RFC 9110 §15.6.5",
    since: "0.1.0",
    source: include_str!("answer_slow.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    each_answer(assessment, "no response came whole", |assessed, findings| {
        if assessed.transfer != Transfer::Complete {
            return false;
        }
        let took = assessed.observed.exchange.timing.total;
        if took > assessment.observation.slow {
            let message = format!("the response took {}", seconds(took));
            findings.push(
                assessed
                    .finding(&RULE, message)
                    .compared(format!("at most {} (--slow)", seconds(assessment.observation.slow)), seconds(took)),
            );
        }
        true
    })
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
