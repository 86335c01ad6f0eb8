//! Our own keywords, and how they tell what is wrong: by notes of the value's address, instead of by errors of the
//! compiler, each of which holds a copy of the value. Where every level of a deep body is wrong, those copies would be
//! the body many times over.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use jsonschema::{Keyword, ValidationError};
use serde_json::Value;

use super::raw::escape;

/// How many notes are kept of one value.
const MAX_NOTES: usize = 100;

/// What a keyword asserts.
pub(super) trait Assertion: Send + Sync {
    /// Whether it holds of a value.
    fn holds(&self, value: &Value) -> bool;

    /// What is wrong with a value of which it does not hold: one or several messages.
    fn wrong(&self, value: &Value) -> Vec<String>;
}

/// A keyword of our own.
pub(super) struct Own<A> {
    /// The pointer of the keyword in the document.
    pub(super) pointer: Arc<str>,
    pub(super) assertion: A,
}

/// Something that is wrong.
pub(super) struct Note {
    /// The pointer of the keyword in the document.
    pub(super) keyword: Arc<str>,
    /// The value, by its address.
    value: *const Value,
    /// What is wrong.
    pub(super) messages: Vec<String>,
}

thread_local! {
    /// The notes that are being taken, while what is wrong is gathered.
    static NOTES: RefCell<Option<Vec<Note>>> = const { RefCell::new(None) };
}

/// Takes notes while something is done.
pub(super) fn during<T>(doing: impl FnOnce() -> T) -> (T, Vec<Note>) {
    /// Stops taking notes also where a panic ends it.
    struct Stop;
    impl Drop for Stop {
        fn drop(&mut self) {
            NOTES.set(None);
        }
    }
    NOTES.set(Some(Vec::new()));
    let _stop = Stop;
    let done = doing();
    (done, NOTES.take().unwrap_or_default())
}

impl<'i, A: Assertion> Keyword<'i> for Own<A> {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        if self.assertion.holds(instance) {
            return Ok(());
        }
        let message = self.assertion.wrong(instance).into_iter().next().unwrap_or_default();
        Err(ValidationError::custom(message))
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        self.assertion.holds(instance)
    }

    fn iter_errors(&self, instance: &'i Value) -> Box<dyn Iterator<Item = ValidationError<'i>> + 'i> {
        if self.assertion.holds(instance) {
            return Box::new(std::iter::empty());
        }
        let noted = NOTES.with_borrow_mut(|notes| {
            let Some(notes) = notes else { return false };
            if notes.len() < MAX_NOTES {
                let messages = self.assertion.wrong(instance);
                notes.push(Note { keyword: Arc::clone(&self.pointer), value: instance, messages });
            }
            true
        });
        if noted {
            return Box::new(std::iter::empty());
        }
        let error = |message| -> ValidationError<'i> { ValidationError::custom(message) };
        Box::new(self.assertion.wrong(instance).into_iter().map(error))
    }
}

/// The notes about parts of a value, each with the part and its place.
pub(super) fn placed<'v>(value: &'v Value, notes: Vec<Note>) -> Vec<(Note, &'v Value, String)> {
    let mut wanted: HashMap<*const Value, Option<(&'v Value, String)>> =
        notes.iter().map(|note| (note.value, None)).collect();
    let mut left = wanted.len();
    find(value, &mut String::new(), &mut wanted, &mut left);
    notes
        .into_iter()
        .filter_map(|note| {
            let (value, place) = wanted.get(&note.value)?.clone()?;
            Some((note, value, place))
        })
        .collect()
}

fn find<'v>(
    value: &'v Value,
    at: &mut String,
    wanted: &mut HashMap<*const Value, Option<(&'v Value, String)>>,
    left: &mut usize,
) {
    if *left == 0 {
        return;
    }
    if let Some(found) = wanted.get_mut(&std::ptr::from_ref(value)) {
        *found = Some((value, at.clone()));
        *left -= 1;
    }
    let length = at.len();
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                at.push('/');
                at.push_str(&index.to_string());
                find(item, at, wanted, left);
                at.truncate(length);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                at.push('/');
                at.push_str(&escape(name));
                find(member, at, wanted, left);
                at.truncate(length);
            }
        }
        _ => {}
    }
}
