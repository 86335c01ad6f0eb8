//! The assessment: from what was observed in one run of a case to one answer for each question about it.
//!
//! [`assess`] computes it once, and the rules read it. Each question has a module:
//!
//! | question | module |
//! |---|---|
//! | Did the answer end as it should? | `transfer` |
//! | Which expectation does an answer belong to? | `matching` |
//! | Is the status the expected one? | `status` |
//! | Is a success wrong because the request had to be refused? | `unwarranted_success` |
//! | What are the media type and the body? | `body` |
//! | How does the body differ from a documented example? | `example`, `example_diff` |
//! | Do the documented headers fit their schemas? | `header_values` |
//! | Are the fields and values there that the case expects? | `expected_fields` |
//! | Which objects does a step name, and what became of each? | `named_objects`, `effects` |
//! | How much of the answer does the document describe? | `evidence_strength` |
//! | Did something else answer instead of the API? | `intermediary` |
//!
//! It leaves out findings (`rules`) and verdicts (`outcome`). It sees no socket, no clock and no environment.

mod assessment;
mod body;
mod compute;
pub mod effects;
mod evidence_strength;
mod example;
pub(crate) mod example_diff;
pub(crate) mod expected_fields;
pub(crate) mod format;
mod gave_up;
mod header_values;
mod intermediary;
mod matching;
pub mod named_objects;
mod same_step;
mod status;
pub(crate) mod transfer;
mod unwarranted_success;

pub(crate) use assessment::AssessedAnswer;
pub use assessment::Assessment;
pub(crate) use body::{BodyAssessment, MediaTypeAssessment};
pub use compute::{assess, assess_calls};
pub(crate) use effects::AssessedObject;
pub use effects::Presence;
pub use evidence_strength::EvidenceStrength;
pub(crate) use evidence_strength::has_example;
pub(crate) use example::ExampleAssessment;
pub use intermediary::intermediary;
pub(crate) use status::StatusAssessment;
pub(crate) use transfer::Transfer;
pub(crate) use unwarranted_success::UnwarrantedSuccess;
