//! Refusing, before anything is sent, what the guard would refuse anyway: path values that a suite holds as they are and
//! that could name a real object.

use std::collections::BTreeMap;

use crate::case::{Action, Case, PathValue, Reference, Suite, Text};
use crate::location::InputError;
use crate::transport::Guard;

/// An error for every literal (or environment value) in a judged path of the case that could be a real id. Values that
/// the run itself makes are judged when they are known.
pub(super) fn refused(suite: &Suite, case: &Case, env: &BTreeMap<String, String>) -> Vec<InputError> {
    let judged = case.steps.iter().filter(|step| matches!(step.action, Action::Operation(_)));
    judged
        .flat_map(|step| &step.path)
        .filter_map(|(_, PathValue::Encoded(text) | PathValue::Raw(text))| {
            let value = as_written(text, env)?;
            if may_be_used_up(suite, &value, env) {
                return None;
            }
            let refusal = Guard::literal(&value).err()?;
            Some(InputError { message: refusal.message, place: Some(suite.place(text.span)), help: refusal.help })
        })
        .collect()
}

/// The text, if nothing in it comes from this run.
fn as_written(text: &Text, env: &BTreeMap<String, String>) -> Option<String> {
    if text.references().any(|reference| !matches!(reference, Reference::Env(_))) {
        return None;
    }
    let mut out = String::new();
    for part in &text.parts {
        match part {
            crate::case::Part::Literal(literal) => out.push_str(literal),
            crate::case::Part::Value(Reference::Env(name), _) => out.push_str(env.get(name)?),
            crate::case::Part::Value(..) => return None,
        }
    }
    Some(out)
}

/// Whether a variable hands the value over to be used up.
fn may_be_used_up(suite: &Suite, value: &str, env: &BTreeMap<String, String>) -> bool {
    suite
        .states
        .iter()
        .filter_map(|state| env.get(state.from_env.as_ref()?))
        .any(|list| list.split(',').any(|item| item.trim().split('@').next() == Some(value)))
}
