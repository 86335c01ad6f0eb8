//! The shapes of ids: what tells an id from a word.

use uuid::Uuid;

/// The shapes of the ids that the run captured, as a set.
#[derive(Clone, Copy)]
pub(super) struct Shapes(u8);

impl Shapes {
    pub(super) const UUID: Self = Self(1);
    pub(super) const DIGITS: Self = Self(2);
    pub(super) const HEX: Self = Self(4);
    /// No fixed shape: a word could look the same.
    pub(super) const OPEN: Self = Self(8);

    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The set whose bits are these, as [`Shapes::bits`] returns them.
    pub(super) const fn from_bits(bits: u8) -> Self {
        Self(bits)
    }

    pub(super) const fn bits(self) -> u8 {
        self.0
    }

    /// The shapes of one id.
    pub(super) fn of(id: &str) -> Self {
        if Uuid::try_parse(id).is_ok() {
            Self::UUID
        } else if id.bytes().all(|byte| byte.is_ascii_digit()) {
            Self::DIGITS
        } else if id.len() >= 8 && id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            Self::HEX
        } else {
            Self::OPEN
        }
    }
}
