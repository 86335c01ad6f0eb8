//! The suite's credentials: taken from the environment, refused if they cannot be right, and tried before any case.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::case::{Auth, Case, Credential, Suite};
use crate::location::{InputError, InputErrors};
use crate::secret::Secrets;
use crate::spec::SchemeKind;

/// A credential shorter than this is refused unless the target is on this machine: it could not be told from ordinary
/// text when it is masked.
const SHORTEST: usize = 8;

/// The values of one suite's credentials, by their index in the suite.
#[derive(Clone, Default)]
pub struct Credentials {
    values: Vec<Option<String>>,
}

impl Credentials {
    /// Looks up every credential of a suite. `lookup` knows the environment (or the embedded reference's keys).
    ///
    /// An unset one stays `None`, which is an error only for a case that needs it (see [`missing`]); one that is set
    /// but empty, or cannot be sent in a header, is an error at once.
    pub fn resolve<'a>(
        suite: &Suite,
        lookup: impl Fn(&str) -> Option<&'a str>,
        loopback: bool,
    ) -> Result<Self, InputErrors> {
        let mut values = Vec::new();
        let mut errors = Vec::new();
        for credential in &suite.credentials {
            let value = lookup(&credential.env);
            match value.map(|value| refuse(value, loopback)) {
                Some(Some(why)) => errors.push(
                    InputError::at(suite.place(credential.span), format!("the variable {} {why}", credential.env))
                        .help(format!("set {} to the key itself, or unset it", credential.env)),
                ),
                _ => values.push(value.map(str::to_owned)),
            }
        }
        if errors.is_empty() { Ok(Self { values }) } else { Err(InputErrors(errors)) }
    }

    /// The values by index.
    pub fn values(&self) -> &[Option<String>] {
        &self.values
    }

    /// Whether a credential has a value.
    pub fn has(&self, index: usize) -> bool {
        self.values.get(index).is_some_and(Option::is_some)
    }

    /// Tells the mask about every value; of `user:password`, where the document has such logins, also about the password
    /// alone and the whole as it is sent.
    pub fn register(&self, suite: &Suite, secrets: &mut Secrets) {
        let logins = suite.document.schemes.iter().any(|scheme| matches!(scheme.kind, SchemeKind::Basic));
        for (credential, value) in suite.credentials.iter().zip(&self.values) {
            let Some(value) = value else { continue };
            secrets.add(&credential.env, value);
            if let Some((_, password)) = value.split_once(':').filter(|_| logins) {
                secrets.add(&credential.env, password);
                secrets.add(&credential.env, &BASE64_STANDARD.encode(value));
            }
        }
    }
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Credentials({} of {} set)", self.values.iter().flatten().count(), self.values.len())
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

/// The credentials that a case needs: those of its steps, and of the states it is given.
pub fn needed(suite: &Suite, case: &Case) -> BTreeSet<usize> {
    let steps = case.steps.iter();
    let states = case.given.iter().filter_map(|given| suite.states.get(given.state)).flat_map(|state| {
        [Some(&state.make), state.exists.as_ref().map(|exists| &exists.call), state.undo.as_ref()].into_iter().flatten()
    });
    steps
        .chain(states)
        .filter_map(|step| match step.auth {
            Auth::Credential(index) => Some(index),
            Auth::None | Auth::Header(_) => None,
        })
        .collect()
}

/// Why a case is skipped: an optional credential that it needs is unset.
pub fn skip_reason(suite: &Suite, case: &Case, has: impl Fn(&Credential) -> bool) -> Option<String> {
    needed(suite, case)
        .into_iter()
        .map(|index| &suite.credentials[index])
        .find(|credential| credential.optional && !has(credential))
        .map(|credential| format!("{} is not set (credential {})", credential.env, credential.name))
}

/// An error for every credential that some selected case needs and nobody set.
pub fn missing(suite: &Suite, cases: &[&Case], credentials: &Credentials) -> Vec<InputError> {
    let wanted: BTreeSet<usize> = cases.iter().flat_map(|case| needed(suite, case)).collect();
    wanted
        .into_iter()
        .filter(|index| !credentials.has(*index) && !suite.credentials[*index].optional)
        .map(|index| {
            let credential = &suite.credentials[index];
            InputError::at(suite.place(credential.span), format!("the variable {} is not set", credential.env)).help(
                format!(
                    "set {} to the credential that this suite calls {}, or unset API_BASE_URL to run against the \
                     embedded reference",
                    credential.env, credential.name
                ),
            )
        })
        .collect()
}

/// An error for every two credentials with the same value: what one may do and the other may not could not be told.
pub fn doubled(suite: &Suite, credentials: &Credentials) -> Vec<InputError> {
    let mut errors = Vec::new();
    for (index, value) in credentials.values.iter().enumerate() {
        let Some(value) = value else { continue };
        let earlier = credentials.values[..index].iter().position(|other| other.as_ref() == Some(value));
        let Some(earlier) = earlier.map(|at| &suite.credentials[at]) else { continue };
        let credential = &suite.credentials[index];
        if earlier.env != credential.env {
            errors.push(
                InputError::at(
                    suite.place(credential.span),
                    format!("{} and {} hold the same key", earlier.env, credential.env),
                )
                .help(format!("give {} the key that this suite calls {}", credential.env, credential.name)),
            );
        }
    }
    errors
}
