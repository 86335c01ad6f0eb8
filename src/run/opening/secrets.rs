//! The secrets besides a suite's credentials: the values of the variables that suites name, and Authorization values that a
//! suite writes out.
//!
//! Some values are masked as soon as an answer is read: those sent as a credential, and those of variables whose name says that
//! they are secret. No server has a reason to repeat them. Any other value may be an ordinary word that an answer is judged by,
//! so it is masked only in what is kept and written.

use std::collections::{BTreeMap, BTreeSet};

use crate::location::InputError;
use crate::report::catalog;
use crate::secret::{self, Secrets, logins, says_secret};
use crate::settings;
use crate::suite::{Auth, Part, Reference, Suite, Text, TextPlace};

/// A shorter value is part of too many ordinary texts. It is not masked while answers are read.
const SHORTEST: usize = 8;

/// The secrets that the suites of a run name.
pub(crate) struct SuiteSecrets<'a> {
    suites: &'a [Suite],
    env: &'a BTreeMap<String, String>,
    /// The base URL. It is not secret, and neither is any part of it.
    target: &'a str,
}

impl<'a> SuiteSecrets<'a> {
    /// The secrets of these suites.
    pub(crate) fn new(suites: &'a [Suite], env: &'a BTreeMap<String, String>, target: &'a str) -> Self {
        Self { suites, env, target }
    }

    /// Registers the secrets. A variable for an Authorization value is an error if it is too short to be masked, unless the
    /// target is on this machine. The same holds for credentials.
    pub(crate) fn register(&self, loopback: bool, secrets: &mut Secrets) -> Vec<InputError> {
        let errors = self.suites.iter().flat_map(|suite| self.authorizations(suite, loopback, secrets)).collect();
        let expected: BTreeSet<&str> = self.variables(|place| place == TextPlace::Expected);
        let in_fields = self.variables(|place| matches!(place, TextPlace::Auth | TextPlace::Header));
        let given = self.variables(|place| matches!(place, TextPlace::Query | TextPlace::Body));
        for (name, value) in self.secret() {
            let credential = in_fields.contains(name) || says_secret(name) && given.contains(name);
            if credential && value.len() >= SHORTEST && !expected.contains(name) {
                secrets.add(name, value);
            }
            secrets.mask_late(value, self.stands(value));
        }
        let others = |suite: &'a Suite| suite.object_variables().into_iter().chain(suite.credential_variables());
        let others = self.suites.iter().flat_map(others);
        let all: BTreeSet<&str> = self.variables(|_| true).into_iter().chain(others).collect();
        let values = all.into_iter().filter_map(|name| self.env.get(name));
        for login in values.flat_map(|value| logins(value)) {
            secrets.mask_late(&login, self.stands(&login));
        }
        errors
    }

    /// The variables in texts at these spots.
    fn variables(&self, wanted: impl Fn(TextPlace) -> bool) -> BTreeSet<&'a str> {
        let all = self.suites.iter().flat_map(Suite::text_variables);
        all.filter(|(place, _)| wanted(*place)).map(|(_, name)| name).collect()
    }

    /// The secret variables with their values.
    fn secret(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let named = secret_variables(self.suites).into_iter();
        named
            .filter_map(|name| Some((name, self.env.get(name)?.as_str())))
            .filter(|(_, value)| !self.target.contains(value))
    }

    /// Whether a report may hold the value for another reason: it is part of a suite, of a document, of the target's URL, or of
    /// the report's own words.
    fn stands(&self, value: &str) -> bool {
        let texts = self.suites.iter().flat_map(|suite| {
            let document = &suite.document.source;
            [suite.id.as_str(), suite.source.name(), suite.source.text(), document.name(), document.text()]
        });
        let holds = |text: &str| memchr::memmem::find(text.as_bytes(), value.as_bytes()).is_some();
        texts.chain([self.target]).any(holds) || catalog::says(value)
    }

    /// Registers the Authorization values that a suite sends.
    fn authorizations(&self, suite: &Suite, loopback: bool, secrets: &mut Secrets) -> Vec<InputError> {
        let mut errors = Vec::new();
        let headers = suite.steps().filter_map(|step| match &step.auth {
            Auth::Header(text) => Some(text),
            Auth::None | Auth::Credential(_) | Auth::Several(_) => None,
        });
        for text in headers {
            let mut refuse = |message: String, name: &str| {
                let error = InputError::at(suite.place(text.span), message);
                errors.push(error.help(format!("set {name} to the key itself")));
            };
            for (name, value) in variables(text, self.env) {
                if value.len() < SHORTEST && !loopback {
                    let message = format!(
                        "the variable {name} holds fewer than {SHORTEST} characters, too few to be masked safely"
                    );
                    refuse(message, name);
                }
                if let Some(word) = doubled_word(text, value) {
                    let message =
                        format!("the variable {name} begins with `{word} `, which the suite writes before it");
                    refuse(message, name);
                }
            }
            if let Some(written) = text.literal() {
                // The value behind the scheme. Everybody can read it in the file, so a report may repeat its name.
                let value = written.split_once(' ').map_or(written, |(_, value)| value).trim();
                if value.len() >= SHORTEST {
                    secrets.add_unnamed(value);
                }
            }
        }
        errors
    }
}

/// The variables that suites name and whose values are secret: all in texts, except the base URL, the ids and users of provided
/// objects, and the variables that every suite which names them declares public.
fn secret_variables(suites: &[Suite]) -> BTreeSet<&str> {
    let provided: BTreeSet<&str> = suites.iter().flat_map(Suite::object_variables).collect();
    let known = |name: &str| settings::is_target(name) || provides(&provided, name) && !says_secret(name);
    let of_suite = |suite: &'_ Suite| {
        let public: BTreeSet<&str> = suite.public.iter().map(String::as_str).collect();
        let named = suite.text_variables().into_iter().map(|(_, name)| name);
        named.filter(|name| !public.contains(name)).map(str::to_owned).collect::<Vec<_>>()
    };
    let secret: BTreeSet<String> = suites.iter().flat_map(of_suite).collect();
    let all = suites.iter().flat_map(Suite::text_variables).map(|(_, name)| name);
    all.filter(|name| secret.contains(*name) && !known(name)).collect()
}

/// Whether a variable names the ids of provided objects, or their user.
fn provides(provided: &BTreeSet<&str>, name: &str) -> bool {
    let ids = name.strip_suffix("_USER").map(|stem| format!("{stem}_IDS"));
    provided.contains(name) || ids.is_some_and(|ids| provided.contains(ids.as_str()))
}

/// One sentence for each variable whose value is too short to be masked.
pub(crate) fn too_short(suites: &[Suite], get: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let short = |name: &&str| get(name).is_some_and(|value| !value.is_empty() && value.len() < secret::SHORTEST);
    let notes = secret_variables(suites).into_iter().filter(short).map(|name| {
        format!(
            "the variable {name} holds fewer than {} bytes, too few to be masked, so its value is shown where it stands; if it \
             is no secret, say so in the suite: `public: [{name}]`",
            secret::SHORTEST
        )
    });
    notes.collect()
}

/// The scheme's word, if the suite writes it before the value and the value begins with it too.
fn doubled_word<'a>(text: &'a Text, value: &str) -> Option<&'a str> {
    let Some(Part::Literal(start)) = text.parts.first() else { return None };
    let word = start.trim();
    let (first, _) = value.split_once([' ', '\t'])?;
    (!word.is_empty() && first.eq_ignore_ascii_case(word)).then_some(word)
}

/// The variables in a text, with their values.
fn variables<'a>(text: &'a Text, env: &'a BTreeMap<String, String>) -> impl Iterator<Item = (&'a str, &'a str)> {
    text.references().filter_map(|reference| match reference {
        Reference::Env(name) => Some((name.as_str(), env.get(name)?.as_str())),
        _ => None,
    })
}
