//! The team's own code would be here; the contract of the API that it calls is in `spec/` and `cases/`.
