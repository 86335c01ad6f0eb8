//! Rules about the connection.
//!
//! First a connection that was cut, then a response that does not come, does not end or is slow, then a switch to another
//! protocol.

mod answer_endless;
mod answer_silent;
mod answer_slow;
mod cut_before_answer;
mod cut_in_body;
mod cut_in_head;
mod switching_protocols_unasked;

use super::check::{Check, Family};

pub(super) static FAMILY: Family = Family {
    title: "Connection",
    about: "Whether a response came, in time and complete.",
    checks: &[
        Check { rule: &cut_before_answer::RULE, run: cut_before_answer::run },
        Check { rule: &cut_in_head::RULE, run: cut_in_head::run },
        Check { rule: &cut_in_body::RULE, run: cut_in_body::run },
        Check { rule: &answer_silent::RULE, run: answer_silent::run },
        Check { rule: &answer_endless::RULE, run: answer_endless::run },
        Check { rule: &answer_slow::RULE, run: answer_slow::run },
        Check { rule: &switching_protocols_unasked::RULE, run: switching_protocols_unasked::run },
    ],
};
