//! Takes a suite's credentials from the environment, and refuses values that cannot be right.

use std::borrow::Borrow;
use std::collections::{BTreeSet, HashMap};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::location::{InputError, InputErrors};
use crate::secret::Secrets;
use crate::spec::{ParameterIn, SchemeKind};
use crate::suite::{Case, Credential, CredentialValue, State, Suite};

/// A shorter credential is refused unless the target is on this machine: a mask would hide ordinary text too.
const SHORTEST: usize = 8;

/// The values of one suite's credentials, by their index in the suite.
#[derive(Clone, Default)]
pub struct Credentials {
    values: Vec<Option<CredentialValue>>,
    /// Whether the variables of each are set.
    is_set: Vec<bool>,
}

impl Credentials {
    /// Looks up every credential of a suite. `lookup` knows the environment (or the embedded reference's keys).
    ///
    /// An unset credential stays `None`, which is an error only for a case that needs it (see [`missing`]). A credential is an
    /// error at once if it is empty, cannot be sent in a header, or cannot be a key of the kind that the document asks for.
    pub fn resolve<'a>(
        suite: &Suite,
        lookup: impl Fn(&str) -> Option<&'a str>,
        loopback: bool,
    ) -> Result<Self, InputErrors> {
        let mut values = Vec::new();
        let mut is_set = Vec::new();
        let mut errors = Vec::new();
        for (credential, kinds) in suite.credentials.iter().zip(suite.applied()) {
            is_set.push(credential.variables().into_iter().all(|name| lookup(name).is_some()));
            let value = credential.env().and_then(&lookup);
            match value.map(|value| refuse(value, loopback).or_else(|| no_key(value, &kinds))) {
                Some(Some(why)) => {
                    let name = credential.origin();
                    errors.push(
                        InputError::at(suite.place(credential.span), format!("the variable {name} {why}"))
                            .help(format!("set {name} to the key itself, or unset it")),
                    );
                }
                _ => values.push(value.map(|value| CredentialValue::from(value.to_owned()))),
            }
        }
        if errors.is_empty() { Ok(Self { values, is_set }) } else { Err(InputErrors(errors)) }
    }

    /// The values by index. Those of logins are not known before the run.
    pub fn values(&self) -> &[Option<CredentialValue>] {
        &self.values
    }

    /// Whether a credential has a value, or a login that can be sent.
    pub fn has(&self, index: usize) -> bool {
        self.is_set.get(index).is_some_and(|is_set| *is_set)
    }

    /// Adds every value to the secrets. If the document has logins (`user:password`), also adds the password alone and the
    /// encoded whole.
    pub fn register(&self, suite: &Suite, secrets: &mut Secrets) {
        let logins = suite.document.schemes.iter().any(|scheme| matches!(scheme.kind, SchemeKind::Basic));
        for (credential, value) in suite.credentials.iter().zip(&self.values) {
            let (Some(value), Some(env)) = (value, credential.env()) else { continue };
            let value = value.secret.as_str();
            secrets.add(env, value);
            if let Some((_, password)) = value.split_once(':').filter(|_| logins) {
                secrets.add(env, password);
                secrets.add(env, &BASE64_STANDARD.encode(value));
            }
        }
    }
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Credentials({} of {} set)", self.is_set.iter().filter(|is_set| **is_set).count(), self.is_set.len())
    }
}

/// Why a value cannot be a credential, if it cannot.
fn refuse(value: &str, loopback: bool) -> Option<String> {
    if value.is_empty() {
        Some("is set but empty".to_owned())
    } else if value.contains(['\n', '\r']) {
        Some("holds a line break, which no header can carry; was it read from a file with its line's end?".to_owned())
    } else if value.trim() != value {
        Some("has white space around its value".to_owned())
    } else if let Some(bad) = value.chars().find(|c| c.is_control()) {
        Some(format!("holds a control character ({bad:?}), which no header can carry"))
    } else if !loopback && value.len() < SHORTEST {
        Some(format!("holds fewer than {SHORTEST} characters, too few to be masked safely"))
    } else {
        None
    }
}

/// Why a value cannot be a key for one of the schemes by which it is sent, if it cannot. The text does not hold the value. Later
/// messages mask the value, so only this one can say what is wrong with it.
fn no_key(value: &str, kinds: &[impl Borrow<SchemeKind>]) -> Option<String> {
    if let Some(quote) = quoted(value) {
        return Some(format!("holds {quote} around its value, which would be sent too"));
    }
    kinds.iter().find_map(|kind| match kind.borrow() {
        SchemeKind::Bearer | SchemeKind::AccessToken(_) => no_token(value),
        SchemeKind::Basic if begins_with_word(value, "Basic") => Some(word_added("Basic")),
        SchemeKind::Basic if !value.contains(':') => {
            Some("holds no colon, and a login of the scheme Basic is `user:password`".to_owned())
        }
        SchemeKind::ApiKey(ParameterIn::Header, name) => not_ascii(value).or_else(|| {
            begins_with_field(value, name).then(|| format!("begins with `{name}:`, and the field's name is added"))
        }),
        SchemeKind::ApiKey(ParameterIn::Cookie, _) => not_ascii(value).or_else(|| divided(value, "a cookie")),
        SchemeKind::Basic | SchemeKind::ApiKey(..) | SchemeKind::Other(_) => None,
    })
}

/// Why a value cannot be a bearer token (RFC 6750 §2.1), where that is certain. Some servers give out tokens with other
/// characters than the RFC lists.
fn no_token(value: &str) -> Option<String> {
    if begins_with_field(value, "Authorization") {
        Some("begins with `Authorization:`, and the field's name is added".to_owned())
    } else if begins_with_word(value, "Bearer") {
        Some(word_added("Bearer"))
    } else {
        not_ascii(value).or_else(|| divided(value, "a bearer token"))
    }
}

fn word_added(word: &str) -> String {
    format!("begins with `{word} `, and the scheme's word is added")
}

/// The pair of quotes around a value.
fn quoted(value: &str) -> Option<&'static str> {
    [('"', '"', "double quotes"), ('\'', '\'', "single quotes"), ('`', '`', "backticks"), ('“', '”', "quotation marks")]
        .into_iter()
        .find(|(open, close, _)| value.chars().count() > 1 && value.starts_with(*open) && value.ends_with(*close))
        .map(|(_, _, name)| name)
}

fn begins_with_word(value: &str, word: &str) -> bool {
    let is_word = |start: &str| start.eq_ignore_ascii_case(word);
    value.get(..word.len()).is_some_and(is_word) && value[word.len()..].starts_with([' ', '\t'])
}

fn begins_with_field(value: &str, name: &str) -> bool {
    value.split_once(':').is_some_and(|(start, _)| start.trim_end().eq_ignore_ascii_case(name))
}

fn not_ascii(value: &str) -> Option<String> {
    (!value.is_ascii()).then(|| "holds a character that is not ASCII, which no header carries alike".to_owned())
}

fn divided(value: &str, what: &str) -> Option<String> {
    value.contains(';').then(|| format!("holds a semicolon, which {what} cannot"))
}

/// The credentials that a case needs: those of its steps, of the states it is given, and of the logins of these credentials.
pub fn needed(suite: &Suite, case: &Case) -> BTreeSet<usize> {
    let steps = case.steps.iter();
    let states = case.given.iter().filter_map(|given| suite.states.get(given.state)).flat_map(State::steps);
    let mut needed: BTreeSet<usize> = steps.chain(states).flat_map(|step| step.auth.credentials()).copied().collect();
    let logins = needed.iter().filter_map(|index| suite.credentials.get(*index)?.login());
    let of_logins: Vec<usize> = logins.flat_map(|login| login.call.auth.credentials()).copied().collect();
    needed.extend(of_logins);
    needed
}

/// Why a case is skipped: a variable of an optional credential that it needs is unset.
pub fn skip_reason(suite: &Suite, case: &Case, is_set: impl Fn(&Credential, &str) -> bool) -> Option<String> {
    let needed = needed(suite, case).into_iter().map(|index| &suite.credentials[index]);
    needed.filter(|credential| credential.optional).find_map(|credential| {
        let unset = credential.variables().into_iter().find(|name| !is_set(credential, name))?;
        Some(format!("{unset} is not set (credential {})", credential.name))
    })
}

/// An error for each variable that is not set and that a credential of a selected case needs. `other` is what the user can do
/// besides setting it, if anything.
pub fn missing<'a>(
    suite: &Suite,
    cases: &[&Case],
    lookup: impl Fn(&str) -> Option<&'a str>,
    other: Option<&str>,
) -> Vec<InputError> {
    let wanted: BTreeSet<usize> = cases.iter().flat_map(|case| needed(suite, case)).collect();
    let credentials = wanted.into_iter().map(|index| &suite.credentials[index]);
    let or = other.map(|other| format!(", or {other}")).unwrap_or_default();
    let mut errors = Vec::new();
    for credential in credentials.filter(|credential| !credential.optional) {
        for name in credential.variables().into_iter().filter(|name| lookup(name).is_none()) {
            let help = match credential.env() {
                Some(_) => {
                    format!("set {name} to the credential that this suite calls {}{or}", credential.name)
                }
                None => format!("set {name}, which the login of {} sends{or}", credential.name),
            };
            let error = InputError::at(suite.place(credential.span), format!("the variable {name} is not set"));
            errors.push(error.help(help));
        }
    }
    errors
}

/// An error for each two credentials with the same value. The run could not tell what one may do and the other may not.
pub fn doubled(suite: &Suite, credentials: &Credentials) -> Vec<InputError> {
    let mut errors = Vec::new();
    let mut first: HashMap<&str, usize> = HashMap::new();
    for (index, value) in credentials.values.iter().enumerate() {
        let Some(value) = value else { continue };
        let at = *first.entry(value.secret.as_str()).or_insert(index);
        let Some(earlier) = suite.credentials[at].env().filter(|_| at != index) else { continue };
        let credential = &suite.credentials[index];
        let Some(env) = credential.env().filter(|env| *env != earlier) else { continue };
        errors.push(
            InputError::at(suite.place(credential.span), format!("{earlier} and {env} hold the same key"))
                .help(format!("give {env} the key that this suite calls {}", credential.name)),
        );
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_no_key_is_said_and_never_shown() {
        let header = SchemeKind::ApiKey(ParameterIn::Header, "X-Key".to_owned());
        let cookie = SchemeKind::ApiKey(ParameterIn::Cookie, "sid".to_owned());
        let query = SchemeKind::ApiKey(ParameterIn::Query, "key".to_owned());
        let word = |word: &str| format!("begins with `{word} `, and the scheme's word is added");
        for (kind, value, said) in [
            (&SchemeKind::Bearer, "Bearer app-1234567890", word("Bearer")),
            (&SchemeKind::Bearer, "bEARER\tapp-1234567890", word("Bearer")),
            (&SchemeKind::Bearer, "Authorization: Bearer app-1234567890", "the field's name is added".to_owned()),
            (&SchemeKind::Bearer, "\"app-1234567890\"", "double quotes around its value".to_owned()),
            (&SchemeKind::Bearer, "app-1234567890;", "a semicolon, which a bearer token cannot".to_owned()),
            (&SchemeKind::Bearer, "app-123456é7890", "not ASCII".to_owned()),
            (&SchemeKind::Basic, "basic dXNlcjpwYXNzd29yZA==", word("Basic")),
            (&SchemeKind::Basic, "dXNlcjpwYXNzd29yZA==", "no colon".to_owned()),
            (&SchemeKind::Basic, "'user:password'", "single quotes".to_owned()),
            (&header, "“1234567890”", "quotation marks".to_owned()),
            (&header, "1234567890é", "not ASCII".to_owned()),
            (&header, "x-key: 1234567890", "begins with `X-Key:`".to_owned()),
            (&cookie, "1234567890; Path=/", "a semicolon, which a cookie cannot".to_owned()),
        ] {
            let why = no_key(value, &[kind]).expect(value);
            assert!(why.contains(&said), "{why}");
            assert!(!why.contains("1234567890") && !why.contains("dXNl"), "{why}");
        }
        for (kind, value) in [
            (&SchemeKind::Bearer, "app-1234567890"),
            (&SchemeKind::Bearer, "1|aB.c_d~e+f/g=="),
            (&SchemeKind::Bearer, "bearer-token-1234"),
            (&SchemeKind::Bearer, "\"half"),
            (&SchemeKind::Basic, "user:pass;wörd\""),
            (&SchemeKind::Basic, "Basic:password"),
            // The whole value is the key's, its first word too.
            (&header, "Bearer app-1234567890;x"),
            (&query, "clé;1234567890"),
        ] {
            assert_eq!(no_key(value, &[kind]), None, "{value}");
        }
        assert!(no_key("no-colon-here", &[&SchemeKind::Bearer, &SchemeKind::Basic]).is_some());
        assert_eq!(no_key("Bearer app;é", &[] as &[&SchemeKind]), None);
    }
}
