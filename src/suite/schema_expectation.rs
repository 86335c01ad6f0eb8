//! A schema that a value of a body must fit.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::spec::Schema;
use crate::tree::Node;

/// How deep a value for a dry run is made up.
const DEPTH: usize = 8;

/// A schema that a value must fit.
#[derive(Clone, Debug)]
pub struct SchemaExpectation {
    schema: Arc<Schema>,
    /// The same as written.
    written: Value,
}

impl SchemaExpectation {
    /// A schema, and the same as written.
    pub(super) fn new(schema: Arc<Schema>, written: Value) -> Self {
        Self { schema, written }
    }

    /// Why a value does not fit; none if it fits. A value that takes too long to judge does not fit, and the reason says so.
    pub fn misfit(&self, value: &Node) -> Option<String> {
        match self.schema.violations_of(value) {
            Ok(violations) => violations.first().map(|violation| match violation.instance.as_str() {
                "" => violation.message.clone(),
                instance => format!("at {instance}: {}", violation.message),
            }),
            Err(too_much) => Some(too_much.to_string()),
        }
    }

    /// The same for a value that was read without its digits.
    pub fn misfit_of(&self, value: &Value) -> Option<String> {
        self.misfit(&Node::from_json(value))
    }

    /// Whether one value could fit both. Schemas count as apart if their types or the values that they list are.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        let listed = |one: &Self| one.written.get("enum").and_then(Value::as_array).cloned();
        let of_type = |one: &Self| one.written.get("type").and_then(Value::as_str).map(str::to_owned);
        let nullable = |one: &Self| one.written.get("nullable") == Some(&Value::Bool(true));
        for (one, two) in [(self, other), (other, self)] {
            if let Some(values) = listed(one) {
                return values.iter().any(|value| one.misfit_of(value).is_none() && two.misfit_of(value).is_none());
            }
        }
        let number = |name: &str| matches!(name, "integer" | "number");
        match (of_type(self), of_type(other)) {
            (Some(a), Some(b)) => a == b || (number(&a) && number(&b)) || (nullable(self) && nullable(other)),
            _ => true,
        }
    }

    /// A value that fits, for a dry run; none if none is found.
    pub fn sample(&self) -> Option<Value> {
        let likely = [made_up(&self.written, DEPTH)];
        let usual = [
            json!(""),
            json!("a"),
            json!("A1"),
            json!("b81d4fae-7dec-41d0-a765-00a0c91e6bf6"),
            json!("2026-01-31T12:00:00Z"),
            json!("2026-01-31"),
            json!("a@example.com"),
            json!("https://example.com/"),
            json!(1),
            json!(0),
            json!(100),
            json!(0.5),
            json!(true),
            json!([]),
            json!({}),
            Value::Null,
        ];
        likely.into_iter().chain(usual).find(|value| self.misfit_of(value).is_none())
    }
}

/// A value that probably fits a schema.
fn made_up(schema: &Value, depth: usize) -> Value {
    let get = |key: &str| schema.get(key);
    if let Some(first) = get("enum").and_then(Value::as_array).and_then(|values| values.first()) {
        return first.clone();
    }
    if let Some(example) = get("example").or_else(|| get("default")) {
        return example.clone();
    }
    if depth == 0 {
        return Value::Null;
    }
    for key in ["allOf", "oneOf", "anyOf"] {
        if let Some(first) = get(key).and_then(Value::as_array).and_then(|parts| parts.first()) {
            return made_up(first, depth - 1);
        }
    }
    let count = |key: &str| get(key).and_then(Value::as_u64).unwrap_or(0).min(1000);
    match get("type").and_then(Value::as_str) {
        Some("string") => match get("format").and_then(Value::as_str) {
            Some("uuid") => json!("b81d4fae-7dec-41d0-a765-00a0c91e6bf6"),
            Some("date-time") => json!("2026-01-31T12:00:00Z"),
            Some("date") => json!("2026-01-31"),
            Some("email") => json!("a@example.com"),
            Some("uri") => json!("https://example.com/"),
            _ => "a".repeat(usize::try_from(count("minLength")).unwrap_or(0)).into(),
        },
        Some("integer") => get("minimum").and_then(Value::as_f64).map_or(json!(1), |least| {
            // A number from a suite; what it loses makes no difference to a dry run.
            #[expect(clippy::cast_possible_truncation, reason = "the value is tried before it is used")]
            let next = least.ceil() as i64;
            json!(if get("exclusiveMinimum") == Some(&Value::Bool(true)) { next.saturating_add(1) } else { next })
        }),
        Some("number") => get("minimum").cloned().unwrap_or_else(|| json!(1)),
        Some("boolean") => json!(true),
        Some("array") => {
            let item = get("items").map_or(Value::Null, |items| made_up(items, depth - 1));
            (0..count("minItems")).map(|_| item.clone()).collect()
        }
        _ => {
            let properties = get("properties").and_then(Value::as_object);
            let required = get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
            let property = |name: &str| {
                properties.and_then(|known| known.get(name)).map_or(Value::Null, |known| made_up(known, depth - 1))
            };
            Value::Object(required.map(|name| (name.to_owned(), property(name))).collect::<Map<_, _>>())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::location::Source;
    use crate::tree::yaml;

    fn expectation(text: &str) -> SchemaExpectation {
        let source = Source::new("a.yaml", text);
        let tree = yaml::read(&source).unwrap_or_else(|errors| panic!("{errors}"));
        let schema = Schema::standalone(&source, &tree.root).unwrap_or_else(|errors| panic!("{errors}"));
        SchemaExpectation::new(schema, tree.root.to_json())
    }

    #[test]
    fn a_dry_run_makes_up_a_value_that_fits() {
        for text in [
            "{type: string, minLength: 3}",
            "{type: string, format: uuid}",
            "{type: string, pattern: '^[A-Z]'}",
            "{type: integer, minimum: 5, exclusiveMinimum: true}",
            "{type: integer, maximum: 0}",
            "{enum: [x]}",
            "{type: array, minItems: 2, items: {type: integer}}",
            "{type: object, required: [a], properties: {a: {type: object, required: [b], properties: {b: {enum: [7]}}}}}",
            "{allOf: [{type: string}]}",
            "{not: {type: string}}",
            "{}",
        ] {
            let expectation = expectation(text);
            let value = expectation.sample().unwrap_or_else(|| panic!("{text}"));
            assert_eq!(expectation.misfit_of(&value), None, "{text}: {value}");
        }
        assert_eq!(expectation("{type: string, pattern: '^only-this$'}").sample(), None);
    }

    #[test]
    fn schemas_that_no_value_fits_together_do_not_overlap() {
        for (a, b, overlap) in [
            ("{type: string}", "{type: boolean}", false),
            ("{type: integer}", "{type: number}", true),
            ("{type: string, nullable: true}", "{type: integer, nullable: true}", true),
            ("{enum: [null]}", "{type: string}", false),
            ("{enum: [a, b]}", "{enum: [b, c]}", true),
            ("{enum: [a]}", "{enum: [c]}", false),
            ("{minLength: 1}", "{type: string}", true),
        ] {
            assert_eq!(expectation(a).overlaps(&expectation(b)), overlap, "{a} {b}");
            assert_eq!(expectation(b).overlaps(&expectation(a)), overlap, "{b} {a}");
        }
    }
}
