use super::result::JsonError;
use super::*;
use crate::location::Span;
use crate::tree::{Node, Value};

fn ok(text: impl AsRef<[u8]>) -> Read {
    let text = text.as_ref();
    read(text).unwrap_or_else(|fault| panic!("{}: {fault}", String::from_utf8_lossy(text)))
}

fn fault(text: impl AsRef<[u8]>) -> JsonError {
    let text = text.as_ref();
    match read(text) {
        Ok(_) => panic!("read without a fault: {}", String::from_utf8_lossy(text)),
        Err(fault) => fault,
    }
}

/// The text that a tree stands for, to compare trees with.
fn dump(node: &Node) -> String {
    match &node.value {
        Value::Null => "null".into(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.0.to_string(),
        Value::String(text) => format!("{text:?}"),
        Value::Sequence(items) => format!("[{}]", items.iter().map(dump).collect::<Vec<_>>().join(",")),
        Value::Mapping(entries) => {
            let entries: Vec<_> = entries.iter().map(|e| format!("{:?}:{}", e.key, dump(&e.value))).collect();
            format!("{{{}}}", entries.join(","))
        }
    }
}

#[test]
fn what_is_json_is_read_as_it_stands() {
    for (text, expected) in [
        ("null", "null"),
        (" true\n", "true"),
        ("\r\n\tfalse ", "false"),
        ("0", "0"),
        ("-0", "-0"),
        ("-1.5e+10", "-1.5e+10"),
        ("1E2", "1E2"),
        ("0.10", "0.10"),
        ("\"\"", "\"\""),
        ("[]", "[]"),
        ("[ ]", "[]"),
        ("{}", "{}"),
        ("{ \n }", "{}"),
        ("[1 , [2,[ 3]] ,{}]", "[1,[2,[3]],{}]"),
        ("{\"a\" : {\"b\":[null,true]} , \"\":0}", "{\"a\":{\"b\":[null,true]},\"\":0}"),
        (r#""\"\\\/\b\f\n\r\t""#, r#""\"\\/\u{8}\u{c}\n\r\t""#),
        (r#""\u00e4\u20AC\uD83D\uDE00""#, "\"ä€😀\""),
        (r#""\u0000""#, r#""\0""#),
        (r#""\uFFFE""#, r#""\u{fffe}""#),
        ("\"\u{7f}\u{2028}ä€😀\"", "\"\\u{7f}\\u{2028}ä€😀\""),
        ("[\"a,b]\",\"{\"]", "[\"a,b]\",\"{\"]"),
    ] {
        let read = ok(text);
        assert_eq!(dump(&read.root), expected, "{text}");
        assert_eq!(read.oddities, [], "{text}");
    }
}

#[test]
fn every_value_and_key_knows_its_bytes() {
    let text = " {\"ä\": [10, \"x\\n\"], \"b\":{ \"c\" : null } } ";
    let read = ok(text);
    let slice = |span: Span| &text[span.start..span.end];
    assert_eq!(slice(read.root.span), text.trim());
    let entries = read.root.entries().expect("an object");
    assert_eq!(slice(entries[0].key_span), "\"ä\"");
    assert_eq!(slice(entries[0].value.span), "[10, \"x\\n\"]");
    assert_eq!(slice(entries[0].value.items().expect("an array")[1].span), "\"x\\n\"");
    assert_eq!(slice(entries[1].value.span), "{ \"c\" : null }");
    assert_eq!(slice(entries[1].value.entry("c").expect("c").key_span), "\"c\"");
    assert_eq!(slice(entries[1].value.get("c").expect("c").span), "null");
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn faults_have_their_kind_and_place() {
    use FaultKind::{Empty, Encoding, Syntax, TrailingGarbage, Truncated};
    for (text, kind, start, word) in [
        ("", Empty, 0, "no bytes"),
        (" \r\n", Empty, 0, "white space"),
        ("\u{FEFF}", Empty, 0, "byte order mark"),
        // Cut off.
        ("{", Truncated, 1, "inside an object"),
        ("[", Truncated, 1, "inside an array"),
        ("[1", Truncated, 2, "inside an array"),
        ("[1,", Truncated, 3, "inside an array"),
        ("{\"a", Truncated, 3, "inside a string"),
        ("{\"a\"", Truncated, 4, "after a key"),
        ("{\"a\":", Truncated, 5, "inside an object"),
        ("{\"a\":1", Truncated, 6, "inside an object"),
        ("{\"a\":1,", Truncated, 7, "inside an object"),
        ("\"abc", Truncated, 4, "inside a string"),
        ("\"a\\", Truncated, 3, "inside an escape"),
        ("\"\\u00", Truncated, 5, "inside an escape"),
        ("\"\\uD83D\\u", Truncated, 9, "inside an escape"),
        ("tru", Truncated, 3, "inside a literal"),
        ("[nul", Truncated, 4, "inside a literal"),
        ("-", Truncated, 1, "inside a number"),
        ("[1.", Truncated, 3, "inside a number"),
        ("1e+", Truncated, 3, "inside a number"),
        // Something after the value.
        ("{}{}", TrailingGarbage, 2, "a second value"),
        ("{}\n{}", TrailingGarbage, 3, "a second value"),
        ("{}}", TrailingGarbage, 2, "`}` after"),
        ("[]]", TrailingGarbage, 2, "`]` after"),
        ("null,", TrailingGarbage, 4, "`,` after"),
        ("1 2", TrailingGarbage, 2, "`2` after"),
        ("{}\0", TrailingGarbage, 2, "a NUL byte"),
        ("{}<!-- cached -->", TrailingGarbage, 2, "markup"),
        ("\"a\"ä", TrailingGarbage, 3, "`ä`"),
        ("{}\u{FEFF}", TrailingGarbage, 2, "byte order mark"),
        // Other languages than JSON.
        ("NaN", Syntax, 0, "`NaN` is not JSON"),
        ("[Infinity]", Syntax, 1, "`Infinity`"),
        ("[-Infinity]", Syntax, 1, "`-Infinity`"),
        ("undefined", Syntax, 0, "undefined"),
        ("{\"a\":None}", Syntax, 5, "Python's `None`"),
        ("[True]", Syntax, 1, "Python's `True`"),
        ("[False]", Syntax, 1, "Python's `False`"),
        ("[TRUE]", Syntax, 1, "lower case"),
        ("Null", Syntax, 0, "lower case"),
        ("nil", Syntax, 0, "nil"),
        ("{'a':1}", Syntax, 1, "single quotes"),
        ("['a']", Syntax, 1, "single quotes"),
        ("{a:1}", Syntax, 1, "double quotes"),
        ("{1:2}", Syntax, 1, "double quotes"),
        ("[1] // done", TrailingGarbage, 4, "`/`"),
        ("// first\n[1]", Syntax, 0, "comments"),
        ("[1, /* two */ 2]", Syntax, 4, "comments"),
        ("[1 # one\n]", Syntax, 3, "comments"),
        ("<html></html>", Syntax, 0, "markup"),
        ("\n<?xml version=\"1.0\"?>", Syntax, 1, "markup"),
        ("callback({})", Syntax, 0, "JSONP"),
        ("data: {\"event\": \"message\"}\n\n", Syntax, 0, "event stream"),
        (")]}'\n{}", Syntax, 0, "anti-hijacking"),
        ("Internal Server Error", Syntax, 0, "bare word `Internal`"),
        // Commas and colons.
        ("[1,]", Syntax, 2, "trailing comma"),
        ("{\"a\":1 , }", Syntax, 7, "trailing comma"),
        ("[,1]", Syntax, 1, "missing before the comma"),
        ("[1,,2]", Syntax, 3, "missing before the comma"),
        ("{,}", Syntax, 1, "missing before the comma"),
        ("[1 2]", Syntax, 3, "a comma is missing"),
        ("{\"a\":1 \"b\":2}", Syntax, 7, "a comma is missing"),
        ("[\"a\"\"b\"]", Syntax, 4, "a comma is missing"),
        ("{\"a\" 1}", Syntax, 5, "a colon must follow"),
        ("{\"a\",1}", Syntax, 4, "a colon must follow"),
        ("{\"a\":}", Syntax, 5, "a value was expected"),
        ("{\"a\"::1}", Syntax, 5, "a value was expected"),
        ("[1}", Syntax, 2, "`]` was expected"),
        ("{\"a\":1]", Syntax, 6, "`}` was expected"),
        ("{[]:1}", Syntax, 1, "a key was expected"),
        ("]", Syntax, 0, "a value was expected"),
        ("[1;2]", Syntax, 2, "`]` was expected"),
        // Numbers.
        ("01", Syntax, 0, "begin with a zero"),
        ("-01", Syntax, 0, "begin with a zero"),
        ("+1", Syntax, 0, "`+`"),
        (".5", Syntax, 0, "before the decimal point"),
        ("5.,", Syntax, 0, "follow the decimal point"),
        ("[5.]", Syntax, 1, "follow the decimal point"),
        ("[1e]", Syntax, 1, "follow the `e`"),
        ("-x", Syntax, 0, "minus sign"),
        ("0x1F", Syntax, 0, "hexadecimal"),
        ("1_000", Syntax, 0, "`_`"),
        ("1.2.3", Syntax, 0, "malformed number"),
        ("[1-2]", Syntax, 1, "malformed number"),
        ("2026-11-23", Syntax, 0, "malformed number"),
        ("1a", Syntax, 0, "malformed number"),
        ("٣", Syntax, 0, "`٣`"),
        // Strings.
        ("\"a\nb\"", Syntax, 2, "a line break"),
        ("\"a\tb\"", Syntax, 2, "a tab"),
        ("\"\0\"", Syntax, 1, "a NUL byte"),
        ("\"\u{1}\"", Syntax, 1, "U+0001"),
        (r#""\x41""#, Syntax, 1, "`\\x`"),
        (r#""\'""#, Syntax, 1, "`\\'`"),
        ("\"\\ä\"", Syntax, 1, "escapes nothing"),
        (r#""\u12G4""#, Syntax, 1, "hexadecimal digits"),
        ("\u{201C}a\u{201D}", Syntax, 0, "typographic quote"),
        ("`a`", Syntax, 0, "backquote"),
        // White space that is none of JSON's.
        ("[\u{A0}1]", Syntax, 1, "no-break space"),
        ("[1\u{C}]", Syntax, 2, "a form feed"),
        ("[1\u{2028}]", Syntax, 2, "U+2028"),
        ("nullx", Syntax, 0, "bare word"),
        ("[true false]", Syntax, 6, "`f` was found"),
        ("\u{FEFF}\u{FEFF}1", Syntax, 3, "byte order mark"),
        ("{\0\"\0", Encoding, 0, "UTF-16 (little endian)"),
    ] {
        let fault = fault(text);
        assert_eq!((fault.kind, fault.span.start), (kind, start), "{text:?}: {fault}");
        assert!(fault.message.contains(word), "{text:?}: {fault}");
        assert!(fault.span.start <= fault.span.end && fault.span.end <= text.len(), "{text:?}: {fault:?}");
    }
}

#[test]
fn other_encodings_are_told() {
    let utf16 = |text: &str, bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    let utf32 = |text: &str, bytes: fn(u32) -> [u8; 4]| text.chars().flat_map(|c| bytes(c.into())).collect::<Vec<u8>>();
    for text in ["{\"a\":1}", "\"ä\"", "1", "[]"] {
        for mark in ["", "\u{FEFF}"] {
            let text = format!("{mark}{text}");
            for (bytes, name) in [
                (utf16(&text, u16::to_le_bytes), "UTF-16 (little"),
                (utf16(&text, u16::to_be_bytes), "UTF-16 (big"),
                (utf32(&text, u32::to_le_bytes), "UTF-32 (little"),
                (utf32(&text, u32::to_be_bytes), "UTF-32 (big"),
            ] {
                let fault = fault(&bytes);
                assert_eq!(fault.kind, FaultKind::Encoding, "{bytes:?}");
                assert!(fault.message.contains(name), "{bytes:?}: {fault}");
            }
        }
    }
    for bytes in [&b"\x1f\x8b\x08\0\0\0\0\0"[..], b"\x78\x9c\xab\x56", b"\x28\xb5\x2f\xfd\0"] {
        let fault = fault(bytes);
        assert_eq!((fault.kind, fault.span.start), (FaultKind::Encoding, 0));
        assert!(fault.message.contains("data"), "{fault}");
    }
}

#[test]
fn broken_utf8_is_found_at_its_byte() {
    for (bytes, kind, start, end) in [
        (&b"{\"a\":\"n\xE3o\"}"[..], FaultKind::Encoding, 7, 8),
        (b"\"\xC0\xAF\"", FaultKind::Encoding, 1, 2),
        (b"\"\xED\xA0\x80\"", FaultKind::Encoding, 1, 2),
        (b"\"\xF5\x80\x80\x80\"", FaultKind::Encoding, 1, 2),
        (b"\xFF", FaultKind::Encoding, 0, 1),
        (b"\"\xE2\x82", FaultKind::Truncated, 1, 3),
        (b"{\"a\":\"\xF0\x9F\x98", FaultKind::Truncated, 6, 9),
        (b"{}\xFF\xFE", FaultKind::TrailingGarbage, 2, 4),
        (b"{} x\xFF", FaultKind::TrailingGarbage, 3, 4),
        (b"<p>\xE9</p>", FaultKind::Syntax, 0, 1),
        (b"[1,]\xE9", FaultKind::Syntax, 2, 3),
    ] {
        let fault = fault(bytes);
        assert_eq!((fault.kind, fault.span.start, fault.span.end), (kind, start, end), "{bytes:?}: {fault}");
    }
}

#[test]
fn oddities_are_told_with_their_pointers() {
    assert_eq!(ok("\u{FEFF}{}").oddities, [Oddity::ByteOrderMark]);
    assert_eq!(ok("\u{FEFF}{}").root.span, Span::new(3, 5));
    let duplicate =
        |key: &str, pointer: &str| Oddity::DuplicateKey { key: key.to_owned(), pointer: pointer.to_owned() };
    let read = ok(r#"{"a":1,"b":[{"x":1,"x":2,"x":3}],"\u0061":2,"c/~":{"":0,"":1}}"#);
    assert_eq!(read.oddities, [duplicate("x", "/b/0"), duplicate("", "/c~1~0"), duplicate("a", "")]);
    assert_eq!(read.root.entries().map(<[_]>::len), Some(4));
    let number = |digits: &str, pointer: &str| Oddity::NumberBeyondDouble {
        digits: digits.to_owned(),
        pointer: pointer.to_owned(),
    };
    assert_eq!(
        ok(r#"{"a":[0.1,9007199254740993],"b":1e999}"#).oddities,
        [number("9007199254740993", "/a/1"), number("1e999", "/b")]
    );
    let lone = |pointer: &str| Oddity::LoneSurrogate { pointer: pointer.to_owned() };
    let read = ok(r#"[["\uD83D"],{"k":"\uDE00x"},{"\uD800":1},"\uD83D\uD83D\uDE00","\uD83D\u0041","\uD83Dx"]"#);
    let expected = ["/0/0", "/1/k", "/2/\u{FFFD}", "/3", "/4", "/5"];
    assert_eq!(read.oddities, expected.map(lone));
    assert_eq!(dump(&read.root.items().expect("an array")[3]), "\"\u{FFFD}😀\"");
    assert_eq!(dump(&read.root.items().expect("an array")[4]), "\"\u{FFFD}A\"");
}

#[test]
fn duplicates_are_found_in_large_objects_too() {
    let many: Vec<String> = (0..100_000).map(|index| format!("\"key {index}\":{index}")).collect();
    let text = format!("{{{},\"key 99999\":0,\"key 7\":0,\"key 7\":0}}", many.join(","));
    let keys: Vec<_> = ok(&text)
        .oddities
        .iter()
        .map(|oddity| match oddity {
            Oddity::DuplicateKey { key, pointer } => format!("{pointer}:{key}"),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(keys, [":key 99999", ":key 7"]);
}

#[test]
fn depth_and_oddities_are_limited() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    ok(nested(MAX_DEPTH));
    let fault = fault(nested(MAX_DEPTH + 1));
    assert_eq!((fault.kind, fault.span.start), (FaultKind::TooDeep, MAX_DEPTH));
    let endless = "{\"a\":".repeat(1_000_000);
    assert_eq!(read(endless.as_bytes()).map(|_| ()).map_err(|f| f.kind), Err(FaultKind::Truncated));
    // A long key must not be repeated in the pointers of all the numbers below it.
    let read = ok(format!("{{\"{}\":[{}0]}}", "k".repeat(500_000), "1e999,".repeat(50_000)));
    assert_eq!(read.oddities.len(), MAX_ODDITIES);
    let size: usize = read.oddities.iter().map(|oddity| format!("{oddity:?}").len()).sum();
    assert!(size < 100_000, "{size}");
}

/// Whatever lies too deep is held against the grammar, by the same words, and left out.
#[test]
fn what_lies_too_deep_is_skimmed() {
    let around = |inner: &str| format!("{{\"b\":{}{inner}{},\"c\":7}}", "[".repeat(127), "]".repeat(127));
    for inner in [
        "{}",
        "[]",
        r#"{"a":[1,{"b":"\u00e9"},[true,false,null]],"c":-1e9}"#,
        "[ [ ] , { } ]",
        r#"[{"a":1,"a":2}]"#,
        "{\"a\":1} , [2] , 3",
    ] {
        let read = read_to_depth(around(inner).as_bytes()).unwrap_or_else(|fault| panic!("{inner}: {fault}"));
        let span = read.too_deep.expect("deeper");
        assert_eq!(span.start, 5 + 127, "{inner}");
        assert_eq!(read.root.get("c").expect("what comes after").to_json(), serde_json::json!(7), "{inner}");
        assert!(read.oddities.is_empty());
        let mut at = read.root.get("b").expect("an array");
        for _ in 0..127 {
            at = &at.items().expect("an array")[0];
        }
        assert!(at.items().map_or_else(|| at.entries().is_some_and(<[_]>::is_empty), <[_]>::is_empty), "{inner}");
    }
    // As far as it is read, nothing is too deep.
    assert!(read_to_depth(around("1").as_bytes()).expect("JSON").too_deep.is_none());
    for broken in [
        "[1,]",
        "{\"a\":1,}",
        "[1 2]",
        "{\"a\" 1}",
        "{a:1}",
        "[01]",
        "[\"\\x\"]",
        "[tru]",
        "[}",
        "{]",
        "[nullx]",
        "{\"a\":}",
        "{,}",
        "[",
    ] {
        let (deep, plain) = (around(broken), broken.to_owned());
        let deep = read_to_depth(deep.as_bytes()).map(|_| ()).expect_err(broken);
        let plain = read(plain.as_bytes()).map(|_| ()).expect_err(broken);
        // The one that only ends too early ends in what stands around it.
        if broken != "[" {
            assert_eq!((deep.kind, &deep.message), (plain.kind, &plain.message), "{broken}");
            assert_eq!(deep.span.start, plain.span.start + 5 + 127, "{broken}");
        }
    }
    // As many levels as a body can have, in little memory and without a stack.
    let deepest = format!("{}{}", "[".repeat(500_000), "]".repeat(500_000));
    assert!(read_to_depth(deepest.as_bytes()).expect("JSON").too_deep.is_some());
    let cut = "[{\"a\":".repeat(200_000);
    assert_eq!(read_to_depth(cut.as_bytes()).map(|_| ()).expect_err("cut").kind, FaultKind::Truncated);
}

/// A small generator, so that failures can be repeated.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % limit as u64).unwrap_or(0)
    }
}

#[test]
fn random_texts_agree_with_serde_json_and_never_panic() {
    let pieces: &[&[u8]] = &[
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b"\"",
        b"\"a\"",
        b"\"b\"",
        b"1",
        b"-",
        b"0",
        b".5",
        b"e9",
        b"true",
        b"null",
        b" ",
        b"\n",
        b"\\",
        b"\\u12",
        b"\xC3\xA4",
        b"\xFF",
        b"\0",
        b"'",
        b"x",
        b"{\"a\":",
        b"[1,",
    ];
    let mut random = Random(11);
    let mut valid = 0;
    for round in 0..30_000 {
        let bytes: Vec<u8> = (0..=random.below(9)).flat_map(|_| pieces[random.below(pieces.len())]).copied().collect();
        let theirs = serde_json::from_slice::<serde_json::Value>(&bytes);
        match (read(&bytes), theirs) {
            (Ok(ours), Ok(theirs)) => {
                valid += 1;
                assert_eq!(ours.root.to_json(), theirs, "round {round}: {bytes:?}");
            }
            (Err(fault), Err(_)) => {
                assert!(fault.span.end <= bytes.len() && fault.span.start <= fault.span.end, "{bytes:?}: {fault:?}");
            }
            (ours, theirs) => panic!("round {round}: {bytes:?}: {ours:?} but serde_json {theirs:?}"),
        }
    }
    assert!(valid > 500, "only {valid} texts were valid");
}

#[test]
fn a_text_cut_anywhere_is_truncated_and_nothing_else() {
    let text = "{\"code\":\"not_found\",\"n\":[1.5e3,-2,true,null,\"\\u00e4\\n€\"],\"o\":{\"p\":{}}}";
    ok(text);
    for length in 1..text.len() {
        let fault = fault(&text.as_bytes()[..length]);
        assert_eq!(fault.kind, FaultKind::Truncated, "{}: {fault}", &text.as_bytes()[..length].escape_ascii());
    }
}
