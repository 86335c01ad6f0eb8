//! The documented example as the contract: a value that came, held against an example's shape or its values.
//!
//! It leaves out schemas (`spec`) and what a difference is called (the example rules). A value that fits costs no
//! allocation here.

use serde_json::Value as Example;

use super::shown;
use crate::location::Pointer;
use crate::tree::{Entry, Node, Number, Value};

/// How closely a value is held against an example.
#[derive(Clone, Copy, Debug)]
pub(super) enum Closeness<'a> {
    /// Keys and types.
    Shape,
    /// Keys, types and values, except at and below these pointers, where types count only.
    Equal(&'a [Pointer]),
}

/// How many values of a body are compared with values of examples at most.
const MOST: u64 = 2_000_000;

/// What a comparison found.
#[derive(Debug, Default)]
pub(super) struct Compared {
    /// Differences, in the order of the example.
    pub(super) differences: Vec<Difference>,
    /// Pointers of properties that the example lacks.
    pub(super) extra: Vec<String>,
    /// How many values were compared with one of an example.
    steps: u64,
}

/// One difference.
#[derive(Debug)]
pub(super) struct Difference {
    /// Where in the body, as a JSON pointer.
    pub(super) pointer: String,
    /// Of what kind.
    pub(super) kind: Kind,
    /// What the example has.
    pub(super) expected: String,
    /// What came.
    pub(super) actual: String,
}

/// The kinds of difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A property of the example is not there.
    Missing,
    /// The type is another.
    Type,
    /// An array's element is like none of the example's.
    Element,
    /// The value is another.
    Value,
    /// The value of a freed string is another.
    FreeText,
    /// An integer is written with a fraction or an exponent.
    IntegerAsFraction,
}

impl Kind {
    /// Whether it breaks the shape.
    pub(super) const fn breaks_shape(self) -> bool {
        matches!(self, Self::Missing | Self::Type | Self::Element)
    }
}

impl Compared {
    /// Whether the shape is the example's.
    pub(super) fn fits(&self) -> bool {
        !self.differences.iter().any(|difference| difference.kind.breaks_shape())
    }

    /// Whether there were too many values to compare, so that the rest was not.
    pub(super) fn is_cut(&self) -> bool {
        self.steps > MOST
    }

    /// How far from the example it is; the least is the nearest.
    pub(super) fn distance(&self) -> (usize, usize) {
        let broken = self.differences.iter().filter(|difference| difference.kind.breaks_shape()).count();
        (broken, self.extra.len())
    }
}

/// Holds a value against an example.
pub(super) fn compare(example: &Example, actual: &Node, closeness: Closeness<'_>) -> Compared {
    compare_after(0, example, actual, closeness)
}

/// The same after so many comparisons of values ([`Compared::steps`]): what many examples take together is bounded.
fn compare_after(steps: u64, example: &Example, actual: &Node, closeness: Closeness<'_>) -> Compared {
    let mut compared = Compared { steps, ..Compared::default() };
    walk(example, actual, &Path::Root, closeness, &mut compared);
    compared
}

/// The example whose shape is nearest to a value's, as far as there are steps for all of them.
pub(super) fn nearest<'e, E>(examples: impl Iterator<Item = (E, &'e Example)>, actual: &Node) -> Option<(E, Compared)> {
    let mut nearest: Option<(E, Compared)> = None;
    let mut steps = 0;
    for (name, example) in examples {
        let compared = compare_after(steps, example, actual, Closeness::Shape);
        steps = compared.steps;
        if compared.is_cut() {
            return Some((name, compared));
        }
        if nearest.as_ref().is_none_or(|(_, other)| compared.distance() < other.distance()) {
            nearest = Some((name, compared));
        }
    }
    nearest
}

/// Whether a value equals a JSON value, numbers by their value.
pub(super) fn equals(expected: &Example, actual: &Node) -> bool {
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

/// Where in the body the comparison is; rendered only for a difference.
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

    /// Whether the value here is freed: a free pointer ends here or above.
    fn is_free(&self, closeness: Closeness<'_>) -> bool {
        let Closeness::Equal(free) = closeness else {
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

fn walk(example: &Example, actual: &Node, path: &Path<'_>, closeness: Closeness<'_>, out: &mut Compared) {
    out.steps += 1;
    if out.is_cut() {
        return;
    }
    match (example, &actual.value) {
        // Null in an example tells nothing about the type.
        (Example::Null, _) => {}
        (Example::Bool(expected), Value::Bool(came)) if expected == came => {}
        (Example::String(expected), Value::String(came)) if expected == came => {}
        (Example::Number(expected), Value::Number(came)) => {
            number(expected, came, (example, actual), path, closeness, out);
        }
        (Example::String(_), Value::String(_)) => match closeness {
            Closeness::Shape => {}
            Closeness::Equal(_) if path.is_free(closeness) => differ(Kind::FreeText, example, actual, path, out),
            Closeness::Equal(_) => differ(Kind::Value, example, actual, path, out),
        },
        (Example::Bool(_), Value::Bool(_)) => {
            if !path.is_free(closeness) {
                differ(Kind::Value, example, actual, path, out);
            }
        }
        (Example::Object(members), Value::Mapping(_)) => object(members, actual, path, closeness, out),
        (Example::Array(examples), Value::Sequence(items)) => {
            if path.is_free(closeness) {
                elements(examples, items, path, out);
            } else if examples.len() == items.len() {
                for (index, (example, item)) in examples.iter().zip(items).enumerate() {
                    walk(example, item, &Path::Index(path, index), closeness, out);
                }
            } else {
                differ(Kind::Value, example, actual, path, out);
            }
        }
        _ => {
            out.differences.push(Difference {
                pointer: path.render().as_str().to_owned(),
                kind: Kind::Type,
                expected: shown::value(example),
                actual: shown::node(actual),
            });
        }
    }
}

fn number(
    expected: &serde_json::Number,
    came: &Number,
    (example, actual): (&Example, &Node),
    path: &Path<'_>,
    closeness: Closeness<'_>,
    out: &mut Compared,
) {
    let differs = !same_number(expected, came);
    if differs && !path.is_free(closeness) {
        differ(Kind::Value, example, actual, path, out);
    } else if !expected.is_f64() && written_as_fraction(came) {
        differ(Kind::IntegerAsFraction, example, actual, path, out);
    }
}

fn object(
    members: &serde_json::Map<String, Example>,
    actual: &Node,
    path: &Path<'_>,
    closeness: Closeness<'_>,
    out: &mut Compared,
) {
    for (key, example) in members {
        let path = Path::Key(path, key);
        match actual.get(key) {
            Some(actual) => walk(example, actual, &path, closeness, out),
            None => out.differences.push(Difference {
                pointer: path.render().as_str().to_owned(),
                kind: Kind::Missing,
                expected: shown::value(example),
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

/// Each element must fit one of the example's; an empty example array says nothing about elements.
fn elements(examples: &[Example], items: &[Node], path: &Path<'_>, out: &mut Compared) {
    for (index, item) in items.iter().enumerate() {
        let path = Path::Index(path, index);
        let mut nearest: Option<Compared> = None;
        for example in examples {
            let mut compared = Compared { steps: out.steps, ..Compared::default() };
            walk(example, item, &path, Closeness::Shape, &mut compared);
            out.steps = compared.steps;
            if out.is_cut() {
                return;
            }
            if nearest.as_ref().is_none_or(|nearest| compared.distance() < nearest.distance()) {
                nearest = Some(compared);
            }
        }
        let Some(nearest) = nearest else {
            return;
        };
        if examples.len() > 1 && !nearest.fits() {
            out.differences.push(Difference {
                pointer: path.render().as_str().to_owned(),
                kind: Kind::Element,
                expected: format!("like one of the example's {} elements", examples.len()),
                actual: shown::node(item),
            });
        } else {
            out.differences.extend(nearest.differences);
            out.extra.extend(nearest.extra);
        }
    }
}

fn differ(kind: Kind, example: &Example, actual: &Node, path: &Path<'_>, out: &mut Compared) {
    out.differences.push(Difference {
        pointer: path.render().as_str().to_owned(),
        kind,
        expected: shown::value(example),
        actual: shown::node(actual),
    });
}

/// The value of a key; of duplicates the last, as most readers take it.
pub(super) fn last<'n>(entries: &'n [Entry], key: &str) -> Option<&'n Node> {
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
        // Both were read from digits, so equal values have equal bits (but for the sign of zero).
        (Some(expected), Ok(came)) => expected.total_cmp(&came).is_eq() || (expected == 0.0 && came == 0.0),
        _ => false,
    }
}

/// Whether a whole number is written as `400.0` or `4e2`. A fraction that only a double makes whole is none.
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

    fn kinds(example: &Example, actual: &Example, closeness: Closeness<'_>) -> Vec<(String, Kind)> {
        let compared = compare(example, &tree(actual), closeness);
        compared.differences.into_iter().map(|difference| (difference.pointer, difference.kind)).collect()
    }

    fn free(pointers: &[&str]) -> Vec<Pointer> {
        pointers.iter().filter_map(|pointer| Pointer::parse(pointer)).collect()
    }

    #[test]
    fn a_shape_is_keys_and_types() {
        let example = json!({"status": 404, "code": "not_found", "more": {"ok": true}});
        assert_eq!(kinds(&example, &json!({"more": {"ok": false}, "code": "x", "status": 1.5}), Closeness::Shape), []);
        assert_eq!(
            kinds(&example, &json!({"status": "404", "more": {}}), Closeness::Shape),
            [
                ("/status".to_owned(), Kind::Type),
                ("/code".to_owned(), Kind::Missing),
                ("/more/ok".to_owned(), Kind::Missing)
            ]
        );
        assert_eq!(kinds(&example, &json!([]), Closeness::Shape), [(String::new(), Kind::Type)]);
        assert_eq!(kinds(&example, &json!(null), Closeness::Shape), [(String::new(), Kind::Type)]);
    }

    #[test]
    fn null_in_an_example_takes_any_value_but_not_none() {
        let example = json!({"a": null});
        for value in [json!(1), json!("x"), json!(null), json!([1])] {
            assert_eq!(kinds(&example, &json!({ "a": value }), Closeness::Equal(&[])), []);
        }
        assert_eq!(kinds(&example, &json!({}), Closeness::Shape), [("/a".to_owned(), Kind::Missing)]);
    }

    #[test]
    fn equal_values_count_except_where_they_are_free() {
        let example = json!({"code": "a", "message": "m", "list": [{"text": "t", "n": 1}], "flag": true, "n": 1});
        let actual = json!({"code": "b", "message": "o", "list": [{"text": "u", "n": 2}], "flag": false, "n": 2});
        let pointer = |text: &str| text.to_owned();
        assert_eq!(
            kinds(&example, &actual, Closeness::Equal(&[])),
            [
                (pointer("/code"), Kind::Value),
                (pointer("/message"), Kind::Value),
                (pointer("/list/0/text"), Kind::Value),
                (pointer("/list/0/n"), Kind::Value),
                (pointer("/flag"), Kind::Value),
                (pointer("/n"), Kind::Value)
            ]
        );
        let freed = free(&["/code", "/message", "/list/*/text", "/list/0/n", "/flag", "/n"]);
        assert_eq!(
            kinds(&example, &actual, Closeness::Equal(&freed)),
            [
                (pointer("/code"), Kind::FreeText),
                (pointer("/message"), Kind::FreeText),
                (pointer("/list/0/text"), Kind::FreeText)
            ]
        );
        let types = kinds(
            &example,
            &json!({"code": 1, "message": "m", "list": [], "flag": true, "n": 1}),
            Closeness::Equal(&free(&["/code"])),
        );
        assert_eq!(types, [(pointer("/code"), Kind::Type), (pointer("/list"), Kind::Value)]);
    }

    #[test]
    fn freeing_a_parent_frees_what_is_below_and_nothing_beside() {
        let example = json!({"a": {"b": [1, 2]}, "ab": 1});
        let freed = free(&["/a"]);
        assert_eq!(kinds(&example, &json!({"a": {"b": [3]}, "ab": 1}), Closeness::Equal(&freed)), []);
        assert_eq!(
            kinds(&example, &json!({"a": {"b": [3]}, "ab": 2}), Closeness::Equal(&freed)),
            [("/ab".to_owned(), Kind::Value)]
        );
    }

    #[test]
    fn elements_fit_one_of_the_examples() {
        let example = json!([{"a": 1}, "text"]);
        assert_eq!(kinds(&example, &json!(["x", "y", {"a": 2}]), Closeness::Shape), []);
        assert_eq!(kinds(&example, &json!(["x", 3]), Closeness::Shape), [("/1".to_owned(), Kind::Element)]);
        assert_eq!(kinds(&json!([{"a": 1}]), &json!([{}]), Closeness::Shape), [("/0/a".to_owned(), Kind::Missing)]);
        assert_eq!(kinds(&json!([]), &json!([1, "x"]), Closeness::Shape), []);
    }

    #[test]
    fn numbers_are_one_type_and_their_writing_is_seen() {
        let written = |example: Example, digits: &str, closeness: Closeness<'_>| {
            let actual = Node { value: Value::Number(Number(digits.into())), span: Span::default() };
            compare(&example, &actual, closeness).differences.first().map(|difference| difference.kind)
        };
        assert_eq!(written(json!(400), "400", Closeness::Equal(&[])), None);
        assert_eq!(written(json!(400), "400.0", Closeness::Equal(&[])), Some(Kind::IntegerAsFraction));
        assert_eq!(written(json!(400), "4e2", Closeness::Shape), Some(Kind::IntegerAsFraction));
        assert_eq!(written(json!(400), "400.5", Closeness::Shape), None);
        assert_eq!(written(json!(400), "400.5", Closeness::Equal(&[])), Some(Kind::Value));
        assert_eq!(written(json!(1.5), "1.50", Closeness::Equal(&[])), None);
        assert_eq!(written(json!(1.0), "1", Closeness::Equal(&[])), None);
        assert_eq!(written(json!(u64::MAX), "18446744073709551614", Closeness::Equal(&[])), Some(Kind::Value));
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
        let compared =
            compare(&json!({"a": {"b": 1}}), &tree(&json!({"a": {"b": 1, "c": 2}, "d/e": 3})), Closeness::Equal(&[]));
        assert!(compared.differences.is_empty());
        assert_eq!(compared.extra, ["/a/c", "/d~1e"]);
        // Of two examples that are equally near the first one counts.
        let compared = compare(&json!([{"a": 1}, {"x": 1}]), &tree(&json!([{"a": 1, "x": 1}])), Closeness::Shape);
        assert_eq!(compared.extra, ["/0/x"]);
    }

    /// Each of many examples would be compared with each of many elements.
    #[test]
    fn a_comparison_of_many_with_many_comes_to_an_end() {
        let body = tree(&Example::from((0..3_000).map(|number| json!({"k": number})).collect::<Vec<_>>()));
        let example = Example::from((0..3_000).map(|_| json!({"other": 1})).collect::<Vec<_>>());
        assert!(compare(&example, &body, Closeness::Shape).is_cut());
        let examples: Vec<Example> = (0..3_000).map(|_| json!([{"other": 1}])).collect();
        let nearest = nearest(examples.iter().enumerate(), &body).expect("examples");
        assert!(nearest.1.is_cut() && nearest.0 < examples.len() - 1);
        assert!(!compare(&json!([{"k": 1}]), &body, Closeness::Shape).is_cut());
    }
}
