//! The key `auth` of a request: which credentials it sends, and whether the document says how.

use std::borrow::Cow;

use super::context::{Decoder, SentAs};
use super::draft::Draft;
use crate::location::Span;
use crate::spec::{Operation, ParameterIn, SchemeKind};
use crate::suite::scheme::{self, Scheme};
use crate::suite::step::Auth;
use crate::suite::strict::{lacks, shown, suggestion};
use crate::tree::Node;

/// What `auth` may be.
const HELP: &str = "Write a credential's name, a list of names, `none`, or `{header: \"…\"}` with the Authorization value to \
                    send.";

/// What to do about a credential that cannot be sent.
const UNSENDABLE: &str = "These schemes can be sent: apiKey, http with basic or bearer, and oauth2 and openIdConnect, whose access \
                          token is sent as a bearer token. Several schemes together need a list, such as `auth: [app_id, \
                          app_key]`. Otherwise write `auth: none`, or `auth: {header: \"…\"}` with the Authorization value.";

impl Decoder<'_> {
    /// Reads an `auth`.
    pub(super) fn auth(&mut self, node: &Node) -> Option<Auth> {
        if node.entries().is_some() {
            let node = self.strict.keys(node, "`auth`", &["header"])?;
            let Some(header) = node.get("header") else {
                if lacks(node, "header") {
                    self.strict.error(node.span, "`auth` has no `header`", HELP);
                }
                return None;
            };
            let text = self.strict.text(header, "`header` of `auth`");
            self.field_text(&text);
            return Some(Auth::Header(text));
        }
        if let Some(items) = node.items() {
            return self.several(node, items);
        }
        let name = self.strict.string(node, "`auth`", HELP)?;
        if name == "none" {
            return Some(Auth::None);
        }
        self.credential_of(name, node).map(Auth::Credential)
    }

    /// Reads a list of credentials. `None` if any of them could not be read, so that no error follows from it.
    fn several(&mut self, node: &Node, items: &[Node]) -> Option<Auth> {
        if items.is_empty() {
            self.strict.error(node.span, "`auth` names no credential", "Write `auth: none` to send none.");
            return None;
        }
        let mut all = Vec::new();
        for item in items {
            let found = self.strict.string(item, "a credential of `auth`", HELP).and_then(|name| {
                if name != "none" {
                    return self.credential_of(name, item);
                }
                let help = "Write `auth: none` to send no credential; a list names credentials only.";
                self.strict.error(item.span, "`none` cannot stand in a list of credentials", help);
                None
            });
            if found.is_some_and(|index| all.contains(&Some(index))) {
                let message = format!("`auth` names `{}` twice", shown(item.as_str().unwrap_or_default()));
                self.strict.error(item.span, message, "Remove one of them.");
                return None;
            }
            all.push(found);
        }
        all.into_iter().collect::<Option<Vec<usize>>>().map(Auth::Several)
    }

    /// The credential of this name.
    fn credential_of(&mut self, name: &str, node: &Node) -> Option<usize> {
        let found = self.credentials.iter().position(|credential| credential == name);
        if found.is_none() {
            let help = if self.credentials.is_empty() {
                if self.no_credentials.is_said() {
                    return None;
                }
                format!(
                    "`{}` has no `credentials`. Add `credentials` at the top level of the file, with `{}` in it; or write \
                     `none` here to send no credential.",
                    self.strict.source.name(),
                    shown(name)
                )
            } else {
                let known: Vec<&str> = self.credentials.iter().map(String::as_str).chain(["none"]).collect();
                suggestion(name, &known, "Here you can use")
            };
            self.strict.error(node.span, format!("unknown credential `{}`", shown(name)), help);
        }
        found
    }

    /// Refuses credentials that cannot be sent or that are sent in the same place, and another value in the place where a
    /// credential is sent.
    pub(super) fn check_schemes(&mut self, draft: &Draft, auth: &Auth, operation: &Operation, span: Span) {
        let Some(document) = self.document else { return };
        let suites = self.operation.and_then(|index| document.operations.get(index));
        let (known, sent_as) = (self.credentials.clone(), self.sent_as.clone());
        let name = |index: usize| known.get(index).map_or("", String::as_str);
        let cookie = |index: usize| match sent_as.get(index) {
            Some(SentAs::Cookie(name)) => Some(name.as_str()),
            _ => None,
        };
        let mut sent: Vec<(usize, Cow<'_, SchemeKind>)> = Vec::new();
        let schemes = scheme::schemes(document, operation, suites, auth, |index| (name(index), cookie(index)));
        for (index, scheme) in schemes {
            let kind = match scheme {
                Scheme::One(kind) => kind,
                Scheme::Unsupported(scheme) => {
                    let message =
                        format!("the credential `{}` cannot be sent: the document requires {scheme}", name(index));
                    self.strict.error(span, message, UNSENDABLE);
                    continue;
                }
                Scheme::Undeclared => {
                    let message = format!(
                        "the credential `{}` cannot be sent: the document does not say how, for {}",
                        name(index),
                        operation.title()
                    );
                    self.strict.error(span, message, UNSENDABLE);
                    continue;
                }
            };
            self.refuse_taken(draft, name(index), &kind);
            if *kind == SchemeKind::Basic && matches!(sent_as.get(index), Some(SentAs::Token)) {
                let message =
                    format!("the credential `{}` is a token, and the document requires http basic", name(index));
                let help = "Basic sends `user:password`. Write `env:` and the variable that holds it.";
                self.strict.error(span, message, help);
            }
            if let Some((other, _)) = sent.iter().find(|(_, other)| scheme::same_place(&kind, other)) {
                let (one, other) = (name(*other), name(index));
                let message =
                    format!("the credentials `{one}` and `{other}` are both sent in {}", scheme::place(&kind));
                let help = "Give each credential the name of its security scheme, or remove one of them.";
                self.strict.error(span, message, help);
            }
            sent.push((index, kind));
        }
    }

    /// Refuses another value in the place where a credential is sent.
    fn refuse_taken(&mut self, draft: &Draft, credential: &str, kind: &SchemeKind) {
        let SchemeKind::ApiKey(place, key) = kind else { return };
        let taken = match place {
            ParameterIn::Header => draft
                .header
                .iter()
                .find(|named| named.value.is_some() && named.name.eq_ignore_ascii_case(key))
                .map(|named| named.span),
            ParameterIn::Query => {
                draft.query.iter().find(|named| named.value.is_some() && named.name == *key).map(|named| named.span)
            }
            ParameterIn::Cookie => {
                draft.cookie.iter().find(|named| named.value.is_some() && named.name == *key).map(|named| named.span)
            }
            ParameterIn::Path => None,
        };
        if let Some(taken) = taken {
            let message = format!("`{}` is set here, but the credential `{credential}` is sent there", shown(key));
            self.strict.error(taken, message, "To send this value instead of the credential, write `auth: none`.");
        }
    }
}
