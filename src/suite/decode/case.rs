//! The cases of a suite file: the objects that they need, their own request and those of `then`.

use super::bind::{Captures, Scope, Unbound};
use super::context::Decoder;
use super::draft::{Draft, SENT};
use crate::location::Span;
use crate::suite::case::{Case, Given, Profile};
use crate::suite::expectation::Expected;
use crate::suite::state::State;
use crate::suite::step::Step;
use crate::suite::strict::{lacks, shown, suggestion};
use crate::suite::template::RESERVED;
use crate::tree::{Entry, Node, Value};

/// The keys of a case that the steps of `then` do not have.
const CASE_ONLY_KEYS: [&str; 3] = ["profile", "given", "then"];

/// The keys of a case and of a step, besides those that say what is sent.
const STEP_KEYS: [&str; 7] = ["about", "operation", "call", "invalid", "expect", "within", "at_once"];

/// The most requests that are sent at the same time.
const MOST_AT_ONCE: usize = 64;

impl Decoder<'_> {
    /// Reads one case.
    pub(super) fn case(&mut self, suite: &str, entry: &Entry, defaults: &Draft, states: &[State]) -> Case {
        let name = entry.key.as_str();
        self.case_name(entry);
        self.sent_names.clear();
        let mut case = Case {
            id: format!("{suite}/{name}"),
            name: name.to_owned(),
            about: None,
            profile: Profile::Extended,
            given: Vec::new(),
            steps: Vec::new(),
            invalid: None,
            span: entry.key_span,
        };
        let who = format!("the case `{}`", shown(name));
        let keys: Vec<&str> = STEP_KEYS.into_iter().chain(SENT).chain(CASE_ONLY_KEYS).collect();
        let Some(node) = self.strict.keys(&entry.value, &who, &keys) else { return case };
        case.about = self.about(node);
        case.invalid = self.invalid(node);
        if let Some(profile) = node.get("profile") {
            case.profile = self.profile(profile);
        }
        if let Some(given) = node.get("given") {
            case.given = self.given(given, states);
        }
        let given = node.get("given").and_then(Node::entries).unwrap_or_default();
        let captures: Vec<(&str, Option<&Captures>)> = given
            .iter()
            .map(|entry| {
                let state = states.iter().find(|state| Some(state.name.as_str()) == entry.value.as_str());
                (entry.key.as_str(), state.map(|state| state.capture.as_slice()))
            })
            .collect();
        let scope = Scope::Case(&captures);

        let own = self.draft(node);
        let draft = defaults.under(&own);
        case.steps.push(self.step(node, &who, entry.key_span, draft.clone(), scope));
        if let Some(then) = node.get("then") {
            let help = "Write one step on each line that begins with `-`.";
            let items = self.strict.sequence(then, "`then`", help).unwrap_or_default();
            if items.is_empty() && then.items().is_some() {
                self.strict.error(then.span, "`then` has no steps", "Add a step, or remove `then`.");
            }
            for (index, item) in items.iter().enumerate() {
                let who = format!("step {} of {who}", index + 2);
                if let Some(item) = self.step_keys(item, &who) {
                    self.about(item);
                    let own = self.draft(item);
                    let mut step = self.step(item, &who, item.span, draft.under(&own), scope);
                    step.invalid = self.invalid(item);
                    case.steps.push(step);
                }
            }
        }
        case
    }

    /// Checks a case's name: it becomes the name of a file (the snapshot) and part of a test's name.
    fn case_name(&mut self, entry: &Entry) {
        let name = entry.key.as_bytes();
        let good = name.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(byte))
            && name.first().is_some_and(u8::is_ascii_alphanumeric);
        if !good {
            self.strict.error(
                entry.key_span,
                format!("`{}` cannot be the name of a case", shown(&entry.key)),
                "Use small letters, digits, `_` and `-`, and begin with a letter or digit: files and tests get this name.",
            );
        }
    }

    /// Checks the keys of a step of `then`.
    fn step_keys<'n>(&mut self, node: &'n Node, who: &str) -> Option<&'n Node> {
        let known: Vec<&str> = STEP_KEYS.into_iter().chain(SENT).collect();
        for entry in node.entries().unwrap_or_default() {
            if CASE_ONLY_KEYS.contains(&entry.key.as_str()) {
                let message = format!("`{}` belongs to the case, not to a step of `then`", entry.key);
                self.strict.error(entry.key_span, message, "Move it up into the case.");
            }
        }
        self.strict.keys_but(node, who, &known, &CASE_ONLY_KEYS)
    }

    /// Reads `invalid`: where it stands if it is true.
    fn invalid(&mut self, node: &Node) -> Option<Span> {
        let entry = node.entry("invalid")?;
        self.strict.boolean(&entry.value, "`invalid`").then_some(entry.key_span)
    }

    fn about(&mut self, node: &Node) -> Option<String> {
        let help = "Write one sentence that says what the case is about.";
        node.get("about")
            .and_then(|about| self.strict.string(about, "`about`", help))
            .map(|about| about.trim().to_owned())
    }

    fn profile(&mut self, node: &Node) -> Profile {
        match node.as_str() {
            Some("core") => Profile::Core,
            Some("extended") => Profile::Extended,
            other => {
                let message = match other {
                    Some(name) => format!("unknown profile `{}`", shown(name)),
                    None => format!("`profile` must be a string, not {}", node.kind()),
                };
                let help = suggestion(other.unwrap_or_default(), &["core", "extended"], "The profiles are");
                self.strict.error(node.span, message, help);
                Profile::Extended
            }
        }
    }

    fn given(&mut self, node: &Node, states: &[State]) -> Vec<Given> {
        let help = "Write `given: {NAME: STATE}`, one name for each object.";
        let mut given = Vec::new();
        for entry in self.strict.mapping(node, "`given`", help).unwrap_or_default() {
            self.strict.name(entry, "an object", &RESERVED);
            let Some(name) = self.strict.string(&entry.value, &format!("`{}`", shown(&entry.key)), help) else {
                continue;
            };
            let state = states.iter().position(|state| state.name == name);
            if let Some(state) = state {
                given.push(Given { name: entry.key.clone(), state, span: entry.key_span });
                continue;
            }
            let known: Vec<&str> = states.iter().map(|state| state.name.as_str()).collect();
            let help = if known.is_empty() {
                if self.no_states.is_said() {
                    continue;
                }
                let file = self.strict.source.name();
                format!(
                    "`{file}` has no `states`. Add `states` at the top level of the file, with `{}` in it.",
                    shown(name)
                )
            } else {
                suggestion(name, &known, "These states are known here:")
            };
            self.strict.error(entry.value.span, format!("unknown state `{}`", shown(name)), help);
        }
        given
    }

    fn step(&mut self, node: &Node, who: &str, at: Span, draft: Draft, scope: Scope<'_>) -> Step {
        let at_once = node.get("at_once").map_or(1, |node| self.at_once(node));
        let action = self.asked(&draft);
        let (expect, span) = if let Some(expect) = node.get("expect") {
            (self.expected(expect, action.as_ref(), at_once), expect.span)
        } else {
            if lacks(node, "expect") {
                let help = "Every request needs its own `expect`: add a status, a list of them, `documented`, or a mapping \
                            with `status`.";
                self.strict.error(at, format!("{who} has no `expect`"), help);
            }
            (Expected::AnyOrder(Vec::new()), at)
        };
        self.bind(Unbound { who, at, draft, expect, at_once, scope, span })
    }

    fn at_once(&mut self, node: &Node) -> usize {
        let number = match &node.value {
            Value::Number(number) => number.0.parse().ok(),
            _ => None,
        };
        number.filter(|number| (1..=MOST_AT_ONCE).contains(number)).unwrap_or_else(|| {
            let help = "It says how many times the request is sent at the same time, such as `at_once: 2`.";
            self.strict.error(node.span, format!("`at_once` must be a whole number from 1 to {MOST_AT_ONCE}"), help);
            1
        })
    }
}
