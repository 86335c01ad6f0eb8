//! The digits of a number. Short ones, which nearly all are, stand in the value itself: an answer of a megabyte may hold half
//! a million numbers.

use std::fmt;
use std::ops::Deref;

/// So many bytes stand in the value itself.
const SHORT: usize = 22;

/// A number as it was written.
#[derive(Clone)]
pub struct Digits(Kept);

#[derive(Clone)]
enum Kept {
    Short(u8, [u8; SHORT]),
    Long(Box<str>),
}

impl Deref for Digits {
    type Target = str;

    fn deref(&self) -> &str {
        match &self.0 {
            // They were a text.
            Kept::Short(length, bytes) => std::str::from_utf8(&bytes[..usize::from(*length)]).unwrap_or_default(),
            Kept::Long(text) => text,
        }
    }
}

impl From<&str> for Digits {
    fn from(text: &str) -> Self {
        let mut bytes = [0; SHORT];
        match (bytes.get_mut(..text.len()), u8::try_from(text.len())) {
            (Some(place), Ok(length)) => {
                place.copy_from_slice(text.as_bytes());
                Self(Kept::Short(length, bytes))
            }
            _ => Self(Kept::Long(text.into())),
        }
    }
}

impl From<String> for Digits {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl PartialEq for Digits {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Digits {}

impl fmt::Debug for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl fmt::Display for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_kept_as_they_are_in_as_little_room_as_a_text() {
        for text in ["", "0", "-1.5e300", "1234567890123456789012", "12345678901234567890123"] {
            let digits = Digits::from(text);
            assert_eq!((&*digits, digits.to_string().as_str()), (text, text));
        }
        assert_eq!(size_of::<Digits>(), size_of::<String>());
    }
}
