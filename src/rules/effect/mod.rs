//! Rules about what became of the objects of a case.
//!
//! What had to go must be gone. What was refused must still be there, and so must bystanders. A request that can work only
//! once must not work twice.

mod bystander_lost;
mod effect_despite_refusal;
mod effect_late;
mod effect_missing;
mod object_findings;
mod repeat_accepted;

use super::check::{Check, Family};

pub(super) static FAMILY: Family = Family {
    title: "Effect",
    about: "What became of the objects of the case.",
    checks: &[
        Check { rule: &effect_missing::RULE, run: effect_missing::run },
        Check { rule: &effect_despite_refusal::RULE, run: effect_despite_refusal::run },
        Check { rule: &bystander_lost::RULE, run: bystander_lost::run },
        Check { rule: &effect_late::RULE, run: effect_late::run },
        Check { rule: &repeat_accepted::RULE, run: repeat_accepted::run },
    ],
};
