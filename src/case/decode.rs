//! A suite file, from its tree: the top level, credentials and states. Cases are in `cases`.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::bind::{Captures, Raw, Scope, sent_uuids};
use super::cases::DEFAULTS_KEYS;
use super::draft::{Draft, SENT};
use super::public;
use super::strict::{Strict, lacks, shown};
use super::{Action, Auth, Credential, Exists, Expectation, Expected, Note, State, Statuses, Step, Suite};
use crate::location::{InputError, Pointer, Span};
use crate::spec::Document;
use crate::tree::yaml::MAX_REPEATED;
use crate::tree::{Beginning, Entry, Node, Tree};

/// The keys of a suite.
const SUITE_KEYS: [&str; 8] = ["spec", "operation", "staging", "public", "credentials", "states", "defaults", "cases"];

/// How a suite file begins.
pub(super) const BEGINNING: Beginning = Beginning {
    what: "a suite",
    keys: &SUITE_KEYS,
    sure: &["spec", "operation", "cases"],
    extensible: false,
    list: false,
};

/// The keys of a credential and of its check.
const CREDENTIAL_KEYS: [&str; 3] = ["env", "optional", "check"];
const CHECK_KEYS: [&str; 6] = ["call", "query", "header", "expect", "match", "note"];
const NOTE_KEYS: [&str; 2] = ["match", "say"];

/// The keys of a state beside those of its request.
const STATE_KEYS: [&str; 9] =
    ["call", "operation", "expect", "capture", "exists", "undo", "gone", "within", "from_env"];

/// Names that placeholders use already.
const RESERVED: [&str; 4] = ["user", "run", "uuid", "env"];

/// Reads one suite. Its document may be missing, if it could not be read.
pub(super) struct Decoder<'a> {
    pub(super) strict: Strict<'a>,
    pub(super) document: Option<&'a Document>,
    /// The suite's operation, if it names one that exists.
    pub(super) operation: Option<usize>,
    /// The names of the credentials, by index.
    pub(super) credentials: Vec<String>,
    /// The names of the states, by index.
    pub(super) states: Vec<String>,
}

/// The document of a suite, or why there is none.
pub(super) enum Contract {
    /// It was read.
    Read(Arc<Document>),
    /// It could not be read, and that was said elsewhere.
    Unreadable,
    /// It could not be found, with the error to say.
    Missing(InputError),
}

/// The value of `spec`, if it is a string; everything else about it is said by [`suite`].
pub(super) fn spec_of(tree: &Tree) -> Option<(&Path, Span)> {
    let node = tree.root.get("spec")?;
    Some((Path::new(node.as_str()?), node.span))
}

/// Reads a suite, all its errors together. `replaced`: the document was named from outside, so that the file need not.
pub(super) fn suite(tree: &Tree, id: String, contract: Contract, replaced: bool) -> Result<Suite, Vec<InputError>> {
    let document = match &contract {
        Contract::Read(document) => Some(Arc::clone(document)),
        Contract::Unreadable | Contract::Missing(_) => None,
    };
    let mut decoder = Decoder {
        strict: Strict::new(&tree.source),
        document: document.as_deref(),
        operation: None,
        credentials: Vec::new(),
        states: Vec::new(),
    };
    if let Contract::Missing(error) = contract {
        decoder.strict.push(error);
    }
    let parts = decoder.suite(&tree.root, &id, replaced);
    let operation = decoder.operation;
    let errors = decoder.strict.finish();
    match (parts, operation, document) {
        (Some(Sections { staging, public: listed, credentials, states, cases }), Some(operation), Some(document))
            if errors.is_empty() =>
        {
            let source = tree.source.clone();
            let public = listed.iter().map(|(name, _)| name.clone()).collect();
            let suite =
                Suite { id, source, document, named: None, operation, staging, public, credentials, states, cases };
            let errors = public::refused(&suite, &listed);
            if errors.is_empty() { Ok(suite) } else { Err(errors) }
        }
        _ => Err(errors),
    }
}

/// What a suite holds beside its document and operation.
struct Sections {
    staging: Vec<String>,
    public: public::Listed,
    credentials: Vec<Credential>,
    states: Vec<State>,
    cases: Vec<super::Case>,
}

impl Decoder<'_> {
    fn suite(&mut self, root: &Node, id: &str, replaced: bool) -> Option<Sections> {
        let root = self.strict.keys(root, "a suite", &SUITE_KEYS)?;
        match root.get("spec") {
            Some(spec) => {
                self.strict.string(spec, "`spec`", "Write the path of the OpenAPI document, relative to this file.");
            }
            None if !replaced => {
                self.missing(root, "spec", "Add `spec: ` and the path of the OpenAPI document, relative to this file.");
            }
            None => {}
        }
        match root.get("operation") {
            Some(operation) => self.operation = self.operation(operation),
            None => self.missing(
                root,
                "operation",
                "Add `operation: ` and the document's `operationId`, or `METHOD /path`.",
            ),
        }
        let staging = root.get("staging").map_or_else(Vec::new, |node| self.staging(node));
        let credentials = self.section(root, "credentials", "Write `NAME: {env: VARIABLE}` for each credential.");
        let states = self.section(root, "states", "Write `NAME: {call: …, expect: …}` for each state.");
        self.credentials = credentials.iter().map(|entry| entry.key.clone()).collect();
        self.states = states.iter().map(|entry| entry.key.clone()).collect();

        let defaults = match root.get("defaults") {
            Some(node) if self.strict.keys(node, "`defaults`", &DEFAULTS_KEYS).is_some() => self.draft(node),
            _ => Draft::default(),
        };
        if let Some(entry) = root.entry("defaults").filter(|entry| is_too_much(&entry.value, root)) {
            let help = "Write long values into the cases that need them, or split the suite.";
            self.strict.error(entry.key_span, "the cases repeat more than 16 MiB of the defaults", help);
            return None;
        }
        let credentials: Vec<Credential> =
            credentials.iter().enumerate().map(|(index, entry)| self.credential(index, entry)).collect();
        let public = root.get("public").map_or_else(Vec::new, |node| self.public(node, &credentials));
        let states: Vec<State> = states.iter().map(|entry| self.state(entry, &defaults)).collect();
        let help = "Add `cases:` with at least one case, such as `success: {expect: 204}`.";
        let Some(node) = root.get("cases") else {
            self.missing(root, "cases", help);
            return None;
        };
        let entries = self.strict.mapping(node, "`cases`", help)?;
        if entries.is_empty() {
            self.strict.error(node.span, "the suite has no cases", help);
        }
        let cases = entries.iter().map(|entry| self.case(id, entry, &defaults, &states)).collect();
        Some(Sections { staging, public, credentials, states, cases })
    }

    /// Hosts, each alone: what is not compared with a target's host is not to look as if it were.
    fn staging(&mut self, node: &Node) -> Vec<String> {
        const HELP: &str = "Write a list of hosts, such as `staging: [staging.example.com]`.";
        let Some(items) = self.strict.sequence(node, "`staging`", HELP) else { return Vec::new() };
        if items.is_empty() {
            self.strict.error(node.span, "`staging` names no host", HELP);
        }
        let mut hosts = Vec::new();
        for item in items {
            let Some(text) = self.strict.string(item, "a host of `staging`", HELP) else { continue };
            let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
            let is_address = bare.parse::<std::net::IpAddr>().is_ok();
            if !is_address && (text.contains(|c: char| ":/?#@*{}[]".contains(c)) || url::Host::parse(text).is_err()) {
                let message = format!("`{}` is no host", shown(text));
                let help = "Write the host alone: no scheme, port, path or pattern, such as `staging.example.com`.";
                self.strict.error(item.span, message, help);
            }
            hosts.push(text.to_owned());
        }
        hosts
    }

    /// A key that the suite lacks; the place is its first key.
    fn missing(&mut self, root: &Node, key: &str, help: &str) {
        if lacks(root, key) {
            let first = root.entries().and_then(<[Entry]>::first).map_or(root.span, |entry| entry.key_span);
            self.strict.error(first, format!("the suite has no `{key}`"), help);
        }
    }

    fn section<'n>(&mut self, root: &'n Node, key: &str, help: &str) -> &'n [Entry] {
        root.get(key).and_then(|node| self.strict.mapping(node, &format!("`{key}`"), help)).unwrap_or_default()
    }

    fn credential(&mut self, index: usize, entry: &Entry) -> Credential {
        self.strict.name(entry, "a credential", &["none"]);
        let who = format!("the credential `{}`", shown(&entry.key));
        let mut credential = Credential {
            name: entry.key.clone(),
            env: String::new(),
            optional: false,
            check: None,
            note: None,
            span: entry.key_span,
        };
        let Some(node) = self.strict.keys(&entry.value, &who, &CREDENTIAL_KEYS) else { return credential };
        if let Some(env) = node.get("env") {
            credential.env = self.strict.variable(env, "`env`");
        } else if lacks(node, "env") {
            let help = "Add `env: ` and the environment variable that holds it.";
            self.strict.error(entry.key_span, format!("{who} has no `env`"), help);
        }
        credential.optional = node.get("optional").is_some_and(|node| self.strict.boolean(node, "`optional`"));
        credential.check = node.entry("check").map(|check| self.check(index, check, &who));
        credential.note =
            node.get("check").and_then(|check| check.entry("note")).and_then(|note| self.note(note, &who));
        credential
    }

    fn check(&mut self, credential: usize, entry: &Entry, who: &str) -> Step {
        let who = format!("`check` of {who}");
        let node = &entry.value;
        let known = self.strict.keys(node, &who, &CHECK_KEYS).is_some();
        let mut draft = if known { self.draft(node) } else { Draft::default() };
        draft.auth = Some((Some(Auth::Credential(credential)), entry.key_span));
        self.needs_action(known, &mut draft, entry, &who);
        if let Some((Some(Action::Call { method, .. }), span)) = &draft.action
            && matches!(method.as_str(), "PUT" | "PATCH" | "DELETE")
        {
            let message = format!("{who} would change something with {method}");
            self.strict.error(*span, message, "Ask for something that only a right credential gets, with GET.");
        }
        let mut expect = self.required_expectation(known, entry, &draft, &who);
        if let Some(matches) = node.get("match") {
            expect.matches.extend(self.match_expectations(matches));
        }
        let span = expect.span;
        self.bind(Raw {
            who: &who,
            at: entry.key_span,
            draft,
            expect: Expected::One(expect),
            at_once: 1,
            scope: Scope::Run,
            span,
        })
    }

    /// Reads the `note` of a check.
    fn note(&mut self, entry: &Entry, who: &str) -> Option<Note> {
        let who = format!("`note` of {who}");
        let node = self.strict.keys(&entry.value, &who, &NOTE_KEYS)?;
        for key in NOTE_KEYS {
            if lacks(node, key) {
                let help = "Write `note: {match: {POINTER: value}, say: what is to be known then}`.";
                self.strict.error(entry.key_span, format!("{who} has no `{key}`"), help);
            }
        }
        let matches = node.get("match").map(|matches| self.match_expectations(matches)).unwrap_or_default();
        let say = self.strict.string(node.get("say")?, "`say`", "Write one sentence, without a full stop.")?.to_owned();
        let when = Expectation {
            status: Statuses::Documented,
            example: None,
            free: Vec::new(),
            free_spans: Vec::new(),
            header: Vec::new(),
            matches,
            span: entry.key_span,
        };
        self.check_expectation(&when, Scope::Run, &HashSet::new());
        Some(Note { when, say })
    }

    /// Notes that a request has neither `call` nor `operation`, where there is none to inherit.
    fn needs_action(&mut self, readable: bool, draft: &mut Draft, entry: &Entry, who: &str) {
        if draft.action.is_none() {
            // Nothing that follows is to be held against the suite's operation then.
            draft.action = Some((None, entry.key_span));
            if readable && lacks(&entry.value, "call") {
                let help = "Add `call: METHOD /path`, such as `call: GET /info`.";
                self.strict.error(entry.key_span, format!("{who} has no `call`"), help);
            }
        }
    }

    /// Reads the `expect` that every request has.
    fn required_expectation(&mut self, readable: bool, entry: &Entry, draft: &Draft, who: &str) -> Expectation {
        let action = self.asked(draft);
        if let Some(node) = entry.value.get("expect") {
            return self.expectation(node, action.as_ref());
        }
        if readable && lacks(&entry.value, "expect") {
            let help = "Add the status that means success, such as `expect: 200`.";
            self.strict.error(entry.key_span, format!("{who} has no `expect`"), help);
        }
        no_expectation(entry.key_span)
    }

    fn state(&mut self, entry: &Entry, defaults: &Draft) -> State {
        self.strict.name(entry, "a state", &[]);
        let who = format!("the state `{}`", shown(&entry.key));
        let node = &entry.value;
        let keys: Vec<&str> = STATE_KEYS.into_iter().chain(SENT).collect();
        let known = self.strict.keys(node, &who, &keys).is_some();
        let mut own = if known { self.draft(node) } else { Draft::default() };
        // Here it is how long a look is repeated, and nothing about the request that makes an object.
        let mut within = own.within.take();
        self.needs_action(known, &mut own, entry, &who);
        let draft = Draft { within: None, ..defaults.clone() }.under(&own);
        let auth = Draft { auth: draft.auth.clone(), ..Draft::default() };
        let expect = self.required_expectation(known, entry, &draft, &who);
        let span = expect.span;
        let make = self.bind(Raw {
            who: &who,
            at: entry.key_span,
            draft,
            expect: Expected::One(expect),
            at_once: 1,
            scope: Scope::Run,
            span,
        });
        let capture = node.get("capture").map_or_else(Vec::new, |node| self.captures(node));
        let from_env = node.entry("from_env").map(|entry| {
            if capture.is_empty() {
                let message = "`from_env` gives the value of the first capture, and the state has none";
                self.strict.error(entry.key_span, message, "Add `capture: {NAME: /pointer}`.");
            }
            self.strict.variable(&entry.value, "`from_env`")
        });
        let exists = node.entry("exists").and_then(|entry| self.exists(entry, &who, &auth, &capture, &mut within));
        let undo_draft = node.entry("undo").map(|entry| {
            let mut lower = Draft { within: None, ..defaults.clone() };
            lower.auth.clone_from(&auth.auth);
            let mut draft = self.undo_draft(entry, &who, &lower);
            longest(&mut within, draft.within.take());
            draft
        });
        let undo = node.entry("undo").zip(undo_draft.as_ref()).map(|(entry, draft)| {
            let who = format!("`undo` of {who}");
            let readable = entry.value.entries().is_some();
            let expect = self.required_expectation(readable, entry, draft, &who);
            let span = expect.span;
            self.bind(Raw {
                who: &who,
                at: entry.key_span,
                draft: draft.clone(),
                expect: Expected::One(expect),
                at_once: 1,
                scope: Scope::State(&capture),
                span,
            })
        });
        let gone = node.entry("gone").map(|entry| {
            if let (Some(undo), Some(draft)) = (&undo, &undo_draft) {
                let action = self.asked(draft);
                let gone = self.expectation_beside(&entry.value, action.as_ref(), &["within"]);
                let node = entry.value.get("within");
                longest(&mut within, node.and_then(|node| Some((self.within(node)?, node.span))));
                self.check_expectation(&gone, Scope::State(&capture), &sent_uuids(undo));
                return gone;
            }
            let message = "`gone` says what `undo` answers, and the state has no `undo`";
            self.strict.error(entry.key_span, message, "Add `undo`, or remove `gone`.");
            no_expectation(entry.value.span)
        });
        State { name: entry.key.clone(), make, capture, exists, undo, gone, within, from_env, span: entry.key_span }
    }

    fn captures(&mut self, node: &Node) -> Vec<(String, Pointer)> {
        let help = "Write `NAME: /pointer` for each value to keep from the answer.";
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

    fn exists(
        &mut self,
        entry: &Entry,
        who: &str,
        auth: &Draft,
        capture: &Captures,
        within: &mut Option<(Duration, Span)>,
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
        let call = self.bind(Raw {
            who: &who,
            at: entry.key_span,
            draft,
            expect: Expected::One(no_expectation(node.span)),
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
            let message = format!("one answer with {status} would say both yes and no in {who}");
            let help = "Write statuses that tell the two apart, or `{status: …, match: {/pointer: value}}` for both.";
            self.strict.error(entry.key_span, message, help);
        }
        Some(Exists { call, yes, no })
    }

    fn undo_draft(&mut self, entry: &Entry, who: &str, lower: &Draft) -> Draft {
        let keys: Vec<&str> = ["call", "operation", "expect", "within"].into_iter().chain(SENT).collect();
        match self.strict.keys(&entry.value, &format!("`undo` of {who}"), &keys) {
            Some(node) => {
                let own = self.draft(node);
                lower.under(&own)
            }
            None => Draft { action: Some((None, entry.key_span)), ..Draft::default() },
        }
    }
}

/// Whether a suite's requests would repeat more of its defaults than aliases may repeat of a file.
fn is_too_much(defaults: &Node, suite: &Node) -> bool {
    let entries = |key: &str| suite.get(key).and_then(Node::entries).unwrap_or_default();
    let steps = |case: &Entry| case.value.get("then").and_then(Node::items).map_or(1, |steps| steps.len() + 1);
    let requests = entries("states").len() + entries("cases").iter().map(steps).sum::<usize>();
    defaults.weight().saturating_mul(requests) > MAX_REPEATED
}

/// Keeps the longer of two times that a state gives.
fn longest(kept: &mut Option<(Duration, Span)>, other: Option<(Duration, Span)>) {
    if let Some(other) = other.filter(|other| kept.is_none_or(|kept| kept.0 < other.0)) {
        *kept = Some(other);
    }
}

/// A status with which one answer could say yes and no: no value of the body tells the two apart.
fn says_both(yes: &Expectation, no: &Expectation) -> Option<u16> {
    let (Statuses::OneOf(yes_statuses), Statuses::OneOf(no_statuses)) = (&yes.status, &no.status) else { return None };
    let status = yes_statuses.iter().find(|status| no_statuses.contains(status))?;
    let differ = yes.matches.iter().any(|(pointer, wanted, _)| {
        no.matches.iter().any(|(other, unwanted, _)| pointer == other && !wanted.overlaps(unwanted))
    });
    (!differ).then_some(*status)
}

/// An expectation that nothing is held against.
pub(super) fn no_expectation(span: Span) -> Expectation {
    Expectation {
        status: Statuses::OneOf(Vec::new()),
        example: None,
        free: Vec::new(),
        free_spans: Vec::new(),
        header: Vec::new(),
        matches: Vec::new(),
        span,
    }
}
