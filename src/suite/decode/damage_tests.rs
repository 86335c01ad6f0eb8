//! Whatever a suite file holds: an error or a suite, never a panic.

use crate::suite::testing::{EXAMPLE, chatflow, read};

/// A small generator (xorshift), so that a failure can be repeated from its seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap_or(0)
    }
}

/// Reads a text, and writes its errors out, because that is code too. Whether it was a suite.
fn survives(text: &str) -> bool {
    match read(text, &chatflow()) {
        Ok(suite) => {
            assert!(!suite.cases.is_empty());
            true
        }
        Err(errors) => {
            assert!(!errors.is_empty(), "no suite, and no error:\n{text}");
            for error in &errors {
                assert!(error.help.is_some(), "{error}");
                assert!(error.place.is_some() && !error.to_string().is_empty(), "{error}");
            }
            false
        }
    }
}

#[test]
fn a_file_that_was_cut_off_anywhere_is_a_suite_or_an_error() {
    let mut suites = 0;
    for end in (0..EXAMPLE.len()).step_by(5).filter(|end| EXAMPLE.is_char_boundary(*end)) {
        suites += usize::from(survives(&EXAMPLE[..end]));
    }
    assert!(suites > 0, "a file that is cut off after a case is still a suite");
}

#[test]
fn a_file_with_one_character_changed_is_a_suite_or_an_error() {
    const LETTERS: &[u8] = b"{}[]:,#&*!|>'\"%@`-? \n\tx0/~";
    let mut random = Random(0x5eed_cafe);
    let (mut suites, mut errors) = (0, 0);
    for _ in 0..1200 {
        let at = random.below(EXAMPLE.len());
        let letter = char::from(LETTERS[random.below(LETTERS.len())]);
        let mut text = EXAMPLE.to_owned();
        match random.below(3) {
            0 => text.insert(at, letter),
            1 => drop(text.remove(at)),
            _ => text.replace_range(at..=at, letter.encode_utf8(&mut [0; 4])),
        }
        if survives(&text) {
            suites += 1;
        } else {
            errors += 1;
        }
    }
    assert!(suites > 100 && errors > 100, "{suites} suites and {errors} errors");
}

#[test]
fn a_file_with_a_piece_taken_from_elsewhere_is_a_suite_or_an_error() {
    let mut random = Random(0xfeed_5eed);
    let mut errors = 0;
    for _ in 0..500 {
        let (from, to) = (random.below(EXAMPLE.len()), random.below(EXAMPLE.len()));
        let length = random.below(60).min(EXAMPLE.len() - from);
        let mut text = EXAMPLE.to_owned();
        text.insert_str(to, &EXAMPLE[from..from + length]);
        errors += usize::from(!survives(&text));
    }
    assert!(errors > 100, "{errors}");
}
