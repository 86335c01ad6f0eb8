//! The answer came whole, and took longer than the limit for a slow one (`--slow`, two seconds unless set otherwise).
//!
//! **Why it matters.** Gateways and clients in front of the API may give up before.
//!
//! **Deviates.** A DELETE that takes three seconds.
//!
//! **Conforms.** The same within two.
//!
//! **Limits.** Once slow is not always slow, and the network has its part: `--repeat` tells more. HTTP names no time, hence
//! the level.
//!
//! **Clause.** RFC 9110 §15.6.5: a gateway that waits too long answers 504.

use std::time::Duration;

use super::ending::Ending;
use super::{Checked, Evidence};
use crate::rule::{Level, Origin, Rule};

pub(super) static RULE: Rule = Rule {
    id: "answer-slow",
    summary: "The answer took long",
    level: Level::Should,
    origin: Origin::Http,
    clause: "RFC 9110 §15.6.5",
    since: "0.1.0",
    source: include_str!("answer_slow.rs"),
};

pub(super) fn run(evidence: &Evidence<'_>) -> Checked {
    evidence.over("no answer came whole", |held, findings| {
        if held.ending != Ending::Whole {
            return false;
        }
        let took = held.taken.exchange.timing.total;
        if took > evidence.slow {
            let message = format!("the answer took {}", seconds(took));
            findings.push(
                held.finding(&RULE, message).compared(format!("at most {}", seconds(evidence.slow)), seconds(took)),
            );
        }
        true
    })
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
