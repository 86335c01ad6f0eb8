//! How a value differs from a documented example: in its shape, or in its values too.
//!
//! It leaves out schemas (`spec`) and what a difference is called (the example rules). A value that does not differ is
//! compared without an allocation.

use serde_json::Value as Example;

use super::format;
use crate::location::Pointer;
use crate::tree::{Entry, Node, Number, Value};

/// What of an example counts.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Comparison<'a> {
    /// Keys and types.
    Shape,
    /// Keys, types and values. At and below these pointers only keys and types count.
    Equal(&'a [Pointer]),
}

/// The most comparisons of one value with one value of an example.
const MAX_STEPS: u64 = 2_000_000;

/// What a comparison found.
#[derive(Debug, Default)]
pub(crate) struct ExampleDiff {
    /// Differences, in the order of the example.
    pub(crate) differences: Vec<ExampleDifference>,
    /// Pointers of properties that the example does not have.
    pub(crate) extra: Vec<String>,
    /// How often a value was compared with one of an example.
    steps: u64,
}

/// One difference.
#[derive(Debug)]
pub(crate) struct ExampleDifference {
    /// Where in the body, as a JSON pointer.
    pub(crate) pointer: String,
    /// Its kind.
    pub(crate) kind: DifferenceKind,
    /// What the example has.
    pub(crate) expected: String,
    /// What came.
    pub(crate) actual: String,
}

/// The kinds of difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DifferenceKind {
    /// A property of the example is missing.
    Missing,
    /// The type differs.
    Type,
    /// An element of an array is like no element of the example.
    Element,
    /// The value differs.
    Value,
    /// The value of a freed string differs.
    FreeText,
    /// An integer is written with a fraction or an exponent.
    IntegerAsFraction,
}

impl DifferenceKind {
    /// Whether it breaks the shape.
    pub(crate) const fn breaks_shape(self) -> bool {
        matches!(self, Self::Missing | Self::Type | Self::Element)
    }
}

impl ExampleDiff {
    /// Whether the shape is that of the example.
    pub(crate) fn fits(&self) -> bool {
        !self.differences.iter().any(|difference| difference.kind.breaks_shape())
    }

    /// Whether the comparison was given up because there were too many values.
    pub(crate) fn gave_up(&self) -> bool {
        self.steps > MAX_STEPS
    }

    /// How far the value is from the example. The smallest distance is the nearest.
    pub(crate) fn distance(&self) -> (usize, usize) {
        let broken = self.differences.iter().filter(|difference| difference.kind.breaks_shape()).count();
        (broken, self.extra.len())
    }
}

/// Compares a value with an example.
pub(crate) fn compare(example: &Example, actual: &Node, comparison: Comparison<'_>) -> ExampleDiff {
    compare_after(0, example, actual, comparison)
}

/// The same, where other examples took so many steps before ([`ExampleDiff::steps`]). So all examples together are bounded.
fn compare_after(steps: u64, example: &Example, actual: &Node, comparison: Comparison<'_>) -> ExampleDiff {
    let mut diff = ExampleDiff { steps, ..ExampleDiff::default() };
    walk(example, actual, &Path::Root, comparison, &mut diff);
    diff
}

/// The example with the nearest shape, as far as there are steps for all of them.
pub(crate) fn nearest<'e, E>(
    examples: impl Iterator<Item = (E, &'e Example)>,
    actual: &Node,
) -> Option<(E, ExampleDiff)> {
    let mut nearest: Option<(E, ExampleDiff)> = None;
    let mut steps = 0;
    for (name, example) in examples {
        let diff = compare_after(steps, example, actual, Comparison::Shape);
        steps = diff.steps;
        if diff.gave_up() {
            return Some((name, diff));
        }
        if nearest.as_ref().is_none_or(|(_, other)| diff.distance() < other.distance()) {
            nearest = Some((name, diff));
        }
    }
    nearest
}

/// Whether a value equals a JSON value. Numbers are compared by value.
pub(crate) fn equals(expected: &Example, actual: &Node) -> bool {
    match (expected, &actual.value) {
        (Example::Null, Value::Null) => true,
        (Example::Bool(expected), Value::Bool(actual)) => expected == actual,
        (Example::String(expected), Value::String(actual)) => expected == actual,
        (Example::Number(expected), Value::Number(actual)) => same_number(expected, actual),
        (Example::Array(expected), Value::Sequence(actual)) => {
            expected.len() == actual.len()
                && expected.iter().zip(actual).all(|(expected, actual)| equals(expected, actual))
        }
        (Example::Object(expected), Value::Mapping(entries)) => {
            entries.iter().all(|entry| expected.contains_key(&entry.key))
                && expected
                    .iter()
                    .all(|(key, expected)| last(entries, key).is_some_and(|actual| equals(expected, actual)))
        }
        _ => false,
    }
}

/// The place in the body. It is rendered only for a difference.
enum Path<'p> {
    Root,
    Key(&'p Path<'p>, &'p str),
    Index(&'p Path<'p>, usize),
}

impl Path<'_> {
    fn render(&self) -> Pointer {
        match self {
            Self::Root => Pointer::root(),
            Self::Key(parent, key) => parent.render().join(key),
            Self::Index(parent, index) => parent.render().join(index),
        }
    }

    /// Whether the value here is free: a pointer of `free` ends here or above.
    fn is_free(&self, comparison: Comparison<'_>) -> bool {
        let Comparison::Equal(free) = comparison else {
            return true;
        };
        if free.is_empty() {
            return false;
        }
        let here = self.render();
        let here: Vec<String> = here.segments().collect();
        free.iter().any(|pointer| {
            let mut segments = here.iter();
            pointer.segments().all(|free| segments.next().is_some_and(|here| free == "*" || free == *here))
        })
    }
}

fn walk(example: &Example, actual: &Node, path: &Path<'_>, comparison: Comparison<'_>, out: &mut ExampleDiff) {
    out.steps += 1;
    if out.gave_up() {
        return;
    }
    match (example, &actual.value) {
        // Null in an example says nothing about the type.
        (Example::Null, _) => {}
        (Example::Bool(expected), Value::Bool(came)) if expected == came => {}
        (Example::String(expected), Value::String(came)) if expected == came => {}
        (Example::Number(expected), Value::Number(came)) => {
            number(expected, came, (example, actual), path, comparison, out);
        }
        (Example::String(_), Value::String(_)) => match comparison {
            Comparison::Shape => {}
            Comparison::Equal(_) if path.is_free(comparison) => {
                differ(DifferenceKind::FreeText, example, actual, path, out);
            }
            Comparison::Equal(_) => differ(DifferenceKind::Value, example, actual, path, out),
        },
        (Example::Bool(_), Value::Bool(_)) => {
            if !path.is_free(comparison) {
                differ(DifferenceKind::Value, example, actual, path, out);
            }
        }
        (Example::Object(members), Value::Mapping(_)) => object(members, actual, path, comparison, out),
        (Example::Array(examples), Value::Sequence(items)) => {
            if path.is_free(comparison) {
                elements(examples, items, path, out);
            } else if examples.len() == items.len() {
                for (index, (example, item)) in examples.iter().zip(items).enumerate() {
                    walk(example, item, &Path::Index(path, index), comparison, out);
                }
            } else {
                differ(DifferenceKind::Value, example, actual, path, out);
            }
        }
        _ => {
            out.differences.push(ExampleDifference {
                pointer: path.render().as_str().to_owned(),
                kind: DifferenceKind::Type,
                expected: format::value(example),
                actual: format::node(actual),
            });
        }
    }
}

fn number(
    expected: &serde_json::Number,
    came: &Number,
    (example, actual): (&Example, &Node),
    path: &Path<'_>,
    comparison: Comparison<'_>,
    out: &mut ExampleDiff,
) {
    let differs = !same_number(expected, came);
    if differs && !path.is_free(comparison) {
        differ(DifferenceKind::Value, example, actual, path, out);
    } else if !expected.is_f64() && written_as_fraction(came) {
        differ(DifferenceKind::IntegerAsFraction, example, actual, path, out);
    }
}

fn object(
    members: &serde_json::Map<String, Example>,
    actual: &Node,
    path: &Path<'_>,
    comparison: Comparison<'_>,
    out: &mut ExampleDiff,
) {
    for (key, example) in members {
        let path = Path::Key(path, key);
        match actual.get(key) {
            Some(actual) => walk(example, actual, &path, comparison, out),
            None => out.differences.push(ExampleDifference {
                pointer: path.render().as_str().to_owned(),
                kind: DifferenceKind::Missing,
                expected: format::value(example),
                actual: "nothing".to_owned(),
            }),
        }
    }
    for entry in actual.entries().unwrap_or_default() {
        if !members.contains_key(&entry.key) {
            out.extra.push(Path::Key(path, &entry.key).render().as_str().to_owned());
        }
    }
}

/// Each element must fit one element of the example. An empty array in an example says nothing about elements.
fn elements(examples: &[Example], items: &[Node], path: &Path<'_>, out: &mut ExampleDiff) {
    for (index, item) in items.iter().enumerate() {
        let path = Path::Index(path, index);
        let mut nearest: Option<ExampleDiff> = None;
        for example in examples {
            let mut diff = ExampleDiff { steps: out.steps, ..ExampleDiff::default() };
            walk(example, item, &path, Comparison::Shape, &mut diff);
            out.steps = diff.steps;
            if out.gave_up() {
                return;
            }
            if nearest.as_ref().is_none_or(|nearest| diff.distance() < nearest.distance()) {
                nearest = Some(diff);
            }
        }
        let Some(nearest) = nearest else {
            return;
        };
        if examples.len() > 1 && !nearest.fits() {
            out.differences.push(ExampleDifference {
                pointer: path.render().as_str().to_owned(),
                kind: DifferenceKind::Element,
                expected: format!("like one of the example's {} elements", examples.len()),
                actual: format::node(item),
            });
        } else {
            out.differences.extend(nearest.differences);
            out.extra.extend(nearest.extra);
        }
    }
}

fn differ(kind: DifferenceKind, example: &Example, actual: &Node, path: &Path<'_>, out: &mut ExampleDiff) {
    out.differences.push(ExampleDifference {
        pointer: path.render().as_str().to_owned(),
        kind,
        expected: format::value(example),
        actual: format::node(actual),
    });
}

/// The value of a key. Of duplicates the last one counts, as for most readers.
pub(crate) fn last<'n>(entries: &'n [Entry], key: &str) -> Option<&'n Node> {
    entries.iter().rfind(|entry| entry.key == key).map(|entry| &entry.value)
}

fn same_number(expected: &serde_json::Number, came: &Number) -> bool {
    if let (Some(expected), Ok(came)) = (expected.as_i64(), came.0.parse::<i64>()) {
        return expected == came;
    }
    if let (Some(expected), Ok(came)) = (expected.as_u64(), came.0.parse::<u64>()) {
        return expected == came;
    }
    match (expected.as_f64(), came.0.parse::<f64>()) {
        // Both were read from digits, so equal values have equal bits, except for the sign of zero.
        (Some(expected), Ok(came)) => expected.total_cmp(&came).is_eq() || (expected == 0.0 && came == 0.0),
        _ => false,
    }
}

/// Whether an integer is written as `400.0` or `4e2`. A fraction that only rounding to a double makes an integer does not
/// count.
fn written_as_fraction(number: &Number) -> bool {
    let (mantissa, exponent) = number.0.split_once(['e', 'E']).unwrap_or((&number.0, ""));
    let fraction = mantissa.split_once('.').map_or("", |(_, fraction)| fraction);
    if exponent.is_empty() {
        return mantissa.contains('.') && fraction.bytes().all(|digit| digit == b'0');
    }
    number.0.parse::<f64>().is_ok_and(|value| value.fract() == 0.0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::location::Span;

    fn tree(value: &Example) -> Node {
        let value = match value {
            Example::Null => Value::Null,
            Example::Bool(value) => Value::Bool(*value),
            Example::Number(number) => Value::Number(Number(number.to_string().into())),
            Example::String(text) => Value::String(text.clone()),
            Example::Array(items) => Value::Sequence(items.iter().map(tree).collect()),
            Example::Object(members) => Value::Mapping(
                members
                    .iter()
                    .map(|(key, value)| Entry { key: key.clone(), key_span: Span::default(), value: tree(value) })
                    .collect(),
            ),
        };
        Node { value, span: Span::default() }
    }

    fn kinds(example: &Example, actual: &Example, comparison: Comparison<'_>) -> Vec<(String, DifferenceKind)> {
        let diff = compare(example, &tree(actual), comparison);
        diff.differences.into_iter().map(|difference| (difference.pointer, difference.kind)).collect()
    }

    fn free(pointers: &[&str]) -> Vec<Pointer> {
        pointers.iter().filter_map(|pointer| Pointer::parse(pointer)).collect()
    }

    #[test]
    fn a_shape_is_keys_and_types() {
        let example = json!({"status": 404, "code": "not_found", "more": {"ok": true}});
        assert_eq!(kinds(&example, &json!({"more": {"ok": false}, "code": "x", "status": 1.5}), Comparison::Shape), []);
        assert_eq!(
            kinds(&example, &json!({"status": "404", "more": {}}), Comparison::Shape),
            [
                ("/status".to_owned(), DifferenceKind::Type),
                ("/code".to_owned(), DifferenceKind::Missing),
                ("/more/ok".to_owned(), DifferenceKind::Missing)
            ]
        );
        assert_eq!(kinds(&example, &json!([]), Comparison::Shape), [(String::new(), DifferenceKind::Type)]);
        assert_eq!(kinds(&example, &json!(null), Comparison::Shape), [(String::new(), DifferenceKind::Type)]);
    }

    #[test]
    fn null_in_an_example_takes_any_value_but_not_none() {
        let example = json!({"a": null});
        for value in [json!(1), json!("x"), json!(null), json!([1])] {
            assert_eq!(kinds(&example, &json!({ "a": value }), Comparison::Equal(&[])), []);
        }
        assert_eq!(kinds(&example, &json!({}), Comparison::Shape), [("/a".to_owned(), DifferenceKind::Missing)]);
    }

    #[test]
    fn equal_values_count_except_where_they_are_free() {
        let example = json!({"code": "a", "message": "m", "list": [{"text": "t", "n": 1}], "flag": true, "n": 1});
        let actual = json!({"code": "b", "message": "o", "list": [{"text": "u", "n": 2}], "flag": false, "n": 2});
        let pointer = |text: &str| text.to_owned();
        assert_eq!(
            kinds(&example, &actual, Comparison::Equal(&[])),
            [
                (pointer("/code"), DifferenceKind::Value),
                (pointer("/message"), DifferenceKind::Value),
                (pointer("/list/0/text"), DifferenceKind::Value),
                (pointer("/list/0/n"), DifferenceKind::Value),
                (pointer("/flag"), DifferenceKind::Value),
                (pointer("/n"), DifferenceKind::Value)
            ]
        );
        let freed = free(&["/code", "/message", "/list/*/text", "/list/0/n", "/flag", "/n"]);
        assert_eq!(
            kinds(&example, &actual, Comparison::Equal(&freed)),
            [
                (pointer("/code"), DifferenceKind::FreeText),
                (pointer("/message"), DifferenceKind::FreeText),
                (pointer("/list/0/text"), DifferenceKind::FreeText)
            ]
        );
        let types = kinds(
            &example,
            &json!({"code": 1, "message": "m", "list": [], "flag": true, "n": 1}),
            Comparison::Equal(&free(&["/code"])),
        );
        assert_eq!(types, [(pointer("/code"), DifferenceKind::Type), (pointer("/list"), DifferenceKind::Value)]);
    }

    #[test]
    fn freeing_a_parent_frees_what_is_below_and_nothing_beside() {
        let example = json!({"a": {"b": [1, 2]}, "ab": 1});
        let freed = free(&["/a"]);
        assert_eq!(kinds(&example, &json!({"a": {"b": [3]}, "ab": 1}), Comparison::Equal(&freed)), []);
        assert_eq!(
            kinds(&example, &json!({"a": {"b": [3]}, "ab": 2}), Comparison::Equal(&freed)),
            [("/ab".to_owned(), DifferenceKind::Value)]
        );
    }

    #[test]
    fn elements_fit_one_of_the_examples() {
        let example = json!([{"a": 1}, "text"]);
        assert_eq!(kinds(&example, &json!(["x", "y", {"a": 2}]), Comparison::Shape), []);
        assert_eq!(kinds(&example, &json!(["x", 3]), Comparison::Shape), [("/1".to_owned(), DifferenceKind::Element)]);
        assert_eq!(
            kinds(&json!([{"a": 1}]), &json!([{}]), Comparison::Shape),
            [("/0/a".to_owned(), DifferenceKind::Missing)]
        );
        assert_eq!(kinds(&json!([]), &json!([1, "x"]), Comparison::Shape), []);
    }

    #[test]
    fn numbers_are_one_type_and_their_writing_is_seen() {
        let written = |example: Example, digits: &str, comparison: Comparison<'_>| {
            let actual = Node { value: Value::Number(Number(digits.into())), span: Span::default() };
            compare(&example, &actual, comparison).differences.first().map(|difference| difference.kind)
        };
        assert_eq!(written(json!(400), "400", Comparison::Equal(&[])), None);
        assert_eq!(written(json!(400), "400.0", Comparison::Equal(&[])), Some(DifferenceKind::IntegerAsFraction));
        assert_eq!(written(json!(400), "4e2", Comparison::Shape), Some(DifferenceKind::IntegerAsFraction));
        assert_eq!(written(json!(400), "400.5", Comparison::Shape), None);
        assert_eq!(written(json!(400), "400.5", Comparison::Equal(&[])), Some(DifferenceKind::Value));
        assert_eq!(written(json!(1.5), "1.50", Comparison::Equal(&[])), None);
        assert_eq!(written(json!(1.0), "1", Comparison::Equal(&[])), None);
        assert_eq!(
            written(json!(u64::MAX), "18446744073709551614", Comparison::Equal(&[])),
            Some(DifferenceKind::Value)
        );
    }

    #[test]
    fn values_are_equal_in_type_and_value() {
        let all = [
            json!(null),
            json!(true),
            json!(false),
            json!(0),
            json!(1),
            json!(-1),
            json!(0.5),
            json!(u64::MAX),
            json!(""),
            json!("1"),
            json!([]),
            json!([1]),
            json!([1, 2]),
            json!({}),
            json!({"a": 1}),
            json!({"a": 2}),
            json!({"b": 1}),
            json!({"a": 1, "b": 1}),
        ];
        for (index, expected) in all.iter().enumerate() {
            for (other, actual) in all.iter().enumerate() {
                assert_eq!(equals(expected, &tree(actual)), index == other, "{expected} {actual}");
            }
        }
    }

    #[test]
    fn numbers_are_equal_however_they_are_written() {
        let equal = |expected: Example, digits: &str| {
            equals(&expected, &Node { value: Value::Number(Number(digits.into())), span: Span::default() })
        };
        assert!(equal(json!(0.0), "-0.0") && equal(json!(0), "0e9") && equal(json!(1.5), "15e-1"));
        assert!(equal(json!(1.5e300), "1500000e294") && equal(json!(u64::MAX), "18446744073709551615"));
        assert!(!equal(json!(0.0), "1.5") && !equal(json!(1.5), "0") && !equal(json!(1.5), "2.5"));
        assert!(!equal(json!(i64::MIN), "-9223372036854775807") && !equal(json!(u64::MAX), "18446744073709551614"));
    }

    #[test]
    fn what_the_example_lacks_is_listed_apart() {
        let diff =
            compare(&json!({"a": {"b": 1}}), &tree(&json!({"a": {"b": 1, "c": 2}, "d/e": 3})), Comparison::Equal(&[]));
        assert!(diff.differences.is_empty());
        assert_eq!(diff.extra, ["/a/c", "/d~1e"]);
        // Of two examples that are equally near the first one counts.
        let diff = compare(&json!([{"a": 1}, {"x": 1}]), &tree(&json!([{"a": 1, "x": 1}])), Comparison::Shape);
        assert_eq!(diff.extra, ["/0/x"]);
    }

    /// Each of many examples would be compared with each of many elements.
    #[test]
    fn a_comparison_of_many_with_many_comes_to_an_end() {
        let body = tree(&Example::from((0..3_000).map(|number| json!({"k": number})).collect::<Vec<_>>()));
        let example = Example::from((0..3_000).map(|_| json!({"other": 1})).collect::<Vec<_>>());
        assert!(compare(&example, &body, Comparison::Shape).gave_up());
        let examples: Vec<Example> = (0..3_000).map(|_| json!([{"other": 1}])).collect();
        let nearest = nearest(examples.iter().enumerate(), &body).expect("examples");
        assert!(nearest.1.gave_up() && nearest.0 < examples.len() - 1);
        assert!(!compare(&json!([{"k": 1}]), &body, Comparison::Shape).gave_up());
    }
}
