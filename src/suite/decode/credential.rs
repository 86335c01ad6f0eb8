//! A credential of a suite, and the call that checks it.

use std::collections::HashSet;

use super::bind::{Scope, Unbound};
use super::context::Decoder;
use super::draft::Draft;
use crate::suite::credential::{Credential, CredentialSource, Note};
use crate::suite::expectation::{Expectation, Expected, Statuses};
use crate::suite::step::{Action, Auth, Step};
use crate::suite::strict::{lacks, shown};
use crate::tree::Entry;

/// The keys of a credential, of its check, and of the check's note.
const CREDENTIAL_KEYS: [&str; 4] = ["env", "login", "optional", "check"];
const CHECK_KEYS: [&str; 7] = ["call", "query", "header", "cookie", "expect", "match", "note"];
const NOTE_KEYS: [&str; 2] = ["match", "say"];

impl Decoder<'_> {
    /// Reads a credential; `index` is its number in the suite.
    pub(super) fn credential(&mut self, index: usize, entry: &Entry) -> Credential {
        self.strict.name(entry, "a credential", &["none"]);
        self.sent_names.clear();
        let who = format!("the credential `{}`", shown(&entry.key));
        let mut credential = Credential {
            name: entry.key.clone(),
            source: CredentialSource::Env(String::new()),
            optional: false,
            check: None,
            note: None,
            span: entry.key_span,
        };
        let Some(node) = self.strict.keys(&entry.value, &who, &CREDENTIAL_KEYS) else { return credential };
        let (env, login) = (node.entry("env"), node.entry("login"));
        if let (Some(env), Some(login)) = (env, login) {
            let second = if login.key_span > env.key_span { login } else { env };
            let help = "The secret comes from a variable or from a login. Keep one of them.";
            self.strict.error(second.key_span, "`env` and `login` exclude each other", help);
        }
        if let Some(login) = login {
            credential.source = CredentialSource::Login(Box::new(self.login(login, &who)));
        } else if let Some(env) = env {
            credential.source = CredentialSource::Env(self.strict.variable(&env.value, "`env`"));
        } else if lacks(node, "env") && lacks(node, "login") {
            let help = "Add `env: ` and the environment variable that holds the secret, or `login: ` and the call that gives it.";
            self.strict.error(entry.key_span, format!("{who} has no `env`"), help);
        }
        credential.optional = node.get("optional").is_some_and(|node| self.strict.boolean(node, "`optional`"));
        credential.check = node.entry("check").map(|check| self.check(index, check, &who));
        credential.note =
            node.get("check").and_then(|check| check.entry("note")).and_then(|note| self.note(note, &who));
        credential
    }

    /// Reads the `check`: a call that the server answers as expected only if the credential is right.
    fn check(&mut self, credential: usize, entry: &Entry, who: &str) -> Step {
        let who = format!("`check` of {who}");
        let node = &entry.value;
        let known = self.strict.keys(node, &who, &CHECK_KEYS).is_some();
        let mut draft = if known { self.draft(node) } else { Draft::default() };
        draft.auth = Some((Some(Auth::Credential(credential)), entry.key_span));
        self.needs_action(known, &mut draft, entry, &who);
        if let Some((Some(Action::Call { method, .. }), span)) = &draft.action
            && !matches!(method.as_str(), "GET" | "HEAD")
        {
            let message = format!("{who} uses {method}, and a check is GET or HEAD");
            self.strict.error(*span, message, "Use GET, for something that only a right credential may read.");
        }
        let mut expect = self.required_expectation(known, entry, &draft, &who);
        if let Some(matches) = node.get("match") {
            expect.matches.extend(self.match_expectations(matches));
        }
        let span = expect.span;
        self.bind(Unbound {
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
                let help = "Write `note: {match: {POINTER: value}, say: a sentence about such a credential}`.";
                self.strict.error(entry.key_span, format!("{who} has no `{key}`"), help);
            }
        }
        let matches = node.get("match").map(|matches| self.match_expectations(matches)).unwrap_or_default();
        let say = self.strict.string(node.get("say")?, "`say`", "Write one sentence, without a full stop.")?.to_owned();
        let when = Expectation { status: Statuses::Documented, matches, ..Expectation::empty(entry.key_span) };
        self.check_expectation(&when, Scope::Run, &HashSet::new());
        Some(Note { when, say })
    }
}
