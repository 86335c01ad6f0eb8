//! Remarks on a document.

use crate::location::Anchor;

/// After this many remarks no further ones are kept.
pub(super) const MAX_REMARKS: usize = 1000;

/// After this many errors the rest of a document is not read.
pub(super) const MAX_ERRORS: usize = 20;

/// A part of the document that is odd or ignored, which does not make the document unreadable.
#[derive(Clone, Debug)]
pub struct Remark {
    /// One sentence without a full stop.
    pub message: String,
    /// The place of the part.
    pub anchor: Anchor,
}
