//! `undo` of a state: the requests that remove the object, and `gone`, the response when there is nothing to remove.

use super::bind::{Captures, Scope, Unbound, sent_uuids};
use super::context::Decoder;
use super::draft::{Draft, SENT};
use super::within::{Within, longest};
use crate::suite::expectation::{Expectation, Expected};
use crate::suite::state::Undo;
use crate::suite::step::Step;
use crate::tree::Entry;

impl Decoder<'_> {
    /// Reads `undo`: one request that removes the object, or a list of them. Gives the draft of the last one, too.
    pub(super) fn undo(
        &mut self,
        entry: &Entry,
        who: &str,
        lower: &Draft,
        capture: &Captures,
        within: &mut Option<Within>,
    ) -> Option<(Draft, Undo)> {
        let who = format!("`undo` of {who}");
        let steps = self.steps_of(entry, &who);
        let mut read: Vec<(Draft, Step)> =
            steps.iter().map(|(entry, who)| self.undo_step(entry, who, lower, capture, within)).collect();
        let (draft, last) = read.pop()?;
        Some((draft, Undo { before: read.into_iter().map(|(_, step)| step).collect(), last }))
    }

    fn undo_step(
        &mut self,
        entry: &Entry,
        who: &str,
        lower: &Draft,
        capture: &Captures,
        within: &mut Option<Within>,
    ) -> (Draft, Step) {
        let keys: Vec<&str> = ["call", "operation", "expect", "within"].into_iter().chain(SENT).collect();
        let mut draft = match self.strict.keys(&entry.value, who, &keys) {
            Some(node) => {
                let own = self.draft(node);
                lower.under(&own)
            }
            None => Draft { action: Some((None, entry.key_span)), ..Draft::default() },
        };
        longest(within, draft.within.take());
        let readable = entry.value.entries().is_some();
        let expect = self.required_expectation(readable, entry, &draft, who);
        let span = expect.span;
        let step = self.bind(Unbound {
            who,
            at: entry.key_span,
            draft: draft.clone(),
            expect: Expected::One(expect),
            at_once: 1,
            scope: Scope::State(capture),
            span,
        });
        (draft, step)
    }

    /// Reads `gone`: the response to `undo` when the object is already gone.
    pub(super) fn gone(
        &mut self,
        entry: &Entry,
        undo: Option<&(Draft, Undo)>,
        capture: &Captures,
        within: &mut Option<Within>,
    ) -> Expectation {
        let Some((draft, undo)) = undo else {
            let message = "`gone` is a response to `undo`, and the state has no `undo`";
            self.strict.error(entry.key_span, message, "Add `undo`, or remove `gone`.");
            return Expectation::empty(entry.value.span);
        };
        let action = self.asked(draft);
        let gone = self.expectation_with(&entry.value, action.as_ref(), &["within"]);
        let node = entry.value.get("within");
        longest(within, node.and_then(|node| Some((self.within(node)?, node.span))));
        self.check_expectation(&gone, Scope::State(capture), &sent_uuids(&undo.last));
        gone
    }
}
