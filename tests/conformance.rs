//! Every case of `cases/` as a test. Point it at a server with `API_BASE_URL`; see the README.

conformant::conformance!();
