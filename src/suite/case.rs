//! A case of a suite.

use super::step::{Action, Step};
use super::template::{Reference, Text};
use crate::location::Span;

/// A case.
#[derive(Debug)]
pub struct Case {
    /// `suite/case`.
    pub id: String,
    /// Its name in the file.
    pub name: String,
    /// What it is about, one sentence.
    pub about: Option<String>,
    /// The smallest profile that has it.
    pub profile: Profile,
    /// The objects that it needs.
    pub given: Vec<Given>,
    /// Its request and, in order, those of `then`.
    pub steps: Vec<Step>,
    /// Where it says `invalid: true`: one of its requests means to break the document.
    pub invalid: Option<Span>,
    /// Where its name stands.
    pub span: Span,
}

/// One object that a case needs.
#[derive(Debug)]
pub struct Given {
    /// The name by which placeholders mean it.
    pub name: String,
    /// Its state: an index into [`Suite::states`](super::Suite::states).
    pub state: usize,
    /// Where it stands.
    pub span: Span,
}

/// The profiles, smallest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Profile {
    /// What the document itself promises.
    Core,
    /// Core, and what the suite adds.
    Extended,
}

impl Case {
    /// Whether a step (an index into [`Case::steps`]) names an object (an index into [`Case::given`]) in its path: a
    /// path value of an operation, or the path of a call, holds one of the object's captures.
    pub fn names(&self, step: usize, given: usize) -> bool {
        let (Some(step), Some(given)) = (self.steps.get(step), self.given.get(given)) else { return false };
        let of_given = |text: &Text| {
            text.references().any(|one| matches!(one, Reference::Capture { given: name, .. } if *name == given.name))
        };
        let in_call = matches!(&step.action, Action::Call { path, .. } if of_given(path));
        in_call || step.path.iter().flat_map(|(_, value)| value.texts()).any(of_given)
    }
}
