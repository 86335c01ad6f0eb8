//! Numbers: their grammar (RFC 8259 §6), and whether a double keeps them.

use super::Fault;

/// Any double has at most this many significant decimal digits, so a number with more is none.
const DIGITS_OF_A_DOUBLE: usize = 767;

/// The end of the number that begins at `start` with `-` or a digit.
pub(super) fn end(bytes: &[u8], start: usize) -> Result<usize, Fault> {
    let mut at = start;
    if bytes[at] == b'-' {
        at += 1;
    }
    match bytes.get(at) {
        None => return Err(Fault::truncated("inside a number", bytes.len())),
        Some(b'0') => at += 1,
        Some(b'1'..=b'9') => at = skip_digits(bytes, at),
        Some(_) if bytes[at..].starts_with(b"Infinity") => {
            return Err(Fault::syntax("`-Infinity` is not JSON", start, at + 8));
        }
        Some(_) => return Err(Fault::syntax("a digit must follow the minus sign", start, at + 1)),
    }
    if bytes.get(at) == Some(&b'.') {
        at = digits_after(bytes, at + 1, start, "a digit must follow the decimal point")?;
    }
    if let Some(b'e' | b'E') = bytes.get(at) {
        at += 1;
        if let Some(b'+' | b'-') = bytes.get(at) {
            at += 1;
        }
        at = digits_after(bytes, at, start, "a digit must follow the `e` of a number")?;
    }
    match bytes.get(at) {
        Some(b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'.' | b'+' | b'-') => Err(malformed(bytes, start, at)),
        _ => Ok(at),
    }
}

fn skip_digits(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at).is_some_and(u8::is_ascii_digit) {
        at += 1;
    }
    at
}

fn digits_after(bytes: &[u8], at: usize, start: usize, message: &str) -> Result<usize, Fault> {
    match bytes.get(at) {
        None => Err(Fault::truncated("inside a number", bytes.len())),
        Some(b'0'..=b'9') => Ok(skip_digits(bytes, at)),
        Some(_) => Err(Fault::syntax(message, start, at)),
    }
}

/// A number that runs on in a way that the grammar does not have.
fn malformed(bytes: &[u8], start: usize, at: usize) -> Fault {
    let run = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'+' | b'-');
    let end = at + bytes[at..].iter().take_while(|byte| run(byte)).count();
    let digits = &bytes[start..at];
    let message = match bytes[at] {
        b'0'..=b'9' => "a number must not begin with a zero",
        b'x' | b'X' if digits.ends_with(b"0") => "JSON has no hexadecimal numbers",
        b'_' => "JSON has no `_` between digits",
        _ => "a malformed number",
    };
    Fault::syntax(message, start, end)
}

/// Whether a double keeps a number: the double nearest to it, written with as many significant digits, is the same
/// number again. So `0.1` is kept, which a double has not exactly either, and so is all that any writer makes of a
/// double; but no integer that changes, no further decimal that is dropped, nothing that becomes infinite or zero.
pub(super) fn is_kept(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    // Fifteen digits always survive, if the exponent is that of the places before and after the point.
    if text.len() <= 16 && text.bytes().filter(|byte| *byte != b'.').count() <= 15 && !text.contains(['e', 'E']) {
        return true;
    }
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut digits = format!("{whole}{fraction}");
    // Zeros at the end are digits of an integer, which must not change; behind the point, or before an exponent, they
    // only fill up.
    if digits.len() != text.len() {
        digits.truncate(digits.trim_end_matches('0').len());
    }
    let leading_zeros = digits.len() - digits.trim_start_matches('0').len();
    let digits = &digits[leading_zeros..];
    if digits.is_empty() {
        return true;
    }
    if digits.len() > DIGITS_OF_A_DOUBLE && digits.trim_end_matches('0').len() > DIGITS_OF_A_DOUBLE {
        return false;
    }
    let Ok(double) = text.parse::<f64>() else { return false };
    if !double.is_finite() || double == 0.0 {
        return false;
    }
    // The exponent of the first significant digit. One that does not even fit here has left a double's range, unless
    // as many zeros balance it.
    let exponent = exponent.parse::<i64>().unwrap_or(i64::MAX / 2);
    let position = i64::try_from(whole.len()).unwrap_or(0) - i64::try_from(leading_zeros).unwrap_or(0) - 1;
    let plain = |number: &str| number.bytes().filter(|byte| *byte != b'.').collect::<Vec<_>>();
    // The fewest digits that lead back to the double, and zeros: so does JavaScript write an integer below 10²¹.
    let shortest = format!("{double:e}");
    let (fewest, fewest_exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    if plain(fewest) == digits.trim_end_matches('0').as_bytes()
        && fewest_exponent.parse::<i64>() == Ok(exponent.saturating_add(position))
    {
        return true;
    }
    let written = format!("{double:.*e}", digits.len() - 1);
    let Some((kept, kept_exponent)) = written.split_once('e') else { return false };
    if kept_exponent.parse::<i64>() != Ok(exponent.saturating_add(position)) {
        return false;
    }
    plain(kept) == digits.as_bytes() || is_tie(double, digits)
}

/// Whether the double lies in the middle between two numbers of so many digits, and the digits are one of the two:
/// writers differ in which they take.
fn is_tie(double: f64, digits: &str) -> bool {
    let exact = format!("{double:.*e}", DIGITS_OF_A_DOUBLE - 1);
    let exact: String =
        exact.bytes().take_while(|byte| *byte != b'e').filter(u8::is_ascii_digit).map(char::from).collect();
    let exact = exact.trim_end_matches('0');
    let Some(below) = exact.strip_suffix('5').filter(|below| below.len() == digits.len()) else { return false };
    match (below.parse::<u128>(), digits.parse::<u128>()) {
        (Ok(below), Ok(digits)) => digits == below || digits == below + 1,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_kept;

    #[test]
    fn what_a_double_keeps() {
        for text in [
            "0",
            "-0",
            "0.1",
            "1.10",
            "-12.50",
            "400",
            "1e3",
            "1E+2",
            "0.30000000000000004",
            "0.10000000000000001",
            "1.1000000000000000000000000",
            "0.1000000000000000055511151231257827021181583404541015625",
            "9007199254740992",
            "9007199254740994",
            "18014398509481984",
            "1e22",
            "1e23",
            "1.7976931348623157e308",
            "5e-324",
            "4.9E-324",
            "2.2250738585072014e-308",
            "0e999999999999999999999",
            "0.0000000000000000000000",
            "1234567890.12345",
            "100000000000000000000",
            // The double is another integer; these are the fewest digits that lead to it.
            "100000000000000000000000",
            "12345678901234567000",
            "9223372036854776000",
            "0.000000000000000000001",
            "10e5",
            "9007199254740992.0",
            // The double is 667082108456853.25: either neighbour stands for it.
            "667082108456853.2",
            "667082108456853.3",
        ] {
            assert!(is_kept(text), "{text}");
            assert!(is_kept(&format!("-{}", text.trim_start_matches('-'))), "-{text}");
        }
    }

    #[test]
    fn what_a_double_loses() {
        for text in [
            "9007199254740993",
            "9007199254740993.0",
            "12345678901234567890",
            "1234567890123456789",
            "12345678901234567100",
            "100000000000000000000001",
            "3.141592653589793238",
            "667082108456853.26789",
            "0.12345678901234567890123",
            "1e400",
            "1E309",
            "1e-400",
            "3e-324",
            "1e99999999999999999999999",
            "1e-99999999999999999999999",
        ] {
            assert!(!is_kept(text), "{text}");
            assert!(!is_kept(&format!("-{text}")), "-{text}");
        }
        assert!(!is_kept(&"7".repeat(100_000)));
        assert!(!is_kept(&format!("0.{}1", "3".repeat(5000))));
        assert!(is_kept(&format!("1{}", "0".repeat(300))));
    }

    #[test]
    fn whatever_a_double_is_written_as_is_kept() {
        let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
        for _ in 0..2000 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let double = f64::from_bits(seed);
            if double.is_finite() {
                assert!(is_kept(&format!("{double:e}")), "{double:e}");
                assert!(is_kept(&format!("{double:.16e}")), "{double:.16e}");
            }
        }
    }
}
