//! The login of a credential: a call whose response gives the secret.

use super::bind::{Scope, Unbound};
use super::context::{Decoder, SentAs};
use super::draft::Draft;
use crate::location::Pointer;
use crate::suite::credential::{Credential, Csrf, CsrfSource, Login, LoginGives, LoginKey};
use crate::suite::expectation::Expected;
use crate::suite::step::{Action, Auth, Body};
use crate::suite::strict::{lacks, shown};
use crate::suite::syntax::is_field_name;
use crate::tree::{Entry, Node};

/// The keys of a login, of its `csrf`, and of the `from` there.
const LOGIN_KEYS: [&str; 11] =
    ["call", "auth", "query", "header", "json", "form", "expect", "token", "cookie", "expires", "csrf"];
const CSRF_KEYS: [&str; 2] = ["header", "from"];
const FROM_KEYS: [&str; 2] = ["header", "cookie"];

const TOKEN: &str = "Write the pointer of the token in the body of the response, such as `token: /access_token`.";
const COOKIE: &str = "Write the name of the cookie that the response sets, such as `cookie: session`.";
const EXPIRES: &str =
    "Write the pointer of the number of seconds in the body of the response, such as `expires: /expires_in`.";
const CSRF: &str = "Write `csrf: {header: X-CSRF-Token, from: …}`, where `from` is a pointer into the body of the response, \
                    `{header: NAME}` or `{cookie: NAME}`.";

/// How the credentials of a suite are sent, by index. This must be known before any request is read.
pub(super) fn sent_as(credentials: &[Entry]) -> Vec<SentAs> {
    let of = |entry: &Entry| match entry.value.get("login") {
        None => SentAs::Key,
        Some(login) => match login.get("cookie").and_then(Node::as_str) {
            Some(name) => SentAs::Cookie(name.to_owned()),
            None => SentAs::Token,
        },
    };
    credentials.iter().map(of).collect()
}

impl Decoder<'_> {
    /// Reads the `login` of a credential.
    pub(super) fn login(&mut self, entry: &Entry, who: &str) -> Login {
        let who = format!("`login` of {who}");
        let node = &entry.value;
        let known = self.strict.keys(node, &who, &LOGIN_KEYS).is_some();
        let mut draft = if known { self.draft_without_cookies(node) } else { Draft::default() };
        draft.auth.get_or_insert((Some(Auth::None), entry.key_span));
        self.form(node, &mut draft);
        self.needs_action(known, &mut draft, entry, &who);
        if let Some((Some(Action::Call { method, .. }), span)) = &draft.action
            && !matches!(method.as_str(), "GET" | "POST")
        {
            let message = format!("{who} uses {method}");
            self.strict.error(*span, message, "A login is a POST, or a GET; it changes and removes nothing.");
        }
        let expect = self.required_expectation(known, entry, &draft, &who);
        let gives = self.gives(entry, known, &who);
        let span = expect.span;
        let call = self.bind(Unbound {
            who: &who,
            at: entry.key_span,
            draft,
            expect: Expected::One(expect),
            at_once: 1,
            scope: Scope::Login,
            span,
        });
        Login { call, gives }
    }

    /// Reads `form`, a body of `application/x-www-form-urlencoded`.
    fn form(&mut self, node: &Node, draft: &mut Draft) {
        let Some(form) = node.entry("form") else { return };
        if let Some(json) = node.entry("json") {
            let second = if form.key_span > json.key_span { form } else { json };
            self.strict.error(second.key_span, "`json` and `form` exclude each other", "Keep one of them.");
        }
        let help = "Write a name and a value on each line, such as `grant_type: password`.";
        let entries = self.strict.mapping(&form.value, "`form`", help).unwrap_or_default();
        let mut pairs = Vec::new();
        for entry in entries {
            let what = format!("`{}`", shown(&entry.key));
            let texts = match entry.value.items() {
                Some(items) => items.iter().map(|item| self.strict.text(item, &what)).collect(),
                None => vec![self.strict.text(&entry.value, &what)],
            };
            pairs.extend(texts.into_iter().map(|text| (entry.key.clone(), text)));
        }
        draft.body = Some(Body::Form(pairs));
    }

    /// Reads what the run takes from the response.
    fn gives(&mut self, entry: &Entry, known: bool, who: &str) -> LoginGives {
        let node = &entry.value;
        let (token, cookie) = (node.entry("token"), node.entry("cookie"));
        if let (Some(token), Some(cookie)) = (token, cookie) {
            let second = if cookie.key_span > token.key_span { cookie } else { token };
            let help = "A credential is one of them. Keep the one that the API asks for.";
            self.strict.error(second.key_span, "`token` and `cookie` exclude each other", help);
        } else if known && token.is_none() && cookie.is_none() && lacks(node, "token") && lacks(node, "cookie") {
            let message = format!("{who} has neither `token` nor `cookie`");
            self.strict.error(
                entry.key_span,
                message,
                format!("{TOKEN} Or name the cookie, such as `cookie: session`."),
            );
        }
        let token = token.map(|token| self.response_pointer(&token.value, "`token`", TOKEN));
        let key = match cookie {
            Some(cookie) => LoginKey::Cookie(self.cookie_name(&cookie.value, "`cookie`")),
            None => LoginKey::Token(token.unwrap_or_default()),
        };
        let expires = node.get("expires").map(|node| self.response_pointer(node, "`expires`", EXPIRES));
        let csrf = node.entry("csrf").and_then(|entry| self.csrf(entry, who));
        LoginGives { key, expires, csrf }
    }

    fn response_pointer(&mut self, node: &Node, what: &str, help: &str) -> Pointer {
        self.strict.string(node, what, help).map_or_else(Pointer::root, |text| self.strict.pointer(text, node.span))
    }

    fn cookie_name(&mut self, node: &Node, what: &str) -> String {
        let Some(name) = self.strict.string(node, what, COOKIE) else { return String::new() };
        if !is_field_name(name) {
            self.strict.error(node.span, format!("`{}` is not the name of a cookie", shown(name)), COOKIE);
        }
        name.to_owned()
    }

    fn csrf(&mut self, entry: &Entry, who: &str) -> Option<Csrf> {
        let who = format!("`csrf` of {who}");
        let node = self.strict.keys(&entry.value, &who, &CSRF_KEYS)?;
        for key in CSRF_KEYS {
            if lacks(node, key) {
                self.strict.error(entry.key_span, format!("{who} has no `{key}`"), CSRF);
            }
        }
        let header = node.get("header").and_then(|header| self.csrf_header(header));
        let from = node.get("from").and_then(|from| self.csrf_from(from, &who));
        Some(Csrf { header: header?, from: from? })
    }

    fn csrf_header(&mut self, node: &Node) -> Option<String> {
        let name = self.strict.string(node, "`header`", CSRF)?;
        let own = ["authorization", "cookie", "host", "content-length", "transfer-encoding", "connection"];
        if !is_field_name(name) {
            let help = "A field name consists of letters, digits and `-`, without spaces.";
            self.strict.error(node.span, format!("`{}` is not a field name", shown(name)), help);
        } else if own.iter().any(|own| own.eq_ignore_ascii_case(name)) {
            let message = format!("`{}` cannot hold a token against forged requests", shown(name));
            self.strict.error(node.span, message, CSRF);
        }
        Some(name.to_owned())
    }

    fn csrf_from(&mut self, node: &Node, who: &str) -> Option<CsrfSource> {
        if node.entries().is_none() {
            let text = self.strict.string(node, &format!("`from` of {who}"), CSRF)?;
            return Some(CsrfSource::Pointer(self.strict.pointer(text, node.span)));
        }
        let node = self.strict.keys(node, &format!("`from` of {who}"), &FROM_KEYS)?;
        match (node.get("header"), node.get("cookie")) {
            (Some(header), None) => {
                let name = self.strict.string(header, "`header`", CSRF)?;
                Some(CsrfSource::Header(name.to_owned()))
            }
            (None, Some(cookie)) => Some(CsrfSource::Cookie(self.cookie_name(cookie, "`cookie`"))),
            (header, _) => {
                if header.is_some() || node.entries().is_some_and(<[Entry]>::is_empty) {
                    self.strict.error(node.span, format!("`from` of {who} needs either `header` or `cookie`"), CSRF);
                }
                None
            }
        }
    }

    /// Refuses a login that sends a credential with a login of its own.
    pub(super) fn refuse_nested_logins(&mut self, credentials: &[Credential], entries: &[Entry]) {
        for (credential, entry) in credentials.iter().zip(entries) {
            let Some(login) = credential.login() else { continue };
            let sent = login.call.auth.credentials().iter().filter_map(|index| credentials.get(*index));
            let Some(other) = sent.into_iter().find(|other| other.login().is_some()) else { continue };
            let auth = entry.value.get("login").and_then(|login| login.get("auth"));
            let message =
                format!("the login of `{}` sends `{}`, which has a login itself", credential.name, other.name);
            let help = "A login may send a credential from a variable: one with `env`.";
            self.strict.error(auth.map_or(entry.key_span, |auth| auth.span), message, help);
        }
    }
}
