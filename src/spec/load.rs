//! From a file to a document: the file is YAML, JSON or a Markdown page, and must be OpenAPI 3.0.

use std::path::Path;
use std::sync::Arc;

use ring::digest;

use super::build;
use super::document::Document;
use super::raw::{RawDocument, unescape};
use super::{gate, page};
use crate::file::{self, FileError, most};
use crate::location::{InputError, InputErrors, Source, Span};
use crate::tree::{self, FileKind, Tree, Value, json};

/// The first keys of a document.
const BEGINNING: FileKind = FileKind {
    what: "an OpenAPI document",
    keys: &["openapi", "swagger", "info", "servers", "paths", "components", "security", "tags", "externalDocs"],
    sure: &["openapi", "swagger"],
    extensible: true,
    list: false,
};

/// How a document begins that is not too old to be read.
const OPENAPI: FileKind = FileKind { sure: &["openapi"], ..BEGINNING };

/// The error for a text that is a document and was read as another file, such as a suite. None if it does not begin like
/// a document.
pub(crate) fn read_as_another_file(source: &Source, other: &str) -> Option<InputError> {
    let text = source.text();
    if !BEGINNING.has_begun(text) {
        return None;
    }
    let start = text.len() - text.trim_start_matches('\u{feff}').trim_start().len();
    let place = source.place(Span::new(start, start));
    if !OPENAPI.has_begun(text) {
        let help = "Convert it, for example with swagger2openapi, put the result elsewhere, and name it by `spec:`.";
        return Some(InputError::at(place, "this is a Swagger 2.0 document, and only OpenAPI 3.0 is read").help(help));
    }
    let help = format!("Write `spec: ` and the path of this file into {other}, or move it to another folder.");
    Some(InputError::at(place, "this is an OpenAPI document; name it by `spec:`").help(help))
}

impl Document {
    /// Reads a document from a file: YAML, JSON, or a Markdown page with the document in a fenced block.
    pub fn load(path: &Path) -> Result<Self, InputErrors> {
        load(path)
    }

    /// Reads a document from a text. The extension of its name tells the format, else its content does.
    pub fn read(source: &Source) -> Result<Self, InputErrors> {
        read(source)
    }
}

fn load(path: &Path) -> Result<Document, InputErrors> {
    let name = path.display().to_string();
    let bytes = file::read(path, most::DOCUMENT).map_err(|refused| {
        let help = match &refused {
            FileError::TooLarge(_) => "Name the OpenAPI document itself.",
            other => other.help().unwrap_or(
                "Check the path; it is relative to the file that names it, or to the working directory for a flag.",
            ),
        };
        InputError::new(format!("cannot read the document `{name}`: {refused}")).help(help)
    })?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let known = String::from_utf8_lossy(&error.as_bytes()[..at]).into_owned();
        let source = BEGINNING.guarded(&Source::new(name.clone(), known));
        InputError::at(source.place(Span::new(at, at)), format!("the document is not UTF-8, from byte {at} on"))
            .help("Save it as UTF-8.")
    })?;
    read(&Source::new(name, text))
}

fn read(source: &Source) -> Result<Document, InputErrors> {
    let tree = tree(source)?;
    let openapi = version(&tree)?;
    refuse_long_pointers(&tree)?;
    let raw = RawDocument::new(Arc::new(tree));
    let remarks = gate::check(&raw)?;
    let parts = build::parts(raw.clone(), remarks)?;
    let text = |pointer: &str| raw.get(pointer).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
    Ok(Document {
        source: source.clone(),
        title: text("/info/title"),
        version: text("/info/version"),
        openapi,
        sha256: sha256(source.text()),
        operations: parts.operations,
        servers: parts.servers,
        schemes: parts.schemes,
        remarks: parts.remarks,
        tree: raw.tree,
    })
}

/// The longest JSON pointer of a part, in bytes. A hundred thousand parts may lie below one long name.
const LONGEST_POINTER: usize = 4 * 1024;

/// Refuses names that together make a longer pointer than [`LONGEST_POINTER`].
fn refuse_long_pointers(tree: &Tree) -> Result<(), InputError> {
    let mut waiting = vec![(&tree.root, 0)];
    while let Some((node, length)) = waiting.pop() {
        match &node.value {
            Value::Sequence(items) => {
                // An index has a few digits. Items that hold nothing have no pointers below them.
                waiting.extend(items.iter().filter(|item| is_filled(item)).map(|item| (item, length + 8)));
            }
            Value::Mapping(entries) => {
                for entry in entries {
                    let length = length + entry.key.len() + 1;
                    if length > LONGEST_POINTER && !entry.key.starts_with("x-") {
                        let message = format!(
                            "the JSON pointer of this part has {length} bytes, and at most {LONGEST_POINTER} are allowed"
                        );
                        return Err(InputError::at(tree.source.place(entry.key_span), message)
                            .help("Give the parts of the document shorter names."));
                    }
                    if is_filled(&entry.value) && !entry.key.starts_with("x-") {
                        waiting.push((&entry.value, length));
                    }
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn is_filled(node: &tree::Node) -> bool {
    node.items().is_some_and(|items| !items.is_empty()) || node.entries().is_some_and(|entries| !entries.is_empty())
}

fn sha256(text: &str) -> String {
    use std::fmt::Write as _;
    digest::digest(&digest::SHA256, text.as_bytes()).as_ref().iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The formats of a file.
enum FileFormat {
    Yaml,
    Json,
    Page,
}

fn tree(source: &Source) -> Result<Tree, InputErrors> {
    let begun = |text: &str, read: Result<Tree, InputErrors>| match BEGINNING.refusal(source, text, &read) {
        Some(error) => Err(error.into()),
        None => read,
    };
    match format(source) {
        FileFormat::Yaml => begun(source.text(), tree::yaml::read(source)),
        FileFormat::Json => begun(source.text(), from_json(source, source.text())),
        FileFormat::Page => {
            // A page without a document may hold secrets.
            let blanked = page::document(&source.unquoted())?;
            let read = if begins_json(&blanked) {
                from_json(source, &blanked)
            } else {
                tree::yaml::read(&Source::new(source.name(), blanked.as_str()))
            };
            let read = begun(&blanked, read);
            // The offsets are the same in the page, which errors quote.
            read.map(|tree| Tree { source: source.clone(), ..tree }).map_err(|mut errors| {
                for place in errors.0.iter_mut().filter_map(|error| error.place.as_mut()) {
                    place.source = if BEGINNING.has_begun(&blanked) { source.clone() } else { source.unquoted() };
                }
                errors
            })
        }
    }
}

fn format(source: &Source) -> FileFormat {
    let extension = Path::new(source.name()).extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    match extension.to_ascii_lowercase().as_str() {
        "yaml" | "yml" => FileFormat::Yaml,
        "json" => FileFormat::Json,
        "md" | "markdown" | "mdx" => FileFormat::Page,
        _ if begins_json(source.text()) => FileFormat::Json,
        _ if page::looks_like_one(source.text()) => FileFormat::Page,
        _ => FileFormat::Yaml,
    }
}

fn begins_json(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '['])
}

/// Reads JSON. `text` is the text of the source, or the same with parts replaced by spaces.
fn from_json(source: &Source, text: &str) -> Result<Tree, InputErrors> {
    let read = json::read_few(text, tree::most_values(text)).map_err(|error| {
        let help = match error.kind {
            json::JsonErrorKind::Empty => "Write the document into it, or name another file.",
            json::JsonErrorKind::TooMany => "Leave out what is not needed here.",
            json::JsonErrorKind::Truncated => "The file may have been cut off; get it again.",
            _ if begins_json(text) => "Correct it here; the fault may lie a little before.",
            _ => "If this is YAML, let the file's name end in `.yaml`.",
        };
        let message = match error.kind {
            json::JsonErrorKind::TooMany => error.message,
            _ => format!("not readable as JSON: {}", error.message),
        };
        InputError::at(source.place(error.span), message).help(help)
    })?;
    let tree = Tree { source: source.clone(), root: read.root };
    let doubles: Vec<InputError> = read
        .oddities
        .iter()
        .filter_map(|oddity| match oddity {
            json::Oddity::DuplicateKey { key, pointer } => Some(double_key(&tree, key, pointer)),
            _ => None,
        })
        .collect();
    if doubles.is_empty() { Ok(tree) } else { Err(InputErrors(doubles)) }
}

fn double_key(tree: &Tree, key: &str, pointer: &str) -> InputError {
    let segments: Vec<String> = pointer.split('/').skip(1).map(unescape).collect();
    let object = tree.root.at(segments.iter().map(String::as_str)).unwrap_or(&tree.root);
    let spans: Vec<Span> = object
        .entries()
        .unwrap_or_default()
        .iter()
        .filter(|entry| entry.key == key)
        .map(|entry| entry.key_span)
        .collect();
    let line = |at: usize| spans.get(at).map_or(0, |span| tree.source.position(span.start).line);
    let place = tree.source.place(spans.get(1).copied().unwrap_or(object.span));
    let message = format!("the key `{key}` stands twice in one object: in line {} and in line {}", line(0), line(1));
    InputError::at(place, message).help("Keep one of the two.")
}

/// The value of `openapi`, if the document is OpenAPI 3.0.
fn version(tree: &Tree) -> Result<String, InputError> {
    let root = &tree.root;
    let start = tree.source.place(Span::new(root.span.start, root.span.start));
    if root.entries().is_none() {
        return Err(InputError::at(start, format!("this is {}, not an OpenAPI document", root.kind()))
            .help("An OpenAPI document is a mapping that begins with `openapi: 3.0.3` or the like."));
    }
    if let Some(entry) = root.entry("swagger") {
        return Err(InputError::at(
            tree.source.place(entry.key_span),
            "this is a Swagger 2.0 document; only OpenAPI 3.0 is read",
        )
        .help("Convert it first, for example with swagger2openapi."));
    }
    let Some(entry) = root.entry("openapi") else {
        let names = root.entries().unwrap_or_default().iter();
        let help = match names.map(|entry| entry.key.as_str()).find(|key| key.eq_ignore_ascii_case("openapi")) {
            Some(name) => format!("Write `openapi` instead of `{name}`."),
            None => "Name an OpenAPI 3.0 document; it has the key `openapi` at its top.".to_owned(),
        };
        return Err(InputError::at(start, "this is not an OpenAPI document: it has no key `openapi`").help(help));
    };
    let place = tree.place(&entry.value);
    let version = match &entry.value.value {
        Value::String(version) => version,
        Value::Number(number) => {
            return Err(InputError::at(
                place,
                format!("the value of `openapi` is the number {}, not a version", number.0),
            )
            .help("Write all three parts, such as `openapi: 3.0.3`, or quotes around them."));
        }
        _ => {
            return Err(InputError::at(
                place,
                format!("the value of `openapi` is {}, not a version", entry.value.kind()),
            )
            .help("Write the version of OpenAPI, such as `openapi: 3.0.3`."));
        }
    };
    let mut parts = version.split('.');
    match (parts.next(), parts.next()) {
        (Some("3"), Some("0")) => Ok(version.clone()),
        (Some("3"), Some(_)) => {
            Err(InputError::at(place, format!("this is OpenAPI {version}; only OpenAPI 3.0 is read"))
                .help("Ask for the 3.0 document of this API, or convert it, for example with openapi-down-convert."))
        }
        (Some("2"), _) => {
            Err(InputError::at(place, format!("this is OpenAPI {version} (Swagger); only OpenAPI 3.0 is read"))
                .help("Convert it first, for example with swagger2openapi."))
        }
        _ => Err(InputError::at(place, format!("`{version}` is not a version of OpenAPI 3.0"))
            .help("Write the version of OpenAPI, such as `openapi: 3.0.3`.")),
    }
}
