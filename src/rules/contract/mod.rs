//! Rules about what a response holds.
//!
//! First the schema of the body, then its documented example, then the documented headers, then what the case itself expects
//! of fields and values.

mod example_findings;
mod example_shape;
mod example_value;
mod expected_answers;
mod free_text_changed;
mod header_missing;
mod header_schema_violated;
mod header_unexpected;
mod match_failed;
mod property_undocumented;
mod schema_violated;
mod write_only_sent;

use super::check::{Check, Family};

pub(super) static FAMILY: Family = Family {
    title: "Contract",
    about: "What the body and the headers hold: the schemas and examples of the document, and the values that the case expects.",
    checks: &[
        Check { rule: &schema_violated::RULE, run: schema_violated::run },
        Check { rule: &write_only_sent::RULE, run: write_only_sent::run },
        Check { rule: &example_shape::RULE, run: example_shape::run },
        Check { rule: &example_value::RULE, run: example_value::run },
        Check { rule: &free_text_changed::RULE, run: free_text_changed::run },
        Check { rule: &property_undocumented::RULE, run: property_undocumented::run },
        Check { rule: &header_missing::RULE, run: header_missing::run },
        Check { rule: &header_schema_violated::RULE, run: header_schema_violated::run },
        Check { rule: &header_unexpected::RULE, run: header_unexpected::run },
        Check { rule: &match_failed::RULE, run: match_failed::run },
    ],
};
