use std::fmt::Write as _;

use super::*;
use crate::location::Position;

fn tree(text: &str) -> Tree {
    read(&Source::new("a.yaml", text)).unwrap_or_else(|errors| panic!("{errors}"))
}

fn json(text: &str) -> serde_json::Value {
    tree(text).root.to_json()
}

fn errors(text: &str) -> Vec<InputError> {
    read(&Source::new("a.yaml", text)).expect_err(text).0
}

/// The one error of a text: its message, line and column. Every error must say what to do.
fn error(text: &str) -> (String, usize, usize) {
    let errors = errors(text);
    assert_eq!(errors.len(), 1, "{errors:?}");
    let error = &errors[0];
    assert!(error.help.as_ref().is_some_and(|help| !help.is_empty()), "{error}");
    let Position { line, column } = error.place.as_ref().expect("a place").position();
    (error.message.clone(), line, column)
}

fn written<'a>(tree: &'a Tree, pointer: &str) -> &'a str {
    let node = tree.root.at(pointer.split('/').skip(1)).expect(pointer);
    &tree.source.text()[node.span.start..node.span.end]
}

#[test]
fn values_become_what_they_are_in_json() {
    let text =
        "a: 1\nb: '1'\nc: [true, ~, 0x10, \"x\\ty\"]\nd: |\n  two\n  lines\ne: >-\n  one\n  line\nf: {}\ng:\n204: ok\n";
    let expected = serde_json::json!({
        "a": 1, "b": "1", "c": [true, null, 16, "x\ty"], "d": "two\nlines\n", "e": "one line", "f": {}, "g": null,
        "204": "ok"
    });
    assert_eq!(json(text), expected);
}

#[test]
fn tags_of_the_core_schema_are_honoured() {
    assert_eq!(
        json("[!!str 204, ! 5, !!int '7', !!float 1, !!null '', !!bool 'true', !!str ]"),
        serde_json::json!(["204", "5", 7, 1, null, true, ""])
    );
    assert_eq!(json("!!map {a: !!seq [1]}"), serde_json::json!({"a": [1]}));
}

#[test]
fn spans_are_bytes_of_what_is_written() {
    let text = "\u{feff}# é\nnäme: 'ünï'   # c\nlist:\n  - a\n  - {x: 1}\nempty:\nmap:\n  k: v\n\nlast: plain text  \n";
    let tree = tree(text);
    assert_eq!(written(&tree, "/näme"), "'ünï'");
    assert_eq!(written(&tree, "/list"), "- a\n  - {x: 1}");
    assert_eq!(written(&tree, "/list/1"), "{x: 1}");
    assert_eq!(written(&tree, "/list/1/x"), "1");
    assert_eq!(written(&tree, "/map"), "k: v");
    assert_eq!(written(&tree, "/last"), "plain text");
    let empty = tree.root.get("empty").expect("there");
    assert_eq!(tree.place(empty).position(), Position { line: 6, column: 7 });
    let key = tree.root.entry("näme").expect("there").key_span;
    assert_eq!(&text[key.start..key.end], "näme");
}

#[test]
fn a_byte_order_mark_is_skipped_and_counted() {
    let tree = tree("\u{feff}a: 1\n");
    assert_eq!(written(&tree, "/a"), "1");
    assert_eq!(tree.root.entries().expect("a mapping")[0].key, "a");
}

#[test]
fn aliases_repeat_values_and_keep_their_place() {
    let text = "base: &b {x: [1, &s two]}\nagain: *b\nkey: &k name\nmap:\n  *k : *s\n";
    let tree = tree(text);
    assert_eq!(
        tree.root.to_json(),
        serde_json::json!({"base": {"x": [1, "two"]}, "again": {"x": [1, "two"]}, "key": "name", "map": {"name": "two"}})
    );
    assert_eq!(tree.place(tree.root.get("again").expect("there")).line(), 1);
}

#[test]
fn what_is_refused_is_refused_at_its_place() {
    for (text, message, line, column) in [
        ("a: 1\nb:\n  c: 1\n  c: 2\n", "the key `c` stands twice in one mapping: in line 3 and in line 4", 4, 3),
        (
            "204: x\n'204': y\n",
            "the key `204` stands twice in one mapping: in line 1 and in line 2 (`204` and `'204'` are the same key)",
            2,
            1,
        ),
        ("{a: 1, a: 2}", "the key `a` stands twice in one mapping: in line 1 and in line 1", 1, 8),
        ("x: &x {a: 1}\ny:\n  <<: *x\n", "merge keys (`<<`) are not supported", 3, 3),
        ("a: .inf\n", "`.inf` has no counterpart in JSON", 1, 4),
        ("a:\n  - -.INF\n", "`-.INF` has no counterpart in JSON", 2, 5),
        ("a: .nan\n", "`.nan` has no counterpart in JSON", 1, 4),
        ("a: !ruby/object x\n", "the tag `!ruby/object` is not known", 1, 17),
        ("a: !!binary aGk=\n", "the tag `!!binary` is not known", 1, 13),
        ("a: !!int x\n", "`x` is no `!!int`", 1, 10),
        ("a: !!int 1.5\n", "`1.5` is no `!!int`", 1, 10),
        ("a: !!str [1]\n", "a sequence cannot be `!!str`", 1, 10),
        ("? [a, b]\n: 1\n", "a key must be a scalar, and this is a sequence", 1, 3),
        ("a: 1\n---\nb: 2\n", "a second document begins here", 2, 1),
        ("a: *nothing\n", "this alias repeats a value that no anchor before it names", 1, 4),
        ("a: &a [1, *a]\n", "this alias stands inside the value that it repeats", 1, 11),
        ("", "the file is empty", 1, 1),
        ("\u{feff}", "the file is empty", 1, 1),
        ("# only a comment\n\n", "the file is empty", 1, 1),
        ("---\n", "the file is empty", 1, 1),
        (": 1\n", "a key is missing before the colon", 1, 1),
        (
            "a: 0x1ffffffffffffffffffffffffffffffffff\n",
            "the number `0x1ffffffffffffffffffffffffffffffffff` is too large",
            1,
            4,
        ),
    ] {
        assert_eq!(error(text), (message.to_owned(), line, column), "{text:?}");
    }
}

#[test]
fn what_is_no_yaml_says_where() {
    for (text, line) in [
        ("a: 'open\n", 1),
        ("a:\n\t- b\n", 2),
        ("a: [1, 2\nb: 3\n", 2),
        ("a: b: c\n", 1),
        ("a: \"\\q\"\n", 1),
        ("é: }\n", 1),
        ("a: 1\n b: 2\n", 2),
    ] {
        let (message, at, _) = error(text);
        assert!(message.starts_with("not readable as YAML: "), "{message}");
        assert_eq!(at, line, "{text:?}: {message}");
    }
}

#[test]
fn all_refusals_come_together_in_the_order_of_the_file() {
    let found = errors("a: .inf\nb: 1\nb: 2\nc: !x y\n");
    let lines: Vec<usize> = found.iter().map(|error| error.place.as_ref().expect("a place").line()).collect();
    assert_eq!(lines, [1, 3, 4]);
}

#[test]
fn values_of_a_double_key_do_not_hide_later_errors() {
    let found = errors("a: 1\na: {b: 1, b: 2}\n");
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn a_billion_laughs_are_refused() {
    let mut text = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
    for level in 1..12 {
        let before = format!("*a{}, ", level - 1).repeat(10);
        let _ = writeln!(text, "a{level}: &a{level} [{before}]");
    }
    let (message, ..) = error(&text);
    assert!(message.starts_with("the file holds more than"), "{message}");
}

#[test]
fn one_long_text_repeated_often_is_refused() {
    let text = format!("a: &a {}\nb: [{}]\n", "x".repeat(100_000), "*a, ".repeat(1000));
    assert_eq!(error(&text).0, "the aliases of this file repeat more than 16 MiB");
}

#[test]
fn nesting_is_limited_also_through_aliases() {
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(read(&Source::new("a.yaml", deep(MAX_DEPTH))).is_ok());
    let message = format!("values are nested deeper than {MAX_DEPTH} levels");
    for levels in [MAX_DEPTH + 1, 200, 300, 100_000] {
        assert_eq!(error(&deep(levels)).0, message, "{levels}");
    }
    let block = (0..5000).fold(String::new(), |block, level| block + &" ".repeat(level) + "a:\n");
    assert_eq!(error(&block).0, message);
    let through = format!("a: &a {}\nb: {}*a{}\n", deep(100), "[".repeat(60), " ]".repeat(60));
    assert_eq!(error(&through).0, message);
}

#[test]
fn json_is_yaml_too() {
    let text = "{\"a\": [1, 2.5, \"\\u00e9\\/\"], \"b\": {\"c\": null}}";
    assert_eq!(json(text), serde_json::from_str::<serde_json::Value>(text).expect("JSON"));
}

#[test]
fn no_text_makes_it_panic() {
    let text = "a: &x [1, {b: 'é'}, *x]\n? k\n: |2-\n    t\n%YAML 1.2\n--- !!map\n\"q\\u00e9\": ~\n";
    for end in 0..=text.len() {
        if text.is_char_boundary(end) {
            let _ = read(&Source::new("a.yaml", &text[..end]));
            let _ = read(&Source::new("a.yaml", &text[end..]));
        }
    }
}

#[test]
fn a_file_holds_so_many_values_and_no_more() {
    let most = 150_000;
    for (text, is_read) in [
        // The sequence itself is one.
        (format!("[{}]", "1,".repeat(most - 1)), true),
        (format!("[{}]", "1,".repeat(most * 5 / 4)), false),
        (format!("a: &a [{}]\nb: [{}]\n", "1,".repeat(100), "*a,".repeat(1000)), true),
        (format!("a: &a [{}]\nb: [{}]\n", "1,".repeat(100), "*a,".repeat(3500)), false),
    ] {
        let read = read(&Source::new("a.yaml", text.as_str()));
        let most = most_values(&text);
        match read {
            Ok(_) => assert!(is_read, "{} bytes", text.len()),
            Err(errors) => {
                let message = format!("the file holds more than {most} values");
                assert!(!is_read && errors.0.len() == 1 && errors.0[0].message == message, "{errors}");
            }
        }
    }
    let json = format!("[{}1]", "1,".repeat(300_000));
    assert!(
        crate::tree::json::read_few(&json, 300_001)
            .is_err_and(|fault| fault.kind == crate::tree::json::JsonErrorKind::TooMany)
    );
    assert!(crate::tree::json::read_few(&json, 300_002).is_ok());
}
