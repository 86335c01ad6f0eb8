//! What becomes a secret because it is sent as a credential: a value that an answer gave, such as the token of a login, and
//! that a step puts into its Authorization field or where a security scheme of the document looks for a key.

use serde_json::Value;

use super::{Auth, Reference, Step, Suite, Text, Values};
use crate::spec::{ParameterIn, SchemeKind};

impl Suite {
    /// Whether a step may send as a credential what an answer gave, which then becomes a secret.
    pub fn may_learn_secrets(&self) -> bool {
        let is_capture = |reference: &Reference| matches!(reference, Reference::Capture { .. });
        self.steps().any(|step| step.credential_texts(self).into_iter().flat_map(Text::references).any(is_capture))
    }
}

impl Step {
    /// The texts that the step sends as credentials.
    fn credential_texts(&self, suite: &Suite) -> Vec<&Text> {
        let mut sent: Vec<&Text> = Vec::new();
        if let Auth::Header(text) = &self.auth {
            sent.push(text);
        }
        let schemes = || suite.document.schemes.iter().map(|scheme| &scheme.kind);
        for (name, text) in &self.header {
            let named = |kind: &SchemeKind| match kind {
                SchemeKind::ApiKey(ParameterIn::Header, key) => name.eq_ignore_ascii_case(key),
                SchemeKind::ApiKey(ParameterIn::Cookie, _) => name.eq_ignore_ascii_case("cookie"),
                _ => false,
            };
            let login = ["authorization", "proxy-authorization"].iter().any(|known| name.eq_ignore_ascii_case(known));
            if login || schemes().any(named) {
                sent.push(text);
            }
        }
        for (name, text) in &self.query {
            if schemes().any(|kind| matches!(kind, SchemeKind::ApiKey(ParameterIn::Query, key) if key == name)) {
                sent.push(text);
            }
        }
        sent
    }

    /// Tells the mask of this run about the captures that the step sends as credentials. One that stands in the suite or the
    /// document for all to read, in their names, the target's or the run's user, is no secret, and masking it would tear
    /// reports apart.
    pub(super) fn learn(&self, suite: &Suite, origin: &str, base_path: &str, values: &Values) {
        for reference in self.credential_texts(suite).into_iter().flat_map(Text::references) {
            let Reference::Capture { given, name } = reference else { continue };
            let Some(value) = values.captures.get(given).and_then(|captured| captured.get(name)) else { continue };
            let value = match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            // An answer may give the scheme's word with the token.
            let bare = value.rsplit([' ', '\t']).next().unwrap_or_default();
            for secret in [bare, value.as_str()] {
                let document = &suite.document.source;
                let texts = [suite.source.text(), document.text(), &suite.id, suite.source.name(), document.name()];
                let known = [origin, base_path, &values.user];
                let holds = |text: &&str| memchr::memmem::find(text.as_bytes(), secret.as_bytes()).is_some();
                if !texts.iter().chain(&known).any(holds) {
                    values.secrets.learn(secret);
                }
            }
        }
    }
}
