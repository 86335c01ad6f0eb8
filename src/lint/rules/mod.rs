//! The lint rules, one file each. A new rule is its file and two lines here: the module and its entry in [`RULES`].

mod call_of_operation;
mod case_asserts_nothing;
mod case_leaves_object;
mod content_on_bodiless_status;
mod credential_unverified;
mod described;
mod document_part_doubtful;
mod example_breaks_schema;
mod example_contradicts_status;
mod example_property_undescribed;
mod free_matches_nothing;
mod invalid_unfounded;
mod parent_not_made;
mod request_body_ignored;
mod request_invalid;
mod response_unpinned;
mod response_unreached;
mod scheme_ambiguous;
mod security_without_401;
mod state_without_undo;

use super::subject::Subject;
use crate::finding::Finding;
use crate::rule::Rule;

/// A lint rule with its function.
#[derive(Debug)]
pub struct Lint {
    /// Its record.
    pub rule: &'static Rule,
    /// The function.
    pub run: fn(&Subject<'_>) -> Vec<Finding>,
}

/// Every lint rule. Findings of one level are in this order.
pub static RULES: &[Lint] = &[
    Lint { rule: &example_contradicts_status::RULE, run: example_contradicts_status::run },
    Lint { rule: &example_breaks_schema::RULE, run: example_breaks_schema::run },
    Lint { rule: &content_on_bodiless_status::RULE, run: content_on_bodiless_status::run },
    Lint { rule: &document_part_doubtful::RULE, run: document_part_doubtful::run },
    Lint { rule: &response_unpinned::RULE, run: response_unpinned::run },
    Lint { rule: &security_without_401::RULE, run: security_without_401::run },
    Lint { rule: &request_body_ignored::RULE, run: request_body_ignored::run },
    Lint { rule: &example_property_undescribed::RULE, run: example_property_undescribed::run },
    Lint { rule: &response_unreached::RULE, run: response_unreached::run },
    Lint { rule: &case_asserts_nothing::RULE, run: case_asserts_nothing::run },
    Lint { rule: &free_matches_nothing::RULE, run: free_matches_nothing::run },
    Lint { rule: &scheme_ambiguous::RULE, run: scheme_ambiguous::run },
    Lint { rule: &state_without_undo::RULE, run: state_without_undo::run },
    Lint { rule: &call_of_operation::RULE, run: call_of_operation::run },
    Lint { rule: &request_invalid::RULE, run: request_invalid::run },
    Lint { rule: &invalid_unfounded::RULE, run: invalid_unfounded::run },
    Lint { rule: &parent_not_made::RULE, run: parent_not_made::run },
    Lint { rule: &case_leaves_object::RULE, run: case_leaves_object::run },
    Lint { rule: &credential_unverified::RULE, run: credential_unverified::run },
];
