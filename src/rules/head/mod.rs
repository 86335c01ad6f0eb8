//! Rules about the head of a response.
//!
//! First the grammar of the status line and of the fields, then fields that HTTP requires for a status.

mod allow_missing;
mod challenge_missing;
mod field_folded;
mod field_name_malformed;
mod field_value_malformed;
mod head_leading_space;
mod head_too_large;
mod line_end_bare_lf;
mod status_code_malformed;
mod status_line_malformed;
mod version_malformed;

use super::check::{Check, Family};

pub(super) static FAMILY: Family = Family {
    title: "Head",
    about: "The status line and the fields of the response.",
    checks: &[
        Check { rule: &status_line_malformed::RULE, run: status_line_malformed::run },
        Check { rule: &version_malformed::RULE, run: version_malformed::run },
        Check { rule: &status_code_malformed::RULE, run: status_code_malformed::run },
        Check { rule: &head_leading_space::RULE, run: head_leading_space::run },
        Check { rule: &field_name_malformed::RULE, run: field_name_malformed::run },
        Check { rule: &field_value_malformed::RULE, run: field_value_malformed::run },
        Check { rule: &field_folded::RULE, run: field_folded::run },
        Check { rule: &line_end_bare_lf::RULE, run: line_end_bare_lf::run },
        Check { rule: &head_too_large::RULE, run: head_too_large::run },
        Check { rule: &challenge_missing::RULE, run: challenge_missing::run },
        Check { rule: &allow_missing::RULE, run: allow_missing::run },
    ],
};
