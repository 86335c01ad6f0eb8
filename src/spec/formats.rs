//! The formats of OpenAPI 3.0 (specification 3.0.3 §4.4) and of JSON Schema. Unknown formats assert nothing.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use jsonschema::{Draft, Validator};
use serde_json::{Value, json};

/// A known format, ready to check values.
pub(super) struct ValueFormat {
    name: String,
    check: FormatCheck,
}

enum FormatCheck {
    Int32,
    Int64,
    Float,
    Byte,
    /// A format of strings that the library checks.
    Text(Box<Validator>),
}

/// Base64 (RFC 4648 §4). The padding may be missing, which is common and harmless.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The formats of strings that are checked.
const TEXT: [&str; 14] = [
    "date",
    "date-time",
    "time",
    "duration",
    "email",
    "hostname",
    "ipv4",
    "ipv6",
    "json-pointer",
    "regex",
    "uri",
    "uri-reference",
    "uri-template",
    "uuid",
];

impl ValueFormat {
    /// The format with a name. None if it is unknown or asserts nothing (`double`, `binary`, `password`).
    pub(super) fn known(name: &str) -> Option<Self> {
        let check = match name {
            "int32" => FormatCheck::Int32,
            "int64" => FormatCheck::Int64,
            "float" => FormatCheck::Float,
            "byte" => FormatCheck::Byte,
            _ if TEXT.contains(&name) => {
                let validator = jsonschema::options()
                    .with_draft(Draft::Draft202012)
                    .should_validate_formats(true)
                    .offline()
                    .build(&json!({"format": name}))
                    .ok()?;
                FormatCheck::Text(Box::new(validator))
            }
            _ => return None,
        };
        Some(Self { name: name.to_owned(), check })
    }

    /// All formats that assert something, by name.
    pub(super) fn all() -> HashMap<&'static str, Self> {
        let names = ["int32", "int64", "float", "byte"].into_iter().chain(TEXT);
        names.filter_map(|name| Some((name, Self::known(name)?))).collect()
    }

    /// Whether it is the format of regular expressions. Parsing a long one takes much memory.
    pub(super) fn is_regex(&self) -> bool {
        self.name == "regex"
    }

    /// Whether a value has the format. Values of other types have every format.
    pub(super) fn holds(&self, value: &Value) -> bool {
        match (&self.check, value) {
            (FormatCheck::Int32, Value::Number(_)) => within(value, i64::from(i32::MIN), i64::from(i32::MAX)),
            (FormatCheck::Int64, Value::Number(_)) => within(value, i64::MIN, i64::MAX),
            (FormatCheck::Float, Value::Number(number)) => {
                number.as_f64().is_none_or(|number| number.abs() <= f64::from(f32::MAX))
            }
            (FormatCheck::Byte, Value::String(text)) => BASE64.decode(text).is_ok(),
            (FormatCheck::Text(validator), Value::String(_)) => validator.is_valid(value),
            _ => true,
        }
    }
}

/// Whether a number is whole and between two limits; `5.0` is whole.
fn within(value: &Value, least: i64, most: i64) -> bool {
    if let Some(number) = value.as_i64() {
        return (least..=most).contains(&number);
    }
    // Beyond 2^53 a double is whole, and comparing it with the limits as doubles is exact enough: the limits of int64
    // themselves have no nearer double inside the range.
    #[allow(clippy::cast_precision_loss, reason = "what is lost makes no difference, as said above")]
    let (least, beyond) = (least as f64, most as f64 + 1.0);
    value.is_f64() && value.as_f64().is_some_and(|number| number.fract() == 0.0 && number >= least && number < beyond)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_checked() {
        for (format, value, holds) in [
            ("int32", json!(2_147_483_647), true),
            ("int32", json!(2_147_483_648_i64), false),
            ("int32", json!(5.0), true),
            ("int32", json!(5.5), false),
            ("int32", json!("x"), true),
            ("int64", json!(i64::MIN), true),
            ("int64", json!(u64::MAX), false),
            ("int64", json!(9.3e18), false),
            ("int64", json!(1e18), true),
            ("float", json!(1e39), false),
            ("float", json!(0.1), true),
            ("byte", json!("aGk="), true),
            ("byte", json!("aGk"), true),
            ("byte", json!("a-_b"), false),
            ("byte", json!("a"), false),
            ("date", json!("2024-02-29"), true),
            ("date", json!("2023-02-29"), false),
            ("date-time", json!("2024-02-29T12:00:00Z"), true),
            ("date-time", json!("2024-02-29 12:00:00"), false),
            ("date-time", json!(1), true),
            ("uuid", json!("123e4567-e89b-12d3-a456-426614174000"), true),
            ("uuid", json!("123e4567e89b12d3a456426614174000"), false),
            ("email", json!("a@b.example"), true),
            ("email", json!("a"), false),
            ("ipv4", json!("127.0.0.1"), true),
            ("ipv4", json!("127.0.0.256"), false),
            ("uri", json!("https://a.example/b?c#d"), true),
            ("uri", json!("/b"), false),
            ("uri-reference", json!("/b"), true),
        ] {
            let known = ValueFormat::known(format).unwrap_or_else(|| panic!("{format}"));
            assert_eq!(known.holds(&value), holds, "{format} {value}");
        }
    }

    #[test]
    fn formats_that_say_nothing_are_not_checked() {
        for format in ["double", "binary", "password", "phone", "", "UUID"] {
            assert!(ValueFormat::known(format).is_none(), "{format}");
        }
        for format in TEXT {
            assert!(
                ValueFormat::known(format).is_some_and(|known| !known.holds(&json!("\u{0}[ "))),
                "{format} checks nothing"
            );
        }
    }
}
