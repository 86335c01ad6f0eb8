//! Rules about the body as such.
//!
//! First whether a body is there where the document describes one, then whether it is complete JSON, then whether common
//! clients can read it. What the body holds is the matter of the family `contract`.

mod body_encoding_wrong;
mod body_missing;
mod body_not_json;
mod body_too_deep;
mod body_too_large;
mod body_trailing_garbage;
mod body_truncated;
mod body_unexpected;
mod key_duplicated;
mod number_lossy;
mod surrogate_unpaired;

use super::check::{Check, Family};

pub(super) static FAMILY: Family = Family {
    title: "Body",
    about: "The body as such: is it there, is it readable JSON, and can clients read it?",
    checks: &[
        Check { rule: &body_missing::RULE, run: body_missing::run },
        Check { rule: &body_unexpected::RULE, run: body_unexpected::run },
        Check { rule: &body_not_json::RULE, run: body_not_json::run },
        Check { rule: &body_too_deep::RULE, run: body_too_deep::run },
        Check { rule: &body_truncated::RULE, run: body_truncated::run },
        Check { rule: &body_trailing_garbage::RULE, run: body_trailing_garbage::run },
        Check { rule: &body_encoding_wrong::RULE, run: body_encoding_wrong::run },
        Check { rule: &number_lossy::RULE, run: number_lossy::run },
        Check { rule: &key_duplicated::RULE, run: key_duplicated::run },
        Check { rule: &surrogate_unpaired::RULE, run: surrogate_unpaired::run },
        Check { rule: &body_too_large::RULE, run: body_too_large::run },
    ],
};
