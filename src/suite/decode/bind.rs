//! From a draft of a request to a step that fits the document: its action, credential, path and values all exist.

use std::collections::HashSet;

use super::context::Decoder;
use super::draft::Draft;
use crate::location::{Pointer, Span};
use crate::spec::ParameterIn;
use crate::suite::expectation::{Expectation, Expected};
use crate::suite::path_template;
use crate::suite::placeholder;
use crate::suite::step::{Action, Auth, Body, PathValue, Step};
use crate::suite::strict::{names, shown, suggestion};
use crate::suite::template::{Filter, Part, Reference, Text};
use crate::suite::texts::TextPlace;

/// The captures of a state: a name and a pointer each.
pub(super) type Captures = [(String, Pointer)];

/// Which captures a text may use. Every text may also use `{{user}}`, `{{run}}`, `{{uuid}}` and `{{env.NAME}}`.
#[derive(Clone, Copy)]
pub(super) enum Scope<'s> {
    /// None.
    Run,
    /// None, and no `{{user}}` either: a login is sent once, and a user is new for every run of a case.
    Login,
    /// The captures of a state, in the calls that follow `make`.
    State(&'s Captures),
    /// The captures of a case's objects, by object name; `None` if the object's state does not exist, which is already
    /// an error.
    Case(&'s [(&'s str, Option<&'s Captures>)]),
}

/// A step before it is checked against the document.
pub(super) struct Unbound<'s> {
    /// Its name in messages: ``the case `success` ``.
    pub(super) who: &'s str,
    /// Where its name stands, for errors about missing keys.
    pub(super) at: Span,
    /// What is sent, after merging.
    pub(super) draft: Draft,
    pub(super) expect: Expected,
    pub(super) at_once: usize,
    pub(super) scope: Scope<'s>,
    /// The place that findings about it show.
    pub(super) span: Span,
}

impl Decoder<'_> {
    /// Makes a step of a draft, and checks it against the document.
    pub(super) fn bind(&mut self, unbound: Unbound<'_>) -> Step {
        let Unbound { who, at, draft, expect, at_once, scope, span } = unbound;
        let action = self.asked(&draft);
        let path = match &action {
            Some(Action::Operation(index)) => self.bind_path(&draft, *index, who, at),
            Some(Action::Call { .. }) => {
                self.refuse_path(&draft);
                Vec::new()
            }
            None => Vec::new(),
        };
        let auth = self.bind_auth(&draft, action.as_ref(), who, at);
        self.check_within(&draft, action.as_ref(), at_once);
        let operation = match &action {
            Some(Action::Operation(index)) => self.document.and_then(|document| document.operations.get(*index)),
            Some(Action::Call { .. }) | None => None,
        };
        let step = Step {
            action: action.unwrap_or(Action::Operation(0)),
            auth,
            path,
            query: self.bind_values(ParameterIn::Query, draft.query, operation),
            header: self.bind_values(ParameterIn::Header, draft.header, operation),
            cookie: self.bind_values(ParameterIn::Cookie, draft.cookie, operation),
            body: draft.body.unwrap_or(Body::None),
            expect,
            within: draft.within.map(|(duration, _)| duration),
            at_once,
            invalid: None,
            span,
        };
        self.check_values(&step, scope);
        step
    }

    /// Refuses `within` where a repeated request could itself change something.
    fn check_within(&mut self, draft: &Draft, action: Option<&Action>, at_once: usize) {
        let Some((_, span)) = draft.within else { return };
        let Some(method) = action.and_then(|action| self.method(action)) else { return };
        if !matches!(method, "GET" | "HEAD" | "OPTIONS" | "TRACE") {
            let message = format!("`within` cannot be used with {method}");
            let help = format!(
                "Only GET, HEAD, OPTIONS and TRACE are safe to repeat; a repeated {method} could itself cause the \
                 expected effect. Look for the effect in a step of `then`."
            );
            self.strict.error(span, message, help);
        } else if at_once > 1 {
            let message = "`within` and `at_once` exclude each other";
            self.strict.error(span, message, "Remove one of them.");
        }
    }

    /// Refuses path parameters of a call.
    fn refuse_path(&mut self, draft: &Draft) {
        for named in draft.path.iter().filter(|named| named.value.is_some()) {
            self.strict.error(
                named.span,
                "a call has no path parameters",
                "Write the value into the call itself, such as `call: GET /things/{{NAME.id}}`.",
            );
        }
    }

    /// The path values, in the order of the path template: one for each parameter, and no others.
    fn bind_path(&mut self, draft: &Draft, operation: usize, who: &str, at: Span) -> Vec<(String, PathValue)> {
        let Some(operation) = self.document.and_then(|document| document.operations.get(operation)) else {
            return Vec::new();
        };
        let mut wanted: Vec<&str> = Vec::new();
        for name in path_template::parameters(&operation.path) {
            if !wanted.contains(&name) {
                wanted.push(name);
            }
        }
        for named in draft.path.iter().filter(|named| !wanted.contains(&named.name.as_str())) {
            let help = if wanted.is_empty() {
                format!("{} has no path parameters.", operation.title())
            } else {
                suggestion(&named.name, &wanted, &format!("{} has", operation.title()))
            };
            self.strict.error(named.span, format!("unknown path parameter `{}`", shown(&named.name)), help);
        }
        let operation_has = |name: &String| wanted.contains(&name.as_str());
        let mut bound = Vec::new();
        for &name in &wanted {
            let value = draft.path.iter().find(|named| named.name == name).and_then(|named| named.value.clone());
            if let Some(value) = value {
                bound.push((name.to_owned(), self.bind_path_value(operation, name, value)));
            } else if draft.path.iter().all(|named| operation_has(&named.name)) {
                // Otherwise the unknown name is probably this one, mistyped, and its error says so.
                let message = format!("{who} gives no value for the path parameter `{name}`");
                self.strict.error(at, message, format!("Add `path: {{{name}: …}}`, for {}.", operation.title()));
            }
        }
        bound
    }

    fn bind_auth(&mut self, draft: &Draft, action: Option<&Action>, who: &str, at: Span) -> Auth {
        let operation = match action {
            Some(Action::Operation(index)) => Some(*index),
            Some(Action::Call { .. }) => self.operation,
            None => None,
        };
        let operation = operation.and_then(|index| self.document?.operations.get(index));
        match &draft.auth {
            Some((Some(auth), span)) => {
                if let Some(operation) = operation {
                    self.check_schemes(draft, auth, operation, *span);
                }
                auth.clone()
            }
            Some((None, _)) => Auth::None,
            None => {
                if operation.is_some_and(|operation| operation.security.iter().any(|all| !all.is_empty())) {
                    let message = format!("{who} does not say which credential it sends");
                    let help = if self.credentials.is_empty() {
                        "Write `auth: none`, or add a credential under `credentials` and name it.".to_owned()
                    } else {
                        let known: Vec<String> = self.credentials.iter().map(|name| format!("auth: {name}")).collect();
                        format!("Write {} or `auth: none`, here or under `defaults`.", names(&known))
                    };
                    self.strict.error(at, message, help);
                }
                Auth::None
            }
        }
    }

    /// Checks that every placeholder has a value where it stands.
    fn check_values(&mut self, step: &Step, scope: Scope<'_>) {
        let mut sent = HashSet::new();
        for (place, text) in step.sent_texts() {
            for reference in text.references() {
                match reference {
                    Reference::Uuid(place) => {
                        sent.insert(*place);
                    }
                    Reference::NamedUuid(name) => {
                        self.sent_names.insert(name.clone());
                    }
                    _ => {}
                }
            }
            self.check_text(text, place, scope, &sent);
        }
        for expectation in step.expect.all() {
            self.check_expectation(expectation, scope, &sent);
        }
    }

    /// As [`Self::check_values`], for an expectation; `sent` holds the UUIDs of the request.
    pub(super) fn check_expectation(&mut self, expectation: &Expectation, scope: Scope<'_>, sent: &HashSet<usize>) {
        for text in expectation.texts() {
            self.check_text(text, TextPlace::Expected, scope, sent);
        }
    }

    fn check_text(&mut self, text: &Text, used: TextPlace, scope: Scope<'_>, sent: &HashSet<usize>) {
        if text.literal().is_some() {
            return;
        }
        let places = placeholder::places_of(self.strict.source, text);
        let placeholders = text.parts.iter().filter_map(|part| match part {
            Part::Value(reference, filter) => Some((reference, filter)),
            Part::Literal(_) => None,
        });
        for (index, (reference, filter)) in placeholders.enumerate() {
            let span = places.get(index).copied().unwrap_or(text.span);
            if *filter == Some(Filter::Percent) && used != TextPlace::RawPath {
                self.strict.error(
                    span,
                    "the filter `percent` works only in a raw path value",
                    "Other values are encoded as needed. In a path, write `{raw: \"{{… | percent}}\"}`.",
                );
            }
            match reference {
                Reference::Uuid(place) if used == TextPlace::Expected && !sent.contains(place) => self.strict.error(
                    span,
                    "no response can contain this `{{uuid}}`, because it is a new one",
                    "Each `{{uuid}}` in a file makes another UUID. Mark the one that is sent with a YAML anchor (`&id`) \
                     and repeat it here (`*id`).",
                ),
                Reference::Capture { given, name } => self.check_capture(given, name, span, scope),
                Reference::User if matches!(scope, Scope::Login) => self.strict.error(
                    span,
                    "a login cannot use `{{user}}`",
                    "A user is new for every run of a case, and a login is sent once. Use `{{env.NAME}}` for its values.",
                ),
                Reference::NamedUuid(name) if used == TextPlace::Expected && !self.sent_names.contains(name) => {
                    let message = format!("no response can contain this `{{{{uuid.{name}}}}}`, because no request has sent it");
                    let help = "Send it in this request or an earlier one of the same case or state.";
                    self.strict.error(span, message, help);
                }
                Reference::User
                | Reference::Run
                | Reference::Uuid(_)
                | Reference::NamedUuid(_)
                | Reference::Env(_) => {}
            }
        }
    }

    fn check_capture(&mut self, given: &str, name: &str, span: Span, scope: Scope<'_>) {
        let exists = match scope {
            Scope::Run | Scope::Login => false,
            Scope::State(captures) => given.is_empty() && captures.iter().any(|(known, _)| known == name),
            Scope::Case(all) => {
                let found = all.iter().find(|(known, _)| *known == given);
                found.is_some_and(|(_, captures)| {
                    captures.is_none_or(|captures| captures.iter().any(|(known, _)| known == name))
                })
            }
        };
        if exists {
            return;
        }
        let mut known: Vec<String> = ["user", "run", "uuid", "uuid.NAME", "env.NAME"].map(str::to_owned).into();
        match scope {
            Scope::Run => {}
            Scope::Login => known.retain(|name| name != "user"),
            Scope::State(captures) => known.extend(captures.iter().map(|(name, _)| name.clone())),
            Scope::Case(all) => known.extend(all.iter().flat_map(|(given, captures)| {
                captures.unwrap_or_default().iter().map(move |(name, _)| format!("{given}.{name}"))
            })),
        }
        let written = if given.is_empty() { name.to_owned() } else { format!("{given}.{name}") };
        let help = suggestion(&written, &known, "Here you can use");
        self.strict.error(span, format!("there is no value `{}`", shown(&written)), help);
    }
}

/// The UUIDs that a step sends, by their place in the file.
pub(super) fn sent_uuids(step: &Step) -> HashSet<usize> {
    let references = step.sent_texts().into_iter().flat_map(|(_, text)| text.references());
    references
        .filter_map(|reference| match reference {
            Reference::Uuid(place) => Some(*place),
            _ => None,
        })
        .collect()
}
