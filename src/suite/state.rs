//! A provider state: how the run makes an object, asks whether it exists and removes it.

use std::time::Duration;

use super::expectation::Expectation;
use super::step::Step;
use super::template::{JsonTemplate, Reference};
use crate::location::{Pointer, Span};

/// A provider state.
#[derive(Debug)]
pub struct State {
    /// Its name in the suite.
    pub name: String,
    /// The call that makes an object; its `expect` is the response that means success.
    pub make: Step,
    /// The values that are kept from the response to `make`: a name and a pointer into the JSON body.
    pub capture: Vec<(String, Pointer)>,
    /// The captures that name the object: each of them alone is the object. Empty if the state has no captures.
    pub id: Vec<String>,
    /// The requests that ask whether the object exists.
    pub exists: Option<Exists>,
    /// The requests that remove the object.
    pub undo: Option<Undo>,
    /// The response to `undo` when the object is already gone.
    pub gone: Option<Expectation>,
    /// How long the run repeats a call that contradicts what it expects: the longest `within` of the state, its `exists`,
    /// `undo` and `gone`, and where that one stands.
    pub within: Option<(Duration, Span)>,
    /// The variable with objects that the run may use up instead of making one: `ID[@USER],…`. The id becomes the value
    /// of the first name under `id`.
    pub from_env: Option<String>,
    /// Where it stands.
    pub span: Span,
}

impl State {
    /// Every request of the state: the one that makes an object, those of `exists`, those of `undo`.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        let exists = self.exists.iter().flat_map(Exists::steps);
        std::iter::once(&self.make).chain(exists).chain(self.undo.iter().flat_map(Undo::steps))
    }

    /// Whether every request about an object can be written with its ids alone, without another capture.
    pub fn needs_only_ids(&self) -> bool {
        let steps = self.exists.iter().flat_map(Exists::steps).chain(self.undo.iter().flat_map(Undo::steps));
        let mut texts = Vec::new();
        steps.for_each(|step| step.add_texts(&mut texts));
        texts.iter().flat_map(|(_, text)| text.references()).all(|reference| match reference {
            Reference::Capture { given, name } if given.is_empty() => self.is_id(name),
            _ => true,
        })
    }

    /// Whether a capture names the object.
    pub fn is_id(&self, capture: &str) -> bool {
        self.id.iter().any(|id| id == capture)
    }

    /// The capture that is the object's id in reports and in the journal, with its pointer.
    pub fn first_id(&self) -> Option<&(String, Pointer)> {
        let id = self.id.first()?;
        self.capture.iter().find(|(name, _)| name == id)
    }
}

/// How the run asks whether an object exists.
#[derive(Debug)]
pub struct Exists {
    /// The looks, in order; at least one. The object exists if all say yes. The first that says something else decides.
    pub looks: Vec<Look>,
}

/// One request of `exists`.
#[derive(Debug)]
pub struct Look {
    /// The call; its `expect` is not used.
    pub call: Step,
    /// The response that says yes: a status and, if the suite has them, values of the body. With `contains`: the response
    /// that has the list.
    pub yes: Expectation,
    /// The response that says no. With `contains`: the response that says no without a list; no status if there is none.
    pub no: Expectation,
    /// The list that must have the object.
    pub contains: Option<Contains>,
}

/// A list in a response that has the object if it exists.
#[derive(Debug)]
pub struct Contains {
    /// Where the values of the list are; `*` matches any one segment.
    pub values: Pointer,
    /// The value of the object.
    pub wanted: JsonTemplate,
    /// How the next page is found.
    pub pages: Pages,
}

/// How the next page of a list is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pages {
    /// By a `Link` field with `rel=next`, if the response has one.
    Link,
    /// The body has the URL of the next page.
    Body(Pointer),
    /// A field has the URL of the next page.
    Field(String),
    /// A query parameter counts the pages or the items before them.
    Numbered {
        /// The parameter.
        query: String,
        /// Its value for the first page.
        from: u64,
        /// What is added for each further page.
        step: u64,
    },
    /// The body has a value that a query parameter of the next request takes.
    Cursor {
        /// Where the value is.
        cursor: Pointer,
        /// The parameter.
        query: String,
    },
}

/// How the run removes an object.
#[derive(Debug)]
pub struct Undo {
    /// The requests before the last one, in order. Each must be answered as it expects.
    pub before: Vec<Step>,
    /// The last request, of the suite's operation or a call. Its `expect` is the response that means that the object was
    /// removed.
    pub last: Step,
}

impl Exists {
    /// Its requests, in order.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.looks.iter().map(|look| &look.call)
    }

    /// Whether one response alone decides. Otherwise several looks or several pages may do so together.
    pub fn is_one_response(&self) -> bool {
        matches!(self.looks.as_slice(), [Look { contains: None, .. }])
    }
}

impl Undo {
    /// Its requests, in order.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.before.iter().chain(std::iter::once(&self.last))
    }
}
