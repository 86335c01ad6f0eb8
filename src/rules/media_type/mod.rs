//! Rules about the media type of a body, its charset and its content coding.
//!
//! They compare the Content-Type and the Content-Encoding with the document, and with the bytes of the body.

mod charset_contradicted;
mod content_coding_mislabelled;
mod content_coding_unasked;
mod media_type_ambiguous;
mod media_type_missing;
mod media_type_undocumented;

use super::check::{Check, Family};

pub(super) static FAMILY: Family = Family {
    title: "Media type",
    about: "The media type, the charset and the content coding of the body.",
    checks: &[
        Check { rule: &media_type_missing::RULE, run: media_type_missing::run },
        Check { rule: &media_type_undocumented::RULE, run: media_type_undocumented::run },
        Check { rule: &media_type_ambiguous::RULE, run: media_type_ambiguous::run },
        Check { rule: &charset_contradicted::RULE, run: charset_contradicted::run },
        Check { rule: &content_coding_mislabelled::RULE, run: content_coding_mislabelled::run },
        Check { rule: &content_coding_unasked::RULE, run: content_coding_unasked::run },
    ],
};
