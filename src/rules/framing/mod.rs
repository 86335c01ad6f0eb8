//! Rules about where a response ends.
//!
//! First statuses that have no body, then Content-Length and Transfer-Encoding, then chunks and trailers, then bytes that
//! belong to no response.

mod bodiless_status_with_body;
mod bodiless_status_with_content_length;
mod bodiless_status_with_transfer_encoding;
mod bytes_after_answer;
mod chunk_malformed;
mod content_length_conflicting;
mod content_length_malformed;
mod content_length_repeated;
mod content_length_with_transfer_encoding;
mod content_length_wrong;
mod trailer_malformed;
mod transfer_encoding_malformed;

use super::check::{Check, Family};

pub(super) static FAMILY: Family = Family {
    title: "Framing",
    about: "Where the response ends: lengths, transfer encodings, chunks, and bytes that belong to no response.",
    checks: &[
        Check { rule: &bodiless_status_with_body::RULE, run: bodiless_status_with_body::run },
        Check { rule: &bodiless_status_with_content_length::RULE, run: bodiless_status_with_content_length::run },
        Check { rule: &bodiless_status_with_transfer_encoding::RULE, run: bodiless_status_with_transfer_encoding::run },
        Check { rule: &content_length_wrong::RULE, run: content_length_wrong::run },
        Check { rule: &content_length_malformed::RULE, run: content_length_malformed::run },
        Check { rule: &content_length_conflicting::RULE, run: content_length_conflicting::run },
        Check { rule: &content_length_with_transfer_encoding::RULE, run: content_length_with_transfer_encoding::run },
        Check { rule: &transfer_encoding_malformed::RULE, run: transfer_encoding_malformed::run },
        Check { rule: &chunk_malformed::RULE, run: chunk_malformed::run },
        Check { rule: &trailer_malformed::RULE, run: trailer_malformed::run },
        Check { rule: &bytes_after_answer::RULE, run: bytes_after_answer::run },
        Check { rule: &content_length_repeated::RULE, run: content_length_repeated::run },
    ],
};
