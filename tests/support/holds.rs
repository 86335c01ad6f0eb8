//! What must hold of every reader whatever it is given: shared by the seeded tests and the fuzz targets.

#![allow(dead_code, reason = "every fuzz target uses its own part of this")]

#[path = "oracle.rs"]
mod oracle;

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use conformant::exchange::{Answer, End, Limits, Next, Reader};
use conformant::lint;
use conformant::location::{InputErrors, Source, Span};
use conformant::printable;
use conformant::spec::{Document, Schema};
use conformant::suite;
use conformant::tree::json::{self, JsonErrorKind, Oddity};
use conformant::tree::{Node, Tree, Value, yaml};

/// The methods whose answers are read; the answer to a HEAD has no body.
const METHODS: [&str; 3] = ["GET", "HEAD", "DELETE"];

/// The limits that are tried: those of a run, and some that are reached at once.
const LIMITS: [(usize, usize); 4] = [(64 * 1024, 1024 * 1024), (200, 64), (64, 0), (1, 64)];

/// The response reader: the first byte chooses method, limits and how the connection ends, the second how long the
/// pieces are; the rest is what the server sends. The pieces must not matter, and what is kept is bounded.
pub(crate) fn response(data: &[u8]) {
    let [choice, pieces, bytes @ ..] = data else { return };
    let choice = usize::from(*choice);
    let method = METHODS[choice % METHODS.len()];
    let (head, body) = LIMITS[choice / 3 % LIMITS.len()];
    let limits = Limits { head, body };
    let end = if choice / 12 % 2 == 0 { End::Complete } else { End::Reset(conformant::exchange::Stage::Nothing) };

    let mut whole = Reader::new(method, limits);
    let next = whole.feed(bytes);
    let whole = whole.finish(end.clone());

    let mut reader = Reader::new(method, limits);
    let mut rest = bytes;
    let mut length = usize::from(*pieces) % 13 + 1;
    let mut done = false;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(length.min(rest.len()));
        let next = reader.feed(piece);
        assert!(!done || next == Next::Done, "a reader that was done wants more");
        done = next == Next::Done;
        rest = after;
        length = (length * usize::from(*pieces | 1)) % 97 + 1;
    }
    assert!(bytes.is_empty() || done == (next == Next::Done), "in pieces it ends elsewhere");
    let pieces = reader.finish(end);
    assert_eq!(format!("{whole:?}"), format!("{pieces:?}"), "the pieces matter");
    sound(&whole, bytes, limits);
}

/// Whether an answer is one that these bytes and limits can give.
fn sound(answer: &Answer, bytes: &[u8], limits: Limits) {
    const AFTER_END: usize = 4 * 1024;
    const CHUNK_LINE: usize = 4 * 1024;
    let kept = answer.raw.len();
    assert!(kept <= bytes.len() && answer.raw == bytes[..kept], "other bytes are kept than came");
    assert!(kept <= 3 * limits.head + 2 * limits.body + AFTER_END + 2 * CHUNK_LINE, "{kept} bytes are kept");
    assert!(answer.body.len() <= limits.body && answer.body.len() as u64 == answer.body_size);
    assert!(answer.surplus.iter().all(|surplus| surplus.bytes.len() <= AFTER_END && !surplus.late));
    assert!(answer.surplus.is_none() || answer.is_complete(), "bytes after an end that did not come");
    let mut heads = 0;
    for head in answer.interim.iter().chain(&answer.head) {
        assert!(head.range.start == heads && head.range.end <= kept, "a head stands elsewhere");
        assert!(head.fields.iter().map(|field| field.value.len()).sum::<usize>() <= head.range.len());
        heads = head.range.end;
    }
    assert!(answer.faults.is_sorted_by_key(|fault| fault.range.start));
    assert!(answer.faults.iter().all(|fault| fault.range.start <= fault.range.end && fault.range.end <= kept));
    assert!(answer.faults.len() <= 25 * 16, "{} faults are kept", answer.faults.len());
    if answer.leaves_connection_clean() {
        assert!(answer.surplus.is_none() && answer.faults.is_empty() && answer.head.is_some());
    }
}

/// The JSON reader, beside `serde_json`, which must agree on what is JSON and on every value; except where one of them
/// is known to be stricter.
pub(crate) fn json(data: &[u8]) {
    let other = serde_json::from_slice::<serde_json::Value>(data);
    match json::read(data) {
        Err(fault) => {
            let Span { start, end } = fault.span;
            assert!(start <= end && end <= data.len() && !fault.to_string().is_empty(), "{fault:?}");
            // serde_json counts the depth in the same way up to one level.
            assert!(other.is_err() || fault.kind == JsonErrorKind::TooDeep, "serde_json reads it: {fault}");
        }
        Ok(read) => {
            let text = std::str::from_utf8(data).expect("what is read is UTF-8");
            within(&read.root, text);
            assert!(read.oddities.len() <= json::MAX_ODDITIES);
            match other {
                Ok(value) => {
                    let same = same_json(&value, &read.root);
                    // Of a double key serde_json keeps the place of the first and the value of the last.
                    let doubles = read.oddities.iter().any(|oddity| matches!(oddity, Oddity::DuplicateKey { .. }));
                    assert!(same || doubles, "serde_json reads {value}");
                }
                Err(error) => {
                    let stricter = read.oddities.iter().any(|oddity| !matches!(oddity, Oddity::DuplicateKey { .. }));
                    let deep = error.to_string().starts_with("recursion limit");
                    assert!(stricter || deep, "serde_json does not read it: {error}");
                }
            }
        }
    }
}

fn same_json(value: &serde_json::Value, node: &Node) -> bool {
    match (value, &node.value) {
        (serde_json::Value::Null, Value::Null) => true,
        (serde_json::Value::Bool(one), Value::Bool(other)) => one == other,
        (serde_json::Value::Number(_), Value::Number(other)) => other.to_json() == *value,
        (serde_json::Value::String(one), Value::String(other)) => one == other,
        (serde_json::Value::Array(one), Value::Sequence(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same_json(one, other))
        }
        (serde_json::Value::Object(one), Value::Mapping(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|((key, value), entry)| *key == entry.key && same_json(value, &entry.value))
        }
        _ => false,
    }
}

/// The YAML reader: a tree whose places lie in the text, or errors with places in it.
pub(crate) fn yaml_text(text: &str) {
    match yaml::read(&Source::new("a.yaml", text)) {
        Ok(tree) => within_tree(&tree),
        Err(errors) => told(&errors, text),
    }
}

/// The document reader; the first byte chooses between YAML, JSON and a page. What it makes of a document is used: its
/// schemas are asked about a few values.
pub(crate) fn document(data: &[u8]) {
    let [choice, bytes @ ..] = data else { return };
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let name = ["a.yaml", "a.json", "a.md", "a"][usize::from(*choice) % 4];
    match Document::read(&Source::new(name, text)) {
        Err(errors) => told(&errors, text),
        Ok(document) => {
            within_tree(&document.tree);
            let media = document.operations.iter().flat_map(|operation| operation.responses.iter());
            let media = media.flat_map(|response| response.content.iter());
            for media in media.take(50) {
                if let Some(schema) = &media.schema {
                    for value in [serde_json::json!(null), serde_json::json!({"id": 1, "name": ["a", {}]})] {
                        schema.violations(&value).expect("a judgement");
                    }
                    for example in &media.examples {
                        schema.violations(example.value()).expect("a judgement");
                    }
                }
            }
        }
    }
}

/// The judgement of a body by a document: the first line holds the schemas of the document as a JSON object, of which `A`
/// is that of a response; the rest is the body. It ends in a thread with little room, and says the same each time.
///
/// Whether another judge said the same: none is asked about what only OpenAPI 3.0 has.
pub(crate) fn judge(data: &[u8]) -> bool {
    let Some(end) = data.iter().position(|byte| *byte == b'\n') else { return false };
    let (schemas, body) = (&data[..end], &data[end + 1..]);
    let (Ok(schemas), Ok(body)) = (std::str::from_utf8(schemas), json::read(body)) else { return false };
    let text = format!(
        r##"{{"openapi":"3.0.3","info":{{"title":"T","version":"1"}},"paths":{{"/a":{{"get":{{"responses":{{"200":{{
        "description":"D","content":{{"application/json":{{"schema":{{"$ref":"#/components/schemas/A"}}}}}}}}}}}}}}}},
        "components":{{"schemas":{schemas}}}}}"##
    );
    let document = match Document::read(&Source::new("a.json", &*text)) {
        Ok(document) => document,
        Err(errors) => {
            told(&errors, &text);
            return false;
        }
    };
    let response = document.operations.first().and_then(|operation| operation.responses.first());
    let schema = response.and_then(|response| response.content.first()).and_then(|media| media.schema.clone());
    let Some(schema) = schema else { return false };

    let is_exact = body.oddities.is_empty();
    let value = body.root.to_json();
    let thread = std::thread::Builder::new().stack_size(ROOM);
    let judged = thread.spawn(move || judged(&schema, &body.root, is_exact)).expect("a thread");
    let Some(fits) = judged.join().expect("a judgement") else { return false };
    match (json::read(schemas.as_bytes()), serde_json::from_str(schemas)) {
        (Ok(read), Ok(all)) if is_exact && read.oddities.is_empty() => {
            let other = oracle::fits(&all, &value);
            assert!(other.is_none_or(|other| other == fits), "another judge says {other:?}");
            other.is_some()
        }
        _ => false,
    }
}

/// The room on the stack of the thread that judges: as little as any has that judges in a run.
const ROOM: usize = 512 * 1024;

/// Whether a value fits, if that could be judged. What is said of it is the same each time, bounded, and about its parts.
fn judged(schema: &Arc<Schema>, value: &Node, is_exact: bool) -> Option<bool> {
    let hidden = schema.write_only_of(value);
    assert_eq!(hidden, schema.write_only_of(value), "asked again, it is said otherwise");
    let found = schema.violations_of(value);
    assert_eq!(found, schema.violations_of(value), "judged again, it is another judgement");
    let found = match found {
        Ok(found) => found,
        Err(error) => {
            let told = error.to_string();
            assert!(told.len() < ERROR && told.contains("could not be judged by the schema"), "{told}");
            return None;
        }
    };
    assert!(found.len() <= 100 && hidden.is_ok_and(|hidden| hidden.len() <= 100), "{} violations", found.len());
    for violation in &found {
        assert!(!violation.keyword.is_empty() && !violation.message.is_empty(), "{violation:?}");
        let segments: Vec<String> = violation
            .instance
            .split('/')
            .skip(1)
            .map(|segment| segment.replace("~1", "/").replace("~0", "~"))
            .collect();
        let part = value.at(segments.iter().map(String::as_str));
        assert!(!is_exact || part.is_some(), "{} is no part of the value", violation.instance);
    }
    Some(found.is_empty())
}

/// A document and a suite that is bound to it, in files of their own in `folder`: they are refused in few words, each with
/// its place, which no log takes for a command; or they are read, and linted. Whether they were read.
pub(crate) fn project(document: &[u8], suite: &[u8], folder: &Path) -> bool {
    let (spec, cases) = (folder.join("document.yaml"), folder.join("suite.yaml"));
    std::fs::write(&spec, document).expect("the folder can be written");
    std::fs::write(&cases, suite).expect("the folder can be written");
    match suite::load(&cases, Some(&spec)) {
        Ok(suites) => {
            let linted = lint::lint(&suites);
            assert!(linted.iter().flat_map(|linted| &linted.findings).all(|finding| !finding.message.is_empty()));
            true
        }
        Err(errors) => {
            in_few_words(&errors);
            false
        }
    }
}

/// The longest that one error may be, and all together, in bytes.
const ERROR: usize = 4 * 1024;
const ERRORS: usize = 200 * 1024;

/// Errors that may stand in a log.
fn in_few_words(errors: &InputErrors) {
    assert!(!errors.0.is_empty(), "refused without a reason");
    for error in &errors.0 {
        let told = error.to_string();
        assert!(told.len() < ERROR, "an error of {} bytes: {told}", told.len());
        assert!(error.place.is_some(), "it is not said where: {told}");
        assert!(
            !told.contains(|c| c != '\n' && printable::is_unprintable(c)),
            "something acts unseen: {}",
            told.escape_debug()
        );
    }
    let told = errors.to_string();
    assert!(told.len() < ERRORS, "{} errors of {} bytes", errors.0.len(), told.len());
    let logged = printable::for_log(&told);
    assert!(!printable::has_command(&logged), "a command: {logged}");
    assert_eq!(printable::for_log(&logged), logged, "printed again, it is another text");
}

/// The suite reader, on a file of its own in `folder`, bound to `document`.
pub(crate) fn suite(data: &[u8], folder: &Path, document: &Path) {
    let path = folder.join("suite.yaml");
    let mut file = std::fs::File::create(&path).expect("the folder can be written");
    file.write_all(data).expect("the file can be written");
    drop(file);
    match suite::load(&path, Some(document)) {
        Ok(suites) => assert!(suites.iter().all(|suite| !suite.cases.is_empty())),
        Err(errors) => {
            assert!(!errors.0.is_empty());
            for error in &errors.0 {
                assert!(error.help.is_some() && !error.to_string().is_empty(), "{error}");
            }
        }
    }
}

/// Errors that say something, each within the text.
fn told(errors: &InputErrors, text: &str) {
    assert!(!errors.0.is_empty(), "refused without a reason");
    for error in &errors.0 {
        assert!(!error.to_string().is_empty());
        if let Some(place) = &error.place {
            let Span { start, end } = place.span;
            assert!(start <= end && end <= text.len(), "{error}");
        }
    }
}

fn within_tree(tree: &Tree) {
    within(&tree.root, tree.source.text());
}

/// Every place of a tree lies in the text, between characters. Without recursion: a tree may be deep.
fn within(root: &Node, text: &str) {
    let place = |span: Span| {
        assert!(span.start <= span.end && text.get(span.start..span.end).is_some(), "{span:?} is no part of the text");
    };
    let mut nodes = vec![root];
    while let Some(node) = nodes.pop() {
        place(node.span);
        match &node.value {
            Value::Sequence(items) => nodes.extend(items),
            Value::Mapping(entries) => {
                for entry in entries {
                    place(entry.key_span);
                }
                nodes.extend(entries.iter().map(|entry| &entry.value));
            }
            _ => {}
        }
    }
}
