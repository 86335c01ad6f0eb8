//! `exists` of a state: the requests that ask whether the object exists.

use super::bind::{Captures, Scope, Unbound, sent_uuids};
use super::context::Decoder;
use super::draft::{Draft, SENT};
use super::within::{Within, longest};
use crate::suite::expectation::{Expectation, Expected, Statuses};
use crate::suite::state::{Contains, Exists, Look};
use crate::suite::step::{Action, Step};
use crate::suite::strict::lacks;
use crate::tree::Entry;

/// The keys of a look, besides those that say what is sent.
const LOOK_KEYS: [&str; 8] = ["call", "operation", "yes", "no", "contains", "next", "pages", "within"];

/// The statuses that mean that a response has a list, where the suite names none.
const SUCCESS: std::ops::Range<u16> = 200..300;

impl Decoder<'_> {
    /// Reads `exists`: one request, or a list of them.
    pub(super) fn exists(
        &mut self,
        entry: &Entry,
        who: &str,
        auth: &Draft,
        capture: &Captures,
        within: &mut Option<Within>,
    ) -> Option<Exists> {
        let who = format!("`exists` of {who}");
        let steps = self.steps_of(entry, &who);
        let looks: Vec<Option<Look>> =
            steps.iter().map(|(entry, who)| self.look(entry, who, auth, capture, within)).collect();
        let looks = looks.into_iter().collect::<Option<Vec<Look>>>()?;
        (!looks.is_empty()).then_some(Exists { looks })
    }

    /// The entry itself, or one entry for each item of its list, with its name in messages.
    pub(super) fn steps_of(&mut self, entry: &Entry, who: &str) -> Vec<(Entry, String)> {
        let Some(items) = entry.value.items() else { return vec![(entry.clone(), who.to_owned())] };
        if items.is_empty() {
            let help = "Write at least one request, such as `{call: GET /things/1, …}`.";
            self.strict.error(entry.value.span, format!("the list of {who} is empty"), help);
        }
        let steps = items.iter().enumerate().map(|(index, item)| {
            let entry = Entry { key: entry.key.clone(), key_span: item.span, value: item.clone() };
            (entry, format!("step {} of {who}", index + 1))
        });
        steps.collect()
    }

    fn look(
        &mut self,
        entry: &Entry,
        who: &str,
        auth: &Draft,
        capture: &Captures,
        within: &mut Option<Within>,
    ) -> Option<Look> {
        let node = &entry.value;
        let keys: Vec<&str> = LOOK_KEYS.into_iter().chain(SENT).collect();
        self.strict.keys(node, who, &keys)?;
        let mut own = self.draft(node);
        longest(within, own.within.take());
        self.needs_action(true, &mut own, entry, who);
        let draft = auth.under(&own);
        let action = self.asked(&draft);
        let call = self.bind(Unbound {
            who,
            at: entry.key_span,
            draft,
            expect: Expected::One(Expectation::empty(node.span)),
            at_once: 1,
            scope: Scope::State(capture),
            span: node.span,
        });
        let lists = node.get("contains").is_some();
        let contains = self.contains(entry, who, capture, &call);
        let (yes, no) = if lists {
            let any = Expectation { status: Statuses::OneOf(SUCCESS.collect()), ..Expectation::empty(node.span) };
            let yes = self.look_answer(entry, "yes", who, action.as_ref(), (capture, &call)).unwrap_or(any);
            let no = self.look_answer(entry, "no", who, action.as_ref(), (capture, &call));
            (yes, no.unwrap_or_else(|| Expectation::empty(node.span)))
        } else {
            let mut required = |key: &str| {
                let answer = self.look_answer(entry, key, who, action.as_ref(), (capture, &call));
                if answer.is_none() && lacks(node, key) {
                    let help = format!("Add `{key}: ` and the status that means it.");
                    self.strict.error(entry.key_span, format!("{who} has no `{key}`"), help);
                }
                answer
            };
            let (yes, no) = (required("yes"), required("no"));
            (yes?, no?)
        };
        if let Some(status) = says_both(&yes, &no) {
            let message = format!("one response with status {status} can mean both yes and no in {who}");
            let help =
                "Use different statuses for yes and no, or write `{status: …, match: {/pointer: value}}` for both.";
            self.strict.error(entry.key_span, message, help);
        }
        // What could not be read is an error, and nothing runs.
        let contains: Option<Contains> = if lists { Some(contains?) } else { None };
        Some(Look { call, yes, no, contains })
    }

    /// Reads `yes` or `no`, if the look has it.
    fn look_answer(
        &mut self,
        entry: &Entry,
        key: &str,
        who: &str,
        action: Option<&Action>,
        (capture, call): (&Captures, &Step),
    ) -> Option<Expectation> {
        let answer = self.answer(entry.value.get(key)?, &format!("`{key}` of {who}"), action);
        self.check_expectation(&answer, Scope::State(capture), &sent_uuids(call));
        Some(answer)
    }
}

/// A status with which one response could mean both yes and no, because `match` does not tell them apart.
fn says_both(yes: &Expectation, no: &Expectation) -> Option<u16> {
    let (Statuses::OneOf(yes_statuses), Statuses::OneOf(no_statuses)) = (&yes.status, &no.status) else { return None };
    let status = yes_statuses.iter().find(|status| no_statuses.contains(status))?;
    let differ = yes.matches.iter().any(|(pointer, wanted, _)| {
        no.matches.iter().any(|(other, unwanted, _)| pointer == other && !wanted.overlaps(unwanted))
    });
    (!differ).then_some(*status)
}
