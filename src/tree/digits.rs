//! The digits of a number. Nearly all numbers are short, and their digits are stored without an allocation: a response of a
//! megabyte may hold half a million numbers.

use std::fmt;
use std::ops::Deref;

/// Up to this many bytes are stored in the value itself.
const SHORT: usize = 22;

/// A number as it was written.
#[derive(Clone)]
pub struct Digits(Storage);

#[derive(Clone)]
enum Storage {
    Short(u8, [u8; SHORT]),
    Long(Box<str>),
}

impl Deref for Digits {
    type Target = str;

    fn deref(&self) -> &str {
        match &self.0 {
            // The bytes came from a str, so they are UTF-8.
            Storage::Short(length, bytes) => std::str::from_utf8(&bytes[..usize::from(*length)]).unwrap_or_default(),
            Storage::Long(text) => text,
        }
    }
}

impl From<&str> for Digits {
    fn from(text: &str) -> Self {
        let mut bytes = [0; SHORT];
        match (bytes.get_mut(..text.len()), u8::try_from(text.len())) {
            (Some(place), Ok(length)) => {
                place.copy_from_slice(text.as_bytes());
                Self(Storage::Short(length, bytes))
            }
            _ => Self(Storage::Long(text.into())),
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
