use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

use std::borrow::Cow;

use super::*;

const KEY: &str = "app-Chat/Flow+Key\"\\<ä>&0001 end";

fn with(values: &[(&str, &str)]) -> Secrets {
    let mut secrets = Secrets::none();
    for (name, value) in values {
        secrets.add(name, value);
    }
    secrets
}

fn masked(secrets: &Secrets, text: &str) -> (String, Vec<String>) {
    let mut bytes = text.as_bytes().to_vec();
    let names = secrets.mask(&mut bytes);
    let by_bytes = String::from_utf8(bytes).expect("a mask leaves UTF-8");
    assert_eq!(by_bytes, secrets.mask_str(text));
    assert_eq!(by_bytes.len(), text.len());
    (by_bytes, names)
}

/// Every way in which this test writes a value into a text.
fn ways(value: &str) -> Vec<(&'static str, String)> {
    let percent = |keep: fn(u8) -> bool, upper: bool| {
        value.bytes().fold(String::new(), |text, byte| match (keep(byte), upper) {
            (true, _) => text + &char::from(byte).to_string(),
            (false, true) => text + &format!("%{byte:02X}"),
            (false, false) => text + &format!("%{byte:02x}"),
        })
    };
    let each = |write: &dyn Fn(char) -> String| value.chars().fold(String::new(), |text, c| text + &write(c));
    let utf16 =
        |c: char| c.encode_utf16(&mut [0; 2]).iter().fold(String::new(), |text, unit| text + &format!("\\u{unit:04X}"));
    let json = serde_json::to_string(value).expect("JSON");
    let json = json[1..json.len() - 1].to_owned();
    let html = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    vec![
        ("plain", value.to_owned()),
        ("lower case", value.to_ascii_lowercase()),
        ("upper case", value.to_ascii_uppercase()),
        ("percent, all, upper", percent(|_| false, true)),
        ("percent, all, lower", percent(|_| false, false)),
        ("percent, as needed", percent(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte), true)),
        ("form", percent(|byte| byte.is_ascii_alphanumeric() || byte == b' ', true).replace(' ', "+")),
        ("JSON", json.clone()),
        ("JSON with slashes", json.replace('/', "\\/")),
        (
            "JSON with the characters of HTML",
            json.replace('<', "\\u003c").replace('>', "\\u003E").replace('&', "\\u0026"),
        ),
        ("JSON, ASCII only", json.chars().map(|c| if c.is_ascii() { c.to_string() } else { utf16(c) }).collect()),
        ("JSON, all by number", each(&utf16)),
        ("hexadecimal digits", value.bytes().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))),
        ("hexadecimal digits, upper", value.bytes().fold(String::new(), |text, byte| text + &format!("{byte:02X}"))),
        ("HTML", html.clone()),
        ("HTML by number", each(&|c| format!("&#{};", u32::from(c)))),
        ("HTML by hexadecimal number", each(&|c| format!("&#x{:X};", u32::from(c)))),
    ]
}

#[test]
fn a_value_is_found_in_every_form() {
    for value in [KEY, "app-ChatflowKey0000000000001", "pass%41word", "\\\\\\\\", "a\\b\\nc", "😀😀", "two words"] {
        let secrets = with(&[("chat_app", value)]);
        for (way, written) in ways(value) {
            for (before, after) in [("", ""), ("{\"a\":\"", "\"}"), ("Bearer ", "; x"), ("%", "%"), ("\u{E4}", "é")] {
                let (text, names) = masked(&secrets, &format!("{before}{written}{after}"));
                assert_eq!(text, format!("{before}{}{after}", "*".repeat(written.len())), "{way}: {written}");
                assert_eq!(names, ["chat_app"], "{way}");
            }
        }
    }
}

#[test]
fn a_value_is_found_in_base64_wherever_it_begins() {
    let secrets = with(&[("k", KEY)]);
    for engine in [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD] {
        for before in ["", "u", "us", "user:", "https://x/?key="] {
            for after in ["", "a", "ab", "\n"] {
                let written = engine.encode(format!("{before}{KEY}{after}"));
                let (text, names) = masked(&secrets, &format!("Basic {written}"));
                assert_eq!(names, ["k"], "{written}");
                // What is left are the characters before and after, and those with bits of a neighbour.
                let left = text.strip_prefix("Basic ").expect("the beginning stays").replace('*', "");
                assert!(left.len() <= (before.len() + after.len()) * 4 / 3 + 2 + 4, "{text}");
                let slashed = written.replace('/', "\\/").replace('+', "%2B").replace('=', "%3d");
                assert_eq!(secrets.mask(&mut slashed.into_bytes()), ["k"]);
            }
        }
    }
}

#[test]
fn what_is_no_secret_stays() {
    let secrets = with(&[("k", KEY), ("long", "app-ChatflowKey0000000000001")]);
    for text in [
        "",
        "app-Chat/Flow",
        "APP-ChatflowKey0000000000001",
        "app-ChatflowKey000000000000",
        "%61pp-ChatflowKey%30 \\u0061pp &amp; &#97; + 100% \\",
        "%",
        "%6",
        "\\u",
        "\\ud83d\\u0041",
        "&#;",
        "&#x110000;",
        "&#99999999999;",
    ] {
        assert_eq!(masked(&secrets, text), (text.to_owned(), vec![]), "{text}");
        assert!(matches!(secrets.mask_str(text), Cow::Borrowed(_)));
    }
    assert_eq!(masked(&Secrets::none(), KEY), (KEY.to_owned(), vec![]));
}

#[test]
fn a_short_value_does_not_blacken_everything() {
    let secrets = with(&[("empty", ""), ("short", "abc"), ("enough", "abcd")]);
    assert_eq!(masked(&secrets, "abc abcd"), ("abc ****".to_owned(), vec!["enough".to_owned()]));
    assert!(!secrets.is_empty());
    assert!(with(&[("empty", "")]).is_empty());
}

#[test]
fn overlapping_values_leave_nothing() {
    let secrets = with(&[("one", "abcdef"), ("two", "defghi"), ("three", "cdef"), ("same", "abcdef")]);
    assert_eq!(masked(&secrets, "-abcdefghi-").0, "-*********-");
    assert_eq!(masked(&secrets, "abcdefghi").1, ["one", "two", "three", "same"]);
    assert_eq!(masked(&with(&[("a", "aaaa")]), "baaaaaaab").0, "b*******b");
    let twice = with(&[("n", "value-1"), ("n", "value-2")]);
    assert_eq!(masked(&twice, "value-2 value-1"), ("******* *******".to_owned(), vec!["n".to_owned()]));
}

#[test]
fn adding_to_a_clone_leaves_the_first_as_it_was() {
    let first = with(&[("one", "first-value")]);
    let mut second = first.clone();
    second.add("two", "second-value");
    assert_eq!(masked(&first, "second-value").1, Vec::<String>::new());
    assert_eq!(masked(&second, "first-value second-value").1, ["one", "two"]);
    assert_eq!(format!("{second:?}"), "Secrets(…)");
}

#[test]
fn random_texts_keep_nothing_of_a_secret() {
    let mut seed = 17_u64;
    let mut below = |limit: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((seed >> 33) % (limit as u64)).unwrap_or(0)
    };
    let alphabet: Vec<char> = "abAB01-_/+%\\\"&<; ä€😀".chars().collect();
    for round in 0..3000 {
        let mut word = |length: usize| (0..length).map(|_| alphabet[below(alphabet.len())]).collect::<String>();
        let (first, second) = (word(9), word(7));
        let secrets = with(&[("first", &first), ("second", &second)]);
        let mut text = word(6);
        let mut written = Vec::new();
        for value in [&first, &second, &first] {
            let all = ways(value);
            let (way, form) = &all[round % all.len()];
            written.push((*way, text.len(), form.len()));
            text.push_str(form);
            // A space, so that no escape is made of the end of one part and the start of the next.
            text.push(' ');
        }
        let shown = masked(&secrets, &text).0;
        for (way, at, length) in written {
            let part = &shown.as_bytes()[at..at + length];
            assert!(part.iter().all(|byte| *byte == b'*'), "round {round}, {way}: {text} became {shown}");
        }
    }
}

#[test]
fn random_bytes_never_panic() {
    let secrets = with(&[("k", KEY), ("p", "%41\\u0041&#65;")]);
    let mut seed = 23_u64;
    for _ in 0..3000 {
        let mut bytes = Vec::new();
        for _ in 0..60 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let pieces: &[&[u8]] = &[
                b"%",
                b"\\u",
                b"\\",
                b"&#",
                b";",
                b"d83d",
                b"41",
                b"app-",
                b"+",
                b"\xFF",
                b"x",
                b"&#x",
                b"\\ud83d\\u",
            ];
            bytes.extend_from_slice(pieces[usize::try_from(seed >> 33).unwrap_or(0) % pieces.len()]);
        }
        let before = bytes.clone();
        if secrets.mask(&mut bytes).is_empty() {
            assert_eq!(bytes, before);
        }
        assert_eq!(bytes.len(), before.len());
    }
}

#[test]
fn a_value_that_many_suites_take_is_looked_for_once() {
    let mut secrets = Secrets::none();
    secrets.add("A", "app-01 23");
    let once = secrets.given.all.len();
    (0..100).for_each(|_| secrets.add("A", "app-01 23"));
    assert_eq!(secrets.given.all.len(), once);
    // What is a form of it is a value with forms of its own all the same.
    secrets.add("A", "app-01%2023");
    assert!(secrets.given.all.len() > once);
    secrets.add("B", "app-01 23");
    let mut text = b"an app-01 23".to_vec();
    assert_eq!(secrets.mask(&mut text), ["A", "B"]);
    assert_eq!(text, b"an *********");
}

#[test]
fn what_is_learned_is_known_to_every_clone_and_masked_in_what_was_kept() {
    let mut secrets = Secrets::none();
    secrets.add("key", "app-0123456789");
    let clone = secrets.clone();
    let start = secrets.from_the_start();
    assert!(!clone.has_learned());
    secrets.learn("tok-secret-1a2b3c");
    assert!(clone.has_learned());
    assert_eq!(
        clone.mask_str("a tok-secret-1a2b3c b app-0123456789"),
        "a ***************** b ************** ".trim_end()
    );
    assert_eq!(clone.mask_str("TOK-SECRET-1A2B3C"), "*****************");
    assert!(!clone.mask_str("dG9rLXNlY3JldC0xYTJiM2M").contains("LXNlY3Jld"), "its base64");
    assert_eq!(start.mask_str("tok-secret-1a2b3c app-0123456789"), "tok-secret-1a2b3c **************");
    // Where a text was cut, the beginning of a value is one too.
    for (kept, masked) in [
        ("got tok-secret… and more", "got **********… and more"),
        ("got tok-secr", "got ********"),
        ("got tok, and tok…", "got tok, and tok…"),
    ] {
        let mut text = kept.to_owned();
        clone.mask_again(&mut text);
        assert_eq!(text, masked);
        let mut bytes = kept.as_bytes().to_vec();
        clone.mask_again_bytes(&mut bytes);
        assert_eq!(bytes.ends_with(b"*"), masked.ends_with('*'), "{kept}");
    }
}

#[test]
fn a_learned_value_that_could_be_other_text_tears_nothing_apart() {
    let secrets = Secrets::none();
    for short in ["", "1", "abc1234"] {
        secrets.learn(short);
        assert!(!secrets.has_learned(), "{short}");
    }
    secrets.learn("document");
    secrets.learn("tok-12345");
    assert_eq!(secrets.mask_str("document tok-12345"), "******** *********");
    // Every report says this word of its own.
    assert_eq!(secrets.unmistakable().mask_str("document tok-12345"), "document *********");
}

#[test]
fn what_is_kept_back_is_masked_late_and_only_then() {
    let mut secrets = with(&[("key", "app-0123456789")]);
    for (value, stands) in
        [("chat", false), ("1234", false), ("it's a key-01", false), ("0.1.0-violet-x", true), ("abc", false)]
    {
        secrets.mask_late(value, stands);
    }
    secrets.mask_late("from-a-file-77\n", false);
    let all = "chat 1234 it's a key-01 0.1.0-violet-x from-a-file-77 abc";
    assert_eq!(secrets.mask_str(all), "**** **** ************* ************** ************** abc");
    assert_eq!(secrets.from_the_start().mask_str(all), all);
    assert_eq!(
        secrets.unmistakable().mask_str(all),
        "chat 1234 ************* 0.1.0-violet-x ************** abc",
        "what may be a word or stands elsewhere is no sign of a defect"
    );
    // In the quotes of a shell, and cut short in an escaped form.
    assert_eq!(secrets.mask_str("curl 'it'\\''s a key-01'"), "curl '****************'");
    for (kept, masked) in
        [("x from-%61-fi…", "x ***********…"), ("x 66726f6d2d61…", "x ************…"), ("x fro…", "x fro…")]
    {
        let mut text = kept.to_owned();
        secrets.mask_again(&mut text);
        assert_eq!(text, masked);
    }
    assert_eq!(secrets.mask_str("\\u{63}hat"), "*********");
    // Of an id only a part that can be nothing but a secret.
    for (id, masked) in [("a-1234-b", "a-1234-b"), ("1234", "****"), ("x-from-a-file-77", "x-**************")] {
        assert_eq!(secrets.mask_id(id), masked);
    }
    secrets.add("other", "other-0123456789");
    assert_eq!(secrets.mask(&mut b"chat".to_vec()), Vec::<String>::new(), "to repeat it gives no credential away");
}
