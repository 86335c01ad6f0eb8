//! Whether a number survives as a double (IEEE 754 binary64), which is how most readers of JSON keep it (RFC 8259 §6).

/// No double has more significant decimal digits, so a number with more is no double.
const DIGITS_OF_A_DOUBLE: usize = 767;

/// Whether a double keeps a number: the double nearest to it, written with as many significant digits, is the same
/// number again.
///
/// So `0.1` is kept, although no double is exactly 0.1, and so is everything that a writer makes of a double. An integer
/// that changes is not kept, nor a decimal that is dropped, nor a number that becomes infinite or zero.
pub(super) fn is_kept(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    // Up to fifteen digits without an exponent always survive.
    if text.len() <= 16 && text.bytes().filter(|byte| *byte != b'.').count() <= 15 && !text.contains(['e', 'E']) {
        return true;
    }
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut digits = format!("{whole}{fraction}");
    // Zeros at the end of an integer are digits of it. Behind the point, or before an exponent, they say nothing.
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
    // The exponent of the first significant digit. One that does not fit an i64 is beyond a double's range, unless as
    // many zeros make up for it.
    let exponent = exponent.parse::<i64>().unwrap_or(i64::MAX / 2);
    let position = i64::try_from(whole.len()).unwrap_or(0) - i64::try_from(leading_zeros).unwrap_or(0) - 1;
    let plain = |number: &str| number.bytes().filter(|byte| *byte != b'.').collect::<Vec<_>>();
    // The fewest digits that lead back to the double, filled up with zeros: JavaScript writes integers below 10²¹ so.
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

/// Whether the double lies in the middle between two numbers of so many digits, and the digits are one of the two.
/// Writers differ in which of the two they take.
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
    fn numbers_that_a_double_keeps() {
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
    fn numbers_that_a_double_loses() {
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
    fn every_way_to_write_a_double_is_kept() {
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
