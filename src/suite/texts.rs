//! Every text of a suite that may hold placeholders, and every variable that the suite names, in one place.
//!
//! The functions destructure each type with all its fields, so that a new field does not compile until it is decided
//! here whether it holds a text.

use std::collections::BTreeSet;

use super::case::Case;
use super::credential::{Credential, CredentialSource, Login, Note};
use super::expectation::{Expectation, Expected, HeaderExpectation, MatchExpectation};
use super::state::{Contains, Exists, Look, State, Undo};
use super::step::{Action, Auth, Body, PathValue, Step};
use super::suite::Suite;
use super::template::{JsonTemplate, Reference, Text};

/// Where a text stands. That decides which placeholders it may hold and who sees its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextPlace {
    /// In the path of a call, or a value of an operation's path.
    Path,
    /// A value of a path, sent as written.
    RawPath,
    /// A value of the query.
    Query,
    /// A value of a header field.
    Header,
    /// The Authorization value.
    Auth,
    /// In the body.
    Body,
    /// In an expectation; never sent.
    Expected,
}

impl Suite {
    /// Every text that may hold placeholders, with where it stands.
    pub fn texts(&self) -> Vec<(TextPlace, &Text)> {
        let Self {
            id: _,
            source: _,
            document: _,
            named: _,
            operation: _,
            hosts: _,
            public: _,
            credentials,
            states,
            cases,
        } = self;
        let mut texts = Vec::new();
        for Credential { name: _, source, optional: _, check, note, span: _ } in credentials {
            match source {
                CredentialSource::Env(_) => {}
                CredentialSource::Login(login) => {
                    let Login { call, gives: _ } = &**login;
                    call.add_texts(&mut texts);
                }
            }
            if let Some(step) = check {
                step.add_texts(&mut texts);
            }
            if let Some(Note { when, say: _ }) = note {
                when.add_texts(&mut texts);
            }
        }
        for state in states {
            let State { name: _, make, capture: _, id: _, exists, undo, gone, within: _, from_env: _, span: _ } = state;
            make.add_texts(&mut texts);
            for Look { call, yes, no, contains } in exists.iter().flat_map(|Exists { looks }| looks) {
                call.add_texts(&mut texts);
                yes.add_texts(&mut texts);
                no.add_texts(&mut texts);
                if let Some(Contains { values: _, wanted, pages: _ }) = contains {
                    texts.extend(wanted.texts().into_iter().map(|text| (TextPlace::Expected, text)));
                }
            }
            for step in undo.iter().flat_map(Undo::steps) {
                step.add_texts(&mut texts);
            }
            if let Some(expectation) = gone {
                expectation.add_texts(&mut texts);
            }
        }
        for Case { id: _, name: _, about: _, profile: _, given: _, steps, invalid: _, span: _ } in cases {
            for step in steps {
                step.add_texts(&mut texts);
            }
        }
        texts
    }

    /// The variables that its credentials name.
    pub fn credential_variables(&self) -> BTreeSet<&str> {
        self.credentials.iter().filter_map(Credential::env).collect()
    }

    /// The variables that its states name with `from_env`, for objects that the run may use up.
    pub fn object_variables(&self) -> BTreeSet<&str> {
        self.states.iter().filter_map(|state| state.from_env.as_deref()).collect()
    }

    /// The variables in its texts, `{{env.NAME}}`, with where each stands; once for every place.
    pub fn text_variables(&self) -> Vec<(TextPlace, &str)> {
        let texts = self.texts().into_iter();
        let named = texts.flat_map(|(place, text)| text.references().map(move |reference| (place, reference)));
        named
            .filter_map(|(place, reference)| match reference {
                Reference::Env(name) => Some((place, name.as_str())),
                _ => None,
            })
            .collect()
    }
}

impl Step {
    /// Every text of its request, with where it stands.
    pub(super) fn sent_texts(&self) -> Vec<(TextPlace, &Text)> {
        let Self {
            action,
            auth,
            path,
            query,
            header,
            cookie,
            body,
            expect: _,
            within: _,
            at_once: _,
            invalid: _,
            span: _,
        } = self;
        let mut texts = Vec::new();
        match action {
            Action::Call { method: _, path } => texts.push((TextPlace::Path, path)),
            Action::Operation(_) => {}
        }
        match auth {
            Auth::Header(text) => texts.push((TextPlace::Auth, text)),
            Auth::None | Auth::Credential(_) | Auth::Several(_) => {}
        }
        for (_, value) in path {
            let place = if matches!(value, PathValue::Raw(_)) { TextPlace::RawPath } else { TextPlace::Path };
            texts.extend(value.texts().into_iter().map(|text| (place, text)));
        }
        // The value of a cookie is in a field, so whoever sees fields sees it.
        for (place, values) in [(TextPlace::Query, query), (TextPlace::Header, header), (TextPlace::Header, cookie)] {
            texts.extend(values.iter().flat_map(|(_, value)| value.texts()).map(|text| (place, text)));
        }
        match body {
            Body::None => {}
            Body::Json(json) => texts.extend(json.texts().into_iter().map(|text| (TextPlace::Body, text))),
            Body::Form(pairs) => texts.extend(pairs.iter().map(|(_, text)| (TextPlace::Body, text))),
            Body::Raw(text) => texts.push((TextPlace::Body, text)),
        }
        texts
    }

    pub(super) fn add_texts<'s>(&'s self, texts: &mut Vec<(TextPlace, &'s Text)>) {
        texts.extend(self.sent_texts());
        match &self.expect {
            Expected::One(one) => one.add_texts(texts),
            Expected::AnyOrder(all) => all.iter().for_each(|one| one.add_texts(texts)),
        }
    }
}

impl Expectation {
    /// Every text in it.
    pub(super) fn texts(&self) -> Vec<&Text> {
        let Self { status: _, example: _, free: _, free_spans: _, header, matches, span: _ } = self;
        let mut texts = Vec::new();
        for (_, header, _) in header {
            match header {
                HeaderExpectation::Value(text) => texts.push(text),
                HeaderExpectation::Present | HeaderExpectation::Absent => {}
            }
        }
        for (_, matches, _) in matches {
            match matches {
                MatchExpectation::OneOf(all) => texts.extend(all.iter().flat_map(JsonTemplate::texts)),
                MatchExpectation::Schema(_) | MatchExpectation::Absent => {}
            }
        }
        texts
    }

    fn add_texts<'s>(&'s self, texts: &mut Vec<(TextPlace, &'s Text)>) {
        texts.extend(self.texts().into_iter().map(|text| (TextPlace::Expected, text)));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::Suite;
    use super::super::testing::{document, suite, things};

    /// A suite with a variable in every place that may hold one.
    const EVERYWHERE: &str = include_str!("../../tests/data/secrets/suite.yaml");

    fn suite_of(text: &str) -> Suite {
        suite(text, &things())
    }

    #[test]
    fn every_text_of_a_suite_is_found() {
        let document = document("document.yaml", include_str!("../../tests/data/secrets/document.yaml"));
        let login = "credentials:\n  user:\n    login: {call: \"POST /{{env.L_PATH}}\", query: {q: \"{{env.L_QUERY}}\"}, \
                     header: {X: \"{{env.L_FIELD}}\"}, form: {a: \"{{env.L_FORM}}\", b: [\"{{env.L_LIST}}\"]}, expect: 200, \
                     token: /t}\n";
        let everywhere = EVERYWHERE.replace("credentials:\n", login);
        let suite = suite(&everywhere, &document);
        let found: BTreeSet<&str> = suite.text_variables().into_iter().map(|(_, name)| name).collect();
        let written: BTreeSet<&str> = everywhere
            .split("{{env.")
            .skip(1)
            .map(|rest| &rest[..rest.find([' ', '}']).unwrap_or(rest.len())])
            .collect();
        assert!(written.len() > 30, "{written:?}");
        assert_eq!(found, written);
        let places: BTreeSet<String> = suite.texts().into_iter().map(|(place, _)| format!("{place:?}")).collect();
        assert_eq!(
            places.into_iter().collect::<Vec<_>>(),
            ["Auth", "Body", "Expected", "Header", "Path", "Query", "RawPath"]
        );
        let listing = r#"exists: {call: "GET /t/{{env.LOOK}}", contains: {/rows/*: "{{id}}{{env.LISTED}}"}}"#;
        let stopping =
            r#"undo: [{call: "POST /t/{{id}}/{{env.STOP}}", expect: 200}, {call: "DELETE /t/{{id}}", expect: 200}]"#;
        let other = suite_of(&format!(
            "spec: x\noperation: open\nstates:\n  s: {{call: POST /t, auth: none, expect: 201, capture: {{id: /id}}, {listing}, \
             {stopping}}}\ncases: {{one: {{expect: 200}}}}\n"
        ));
        let found: BTreeSet<&str> = other.text_variables().into_iter().map(|(_, name)| name).collect();
        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["LISTED", "LOOK", "STOP"]);
        assert_eq!(suite.object_variables().into_iter().collect::<Vec<_>>(), ["ROW_IDS"]);
        assert_eq!(suite.credential_variables().into_iter().collect::<Vec<_>>(), ["THE_KEY"]);
    }
}
