//! The key `public`: the variables whose values a suite declares to be no secrets.

use std::collections::BTreeSet;

use super::decode::Decoder;
use super::strict::{Strict, shown, suggestion};
use super::texts::Spot;
use super::{Credential, Suite};
use crate::location::{InputError, Span};
use crate::tree::Node;

/// The variables that `public` lists, with where each stands.
pub(super) type Listed = Vec<(String, Span)>;

impl Decoder<'_> {
    /// Reads `public`. The variable of a credential is always a secret.
    pub(super) fn public(&mut self, node: &Node, credentials: &[Credential]) -> Listed {
        const HELP: &str = "Write a list of variables whose values anybody may see, such as `public: [MODE]`.";
        let Some(items) = self.strict.sequence(node, "`public`", HELP) else { return Vec::new() };
        if items.is_empty() {
            self.strict.error(node.span, "`public` names no variable", HELP);
        }
        let mut listed: Listed = Vec::new();
        for item in items {
            let name = self.strict.variable(item, "a variable of `public`");
            if name.is_empty() {
                continue;
            }
            if listed.iter().any(|(other, _)| *other == name) {
                let message = format!("`public` names `{}` twice", shown(&name));
                self.strict.error(item.span, message, "Remove one of them.");
            }
            if let Some(credential) = credentials.iter().find(|credential| credential.env == name) {
                let message = format!(
                    "`public` names `{}`, which holds the credential `{}`",
                    shown(&name),
                    shown(&credential.name)
                );
                self.strict.error(item.span, message, "A credential is always a secret. Remove its variable here.");
            }
            listed.push((name, item.span));
        }
        listed
    }
}

/// What is wrong with what a suite declares: a variable that it uses nowhere, or that it sends as an Authorization value.
pub(super) fn refused(suite: &Suite, listed: &Listed) -> Vec<InputError> {
    let mut strict = Strict::new(&suite.source);
    let named = suite.text_variables();
    let mut used: BTreeSet<&str> = named.iter().map(|(_, name)| *name).collect();
    used.extend(suite.object_variables());
    for (name, span) in listed {
        if !used.contains(name.as_str()) {
            let known: Vec<&str> = used.difference(&suite.credential_variables()).copied().collect();
            let help = match suggestion(name, &known, "It uses") {
                help if help.is_empty() => "Remove it: the suite uses no variable but those of credentials.".to_owned(),
                help => help,
            };
            strict.error(*span, format!("`public` names `{}`, which the suite uses nowhere", shown(name)), help);
        } else if named.iter().any(|(spot, other)| *spot == Spot::Auth && other == name) {
            let message = format!("`public` names `{}`, which the suite sends as an Authorization value", shown(name));
            strict.error(*span, message, "What is sent there is always a secret. Remove it here.");
        }
    }
    strict.finish()
}
