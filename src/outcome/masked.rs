//! An outcome without what became a secret only after some of it was kept.

use std::sync::Arc;

use super::{CaseOutcome, RunOutcome};
use crate::secret::Secrets;

impl RunOutcome {
    /// The outcome with the secrets masked that the run has learned: a token of a login is one from the moment it is sent,
    /// and what the login answered was kept before.
    #[must_use]
    pub fn masked(mut self, secrets: &Secrets) -> Self {
        if !secrets.has_learned() {
            return self;
        }
        for case in &mut self.cases {
            case.mask(secrets);
        }
        for left in &mut self.left_behind {
            for text in [&mut left.id, &mut left.user, &mut left.reason] {
                secrets.mask_again(text);
            }
        }
        self.notes.iter_mut().for_each(|note| secrets.mask_again(note));
        for tried in &mut self.preflight {
            secrets.mask_again(&mut tried.found);
            tried.help.iter_mut().for_each(|help| secrets.mask_again(help));
        }
        if let Some(trouble) = &mut self.trouble {
            secrets.mask_again(&mut trouble.message);
            trouble.help.iter_mut().for_each(|help| secrets.mask_again(help));
        }
        self
    }
}

impl CaseOutcome {
    /// Masks the secrets that the run has learned.
    pub fn mask(&mut self, secrets: &Secrets) {
        if !secrets.has_learned() {
            return;
        }
        self.reason.iter_mut().chain(&mut self.notes).for_each(|text| secrets.mask_again(text));
        for found in &mut self.findings {
            let finding = &mut found.finding;
            let said = [&mut finding.expected, &mut finding.actual, &mut finding.advice].into_iter().flatten();
            std::iter::once(&mut finding.message).chain(said).for_each(|text| secrets.mask_again(text));
        }
        let Some(transcript) = &mut self.transcript else { return };
        for step in &mut Arc::make_mut(transcript).steps {
            let texts = [&mut step.role, &mut step.curl];
            texts.into_iter().chain(&mut step.end).for_each(|text| secrets.mask_again(text));
            secrets.mask_again_bytes(&mut step.request);
            secrets.mask_again_bytes(&mut step.answer);
        }
    }
}
