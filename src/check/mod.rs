//! The checks: one rule a file, each a pure function from what was observed to what was found.
//!
//! A check sees the document, the case and its steps' exchanges. It sees no socket, no clock and no environment, so
//! every rule runs on stored exchanges as on live ones. It leaves out verdicts (`outcome`) and texts for people
//! (`report`).
//!
//! A rule is one file, which holds its record, its page (the doc comment) and its `run`; two lines here register it.
//! What several rules need is worked out once per case run, in `held`, so that one cause is one finding.

mod accepted;
mod assign;
mod content;
mod effect;
mod ending;
mod example;
mod expected_fields;
mod held;
mod intermediary;
mod internals;
mod pin;
pub mod settled;
mod shape;
mod shown;
mod wire;

mod allow_missing;
mod answer_endless;
mod answer_silent;
mod answer_slow;
mod bodiless_status_with_body;
mod bodiless_status_with_content_length;
mod bodiless_status_with_transfer_encoding;
mod body_encoding_wrong;
mod body_missing;
mod body_not_json;
mod body_too_deep;
mod body_too_large;
mod body_trailing_garbage;
mod body_truncated;
mod body_unexpected;
mod bystander_lost;
mod bytes_after_answer;
mod challenge_missing;
mod charset_contradicted;
mod chunk_malformed;
mod content_coding_mislabelled;
mod content_coding_unasked;
mod content_length_conflicting;
mod content_length_malformed;
mod content_length_repeated;
mod content_length_with_transfer_encoding;
mod content_length_wrong;
mod credential_not_checked;
mod credential_repeated;
mod cut_before_answer;
mod cut_in_body;
mod cut_in_head;
mod effect_despite_refusal;
mod effect_late;
mod effect_missing;
mod example_shape;
mod example_value;
mod field_folded;
mod field_name_malformed;
mod field_value_malformed;
mod foreign_object_reachable;
mod free_text_changed;
mod head_leading_space;
mod head_too_large;
mod header_missing;
mod header_schema_violated;
mod header_unexpected;
mod internals_exposed;
mod key_duplicated;
mod line_end_bare_lf;
mod match_failed;
mod media_type_ambiguous;
mod media_type_missing;
mod media_type_undocumented;
mod number_lossy;
mod property_undocumented;
mod redirect_answered;
mod repeat_accepted;
mod response_undocumented;
mod schema_violated;
mod status_code_malformed;
mod status_contradicted;
mod status_line_malformed;
mod status_undocumented;
mod status_unexpected;
mod surrogate_unpaired;
mod switching_protocols_unasked;
mod trailer_malformed;
mod transfer_encoding_malformed;
mod unauthenticated_accepted;
mod version_malformed;
mod write_only_sent;

use std::cell::OnceCell;
use std::sync::OnceLock;
use std::time::Duration;

use crate::case::{Action, Case, Step, Suite, Values};
use crate::exchange::Exchange;
use crate::finding::Finding;
use crate::rule::Rule;
use crate::spec::{Operation, TooMuch};
use crate::tree::json;
use held::Held;

pub use intermediary::intermediary;
pub use pin::{Pin, pin};

/// A rule with the function that carries it out.
#[derive(Debug)]
pub struct Check {
    /// Its record.
    pub rule: &'static Rule,
    /// The function.
    pub run: fn(&Evidence<'_>) -> Checked,
}

/// What a check found.
#[derive(Debug)]
pub enum Checked {
    /// The rule says nothing about this case, because of this.
    NotApplicable(&'static str),
    /// What it found; empty when all is well.
    Findings(Vec<Finding>),
}

/// What was observed of one run of one case.
#[derive(Debug)]
pub struct Evidence<'a> {
    /// The suite, with its document.
    pub suite: &'a Suite,
    /// The case.
    pub case: &'a Case,
    /// What was sent and what came, in order.
    pub steps: &'a [Taken<'a>],
    /// What the placeholders of this run stood for.
    pub values: &'a Values,
    /// An answer that took longer is slow.
    pub slow: Duration,
    /// What findings about the objects of [`Case::given`] may rest on, by index. An object without an entry is as one of
    /// which everything was proven.
    pub proofs: &'a [Proof],
    /// Requests of other cases that may have done what is found to be lost, in words, by index into [`Case::given`].
    pub others: &'a [(usize, Vec<String>)],
    held: OnceCell<Vec<Held<'a>>>,
}

/// What a finding about an object may rest on: what the target's answers about such objects were seen to tell in this run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one answer that was or was not seen, and all may be")]
pub struct Proof {
    /// Whether the object was seen: `exists` said yes of it, and does not say that of everything.
    pub seen: bool,
    /// Whether `exists` can say no: it did of what cannot be there, or of an object whose removal had been accepted.
    pub exists_no: bool,
    /// Whether `undo` can say yes: it was accepted for an object right after that had been made.
    pub undo_yes: bool,
    /// Whether `undo` can say no: it refused what cannot be there, or an object whose removal had been accepted.
    pub undo_no: bool,
    /// Whether the target gave the object's id to another one, which proves that it is gone.
    pub released: bool,
    /// Whether looks were seen to lag behind on this target, so that a yes may be about what was.
    pub looks_lag: bool,
}

impl Proof {
    /// Of an object of which everything was proven that can be.
    pub const WHOLE: Self =
        Self { seen: true, exists_no: true, undo_yes: true, undo_no: true, released: false, looks_lag: false };
}

/// One exchange of a case run, with its part in it.
#[derive(Debug)]
pub struct Taken<'a> {
    /// Its part.
    pub role: Role,
    /// The step it carries out: one of the case's, or the state's `exists` call or `undo`.
    pub step: &'a Step,
    /// What was sent and what came.
    pub exchange: Exchange,
    /// The body read as JSON, once.
    pub json: OnceLock<Result<json::Read, json::Fault>>,
    /// What could not be judged of the answer, if something could not.
    too_much: OnceLock<String>,
}

/// The part an exchange has in a case run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// The case's own request: which of its steps, and which of those sent at once.
    Judged {
        /// Index into [`Case::steps`].
        step: usize,
        /// From 0; always 0 unless `at_once`.
        copy: usize,
    },
    /// A `call` among the case's steps: held against its expectation only.
    Called {
        /// Index into [`Case::steps`].
        step: usize,
    },
    /// One of the case's own requests whose answer is not judged, because it was the target's and not about the request.
    /// What it asked for may have been carried out.
    Unjudged {
        /// Index into [`Case::steps`].
        step: usize,
    },
    /// The state's `exists` call about an object, after the case's steps. Of several the last one counts.
    Exists {
        /// Index into [`Case::given`].
        given: usize,
    },
    /// The state's `undo` of an object, after the case's steps. It is proof where no `Exists` of the object says yes
    /// or no.
    Undo {
        /// Index into [`Case::given`].
        given: usize,
    },
    /// The state's `exists` call about an object, after its `undo` was answered.
    Removed {
        /// Index into [`Case::given`].
        given: usize,
    },
}

impl<'a> Taken<'a> {
    /// An exchange in its role.
    pub fn new(role: Role, step: &'a Step, exchange: Exchange) -> Self {
        Self { role, step, exchange, json: OnceLock::new(), too_much: OnceLock::new() }
    }

    /// What a judgement by a schema came to. Where it took too much that is kept, and nothing came of it.
    fn known<T: Default>(&self, judged: Result<T, TooMuch>) -> T {
        judged.unwrap_or_else(|too_much| {
            // The first says enough.
            let _ = self.too_much.set(too_much.to_string());
            T::default()
        })
    }

    /// The body read as JSON, as deep as it is judged.
    pub fn json(&self) -> Result<&json::Read, &json::Fault> {
        self.json.get_or_init(|| json::read_to_depth(self.exchange.answer.content())).as_ref()
    }
}

impl<'a> Evidence<'a> {
    /// The evidence of one run of one case.
    pub fn new(suite: &'a Suite, case: &'a Case, steps: &'a [Taken<'a>], values: &'a Values, slow: Duration) -> Self {
        Self { suite, case, steps, values, slow, proofs: &[], others: &[], held: OnceCell::new() }
    }

    /// Says what findings about the case's objects may rest on, by index into [`Case::given`].
    #[must_use]
    pub fn proven(mut self, proofs: &'a [Proof]) -> Self {
        self.proofs = proofs;
        self
    }

    /// Says which requests of other cases may have done what is found to be lost.
    #[must_use]
    pub fn beside(mut self, others: &'a [(usize, Vec<String>)]) -> Self {
        self.others = others;
        self
    }

    /// What a finding about an object may rest on.
    pub(crate) fn proof(&self, given: usize) -> Proof {
        self.proofs.get(given).copied().unwrap_or(Proof::WHOLE)
    }

    /// Everything that every rule finds, in the order of [`RULES`].
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for check in RULES {
            if let Checked::Findings(found) = (check.run)(self) {
                findings.extend(found);
            }
        }
        findings
    }

    /// What could not be judged of the answers, if something could not. It is known once the checks have run.
    pub fn too_much(&self) -> Option<&str> {
        self.steps.iter().find_map(|taken| taken.too_much.get()).map(String::as_str)
    }

    /// The judged exchanges, with their index into [`Evidence::steps`] and the operation they are of.
    pub fn judged(&self) -> impl Iterator<Item = (usize, &Taken<'a>, &'a Operation)> + '_ {
        let document = &self.suite.document;
        self.steps.iter().enumerate().filter_map(move |(index, taken)| match (&taken.role, &taken.step.action) {
            (Role::Judged { .. }, Action::Operation(operation)) => {
                Some((index, taken, document.operations.get(*operation)?))
            }
            _ => None,
        })
    }

    /// The judged answers with what follows from them.
    fn held(&self) -> &[Held<'a>] {
        self.held.get_or_init(|| held::all(self))
    }

    /// Looks at every judged answer; `look` adds what it finds and tells whether the rule had anything to say.
    fn over(&self, unless: &'static str, mut look: impl FnMut(&Held<'a>, &mut Vec<Finding>) -> bool) -> Checked {
        let mut findings = Vec::new();
        let mut applies = false;
        for held in self.held() {
            applies |= look(held, &mut findings);
        }
        if applies { Checked::Findings(findings) } else { Checked::NotApplicable(unless) }
    }
}

/// The rule of an id.
pub fn rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().map(|check| check.rule).find(|rule| rule.id == id)
}

/// Every rule, in the order in which reports list them.
pub static RULES: &[Check] = &[
    Check { rule: &status_unexpected::RULE, run: status_unexpected::run },
    Check { rule: &status_undocumented::RULE, run: status_undocumented::run },
    Check { rule: &redirect_answered::RULE, run: redirect_answered::run },
    Check { rule: &response_undocumented::RULE, run: response_undocumented::run },
    Check { rule: &media_type_missing::RULE, run: media_type_missing::run },
    Check { rule: &media_type_undocumented::RULE, run: media_type_undocumented::run },
    Check { rule: &media_type_ambiguous::RULE, run: media_type_ambiguous::run },
    Check { rule: &charset_contradicted::RULE, run: charset_contradicted::run },
    Check { rule: &body_missing::RULE, run: body_missing::run },
    Check { rule: &body_unexpected::RULE, run: body_unexpected::run },
    Check { rule: &body_not_json::RULE, run: body_not_json::run },
    Check { rule: &body_too_deep::RULE, run: body_too_deep::run },
    Check { rule: &body_truncated::RULE, run: body_truncated::run },
    Check { rule: &body_trailing_garbage::RULE, run: body_trailing_garbage::run },
    Check { rule: &body_encoding_wrong::RULE, run: body_encoding_wrong::run },
    Check { rule: &content_coding_mislabelled::RULE, run: content_coding_mislabelled::run },
    Check { rule: &number_lossy::RULE, run: number_lossy::run },
    Check { rule: &key_duplicated::RULE, run: key_duplicated::run },
    Check { rule: &surrogate_unpaired::RULE, run: surrogate_unpaired::run },
    Check { rule: &schema_violated::RULE, run: schema_violated::run },
    Check { rule: &write_only_sent::RULE, run: write_only_sent::run },
    Check { rule: &example_shape::RULE, run: example_shape::run },
    Check { rule: &example_value::RULE, run: example_value::run },
    Check { rule: &free_text_changed::RULE, run: free_text_changed::run },
    Check { rule: &property_undocumented::RULE, run: property_undocumented::run },
    Check { rule: &status_contradicted::RULE, run: status_contradicted::run },
    Check { rule: &header_missing::RULE, run: header_missing::run },
    Check { rule: &header_schema_violated::RULE, run: header_schema_violated::run },
    Check { rule: &header_unexpected::RULE, run: header_unexpected::run },
    Check { rule: &match_failed::RULE, run: match_failed::run },
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
    Check { rule: &status_line_malformed::RULE, run: status_line_malformed::run },
    Check { rule: &version_malformed::RULE, run: version_malformed::run },
    Check { rule: &status_code_malformed::RULE, run: status_code_malformed::run },
    Check { rule: &head_leading_space::RULE, run: head_leading_space::run },
    Check { rule: &field_name_malformed::RULE, run: field_name_malformed::run },
    Check { rule: &field_value_malformed::RULE, run: field_value_malformed::run },
    Check { rule: &field_folded::RULE, run: field_folded::run },
    Check { rule: &line_end_bare_lf::RULE, run: line_end_bare_lf::run },
    Check { rule: &head_too_large::RULE, run: head_too_large::run },
    Check { rule: &content_length_repeated::RULE, run: content_length_repeated::run },
    Check { rule: &cut_before_answer::RULE, run: cut_before_answer::run },
    Check { rule: &cut_in_head::RULE, run: cut_in_head::run },
    Check { rule: &cut_in_body::RULE, run: cut_in_body::run },
    Check { rule: &answer_silent::RULE, run: answer_silent::run },
    Check { rule: &answer_endless::RULE, run: answer_endless::run },
    Check { rule: &answer_slow::RULE, run: answer_slow::run },
    Check { rule: &body_too_large::RULE, run: body_too_large::run },
    Check { rule: &switching_protocols_unasked::RULE, run: switching_protocols_unasked::run },
    Check { rule: &content_coding_unasked::RULE, run: content_coding_unasked::run },
    Check { rule: &challenge_missing::RULE, run: challenge_missing::run },
    Check { rule: &allow_missing::RULE, run: allow_missing::run },
    Check { rule: &effect_missing::RULE, run: effect_missing::run },
    Check { rule: &effect_despite_refusal::RULE, run: effect_despite_refusal::run },
    Check { rule: &bystander_lost::RULE, run: bystander_lost::run },
    Check { rule: &effect_late::RULE, run: effect_late::run },
    Check { rule: &repeat_accepted::RULE, run: repeat_accepted::run },
    Check { rule: &unauthenticated_accepted::RULE, run: unauthenticated_accepted::run },
    Check { rule: &credential_not_checked::RULE, run: credential_not_checked::run },
    Check { rule: &foreign_object_reachable::RULE, run: foreign_object_reachable::run },
    Check { rule: &credential_repeated::RULE, run: credential_repeated::run },
    Check { rule: &internals_exposed::RULE, run: internals_exposed::run },
];

#[cfg(test)]
mod tests;
