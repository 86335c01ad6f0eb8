//! Where the objects of the states are: the segments that stand before the object in the requests of its state.
//!
//! A collection may belong to something that the run did not make, such as the project in `/projects/7/tasks/{id}`. A state
//! names it in its call, `exists` or `undo`. The same value may then stand at the same place in the requests of the cases.

use std::collections::{HashMap, HashSet};

/// A state: the indexes of its suite and of the state in it.
pub type StateKey = (usize, usize);

/// For each state the values in the paths of its requests, each with the segment before it.
#[derive(Debug, Default)]
pub struct Scopes {
    states: HashMap<StateKey, HashSet<PlacedSegment>>,
}

/// A segment after another.
type PlacedSegment = (Box<str>, Box<str>);

impl Scopes {
    /// Adds a segment of a state's request, decoded, with the segment before it (empty for the first one).
    pub fn add(&mut self, state: StateKey, before: &str, segment: &str) {
        self.states.entry(state).or_default().insert((before.into(), segment.into()));
    }

    /// Whether the state's requests have the segment at the same place.
    pub(super) fn has(&self, state: StateKey, before: &str, segment: &str) -> bool {
        let places = self.states.get(&state);
        places.is_some_and(|places| places.contains(&(Box::from(before), Box::from(segment))))
    }
}
