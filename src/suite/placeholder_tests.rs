use std::sync::Arc;

use serde_json::json;

use uuid::Uuid;

use super::*;
use crate::suite::strict::Strict;
use crate::suite::{JsonTemplate, Unresolved, Values};
use crate::tree::yaml;

fn parsed(text: &str) -> (Text, Vec<(Span, PlaceholderError)>) {
    let source = Source::new("a.yaml", text);
    parse(&source, Span::new(0, text.len()), text)
}

fn parts(text: &str) -> Vec<Part> {
    let (text, errors) = parsed(text);
    assert_eq!(errors, []);
    text.parts
}

fn literal(text: &str) -> Part {
    Part::Literal(text.to_owned())
}

fn capture(given: &str, name: &str) -> Reference {
    Reference::Capture { given: given.to_owned(), name: name.to_owned() }
}

fn values() -> Values {
    let mut values = Values { user: "u-1".to_owned(), ..Values::default() };
    let mine = [("id", json!("aB-9")), ("count", json!(7)), ("deep", json!({"a": [1, null]}))];
    values.captures.insert("mine".to_owned(), mine.map(|(name, value)| (name.to_owned(), value)).into());
    values.captures.insert(String::new(), [("id".to_owned(), json!("own"))].into());
    Arc::make_mut(&mut values.env).insert("HOME".to_owned(), "/root".to_owned());
    values
}

fn rendered(text: &str) -> Result<String, Unresolved> {
    Text { parts: parts(text), span: Span::new(3, 9) }.render(&mut values())
}

/// The template of a YAML value, with its source.
fn template(text: &str) -> JsonTemplate {
    let source = Source::new("a.yaml", text);
    let tree = yaml::read(&source).unwrap_or_else(|errors| panic!("{errors}"));
    let mut strict = Strict::new(&source);
    let template = strict.json(&tree.root);
    let errors = strict.finish();
    assert!(errors.is_empty(), "{errors:?}");
    template
}

#[test]
fn every_form_of_placeholder_is_understood() {
    let cases: [(&str, Reference, Option<Filter>); 7] = [
        ("{{user}}", Reference::User, None),
        ("{{ user }}", Reference::User, None),
        ("{{mine.id}}", capture("mine", "id"), None),
        ("{{conversation_id}}", capture("", "conversation_id"), None),
        ("{{env.API_KEY}}", Reference::Env("API_KEY".to_owned()), None),
        ("{{ mine.id|upper }}", capture("mine", "id"), Some(Filter::Upper)),
        ("{{mine.id | percent}}", capture("mine", "id"), Some(Filter::Percent)),
    ];
    for (text, reference, filter) in cases {
        assert_eq!(parts(text), [Part::Value(reference, filter)], "{text}");
    }
}

#[test]
fn four_braces_are_two_literal_ones_and_three_are_one_before_a_value() {
    let user = || Part::Value(Reference::User, None);
    let cases: [(&str, Vec<Part>); 18] = [
        ("", vec![]),
        ("plain", vec![literal("plain")]),
        ("}}", vec![literal("}}")]),
        ("{ }", vec![literal("{ }")]),
        (r#"{"a":{"b":1}}"#, vec![literal(r#"{"a":{"b":1}}"#)]),
        ("{{{{user}}", vec![literal("{{user}}")]),
        ("{{{{user}}}}", vec![literal("{{user}}")]),
        ("{{{{a}}}}{{user}}{{{{b}}}}", vec![literal("{{a}}"), user(), literal("{{b}}")]),
        ("{{{{{{user}}}}}}", vec![literal("{{"), user(), literal("}}")]),
        ("{{{{user}}}}}}", vec![literal("{{user}}}}")]),
        ("{{{{user}} {a: {b: {c: {}}}}", vec![literal("{{user}} {a: {b: {c: {}}}}")]),
        ("{a: {b: {c: {d: {}}}}}", vec![literal("{a: {b: {c: {d: {}}}}}")]),
        ("{{{{", vec![literal("{{")]),
        ("{{{{{", vec![literal("{{{")]),
        ("{{{{{{{{", vec![literal("{{{{")]),
        ("{{{user}}}", vec![literal("{"), user(), literal("}")]),
        ("{{{{{{user}}", vec![literal("{{"), user()]),
        ("é{{user}}-{{user}}", vec![literal("é"), user(), literal("-"), user()]),
    ];
    for (text, expected) in cases {
        assert_eq!(parts(text), expected, "{text}");
    }
}

#[test]
fn what_is_no_placeholder_is_a_fault_at_its_place() {
    let cases: [(&str, usize, usize, PlaceholderError); 10] = [
        ("ab{{user", 2, 4, PlaceholderError::Unclosed),
        ("{{uuid}-{{user}}", 0, 2, PlaceholderError::Unclosed),
        ("a{{}}", 1, 5, PlaceholderError::Empty),
        ("{{ | upper}}", 0, 12, PlaceholderError::Empty),
        ("{{user|uper}}", 0, 13, PlaceholderError::Filter("uper".to_owned())),
        ("{{user|}}", 0, 9, PlaceholderError::Filter(String::new())),
        ("{{user|upper|upper}}", 0, 20, PlaceholderError::Filter("upper|upper".to_owned())),
        ("{{a.b.c}}", 0, 9, PlaceholderError::Name("a.b.c".to_owned())),
        ("{{a b}}", 0, 7, PlaceholderError::Name("a b".to_owned())),
        ("{{.x}}", 0, 6, PlaceholderError::Name(".x".to_owned())),
    ];
    for (text, start, end, fault) in cases {
        assert_eq!(parsed(text).1, [(Span::new(start, end), fault)], "{text}");
    }
}

#[test]
fn texts_take_the_values_of_the_run() {
    let cases = [
        ("id={{mine.id}};", "id=aB-9;"),
        ("{{user}}/{{env.HOME}}/{{id}}", "u-1//root/own"),
        ("{{mine.id | upper}}", "AB-9"),
        ("{{mine.id | percent}}", "%61%42%2D%39"),
        ("n{{mine.count}}", "n7"),
        ("{{mine.deep}}", r#"{"a":[1,null]}"#),
    ];
    for (text, expected) in cases {
        assert_eq!(rendered(text).as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn a_value_that_is_missing_is_named_as_it_was_written() {
    for (text, placeholder) in [("{{yours.id}}", "yours.id"), ("{{mine.x}}", "mine.x"), ("a{{env.NO}}", "env.NO")] {
        let unresolved = rendered(text).expect_err(text);
        assert_eq!(unresolved, Unresolved { placeholder: placeholder.to_owned(), span: Span::new(3, 9) });
        assert_eq!(unresolved.to_string(), format!("`{{{{{placeholder}}}}}` has no value in this run"));
    }
}

#[test]
fn each_uuid_in_a_file_is_another_one_and_stays_the_same() {
    let text = "{{uuid}} {{uuid}}";
    let (text, _) = parsed(text);
    let mut values = Values::default();
    assert!(text.resolve(&values).is_err(), "nothing has made them yet");
    let first = text.render(&mut values).expect("uuids can always be made");
    let (a, b) = first.split_once(' ').expect("two of them");
    assert_ne!(a, b);
    assert!(Uuid::parse_str(a).is_ok_and(|uuid| uuid.get_version_num() == 4), "{a}");
    assert_eq!(text.render(&mut values), Ok(first.clone()));
    assert_eq!(text.resolve(&values), Ok(first));
}

#[test]
fn uuids_are_told_apart_by_the_byte_where_they_stand_however_they_are_written() {
    let texts = [
        "[\"{{uuid}}\", 'x{{ uuid }}{{uuid}}', \"\\x7b{uuid}}{{uuid}}\"]",
        "- |\n  {{uuid}}\n  {{uuid}}\n- >-\n  {{uuid}} {{uuid\n  }}\n- \"\\L\\L\\L{{uuid}}\"\n",
    ];
    for text in texts {
        let template = template(text);
        let numbers: Vec<usize> = template
            .texts()
            .into_iter()
            .flat_map(Text::references)
            .map(|reference| match reference {
                Reference::Uuid(number) => *number,
                other => panic!("{other:?}"),
            })
            .collect();
        let mut distinct = numbers.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), 5, "{numbers:?}");
        assert!(numbers.iter().all(|number| *number < text.len()), "{numbers:?}");
        assert_eq!(numbers[0], text.find("{{uuid}}").unwrap_or_default());
    }
}

#[test]
fn an_alias_repeats_the_uuid_of_its_anchor() {
    let value = template("[&id \"{{uuid}}\", *id]").render(&mut Values::default()).expect("uuids can always be made");
    assert_eq!(value[0], value[1]);
}

#[test]
fn a_value_that_is_one_placeholder_keeps_its_json_type() {
    let template = template(
        "{whole: \"{{mine.count}}\", text: \"a{{mine.count}}\", deep: \"{{mine.deep}}\", user: \"{{user}}\", \
         up: \"{{mine.count | upper}}\", literal: \"{{{{user}}\", fixed: [1, 2.50, true, null, x]}",
    );
    let expected = json!({
        "whole": 7, "text": "a7", "deep": {"a": [1, null]}, "user": "u-1", "up": "7", "literal": "{{user}}",
        "fixed": [1, 2.50, true, null, "x"]
    });
    assert_eq!(template.render(&mut values()), Ok(expected.clone()));
    let mut written = Vec::new();
    template.write(&mut written, &values()).expect("all values exist");
    let written = String::from_utf8(written).expect("JSON is UTF-8");
    assert_eq!(written, expected.to_string(), "compact, and in the order of the file");
}

#[test]
fn json_without_placeholders_is_kept_ready() {
    for text in ["{a: {b: [1, 'x']}}", "[]", "{}", "x", "null", "'{{{{'"] {
        assert!(matches!(template(text), JsonTemplate::Fixed(_)), "{text}");
    }
    assert!(matches!(template("{a: [1, \"{{user}}\"]}"), JsonTemplate::Object(_)));
}

#[test]
fn strings_are_escaped_in_json() {
    let mut values = Values { user: "a\"b\n".to_owned(), ..Values::default() };
    let template = template("{\"k\\\"\": \"{{user}}\", t: \"-{{user}}\"}");
    let mut written = Vec::new();
    template.write(&mut written, &values).expect("all values exist");
    assert_eq!(String::from_utf8_lossy(&written), r#"{"k\"":"a\"b\n","t":"-a\"b\n"}"#);
    assert_eq!(
        template.render(&mut values).map(|value| value.to_string()),
        Ok(r#"{"k\"":"a\"b\n","t":"-a\"b\n"}"#.to_owned())
    );
}

#[test]
fn a_named_uuid_is_one_wherever_it_stands() {
    let (text, errors) = parsed("{{uuid.a}} {{ uuid.a | upper }} {{uuid.b}} {{uuid}}");
    assert!(errors.is_empty(), "{errors:?}");
    let mut values = Values::default();
    assert!(text.resolve(&values).is_err(), "nothing has made them yet");
    let rendered = text.render(&mut values).expect("uuids can always be made");
    let uuids: Vec<&str> = rendered.split(' ').collect();
    assert_eq!(uuids[1], uuids[0].to_uppercase());
    assert!(uuids[0] != uuids[2] && uuids[2] != uuids[3] && uuids[0] != uuids[3], "{rendered}");
    let (other, _) = parsed("{{uuid.b}}");
    assert_eq!(other.render(&mut values).as_deref(), Ok(uuids[2]));
    let kept = values.kept();
    assert_eq!(kept.keys().map(String::as_str).collect::<Vec<_>>(), ["uuid.a", "uuid.b"]);
    let mut restored = Values::default();
    restored.restore(&kept);
    assert_eq!(other.resolve(&restored).as_deref(), Ok(uuids[2]), "a clean-up names the same object");
    for text in ["{{uuid.}}", "{{uuid.a.b}}", "{{uuid.a b}}", "{{uuid.é}}", "{{.uuid}}"] {
        assert!(matches!(&parsed(text).1[..], [(_, PlaceholderError::Name(_))]), "{text}");
    }
}
