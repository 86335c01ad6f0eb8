//! The top level of a suite file: its document, its operation, and its sections.

use std::path::Path;
use std::sync::Arc;

use super::context::{Decoder, SaidOnce};
use super::draft::Draft;
use super::login;
use super::public::{self, PublicVariables};
use crate::location::{InputError, Span};
use crate::spec::Document;
use crate::suite::case::Case;
use crate::suite::credential::Credential;
use crate::suite::hosts::DeclaredHosts;
use crate::suite::state::State;
use crate::suite::strict::{Strict, lacks, near};
use crate::suite::suite::Suite;
use crate::tree::yaml::MAX_REPEATED;
use crate::tree::{Entry, FileKind, Node, Tree};

/// The keys of a suite.
const SUITE_KEYS: [&str; 9] =
    ["spec", "operation", "staging", "production", "public", "credentials", "states", "defaults", "cases"];

/// The keys of `defaults`.
const DEFAULTS_KEYS: [&str; 8] = ["auth", "path", "query", "header", "cookie", "json", "body", "within"];

/// How a suite file begins.
pub(in crate::suite) const BEGINNING: FileKind = FileKind {
    what: "a suite",
    keys: &SUITE_KEYS,
    sure: &["spec", "operation", "cases"],
    extensible: false,
    list: false,
};

/// The document of a suite, or why it is missing.
pub(in crate::suite) enum Contract {
    /// It was read.
    Read(Arc<Document>),
    /// It could not be read. Its own errors say why.
    Unreadable,
    /// It could not be found, for this reason.
    Missing(InputError),
}

/// The value of `spec`, if it is a string. [`suite`] refuses any other value.
pub(in crate::suite) fn spec_of(tree: &Tree) -> Option<(&Path, Span)> {
    let node = tree.root.get("spec")?;
    Some((Path::new(node.as_str()?), node.span))
}

/// Reads a suite and returns all its errors together. `replaced`: the user named the document, so `spec` may be missing.
pub(in crate::suite) fn suite(
    tree: &Tree,
    id: String,
    contract: Contract,
    replaced: bool,
) -> Result<Suite, Vec<InputError>> {
    let document = match &contract {
        Contract::Read(document) => Some(Arc::clone(document)),
        Contract::Unreadable | Contract::Missing(_) => None,
    };
    let mut decoder = Decoder::new(Strict::new(&tree.source), document.as_deref());
    if let Contract::Missing(error) = contract {
        decoder.strict.push(error);
    }
    let parts = decoder.suite(&tree.root, &id, replaced);
    let operation = decoder.operation;
    let errors = decoder.strict.finish();
    match (parts, operation, document) {
        (Some(Sections { hosts, public: listed, credentials, states, cases }), Some(operation), Some(document))
            if errors.is_empty() =>
        {
            let source = tree.source.clone();
            let public = listed.iter().map(|(name, _)| name.clone()).collect();
            let suite =
                Suite { id, source, document, named: None, operation, hosts, public, credentials, states, cases };
            let errors = public::refused(&suite, &listed);
            if errors.is_empty() { Ok(suite) } else { Err(errors) }
        }
        _ => Err(errors),
    }
}

/// What a suite holds besides its document and operation.
struct Sections {
    hosts: DeclaredHosts,
    public: PublicVariables,
    credentials: Vec<Credential>,
    states: Vec<State>,
    cases: Vec<Case>,
}

/// Whether a section has an error of its own: it is there and is no mapping, or its key is mistyped. Then its names are unknown
/// because of that.
fn is_refused(root: &Node, section: &str) -> bool {
    if let Some(node) = root.get(section) {
        return node.entries().is_none();
    }
    let mut entries = root.entries().unwrap_or_default().iter();
    entries.any(|entry| near(&entry.key, &SUITE_KEYS) == Some(section))
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
        let hosts = self.declared_hosts(root);
        let credentials = self.section(root, "credentials", "Write `NAME: {env: VARIABLE}` for each credential.");
        let states = self.section(root, "states", "Write `NAME: {call: …, expect: …}` for each state.");
        self.credentials = credentials.iter().map(|entry| entry.key.clone()).collect();
        self.no_credentials = SaidOnce::unless(is_refused(root, "credentials"));
        self.no_states = SaidOnce::unless(is_refused(root, "states"));
        self.sent_as = login::sent_as(credentials);

        let defaults = match root.get("defaults") {
            Some(node) if self.strict.keys(node, "`defaults`", &DEFAULTS_KEYS).is_some() => self.draft(node),
            _ => Draft::default(),
        };
        if let Some(entry) = root.entry("defaults").filter(|entry| is_too_much(&entry.value, root)) {
            let help = "Move long values into the cases that need them, or split the suite.";
            self.strict.error(entry.key_span, "the cases and states inherit more than 16 MiB of defaults in all", help);
            return None;
        }
        let entries = credentials;
        let credentials: Vec<Credential> =
            entries.iter().enumerate().map(|(index, entry)| self.credential(index, entry)).collect();
        self.refuse_nested_logins(&credentials, entries);
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
        Some(Sections { hosts, public, credentials, states, cases })
    }

    /// Notes that the suite lacks a key. The error points to its first key.
    fn missing(&mut self, root: &Node, key: &str, help: &str) {
        if lacks(root, key) {
            let first = root.entries().and_then(<[Entry]>::first).map_or(root.span, |entry| entry.key_span);
            self.strict.error(first, format!("the suite has no `{key}`"), help);
        }
    }

    fn section<'n>(&mut self, root: &'n Node, key: &str, help: &str) -> &'n [Entry] {
        root.get(key).and_then(|node| self.strict.mapping(node, &format!("`{key}`"), help)).unwrap_or_default()
    }
}

/// Whether the requests of a suite inherit more in all than the aliases of a file may repeat.
fn is_too_much(defaults: &Node, suite: &Node) -> bool {
    let entries = |key: &str| suite.get(key).and_then(Node::entries).unwrap_or_default();
    let steps = |case: &Entry| case.value.get("then").and_then(Node::items).map_or(1, |steps| steps.len() + 1);
    let requests = entries("states").len() + entries("cases").iter().map(steps).sum::<usize>();
    defaults.weight().saturating_mul(requests) > MAX_REPEATED
}
