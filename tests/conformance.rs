//! Every case in `cases/` is a test. Set `API_BASE_URL` to judge another server than the embedded reference; see
//! README.md.

conformant::conformance!();
