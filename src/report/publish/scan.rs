//! The last look at a report before it is written: no credential may be in it.

use std::borrow::Cow;

use serde_json::Value;

use crate::report::format::{Format, Syntax};
use crate::report::{json, junit};
use crate::secret::Secrets;

/// A report with every credential masked that got this far. None should: everything was masked when it was read, so
/// one that is found here is a defect of this program, and is said.
pub(super) fn scanned(format: &Format, text: String, secrets: &Secrets, problems: &mut Vec<String>) -> String {
    // What was learned and may be a word is in every report by right, as the word.
    let secrets = &secrets.unmistakable();
    let masked = match secrets.mask_str(&text) {
        Cow::Borrowed(_) => None,
        Cow::Owned(masked) => (masked != text).then_some(masked),
    };
    let Some(masked) = masked else { return text };
    let problem = format!(
        "the {} report held a credential; it was masked before it was written, and this is a defect to be reported",
        format.name
    );
    if !problems.contains(&problem) {
        problems.push(problem);
    }
    match format.syntax {
        Syntax::Plain => masked,
        Syntax::Json => mask_json(&text, secrets).unwrap_or_else(|| json::written(&Value::String(masked))),
        Syntax::JUnit => junit::masked(&text, secrets),
    }
}

/// Masks inside string values only, so that the text stays JSON whatever the credential is.
fn mask_json(text: &str, secrets: &Secrets) -> Option<String> {
    let mut value = serde_json::from_str(text).ok()?;
    mask_values(&mut value, secrets);
    Some(json::written(&value))
}

/// Masks inside the string values of a JSON value.
pub(in crate::report) fn mask_values(value: &mut Value, secrets: &Secrets) {
    match value {
        Value::String(text) => {
            if let Cow::Owned(masked) = secrets.mask_str(text) {
                *text = masked;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| mask_values(item, secrets)),
        Value::Object(members) => members.values_mut().for_each(|member| mask_values(member, secrets)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
