//! `oneOf`, `anyOf` and `discriminator` as keywords of our own: each schema that they hold is compiled by itself, when it is
//! first asked.
//!
//! So a discriminator can choose one of them, what is wrong can be told of each, and what came of a value is kept for as
//! long as one body is judged. Without that, schemas that refer to themselves in two branches ask about every level of a
//! body twice as often as about the one above it: some twenty levels would take minutes.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, Weak};

use serde_json::Value;

use super::discriminator::{Choice, Chosen};
use super::noted::Assertion;
use super::schema::Compiler;

/// A place in the document where one of these keywords stands.
#[derive(Debug)]
pub(super) struct Site {
    /// The pointer of the keyword.
    pub(super) pointer: String,
    /// How many schemas stand there; none under a discriminator that stands beside neither of the others.
    pub(super) count: usize,
    /// Whether exactly one must fit.
    pub(super) exactly_one: bool,
    /// The discriminator that chooses here.
    pub(super) choice: Option<Choice>,
}

impl Site {
    /// `oneOf`, `anyOf` or `discriminator`.
    pub(super) fn keyword(&self) -> &str {
        self.pointer.rsplit('/').next().unwrap_or_default()
    }

    /// The pointers of its schemas.
    pub(super) fn schemas(&self) -> impl Iterator<Item = String> {
        (0..self.count).map(|index| format!("{}/{index}", self.pointer))
    }
}

/// Whether a value fits what stands at a site.
pub(super) fn fits(compiler: &Arc<Compiler>, index: usize, value: &Value) -> bool {
    let Some(site) = compiler.sites.get(index) else { return true };
    // A schema that leads to itself without going into the value says nothing more.
    let Some(asked) = Asked::begin(index, value) else { return true };
    if let Some(fits) = asked.known() {
        return fits;
    }
    let fitting = |schema: &str| compiler.fits(schema, value);
    asked.answer(match site.choice.as_ref().map(|choice| choice.chosen(value)) {
        Some(Chosen::Schema(chosen)) => fitting(chosen),
        Some(Chosen::Missing | Chosen::Unknown(_)) => false,
        Some(Chosen::NoObject) | None if site.count == 0 => true,
        Some(Chosen::NoObject) | None if site.exactly_one => {
            site.schemas().filter(|schema| fitting(schema)).take(2).count() == 1
        }
        Some(Chosen::NoObject) | None => site.schemas().any(|schema| fitting(&schema)),
    })
}

/// A site, by its index, and a value, by its address.
type Question = (usize, *const Value);

/// What is asked in the judgement of one value.
#[derive(Default)]
struct Questions {
    /// Those that have no answer yet.
    open: Vec<Question>,
    /// The answers.
    known: HashMap<Question, bool>,
    /// How many judgements are under way, one within the other.
    judgements: usize,
}

thread_local! {
    static QUESTIONS: RefCell<Questions> = RefCell::default();
}

/// The judgement of one value, which stays where it is meanwhile.
pub(super) struct Judgement;

impl Judgement {
    pub(super) fn begin() -> Self {
        QUESTIONS.with_borrow_mut(|questions| questions.judgements += 1);
        Self
    }
}

impl Drop for Judgement {
    fn drop(&mut self) {
        QUESTIONS.with_borrow_mut(|questions| {
            questions.judgements -= 1;
            if questions.judgements == 0 {
                *questions = Questions::default();
            }
        });
    }
}

/// A question that is open until this is dropped.
pub(super) struct Asked(Question);

impl Asked {
    /// Asks; none if the question is open already.
    pub(super) fn begin(site: usize, value: &Value) -> Option<Self> {
        let question = (site, std::ptr::from_ref(value));
        QUESTIONS.with_borrow_mut(|questions| {
            if questions.open.contains(&question) {
                return None;
            }
            questions.open.push(question);
            Some(Self(question))
        })
    }

    fn known(&self) -> Option<bool> {
        QUESTIONS.with_borrow(|questions| questions.known.get(&self.0).copied())
    }

    /// Keeps the answer, unless another question about the same value is open, whose answer may have a part in it.
    fn answer(self, fits: bool) -> bool {
        QUESTIONS.with_borrow_mut(|questions| {
            let others = questions.open.iter().filter(|(_, value)| *value == self.0.1).count() > 1;
            if !others && questions.judgements > 0 {
                questions.known.insert(self.0, fits);
            }
        });
        fits
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        QUESTIONS.with_borrow_mut(|questions| questions.open.retain(|open| *open != self.0));
    }
}

/// The keyword, ready to check instances. What is wrong is worked out anew where it is told (`Schema::violations`).
pub(super) struct Combined {
    compiler: Weak<Compiler>,
    site: usize,
}

impl Combined {
    /// The keyword at a place, if it says something there.
    pub(super) fn at(compiler: &Weak<Compiler>, keyword: &str) -> Option<Self> {
        let site = compiler.upgrade()?.site(keyword)?;
        Some(Self { compiler: Weak::clone(compiler), site })
    }
}

impl Assertion for Combined {
    fn holds(&self, value: &Value) -> bool {
        // Whoever asks a schema holds its compiler.
        self.compiler.upgrade().is_none_or(|compiler| fits(&compiler, self.site, value))
    }

    fn wrong(&self, _: &Value) -> Vec<String> {
        vec!["it fits none of the schemas here".to_owned()]
    }
}
