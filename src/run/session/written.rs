//! Secrets that a suite's requests hold beside its credentials: Authorization values that it writes out, and variables
//! that it puts into header fields or whose names say that they are secret.

use std::collections::BTreeMap;

use crate::case::{Auth, Body, Part, Reference, Step, Suite, Text};
use crate::location::InputError;
use crate::secret::Secrets;

/// A shorter value stands in too many texts that have nothing to do with it.
const SHORTEST: usize = 8;

/// Parts of a variable's name that say that its value is secret.
const SECRET_NAMES: &[&str] = &["AUTH", "CREDENTIAL", "KEY", "PASS", "PRIVATE", "SECRET", "TOKEN"];

/// Tells the mask about them. A variable for an Authorization value that is too short to be masked is an error unless the
/// target is on this machine, as it is for a credential.
pub(super) fn register(
    suite: &Suite,
    env: &BTreeMap<String, String>,
    loopback: bool,
    secrets: &mut Secrets,
) -> Vec<InputError> {
    let mut errors = Vec::new();
    for step in steps(suite) {
        if let Auth::Header(text) = &step.auth {
            for (name, value) in variables(text, env) {
                if value.len() < SHORTEST && !loopback {
                    let message = format!(
                        "the variable {name} holds fewer than {SHORTEST} characters, too few to be masked safely"
                    );
                    errors.push(
                        InputError::at(suite.place(text.span), message).help(format!("set {name} to the key itself")),
                    );
                }
                if let Some(word) = doubled_word(text, value) {
                    let message =
                        format!("the variable {name} begins with `{word} `, which the suite writes before it");
                    errors.push(
                        InputError::at(suite.place(text.span), message).help(format!("set {name} to the key itself")),
                    );
                }
                secrets.add(name, value);
            }
            if let Some(written) = text.literal() {
                // What is behind the scheme. It is in a file for all to read, so to repeat it is to give nothing away.
                let value = written.split_once(' ').map_or(written, |(_, value)| value).trim();
                if value.len() >= SHORTEST {
                    secrets.add_unnamed(value);
                }
            }
        }
        for (_, text) in &step.header {
            let long = |(_, value): &(&str, &str)| value.len() >= SHORTEST;
            variables(text, env).filter(long).for_each(|(name, value)| secrets.add(name, value));
        }
        let body = match &step.body {
            Body::None => Vec::new(),
            Body::Json(json) => json.texts(),
            Body::Raw(text) => vec![text],
        };
        for text in body.into_iter().chain(step.query.iter().map(|(_, text)| text)) {
            let secret = |(name, value): &(&str, &str)| {
                let name = name.to_ascii_uppercase();
                value.len() >= SHORTEST && SECRET_NAMES.iter().any(|part| name.contains(part))
            };
            variables(text, env).filter(secret).for_each(|(name, value)| secrets.add(name, value));
        }
    }
    errors
}

/// The scheme's word that stands before the values of a text and at the start of this one again.
fn doubled_word<'a>(text: &'a Text, value: &str) -> Option<&'a str> {
    let Some(Part::Literal(start)) = text.parts.first() else { return None };
    let word = start.trim();
    let (again, _) = value.split_once([' ', '\t'])?;
    (!word.is_empty() && again.eq_ignore_ascii_case(word)).then_some(word)
}

fn steps(suite: &Suite) -> impl Iterator<Item = &Step> {
    let states = suite.states.iter().flat_map(|state| {
        [Some(&state.make), state.exists.as_ref().map(|exists| &exists.call), state.undo.as_ref()].into_iter().flatten()
    });
    let checks = suite.credentials.iter().filter_map(|credential| credential.check.as_ref());
    suite.cases.iter().flat_map(|case| &case.steps).chain(states).chain(checks)
}

/// The variables in a text, with their values.
fn variables<'a>(text: &'a Text, env: &'a BTreeMap<String, String>) -> impl Iterator<Item = (&'a str, &'a str)> {
    text.parts.iter().filter_map(|part| match part {
        Part::Value(Reference::Env(name), _) => Some((name.as_str(), env.get(name)?.as_str())),
        _ => None,
    })
}
