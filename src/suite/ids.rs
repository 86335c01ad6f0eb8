//! The UUIDs that a run makes. They look random, and the run recognises its own without storing them.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use uuid::{Builder, Uuid};

/// Makes UUIDs (version 4) and recognises those that it made. A clone recognises them too; a separate source does not.
/// Memory does not grow with the number of UUIDs.
///
/// The first half is a keyed hash of a counter, the second half a keyed hash of the first: the second half of a foreign
/// UUID is right once in 2^62 times. The keys come from the operating system, so UUIDs of two runs do not collide.
///
/// Each begins with a letter, so that no server reads it as a number.
#[derive(Clone, Debug)]
pub struct RunIds(Arc<HashKeys>);

#[derive(Debug)]
struct HashKeys {
    made: AtomicU64,
    first: RandomState,
    second: RandomState,
}

impl RunIds {
    /// A source of UUIDs with keys of its own.
    pub fn new() -> Self {
        // Keyed hashes of a counter are random enough here, and cost no system call. The keys make two runs differ.
        Self(Arc::new(HashKeys { made: AtomicU64::new(0), first: RandomState::new(), second: RandomState::new() }))
    }

    /// A new UUID.
    pub fn uuid(&self) -> Uuid {
        let count = self.0.made.fetch_add(1, Ordering::Relaxed);
        self.sealed(self.0.first.hash_one(count))
    }

    /// Whether this source made it.
    pub fn made(&self, uuid: Uuid) -> bool {
        self.sealed(uuid.as_u64_pair().0) == uuid
    }

    /// The UUID with this first half (but for its version bits).
    fn sealed(&self, half: u64) -> Uuid {
        // The version bits are overwritten below, so the hash must not depend on them.
        let half = with_letter_first(half & !0xF000);
        let seal = self.0.second.hash_one(half);
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&half.to_be_bytes());
        bytes[8..].copy_from_slice(&seal.to_be_bytes());
        Builder::from_random_bytes(bytes).into_uuid()
    }
}

/// The same half with a first hex digit from `a` to `f`. One that begins so already stays as it is.
const fn with_letter_first(half: u64) -> u64 {
    let digit = half >> 60;
    let letter = if digit >= 10 { digit } else { 10 + digit % 6 };
    (half & (u64::MAX >> 4)) | (letter << 60)
}

impl Default for RunIds {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn its_own_are_recognised_and_no_others() {
        let (ours, others) = (RunIds::new(), RunIds::new());
        let mut seen = HashSet::new();
        for _ in 0..2000 {
            let uuid = ours.clone().uuid();
            assert_eq!(uuid.get_version_num(), 4);
            assert!(uuid.to_string().starts_with(|c: char| c.is_ascii_alphabetic()), "{uuid}");
            assert_eq!(uuid.get_variant(), uuid::Variant::RFC4122);
            assert!(ours.made(uuid));
            assert!(!others.made(uuid));
            assert!(!ours.made(Uuid::from_u128(uuid.as_u128() ^ 1)));
            assert!(!ours.made(Uuid::from_u128(uuid.as_u128() ^ (1 << 120))));
            assert!(seen.insert(uuid));
        }
        assert!(!ours.made(Uuid::new_v4()));
        assert!(!ours.made(Uuid::nil()));
    }
}
