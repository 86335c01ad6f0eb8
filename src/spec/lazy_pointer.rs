//! JSON pointers that are built step by step, and written only where a message needs them.

use std::rc::Rc;
use std::sync::Arc;

use super::raw::escape;

/// A JSON pointer (RFC 6901) into a value or a document. It shares the segments of the pointer above it, and its text is
/// built only on demand. Cloning is cheap.
#[derive(Clone)]
pub(super) struct LazyPointer(Option<Rc<Segment>>);

struct Segment {
    above: LazyPointer,
    kind: SegmentKind,
}

enum SegmentKind {
    /// A whole pointer from the root.
    Pointer(Arc<str>),
    Key(String),
    Index(usize),
}

impl LazyPointer {
    /// A pointer from its text.
    pub(super) fn from(pointer: &str) -> Self {
        Self(Some(Rc::new(Segment { above: Self(None), kind: SegmentKind::Pointer(pointer.into()) })))
    }

    /// The pointer of a member.
    pub(super) fn key(&self, key: &str) -> Self {
        Self(Some(Rc::new(Segment { above: self.clone(), kind: SegmentKind::Key(escape(key)) })))
    }

    /// The pointer of an element.
    pub(super) fn index(&self, index: usize) -> Self {
        Self(Some(Rc::new(Segment { above: self.clone(), kind: SegmentKind::Index(index) })))
    }

    /// The text of the pointer.
    pub(super) fn text(&self) -> String {
        let mut segments = Vec::new();
        let mut pointer = self;
        while let Some(segment) = &pointer.0 {
            segments.push(&segment.kind);
            pointer = &segment.above;
        }
        let mut text = String::new();
        for segment in segments.into_iter().rev() {
            match segment {
                SegmentKind::Pointer(all) => text.push_str(all),
                SegmentKind::Key(key) => {
                    text.push('/');
                    text.push_str(key);
                }
                SegmentKind::Index(index) => {
                    text.push('/');
                    text.push_str(&index.to_string());
                }
            }
        }
        text
    }
}
