//! What a value takes with all that it holds: so much may be repeated of it.

use super::{Node, Value};

/// What a value weighs beside its text, about its size in memory.
const NODE_WEIGHT: usize = 64;

/// What a value takes with all below it.
#[derive(Clone, Copy)]
pub(super) struct Measure {
    pub(super) weight: usize,
    /// How many collections deep it is.
    pub(super) height: usize,
    /// How many values it holds, with itself.
    pub(super) count: usize,
}

pub(super) fn measure(node: &Node) -> Measure {
    let leaf = |text: usize| Measure { weight: NODE_WEIGHT + text, height: 0, count: 1 };
    let around = |all: Measure, (key, one): (usize, Measure)| Measure {
        weight: all.weight + one.weight + key,
        height: all.height.max(one.height + 1),
        count: all.count + one.count,
    };
    let empty = Measure { height: 1, ..leaf(0) };
    match &node.value {
        Value::Null | Value::Bool(_) => leaf(0),
        Value::Number(number) => leaf(number.0.len()),
        Value::String(text) => leaf(text.len()),
        Value::Sequence(items) => items.iter().map(|item| (0, measure(item))).fold(empty, around),
        Value::Mapping(entries) => {
            entries.iter().map(|entry| (entry.key.len(), measure(&entry.value))).fold(empty, around)
        }
    }
}
