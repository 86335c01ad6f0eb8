//! Why a case was not run or not judged, in the words of the reports.

/// A case failed before this one began, and the settings stop the run then.
pub(crate) const FAILED_FAST: &str = "stopped after the first failure (--fail-fast)";
/// The run of the case panicked.
pub(crate) const PANICKED: &str = "conformant panicked while it ran this case; this is a defect of conformant";
/// The run was interrupted, and this case had not begun.
pub(crate) const INTERRUPTED: &str = "the run was interrupted before this case began";
/// The run was interrupted, and this case had begun.
pub(crate) const CUT_SHORT: &str = "the run was interrupted while this case was under way";
/// Nothing else says why.
pub(crate) const NOT_RUN: &str = "it was not run";
