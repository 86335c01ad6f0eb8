//! What the modules that judge values share: identities, members, sizes.

use serde_json::{Map, Value};

use crate::tree::{self, Entry as Member, Node};

/// The identity of a schema: its address, which does not change as long as the document lives.
pub(super) fn address(schema: &Map<String, Value>) -> usize {
    std::ptr::from_ref(schema) as usize
}

/// How many values a value holds, itself included. The readers of bodies and documents limit its depth.
pub(super) fn count(value: &Node) -> u64 {
    match &value.value {
        tree::Value::Sequence(items) => 1 + items.iter().map(count).sum::<u64>(),
        tree::Value::Mapping(members) => 1 + members.iter().map(|member| count(&member.value)).sum::<u64>(),
        _ => 1,
    }
}

/// The members of an object. Where a name stands more than once, the last member counts, as for most readers.
pub(super) struct Members<'v> {
    object: &'v Node,
    members: std::slice::Iter<'v, Member>,
}

impl<'v> Members<'v> {
    pub(super) fn of(object: &'v Node) -> Self {
        Self { object, members: object.entries().unwrap_or_default().iter() }
    }
}

impl<'v> Iterator for Members<'v> {
    type Item = &'v Member;

    fn next(&mut self) -> Option<&'v Member> {
        let object = self.object;
        self.members.find(|member| object.entry(&member.key).is_some_and(|last| std::ptr::eq(last, *member)))
    }
}

/// The value of a string or a number, for the library. It checks no other types.
pub(super) fn scalar(value: &Node) -> Option<Value> {
    matches!(value.value, tree::Value::String(_) | tree::Value::Number(_)).then(|| value.to_json())
}

/// The longest text that a message quotes, in bytes.
pub(super) const SHORT: usize = 60;

/// Whether a value is short enough to be quoted in a message.
pub(super) fn is_short(value: &Node) -> bool {
    match &value.value {
        tree::Value::String(text) => text.len() <= SHORT,
        tree::Value::Sequence(items) => items.is_empty(),
        tree::Value::Mapping(entries) => entries.is_empty(),
        _ => true,
    }
}
