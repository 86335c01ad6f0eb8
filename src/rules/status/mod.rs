//! Rules about the status of a response.
//!
//! The case names a status, or leaves it to the document. A wrong status gives one finding: of the rule that says most about
//! it. A success where a refusal was due may be reported by the families `effect` and `security` instead.

mod redirect_answered;
mod response_undocumented;
mod status_contradicted;
mod status_undocumented;
mod status_unexpected;

use super::check::{Check, Family};

pub(super) static FAMILY: Family = Family {
    title: "Status",
    about: "The status of the response: is it the one that the case and the document expect?",
    checks: &[
        Check { rule: &status_unexpected::RULE, run: status_unexpected::run },
        Check { rule: &status_undocumented::RULE, run: status_undocumented::run },
        Check { rule: &redirect_answered::RULE, run: redirect_answered::run },
        Check { rule: &response_undocumented::RULE, run: response_undocumented::run },
        Check { rule: &status_contradicted::RULE, run: status_contradicted::run },
    ],
};
