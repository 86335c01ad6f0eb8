//! From the layers of a request to a step that fits the document: its action, credential, path and values all exist.

use std::collections::HashSet;

use super::decode::Decoder;
use super::draft::Draft;
use super::render::{self, Scheme};
use super::strict::{names, shown, suggestion};
use super::template::{self, Filter, Part, Reference, Text};
use super::texts::Spot;
use super::{Action, Auth, Body, Expectation, Expected, PathValue, Step};
use crate::location::{Pointer, Span};
use crate::spec::{Operation, ParameterIn, SchemeKind};

/// The captures of a state: a name and a pointer each.
pub(super) type Captures = [(String, Pointer)];

/// Which values exist where a text stands, beside `{{user}}`, `{{run}}`, `{{uuid}}` and `{{env.NAME}}`.
#[derive(Clone, Copy)]
pub(super) enum Scope<'s> {
    /// None.
    Run,
    /// A state's own captures, once it is made.
    State(&'s Captures),
    /// What the objects of a case captured, by their names; none where the object's state does not exist, which was
    /// said already.
    Case(&'s [(&'s str, Option<&'s Captures>)]),
}

/// A step that is being put together.
pub(super) struct Raw<'s> {
    /// What it is, for messages: ``case `success` ``.
    pub(super) who: &'s str,
    /// Where its name stands, for what is missing.
    pub(super) at: Span,
    /// All layers.
    pub(super) draft: Draft,
    pub(super) expect: Expected,
    pub(super) at_once: usize,
    pub(super) scope: Scope<'s>,
    /// Where findings about it point.
    pub(super) span: Span,
}

impl Decoder<'_> {
    /// What a layer asks for: its own action, or the suite's operation. None if that was not understood.
    pub(super) fn asked(&self, draft: &Draft) -> Option<Action> {
        match &draft.action {
            Some((action, _)) => action.clone(),
            None => self.operation.map(Action::Operation),
        }
    }

    /// Puts a step together and checks it against the document.
    pub(super) fn bind(&mut self, raw: Raw<'_>) -> Step {
        let Raw { who, at, draft, expect, at_once, scope, span } = raw;
        let action = self.asked(&draft);
        let path = match &action {
            Some(Action::Operation(index)) => self.bind_path(&draft, *index, who, at),
            Some(Action::Call { .. }) => {
                for named in draft.path.iter().filter(|named| named.value.is_some()) {
                    self.strict.error(
                        named.span,
                        "a call has no path parameters",
                        "Write the value into the call itself, such as `call: GET /things/{{NAME.id}}`.",
                    );
                }
                Vec::new()
            }
            None => Vec::new(),
        };
        let auth = self.bind_auth(&draft, action.as_ref(), who, at);
        if let (Some((_, span)), Some(method)) = (draft.within, action.as_ref().and_then(|action| self.method(action)))
        {
            if !matches!(method, "GET" | "HEAD" | "OPTIONS" | "TRACE") {
                let message = format!("`within` cannot stand with {method}");
                let help = format!(
                    "Asking again is safe only for GET, HEAD, OPTIONS and TRACE; a repeated {method} could itself \
                     bring about what is expected. Ask for the effect in a step of `then`."
                );
                self.strict.error(span, message, help);
            } else if at_once > 1 {
                let message = "`within` and `at_once` exclude each other";
                self.strict.error(span, message, "Remove one of them.");
            }
        }
        let step = Step {
            action: action.unwrap_or(Action::Operation(0)),
            auth,
            path,
            query: draft
                .query
                .into_iter()
                .flat_map(|named| {
                    let name = named.name;
                    named.value.unwrap_or_default().into_iter().map(move |text| (name.clone(), text))
                })
                .collect(),
            header: draft.header.into_iter().filter_map(|named| Some((named.name, named.value?))).collect(),
            body: draft.body.unwrap_or(Body::None),
            expect,
            within: draft.within.map(|(duration, _)| duration),
            at_once,
            span,
        };
        self.check_values(&step, scope);
        step
    }

    /// The method of an action.
    pub(super) fn method<'s>(&'s self, action: &'s Action) -> Option<&'s str> {
        match action {
            Action::Call { method, .. } => Some(method),
            Action::Operation(index) => {
                self.document?.operations.get(*index).map(|operation| operation.method.as_str())
            }
        }
    }

    /// The values of the path, in the order of its template: each parameter has one, and there are no others.
    fn bind_path(&mut self, draft: &Draft, operation: usize, who: &str, at: Span) -> Vec<(String, PathValue)> {
        let Some(operation) = self.document.and_then(|document| document.operations.get(operation)) else {
            return Vec::new();
        };
        let mut wanted: Vec<&str> = Vec::new();
        for name in render::parameters(&operation.path) {
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
        let mut bound = Vec::new();
        for name in wanted {
            let value = draft.path.iter().find(|named| named.name == name).and_then(|named| named.value.clone());
            if let Some(value) = value {
                bound.push((name.to_owned(), value));
            } else {
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
                if let (Auth::Credential(credential), Some(operation)) = (auth, operation) {
                    self.check_scheme(draft, *credential, operation, *span);
                }
                auth.clone()
            }
            Some((None, _)) => Auth::None,
            None => {
                if operation.is_some_and(|operation| operation.security.iter().any(|all| !all.is_empty())) {
                    let message = format!("{who} leaves open with which credential it asks");
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

    /// Refuses a credential that cannot be applied, and a value that stands where the credential goes.
    fn check_scheme(&mut self, draft: &Draft, credential: usize, operation: &Operation, span: Span) {
        const HELP: &str = "Bearer, basic and apiKey can be applied, one at a time. Otherwise write `auth: none`, or \
                            `auth: {header: \"…\"}` for the Authorization value itself.";
        let Some(document) = self.document else { return };
        let name = self.credentials.get(credential).cloned().unwrap_or_default();
        let suites = self.operation.and_then(|index| document.operations.get(index));
        let scheme = match render::scheme(document, operation, suites, &name) {
            Scheme::One(scheme) => scheme,
            Scheme::Unsupported(scheme) => {
                let message = format!("the credential `{name}` cannot be applied: the document asks for {scheme}");
                self.strict.error(span, message, HELP);
                return;
            }
            Scheme::Undeclared => {
                let message = format!(
                    "the credential `{name}` cannot be applied: the document does not say how for {}",
                    operation.title()
                );
                self.strict.error(span, message, HELP);
                return;
            }
        };
        let SchemeKind::ApiKey(place, key) = scheme else { return };
        let taken = match place {
            ParameterIn::Header => draft
                .header
                .iter()
                .find(|named| named.value.is_some() && named.name.eq_ignore_ascii_case(key))
                .map(|named| named.span),
            ParameterIn::Query => {
                draft.query.iter().find(|named| named.value.is_some() && named.name == *key).map(|named| named.span)
            }
            ParameterIn::Path | ParameterIn::Cookie => None,
        };
        if let Some(taken) = taken {
            let message = format!("`{}` is where the credential `{name}` goes", shown(key));
            self.strict.error(taken, message, "Write `auth: none` to send this value instead of the credential.");
        }
    }

    /// Every placeholder must have a value where it stands.
    fn check_values(&mut self, step: &Step, scope: Scope<'_>) {
        let mut sent = HashSet::new();
        for (spot, text) in step.sent_texts() {
            for reference in text.references() {
                if let Reference::Uuid(place) = reference {
                    sent.insert(*place);
                }
            }
            self.check_text(text, spot, scope, &sent);
        }
        for expectation in step.expect.all() {
            self.check_expectation(expectation, scope, &sent);
        }
    }

    /// As [`Self::check_values`], for an expectation; `sent` are the uuids of the request.
    pub(super) fn check_expectation(&mut self, expectation: &Expectation, scope: Scope<'_>, sent: &HashSet<usize>) {
        for text in expectation.texts() {
            self.check_text(text, Spot::Expected, scope, sent);
        }
    }

    fn check_text(&mut self, text: &Text, used: Spot, scope: Scope<'_>, sent: &HashSet<usize>) {
        if text.literal().is_some() {
            return;
        }
        let places = template::places_of(self.strict.source, text);
        let placeholders = text.parts.iter().filter_map(|part| match part {
            Part::Value(reference, filter) => Some((reference, filter)),
            Part::Literal(_) => None,
        });
        for (index, (reference, filter)) in placeholders.enumerate() {
            let span = places.get(index).copied().unwrap_or(text.span);
            if *filter == Some(Filter::Percent) && used != Spot::RawPath {
                self.strict.error(
                    span,
                    "the filter `percent` is for raw path values only",
                    "Elsewhere values are encoded as needed. In a path, write `{raw: \"{{… | percent}}\"}`.",
                );
            }
            match reference {
                Reference::Uuid(place) if used == Spot::Expected && !sent.contains(place) => self.strict.error(
                    span,
                    "no answer can hold this `{{uuid}}`, because it is a new one",
                    "Each `{{uuid}}` in a file is another one. Mark the one that is sent with a YAML anchor (`&id`) \
                     and repeat it here (`*id`).",
                ),
                Reference::Capture { given, name } => self.check_capture(given, name, span, scope),
                Reference::User | Reference::Run | Reference::Uuid(_) | Reference::Env(_) => {}
            }
        }
    }

    fn check_capture(&mut self, given: &str, name: &str, span: Span, scope: Scope<'_>) {
        let exists = match scope {
            Scope::Run => false,
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
        let mut known = vec!["user".to_owned(), "run".to_owned(), "uuid".to_owned(), "env.NAME".to_owned()];
        match scope {
            Scope::Run => {}
            Scope::State(captures) => known.extend(captures.iter().map(|(name, _)| name.clone())),
            Scope::Case(all) => known.extend(all.iter().flat_map(|(given, captures)| {
                captures.unwrap_or_default().iter().map(move |(name, _)| format!("{given}.{name}"))
            })),
        }
        let written = if given.is_empty() { name.to_owned() } else { format!("{given}.{name}") };
        let help = suggestion(&written, &known, "Here it may be");
        self.strict.error(span, format!("nobody defines the value `{}`", shown(&written)), help);
    }
}

/// The uuids that a step sends.
pub(super) fn sent_uuids(step: &Step) -> HashSet<usize> {
    let references = step.sent_texts().into_iter().flat_map(|(_, text)| text.references());
    references
        .filter_map(|reference| match reference {
            Reference::Uuid(place) => Some(*place),
            _ => None,
        })
        .collect()
}
