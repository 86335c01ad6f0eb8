//! Every case of `cases/` as a test.

conformant::conformance!();
