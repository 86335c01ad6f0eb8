//! A provider state: the call that makes an object, and those that ask whether it exists and remove it.

use std::time::Duration;

use super::bind::{Captures, Scope, Unbound, sent_uuids};
use super::context::Decoder;
use super::draft::{Draft, SENT};
use crate::location::{Pointer, Span};
use crate::suite::expectation::{Expectation, Expected, Statuses};
use crate::suite::state::{Exists, State};
use crate::suite::step::Step;
use crate::suite::strict::{lacks, shown};
use crate::suite::template::RESERVED;
use crate::tree::{Entry, Node};

/// The keys of a state, besides those that say what is sent.
const STATE_KEYS: [&str; 9] =
    ["call", "operation", "expect", "capture", "exists", "undo", "gone", "within", "from_env"];

/// A `within`, and where it stands.
type Within = (Duration, Span);

impl Decoder<'_> {
    /// Reads a state. Its calls inherit from `defaults`.
    pub(super) fn state(&mut self, entry: &Entry, defaults: &Draft) -> State {
        self.strict.name(entry, "a state", &[]);
        self.sent_names.clear();
        let who = format!("the state `{}`", shown(&entry.key));
        let node = &entry.value;
        let keys: Vec<&str> = STATE_KEYS.into_iter().chain(SENT).collect();
        let known = self.strict.keys(node, &who, &keys).is_some();
        let mut own = if known { self.draft(node) } else { Draft::default() };
        // In a state, `within` is about the calls that look at the object, not about the call that makes it.
        let mut within = own.within.take();
        self.needs_action(known, &mut own, entry, &who);
        let defaults = Draft { within: None, ..defaults.clone() };
        let draft = defaults.under(&own);
        let auth = Draft { auth: draft.auth.clone(), ..Draft::default() };
        let expect = self.required_expectation(known, entry, &draft, &who);
        let span = expect.span;
        let make = self.bind(Unbound {
            who: &who,
            at: entry.key_span,
            draft,
            expect: Expected::One(expect),
            at_once: 1,
            scope: Scope::Run,
            span,
        });
        let capture = node.get("capture").map_or_else(Vec::new, |node| self.captures(node));
        let from_env = node.entry("from_env").map(|entry| self.decode_from_env(entry, &capture));
        let exists = node.entry("exists").and_then(|entry| self.exists(entry, &who, &auth, &capture, &mut within));
        let undo = node.entry("undo").map(|entry| {
            let mut lower = defaults.clone();
            lower.auth.clone_from(&auth.auth);
            self.undo(entry, &who, &lower, &capture, &mut within)
        });
        let gone = node.entry("gone").map(|entry| self.gone(entry, undo.as_ref(), &capture, &mut within));
        let undo = undo.map(|(_, undo)| undo);
        State { name: entry.key.clone(), make, capture, exists, undo, gone, within, from_env, span: entry.key_span }
    }

    fn captures(&mut self, node: &Node) -> Vec<(String, Pointer)> {
        let help = "Write `NAME: /pointer` for each value to keep from the response.";
        let mut captures = Vec::new();
        for entry in self.strict.mapping(node, "`capture`", help).unwrap_or_default() {
            self.strict.name(entry, "a capture", &RESERVED);
            if let Some(text) = entry.value.as_str() {
                captures.push((entry.key.clone(), self.strict.pointer(text, entry.value.span)));
            } else {
                let message = format!("a capture must be a string, not {}", entry.value.kind());
                self.strict.error(entry.value.span, message, help);
                captures.push((entry.key.clone(), Pointer::root()));
            }
        }
        captures
    }

    fn decode_from_env(&mut self, entry: &Entry, capture: &Captures) -> String {
        if capture.is_empty() {
            let message = "`from_env` gives the value of the first capture, and the state has no captures";
            self.strict.error(entry.key_span, message, "Add `capture: {NAME: /pointer}`.");
        }
        self.strict.variable(&entry.value, "`from_env`")
    }

    /// Reads `exists`: the call that asks whether the object exists.
    fn exists(
        &mut self,
        entry: &Entry,
        who: &str,
        auth: &Draft,
        capture: &Captures,
        within: &mut Option<Within>,
    ) -> Option<Exists> {
        let who = format!("`exists` of {who}");
        let node = &entry.value;
        let keys: Vec<&str> = ["call", "operation", "yes", "no", "within"].into_iter().chain(SENT).collect();
        self.strict.keys(node, &who, &keys)?;
        let mut own = self.draft(node);
        longest(within, own.within.take());
        self.needs_action(true, &mut own, entry, &who);
        let draft = auth.under(&own);
        let action = self.asked(&draft);
        let call = self.bind(Unbound {
            who: &who,
            at: entry.key_span,
            draft,
            expect: Expected::One(Expectation::empty(node.span)),
            at_once: 1,
            scope: Scope::State(capture),
            span: node.span,
        });
        let mut answer = |key: &str| {
            if let Some(node) = node.get(key) {
                let answer = self.answer(node, &format!("`{key}` of {who}"), action.as_ref());
                self.check_expectation(&answer, Scope::State(capture), &sent_uuids(&call));
                return Some(answer);
            }
            if lacks(node, key) {
                let help = format!("Add `{key}: ` and the status that means it.");
                self.strict.error(entry.key_span, format!("{who} has no `{key}`"), help);
            }
            None
        };
        let (yes, no) = (answer("yes"), answer("no"));
        let (yes, no) = (yes?, no?);
        if let Some(status) = says_both(&yes, &no) {
            let message = format!("one response with status {status} can mean both yes and no in {who}");
            let help =
                "Use different statuses for yes and no, or write `{status: …, match: {/pointer: value}}` for both.";
            self.strict.error(entry.key_span, message, help);
        }
        Some(Exists { call, yes, no })
    }

    /// Reads `undo`: the request that removes the object, as a draft and as a step.
    fn undo(
        &mut self,
        entry: &Entry,
        who: &str,
        lower: &Draft,
        capture: &Captures,
        within: &mut Option<Within>,
    ) -> (Draft, Step) {
        let who = format!("`undo` of {who}");
        let keys: Vec<&str> = ["call", "operation", "expect", "within"].into_iter().chain(SENT).collect();
        let mut draft = match self.strict.keys(&entry.value, &who, &keys) {
            Some(node) => {
                let own = self.draft(node);
                lower.under(&own)
            }
            None => Draft { action: Some((None, entry.key_span)), ..Draft::default() },
        };
        longest(within, draft.within.take());
        let readable = entry.value.entries().is_some();
        let expect = self.required_expectation(readable, entry, &draft, &who);
        let span = expect.span;
        let step = self.bind(Unbound {
            who: &who,
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
    fn gone(
        &mut self,
        entry: &Entry,
        undo: Option<&(Draft, Step)>,
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
        self.check_expectation(&gone, Scope::State(capture), &sent_uuids(undo));
        gone
    }
}

/// Keeps the longer of two times.
fn longest(kept: &mut Option<Within>, other: Option<Within>) {
    if let Some(other) = other.filter(|other| kept.is_none_or(|kept| kept.0 < other.0)) {
        *kept = Some(other);
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
