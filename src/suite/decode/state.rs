//! A provider state: the call that makes an object, and those that ask whether it exists and remove it.

use super::bind::{Captures, Scope, Unbound};
use super::context::Decoder;
use super::draft::{Draft, SENT};
use crate::location::Pointer;
use crate::suite::expectation::Expected;
use crate::suite::state::State;
use crate::suite::step::Action;
use crate::suite::strict::{lacks, shown, suggestion};
use crate::suite::template::RESERVED;
use crate::tree::{Entry, Node, Value};

/// The keys of a state, besides those that say what is sent.
const STATE_KEYS: [&str; 10] =
    ["call", "operation", "expect", "capture", "id", "exists", "undo", "gone", "within", "from_env"];

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
        let action = own.action.as_ref().and_then(|(action, _)| action.clone());
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
        let id = self.identity(entry, &who, &capture);
        self.makes_something(action.as_ref(), entry, &who);
        let from_env = node.entry("from_env").map(|entry| self.decode_from_env(entry, &capture));
        let exists = node.entry("exists").and_then(|entry| self.exists(entry, &who, &auth, &capture, &mut within));
        let undo = node.entry("undo").and_then(|entry| {
            let mut lower = defaults.clone();
            lower.auth.clone_from(&auth.auth);
            self.undo(entry, &who, &lower, &capture, &mut within)
        });
        // If `undo` is misspelt, that has an error of its own, and `gone` cannot be read.
        let gone = node.entry("gone").filter(|_| undo.is_some() || lacks(node, "undo"));
        let gone = gone.map(|entry| self.gone(entry, undo.as_ref(), &capture, &mut within));
        let undo = undo.map(|(_, undo)| undo);
        State { name: entry.key.clone(), make, capture, id, exists, undo, gone, within, from_env, span: entry.key_span }
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

    /// Reads `id`: the captures that name the object. With one capture it is that one.
    fn identity(&mut self, state: &Entry, who: &str, capture: &Captures) -> Vec<String> {
        const HELP: &str = "Write the name of the capture that alone names the object, or a list of such names.";
        let names = || capture.iter().map(|(name, _)| name.clone());
        let Some(entry) = state.value.entry("id") else {
            if capture.len() > 1 {
                let at = state.value.entry("capture").map_or(state.key_span, |entry| entry.key_span);
                let message =
                    format!("{who} has {} captures, and does not say which of them is the object", capture.len());
                let likely = self.likely_id(&state.value, capture);
                let help = format!(
                    "Add `id: {likely}` to the state, if that capture is the object's own id. The others may name what \
                     the object belongs to, which the run never removes."
                );
                self.strict.error(at, message, help);
            }
            return names().take(1).collect();
        };
        let items: Vec<&Node> = match &entry.value.value {
            Value::Sequence(items) => items.iter().collect(),
            _ => vec![&entry.value],
        };
        let mut ids: Vec<String> = Vec::new();
        for item in &items {
            let Some(name) = self.strict.string(item, "`id`", HELP) else { continue };
            if !capture.iter().any(|(known, _)| known == name) {
                let known: Vec<String> = names().collect();
                let help = if known.is_empty() {
                    "Add `capture: {NAME: /pointer}`, and name that capture here.".to_owned()
                } else {
                    suggestion(name, &known, "The captures are")
                };
                self.strict.error(item.span, format!("there is no capture `{}`", shown(name)), help);
            } else if ids.iter().any(|other| other == name) {
                self.strict.error(item.span, format!("`{}` stands twice under `id`", shown(name)), HELP);
            } else {
                ids.push(name.to_owned());
            }
        }
        if items.is_empty() {
            self.strict.error(entry.value.span, "`id` names no capture", HELP);
        }
        ids
    }

    /// The capture that the state's `undo` or `exists` writes last: most likely the object's own id.
    fn likely_id(&self, state: &Node, capture: &Captures) -> String {
        let text = |key: &str| {
            let node = state.get(key)?;
            self.strict.source.text().get(node.span.start..node.span.end)
        };
        let last_in = |text: &str| {
            let places = capture.iter().filter_map(|(name, _)| Some((text.rfind(&format!("{{{{{name}}}}}"))?, name)));
            places.max_by_key(|(at, _)| *at).map(|(_, name)| name.clone())
        };
        let found = ["undo", "exists"].into_iter().find_map(|key| last_in(text(key)?));
        found.or_else(|| capture.last().map(|(name, _)| name.clone())).unwrap_or_default()
    }

    /// Refuses a state whose call only reads or removes: what it answers with was not made by the run.
    fn makes_something(&mut self, action: Option<&Action>, entry: &Entry, who: &str) {
        let method = match (action, self.document) {
            (Some(Action::Call { method, .. }), _) => method.as_str(),
            (Some(Action::Operation(index)), Some(document)) => {
                document.operations.get(*index).map_or("", |operation| &operation.method)
            }
            _ => return,
        };
        if matches!(method, "" | "POST" | "PUT") {
            return;
        }
        let at = entry.value.entry("call").or_else(|| entry.value.entry("operation"));
        let message = format!("{who} cannot make its object with {method}");
        let help = "Write the POST or PUT that makes an object. What another request finds was not made by the run, and the run \
                    never removes it.";
        self.strict.error(at.map_or(entry.key_span, |entry| entry.value.span), message, help);
    }

    fn decode_from_env(&mut self, entry: &Entry, capture: &Captures) -> String {
        if capture.is_empty() {
            let message = "`from_env` gives the value of the capture that `id` names, and the state has no captures";
            self.strict.error(entry.key_span, message, "Add `capture: {NAME: /pointer}`.");
        }
        self.strict.variable(&entry.value, "`from_env`")
    }
}
