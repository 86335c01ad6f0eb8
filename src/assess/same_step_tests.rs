use serde_json::json;

use super::*;
use crate::location::Span;
use crate::suite::Filter;

fn text(parts: &[Part]) -> Text {
    Text { parts: parts.to_vec(), span: Span::default() }
}

fn literal(text: &str) -> Part {
    Part::Literal(text.to_owned())
}

fn value(reference: Reference) -> Part {
    Part::Value(reference, None)
}

fn capture(given: &str, name: &str) -> Part {
    value(Reference::Capture { given: given.to_owned(), name: name.to_owned() })
}

fn filtered(part: Part) -> Part {
    match part {
        Part::Value(reference, _) => Part::Value(reference, Some(Filter::Upper)),
        literal @ Part::Literal(_) => literal,
    }
}

#[test]
fn the_same_credential_asks() {
    let header = |text_: &str| Auth::Header(text(&[literal(text_)]));
    assert!(same_auth(&Auth::None, &Auth::None));
    assert!(same_auth(&Auth::Credential(1), &Auth::Credential(1)));
    assert!(same_auth(&Auth::Several(vec![1, 2]), &Auth::Several(vec![2, 1])));
    assert!(!same_auth(&Auth::Several(vec![1, 2]), &Auth::Credential(1)));
    assert!(same_auth(&header("a"), &header("a")));
    for (a, b) in [
        (Auth::None, Auth::Credential(0)),
        (Auth::Credential(0), Auth::Credential(1)),
        (header("a"), header("b")),
        (header("a"), Auth::None),
    ] {
        assert!(!same_auth(&a, &b), "{a:?} {b:?}");
    }
}

#[test]
fn bodies_are_the_same_whatever_the_order_of_their_keys() {
    let fixed = |value| JsonTemplate::Fixed(value);
    let user = || JsonTemplate::Text(text(&[value(Reference::User)]));
    let object = |members: &[(&str, JsonTemplate)]| {
        JsonTemplate::Object(members.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect())
    };
    for (a, b) in [
        (Body::None, Body::None),
        (Body::Raw(text(&[literal("x")])), Body::Raw(text(&[literal("x")]))),
        (Body::Json(fixed(json!({"a": 1}))), Body::Json(fixed(json!({"a": 1})))),
        (Body::Json(user()), Body::Json(user())),
        (
            Body::Json(JsonTemplate::Array(vec![fixed(json!(1)), user()])),
            Body::Json(JsonTemplate::Array(vec![fixed(json!(1)), user()])),
        ),
        (
            Body::Json(object(&[("a", user()), ("b", fixed(json!(1)))])),
            Body::Json(object(&[("b", fixed(json!(1))), ("a", user())])),
        ),
    ] {
        assert!(same_body(&a, &b) && same_body(&b, &a), "{a:?} {b:?}");
    }
    for (a, b) in [
        (Body::None, Body::Raw(text(&[]))),
        (Body::Raw(text(&[literal("x")])), Body::Raw(text(&[literal("y")]))),
        (Body::Json(fixed(json!("x"))), Body::Raw(text(&[literal("x")]))),
        (Body::Json(fixed(json!(1))), Body::Json(fixed(json!(2)))),
        (Body::Json(fixed(json!(1))), Body::Json(user())),
        (Body::Json(user()), Body::Json(JsonTemplate::Text(text(&[value(Reference::Uuid(0))])))),
        (
            Body::Json(JsonTemplate::Array(vec![user(), fixed(json!(1))])),
            Body::Json(JsonTemplate::Array(vec![fixed(json!(1)), user()])),
        ),
        (Body::Json(JsonTemplate::Array(vec![user()])), Body::Json(JsonTemplate::Array(vec![user(), user()]))),
        (Body::Json(object(&[("a", user())])), Body::Json(object(&[("b", user())]))),
        (Body::Json(object(&[("a", user())])), Body::Json(object(&[("a", fixed(json!(1)))]))),
        (Body::Json(object(&[("a", user())])), Body::Json(object(&[("a", user()), ("b", user())]))),
    ] {
        assert!(!same_body(&a, &b) && !same_body(&b, &a), "{a:?} {b:?}");
    }
}

#[test]
fn fields_are_the_same_whatever_the_case_of_their_names() {
    let fields = |all: &[(&str, &str)]| -> Vec<(String, ParameterValue)> {
        let value = |value: &str| ParameterValue::Text(text(&[literal(value)]));
        all.iter().map(|(name, text)| ((*name).to_owned(), value(text))).collect()
    };
    assert!(same_values(&[], &[]));
    assert!(same_values(&fields(&[("X-A", "1"), ("X-B", "2")]), &fields(&[("x-a", "1"), ("X-B", "2")])));
    for other in [&[][..], &[("X-A", "2")], &[("X-B", "1")], &[("X-A", "1"), ("X-B", "2")]] {
        assert!(!same_values(&fields(&[("X-A", "1")]), &fields(other)), "{other:?}");
        assert!(!same_values(&fields(other), &fields(&[("X-A", "1")])), "{other:?}");
    }
}

#[test]
fn texts_are_the_same_where_a_capture_has_another_given() {
    for (a, b) in [
        (vec![], vec![]),
        (vec![literal("x")], vec![literal("x")]),
        (vec![capture("", "id")], vec![capture("mine", "id")]),
        (vec![filtered(capture("", "id"))], vec![filtered(capture("mine", "id"))]),
        (vec![value(Reference::User), literal("x")], vec![value(Reference::User), literal("x")]),
        (vec![filtered(value(Reference::User))], vec![filtered(value(Reference::User))]),
    ] {
        assert!(same_text(&text(&a), &text(&b)), "{a:?} {b:?}");
    }
    for (a, b) in [
        (vec![], vec![literal("x")]),
        (vec![literal("x")], vec![literal("y")]),
        (vec![literal("id")], vec![capture("mine", "id")]),
        (vec![capture("", "id")], vec![capture("", "name")]),
        (vec![capture("", "id")], vec![filtered(capture("", "id"))]),
        (vec![value(Reference::User)], vec![value(Reference::Uuid(0))]),
        (vec![value(Reference::User)], vec![filtered(value(Reference::User))]),
        (vec![value(Reference::User)], vec![value(Reference::User), literal("x")]),
    ] {
        assert!(!same_text(&text(&a), &text(&b)), "{a:?} {b:?}");
        assert!(!same_text(&text(&b), &text(&a)), "{a:?} {b:?}");
    }
}

#[test]
fn a_list_is_the_same_however_it_is_written() {
    use crate::spec::ParameterStyle;
    use crate::suite::StyledValue;
    let plain = |value: &str| ("ids".to_owned(), ParameterValue::Text(text(&[literal(value)])));
    let styled = |value: StructuredValue| {
        let span = Span::default();
        let styled = StyledValue { style: ParameterStyle::Form, explode: false, allow_reserved: false, value, span };
        vec![("ids".to_owned(), ParameterValue::Styled(styled))]
    };
    let one = |value: &str| text(&[literal(value)]);
    let list = styled(StructuredValue::List(vec![one("a"), one("b")]));
    assert!(same_values(&[plain("a"), plain("b")], &list));
    assert!(!same_values(&[plain("a")], &list));
    let map = |key: &str, value: &str| styled(StructuredValue::Map(vec![(key.to_owned(), one(value))]));
    assert!(same_values(&map("k", "a"), &map("k", "a")));
    assert!(!same_values(&map("k", "a"), &map("l", "a")));
    assert!(!same_values(&map("k", "a"), &[plain("a")]));
    let json = |value: serde_json::Value| styled(StructuredValue::Json(JsonTemplate::Fixed(value)));
    assert!(same_values(&json(json!({"a": 1})), &json(json!({"a": 1}))));
    assert!(!same_values(&json(json!({"a": 1})), &json(json!({"a": 2}))));
}
