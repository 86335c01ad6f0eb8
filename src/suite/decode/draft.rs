//! A draft of a request: what one mapping of the file says about it, and how drafts are merged.
//!
//! `defaults`, a case, a step of `then`, a state and its calls are drafts. A request is the merge of those that it
//! inherits from. `bind` then checks the result against the document.

use std::collections::HashMap;
use std::time::Duration;

use super::supplied::{SuppliedPathValue, SuppliedValue};
use crate::location::Span;
use crate::suite::step::{Action, Auth, Body};

/// The keys of a draft that say what is sent, besides the action.
pub(super) const SENT: [&str; 7] = ["auth", "path", "query", "header", "cookie", "json", "body"];

/// A draft. `None` and empty lists mean that it does not say anything about that part.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    /// What is asked for, and where that stands; the inner `None`: it could not be read, and an error is noted.
    pub(super) action: Option<(Option<Action>, Span)>,
    /// The credential and where it stands; the inner `None` as above.
    pub(super) auth: Option<(Option<Auth>, Span)>,
    pub(super) path: Vec<NamedValue<SuppliedPathValue>>,
    pub(super) query: Vec<NamedValue<SuppliedValue>>,
    pub(super) header: Vec<NamedValue<SuppliedValue>>,
    pub(super) cookie: Vec<NamedValue<SuppliedValue>>,
    pub(super) body: Option<Body>,
    pub(super) within: Option<(Duration, Span)>,
}

/// A name with its value; `None` removes an inherited value.
#[derive(Clone, Debug)]
pub(super) struct NamedValue<T> {
    pub(super) name: String,
    pub(super) span: Span,
    pub(super) value: Option<T>,
}

impl Draft {
    /// This draft with another one laid over it. An upper draft with its own action inherits only `auth`.
    pub(super) fn under(&self, upper: &Self) -> Self {
        let auth = upper.auth.clone().or_else(|| self.auth.clone());
        if upper.action.is_some() {
            return Self { auth, ..upper.clone() };
        }
        Self {
            action: self.action.clone(),
            auth,
            path: merge(&self.path, &upper.path, str::to_owned),
            query: merge(&self.query, &upper.query, str::to_owned),
            header: merge(&self.header, &upper.header, str::to_ascii_lowercase),
            cookie: merge(&self.cookie, &upper.cookie, str::to_owned),
            body: upper.body.clone().or_else(|| self.body.clone()),
            within: upper.within.or(self.within),
        }
    }
}

/// Merges by name: a value of the upper draft takes the place of the lower one, new names come last. Two names are the
/// same if `key` makes the same text of them.
fn merge<T: Clone>(lower: &[NamedValue<T>], upper: &[NamedValue<T>], key: fn(&str) -> String) -> Vec<NamedValue<T>> {
    let mut merged = lower.to_vec();
    let mut indexes = HashMap::new();
    for (index, named) in merged.iter().enumerate() {
        indexes.entry(key(&named.name)).or_insert(index);
    }
    for named in upper {
        let index = *indexes.entry(key(&named.name)).or_insert(merged.len());
        match merged.get_mut(index) {
            Some(lower) => *lower = named.clone(),
            None => merged.push(named.clone()),
        }
    }
    merged
}
