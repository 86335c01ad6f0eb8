//! What the requests of credentials and states have in common: they inherit no action, and `expect` means success.

use super::context::Decoder;
use super::draft::Draft;
use crate::suite::expectation::Expectation;
use crate::suite::strict::lacks;
use crate::tree::Entry;

impl Decoder<'_> {
    /// Notes that a request has neither `call` nor `operation`, if it cannot inherit one.
    pub(super) fn needs_action(&mut self, readable: bool, draft: &mut Draft, entry: &Entry, who: &str) {
        if draft.action.is_none() {
            // Otherwise the rest of the request would be checked against the suite's operation.
            draft.action = Some((None, entry.key_span));
            if readable && lacks(&entry.value, "call") {
                let help = "Add `call: METHOD /path`, such as `call: GET /info`.";
                self.strict.error(entry.key_span, format!("{who} has no `call`"), help);
            }
        }
    }

    /// Reads the `expect` that the request of a credential or state must have.
    pub(super) fn required_expectation(
        &mut self,
        readable: bool,
        entry: &Entry,
        draft: &Draft,
        who: &str,
    ) -> Expectation {
        let action = self.asked(draft);
        if let Some(node) = entry.value.get("expect") {
            return self.expectation(node, action.as_ref());
        }
        if readable && lacks(&entry.value, "expect") {
            let help = "Add the status that means success, such as `expect: 200`.";
            self.strict.error(entry.key_span, format!("{who} has no `expect`"), help);
        }
        Expectation::empty(entry.key_span)
    }
}
