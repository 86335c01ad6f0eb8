//! Numbers by a seed: the same seed always gives the same run.

/// The seed of every run that asks for no other one.
const SEED: u64 = 20_260_711;

/// The variable that asks for another one.
const VARIABLE: &str = "DEVIANT_SEED";

/// The seed of this run, and whether it is the usual one.
#[allow(clippy::disallowed_methods, reason = "the seed of a test is no setting of the command")]
pub(crate) fn seed() -> (u64, bool) {
    match std::env::var(VARIABLE) {
        Ok(text) => (text.parse().unwrap_or_else(|_| panic!("{VARIABLE} is {text}, which is no number")), false),
        Err(_) => (SEED, true),
    }
}

/// The first seed of a test that takes many: the one that a variable asks for, the usual one without it, and for `new` one
/// from the clock.
#[allow(dead_code, reason = "not every test takes many seeds")]
pub(crate) fn first_seed(asked: Option<&str>) -> u64 {
    match asked {
        None => SEED,
        Some("new") => {
            let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a clock after 1970");
            since.as_secs() * 1_000_000 + u64::from(since.subsec_micros())
        }
        Some(text) => text.parse().unwrap_or_else(|_| panic!("the seed {text} is neither a number nor `new`")),
    }
}

/// A generator of numbers (splitmix64).
pub(crate) struct Chance(u64);

impl Chance {
    /// The generator of one part of a run: each part has its own, so that one more number in one changes no other.
    pub(crate) fn of(seed: u64, part: usize) -> Self {
        let mut chance = Self(seed ^ (part as u64).wrapping_mul(0xA076_1D64_78BD_642F));
        chance.next();
        chance
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).expect("a number below a usize")
    }

    /// A number from `start` to below `end`.
    pub(crate) fn between(&mut self, start: usize, end: usize) -> usize {
        start + self.below(end - start)
    }

    /// One of them.
    pub(crate) fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    /// True once in so many times.
    pub(crate) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// Brings them into another order.
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}
