//! Plain scalars in YAML 1.2's core schema (YAML 1.2.2 §10.3.2), numbers turned into JSON's grammar.
//!
//! YAML 1.1's further forms (`yes`, `0777` as octal, `1:30`, dates) are strings or decimals here, as YAML 1.2 says.

use super::node::{Number, Value};

/// The meaning of a plain scalar.
#[derive(Debug)]
pub(super) enum Resolved {
    /// A value.
    Value(Value),
    /// An infinity or not-a-number, which JSON does not have.
    NotANumber,
    /// A number in base 8 or 16 beyond 128 bits.
    TooLarge,
}

/// Resolves a plain scalar.
pub(super) fn resolve(text: &str) -> Resolved {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Resolved::Value(Value::Null),
        "true" | "True" | "TRUE" => return Resolved::Value(Value::Bool(true)),
        "false" | "False" | "FALSE" => return Resolved::Value(Value::Bool(false)),
        ".nan" | ".NaN" | ".NAN" => return Resolved::NotANumber,
        _ => {}
    }
    if matches!(text.strip_prefix(['+', '-']).unwrap_or(text), ".inf" | ".Inf" | ".INF") {
        return Resolved::NotANumber;
    }
    for (prefix, base) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = text.strip_prefix(prefix)
            && !digits.is_empty()
            && digits.chars().all(|digit| digit.is_digit(base))
        {
            return u128::from_str_radix(digits, base).map_or(Resolved::TooLarge, |number| {
                Resolved::Value(Value::Number(Number(number.to_string().into())))
            });
        }
    }
    Resolved::Value(
        decimal(text).map_or_else(|| Value::String(text.to_owned()), |digits| Value::Number(Number(digits.into()))),
    )
}

/// Whether a value has the type that a tag of the core schema names.
pub(super) fn is_a(value: &Value, tag: &str) -> bool {
    match (tag, value) {
        ("null", Value::Null) | ("bool", Value::Bool(_)) | ("float", Value::Number(_)) | ("str", Value::String(_)) => {
            true
        }
        ("int", Value::Number(number)) => number.0.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-'),
        _ => false,
    }
}

/// A decimal integer or float of the core schema, in JSON's grammar: no plus sign, no leading zeros, digits on both
/// sides of the point.
fn decimal(text: &str) -> Option<String> {
    let (sign, rest) = match text.as_bytes().first()? {
        b'-' => ("-", &text[1..]),
        b'+' => ("", &text[1..]),
        _ => ("", text),
    };
    let (mantissa, exponent) = match rest.find(['e', 'E']) {
        Some(at) => (&rest[..at], Some(&rest[at + 1..])),
        None => (rest, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(whole) || !fraction.is_none_or(all_digits) {
        return None;
    }
    if whole.is_empty() && fraction.is_none_or(str::is_empty) {
        return None;
    }
    let kept = whole.trim_start_matches('0');
    let mut digits = format!("{sign}{}", if kept.is_empty() { "0" } else { kept });
    if let Some(fraction) = fraction {
        digits.push('.');
        digits.push_str(if fraction.is_empty() { "0" } else { fraction });
    }
    if let Some(exponent) = exponent {
        let power = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if power.is_empty() || !all_digits(power) {
            return None;
        }
        digits.push('e');
        digits.push_str(exponent);
    }
    Some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match resolve(text) {
            Resolved::Value(Value::Null) => "null".to_owned(),
            Resolved::Value(Value::Bool(value)) => value.to_string(),
            Resolved::Value(Value::Number(number)) => number.0.to_string(),
            Resolved::Value(Value::String(text)) => format!("'{text}'"),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn plain_scalars_are_what_the_core_schema_says() {
        for (text, expected) in [
            ("", "null"),
            ("~", "null"),
            ("Null", "null"),
            ("nUll", "'nUll'"),
            ("True", "true"),
            ("FALSE", "false"),
            ("yes", "'yes'"),
            ("off", "'off'"),
            ("0", "0"),
            ("-0", "-0"),
            ("+12", "12"),
            ("0777", "777"),
            ("0o17", "15"),
            ("0xFf", "255"),
            ("-0x1", "'-0x1'"),
            ("0x", "'0x'"),
            ("0b1", "'0b1'"),
            ("1_000", "'1_000'"),
            (".5", "0.5"),
            ("-.5", "-0.5"),
            ("5.", "5.0"),
            ("007.50", "7.50"),
            ("1e3", "1e3"),
            ("1E+03", "1e+03"),
            ("1e", "'1e'"),
            (".", "'.'"),
            ("-", "'-'"),
            ("+", "'+'"),
            (".e5", "'.e5'"),
            ("e5", "'e5'"),
            ("1.2.3", "'1.2.3'"),
            ("2024-01-01", "'2024-01-01'"),
            ("-.INF", "NotANumber"),
            (".NaN", "NotANumber"),
            ("-.nan", "'-.nan'"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
            ("0xfffffffffffffffffffffffffffffffff", "TooLarge"),
            ("é", "'é'"),
        ] {
            assert_eq!(shown(text), expected, "{text:?}");
        }
    }

    #[test]
    fn every_number_is_in_the_grammar_of_json() {
        for text in ["007", "+1.", ".25e-3", "-00.0", "0o7", "0x10", "1E5"] {
            let digits = shown(text);
            assert!(serde_json::from_str::<f64>(&digits).is_ok(), "{text} became {digits}");
        }
    }
}
