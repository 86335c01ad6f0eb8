//! Which values become secrets because the run sends them as credentials: values from a response, such as the token of a
//! login, that a step puts into its Authorization field or where a security scheme of the document expects a key.

use serde_json::Value;

use super::step::{Auth, Step};
use super::suite::Suite;
use super::template::{Reference, Text, Values};
use crate::secret::Secrets;
use crate::spec::{ParameterIn, SchemeKind};

/// Whether a step of the suite may send as a credential what an answer gave. The run learns a secret then.
pub fn may_learn_secrets(suite: &Suite) -> bool {
    let is_capture = |reference: &Reference| matches!(reference, Reference::Capture { .. });
    suite.steps().any(|step| credential_texts(step, suite).into_iter().flat_map(Text::references).any(is_capture))
}

/// Adds the captures that a step sends as credentials to the secrets of the run.
pub(super) fn learn_credentials(step: &Step, suite: &Suite, origin: &str, base_path: &str, values: &Values) {
    for reference in credential_texts(step, suite).into_iter().flat_map(Text::references) {
        let Reference::Capture { given, name } = reference else { continue };
        let Some(value) = values.captures.get(given).and_then(|captured| captured.get(name)) else { continue };
        let value = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        learn_secret(suite, [origin, base_path, &values.user], &values.secrets, &value);
    }
}

/// Adds a value that an answer gave and that the run sends as a credential to the secrets of the run. `known` holds texts that
/// every report may hold. A value that also stands there, or in the suite, the document or their names, is not a secret.
pub fn learn_secret(suite: &Suite, known: [&str; 3], secrets: &Secrets, value: &str) {
    // A response may give the token with its scheme, such as `Bearer abc`.
    let bare = value.rsplit([' ', '\t']).next().unwrap_or_default();
    for secret in [bare, value] {
        let document = &suite.document.source;
        let texts = [suite.source.text(), document.text(), &suite.id, suite.source.name(), document.name()];
        let holds = |text: &&str| memchr::memmem::find(text.as_bytes(), secret.as_bytes()).is_some();
        if !texts.iter().chain(&known).any(holds) {
            secrets.learn(secret);
        }
    }
}

/// The texts that a step sends as credentials.
fn credential_texts<'a>(step: &'a Step, suite: &Suite) -> Vec<&'a Text> {
    let mut sent: Vec<&Text> = Vec::new();
    if let Auth::Header(text) = &step.auth {
        sent.push(text);
    }
    let schemes = || suite.document.schemes.iter().map(|scheme| &scheme.kind);
    for (name, value) in &step.header {
        let named = |kind: &SchemeKind| match kind {
            SchemeKind::ApiKey(ParameterIn::Header, key) => name.eq_ignore_ascii_case(key),
            SchemeKind::ApiKey(ParameterIn::Cookie, _) => name.eq_ignore_ascii_case("cookie"),
            _ => false,
        };
        let login = ["authorization", "proxy-authorization"].iter().any(|known| name.eq_ignore_ascii_case(known));
        if login || schemes().any(named) {
            sent.extend(value.texts());
        }
    }
    for (place, values) in [(ParameterIn::Query, &step.query), (ParameterIn::Cookie, &step.cookie)] {
        for (name, value) in values {
            if schemes().any(|kind| matches!(kind, SchemeKind::ApiKey(of, key) if *of == place && key == name)) {
                sent.extend(value.texts());
            }
        }
    }
    sent
}
