//! The key `public`: the variables whose values are not secrets, as the suite declares.

use std::collections::BTreeSet;

use super::context::Decoder;
use crate::location::{InputError, Span};
use crate::suite::credential::Credential;
use crate::suite::strict::{Strict, shown, suggestion};
use crate::suite::suite::Suite;
use crate::suite::texts::TextPlace;
use crate::tree::Node;

/// The variables that `public` lists, with where each stands.
pub(super) type PublicVariables = Vec<(String, Span)>;

impl Decoder<'_> {
    /// Reads `public`, and refuses the variable of a credential: it is always a secret.
    pub(super) fn public(&mut self, node: &Node, credentials: &[Credential]) -> PublicVariables {
        const HELP: &str = "Write a list of variables whose values may be shown, such as `public: [MODE]`.";
        let Some(items) = self.strict.sequence(node, "`public`", HELP) else { return Vec::new() };
        if items.is_empty() {
            self.strict.error(node.span, "`public` names no variable", HELP);
        }
        let mut listed: PublicVariables = Vec::new();
        for item in items {
            let name = self.strict.variable(item, "a variable of `public`");
            if name.is_empty() {
                continue;
            }
            if listed.iter().any(|(other, _)| *other == name) {
                let message = format!("`public` names `{}` twice", shown(&name));
                self.strict.error(item.span, message, "Remove one of them.");
            }
            if let Some(credential) = credentials.iter().find(|credential| credential.env() == Some(name.as_str())) {
                let message = format!(
                    "`public` names `{}`, which holds the credential `{}`",
                    shown(&name),
                    shown(&credential.name)
                );
                self.strict.error(item.span, message, "A credential is always a secret. Remove the variable here.");
            }
            listed.push((name, item.span));
        }
        listed
    }
}

/// The errors of `public`: a variable that the suite does not use, or that it sends as an Authorization value.
pub(super) fn refused(suite: &Suite, listed: &PublicVariables) -> Vec<InputError> {
    let mut strict = Strict::new(&suite.source);
    let named = suite.text_variables();
    let mut used: BTreeSet<&str> = named.iter().map(|(_, name)| *name).collect();
    used.extend(suite.object_variables());
    for (name, span) in listed {
        if !used.contains(name.as_str()) {
            let known: Vec<&str> = used.difference(&suite.credential_variables()).copied().collect();
            let help = match suggestion(name, &known, "It uses") {
                help if help.is_empty() => {
                    "Remove it: the suite uses only the variables of its credentials.".to_owned()
                }
                help => help,
            };
            strict.error(*span, format!("`public` names `{}`, which the suite does not use", shown(name)), help);
        } else if named.iter().any(|(place, other)| *place == TextPlace::Auth && other == name) {
            let message = format!("`public` names `{}`, which the suite sends as an Authorization value", shown(name));
            strict.error(*span, message, "An Authorization value is always a secret. Remove the variable here.");
        }
    }
    strict.finish()
}
