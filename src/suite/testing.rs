//! What the tests of this module share: documents, and suites read from texts.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::Suite;
use super::decode::{self, Contract};
use crate::location::{InputError, InputErrors, Place, Position, Source};
use crate::spec::Document;
use crate::tree::yaml;

/// A suite with every part: credentials, a state, defaults and cases.
pub(in crate::suite) const EXAMPLE: &str = include_str!("../../tests/data/suites/example.yaml");

/// A document with what the shipped one lacks: several operations, parameters and security schemes.
const THINGS: &str = r"
openapi: 3.0.3
info: {title: Things, version: '1'}
security: [{Key: []}]
paths:
  /things/{thing}/parts/{part}:
    parameters:
      - {name: thing, in: path, required: true, schema: {type: string}}
      - {name: part, in: path, required: true, schema: {type: string}}
    get:
      operationId: getPart
      responses:
        '200': {description: Found.}
        '404':
          description: Missing.
          content:
            application/json:
              examples: {no_part: {value: {code: no_part}}, no_thing: {value: {code: no_thing}}}
            application/problem+json:
              examples: {no_thing: {value: {code: no_thing}}}
        4XX:
          description: Refused.
          content: {application/json: {example: {code: refused}}}
        default:
          description: Failed.
          content: {application/json: {examples: {broken: {value: {code: broken}}}}}
    delete:
      operationId: deletePart
      responses: {'204': {description: Gone.}}
    put:
      operationId: putPart
      responses: {'200': {description: Written.}}
  /open: {get: {operationId: open, security: [], responses: {'200': {description: Open.}}}}
  /anonymous: {get: {operationId: anonymous, security: [{}], responses: {'200': {description: Open.}}}}
  /bearer: {get: {operationId: bearer, security: [{Token: []}], responses: {'200': {description: Open.}}}}
  /basic: {get: {operationId: basic, security: [{Login: []}], responses: {'200': {description: Open.}}}}
  /query: {get: {operationId: query, security: [{Param: []}], responses: {'200': {description: Open.}}}}
  /cookie: {get: {operationId: cookie, security: [{Crumb: []}], responses: {'200': {description: Open.}}}}
  /odd: {get: {operationId: odd, security: [{OAuth: []}], responses: {'200': {description: Open.}}}}
  /any: {get: {operationId: any, security: [{Key: []}, {Token: []}, {Login: []}], responses: {'200': {description: Open.}}}}
  /both: {get: {operationId: both, security: [{Key: [], Token: []}], responses: {'200': {description: Open.}}}}
  /either: {get: {operationId: either, security: [{Key: [], Token: []}, {OAuth: []}, {Token: []}], responses: {'200': {description: Open.}}}}
  /pair: {get: {operationId: pair, security: [{Key: [], Digest: []}, {AppKey: [], AppId: []}], responses: {'200': {description: Open.}}}}
  /twice: {get: {operationId: twice, security: [{Token: [], Login: []}], responses: {'200': {description: Open.}}}}
  /digest: {get: {operationId: digest, security: [{Digest: []}], responses: {'200': {description: Open.}}}}
components:
  securitySchemes:
    Key: {type: apiKey, in: header, name: X-Key}
    Param: {type: apiKey, in: query, name: 'api key'}
    Crumb: {type: apiKey, in: cookie, name: crumb}
    Token: {type: http, scheme: bearer}
    Login: {type: http, scheme: basic}
    OAuth: {type: oauth2, flows: {}}
    AppId: {type: apiKey, in: header, name: X-App-Id}
    AppKey: {type: apiKey, in: query, name: app_key}
    Digest: {type: http, scheme: digest}
";

pub(in crate::suite) fn document(name: &str, text: &str) -> Arc<Document> {
    Arc::new(Document::read(&Source::new(name, text)).unwrap_or_else(|errors| panic!("{errors}")))
}

/// The document of the shipped suite.
pub(in crate::suite) fn chatflow() -> Arc<Document> {
    static DOCUMENT: OnceLock<Arc<Document>> = OnceLock::new();
    let read = || document("chatflow.yaml", include_str!("../../spec/openapi_chatflow.yaml"));
    Arc::clone(DOCUMENT.get_or_init(read))
}

pub(in crate::suite) fn things() -> Arc<Document> {
    static DOCUMENT: OnceLock<Arc<Document>> = OnceLock::new();
    Arc::clone(DOCUMENT.get_or_init(|| document("things.yaml", THINGS)))
}

/// Reads a suite of a document from a text.
pub(in crate::suite) fn read(text: &str, document: &Arc<Document>) -> Result<Suite, Vec<InputError>> {
    let tree = yaml::read(&Source::new("suite.yaml", text)).map_err(|InputErrors(errors)| errors)?;
    decode::suite(&tree, "suite".to_owned(), Contract::Read(Arc::clone(document)), false)
}

/// A suite that must be readable.
pub(in crate::suite) fn suite(text: &str, document: &Arc<Document>) -> Suite {
    read(text, document).unwrap_or_else(|errors| panic!("{}", InputErrors(errors)))
}

/// Asserts that a suite is refused with exactly these messages and a help each, at the places that `▶` marks.
#[track_caller]
pub(in crate::suite) fn refused(marked: &str, document: &Arc<Document>, expected: &[(&str, &str)]) {
    let pieces: Vec<&str> = marked.split('▶').collect();
    let text = pieces.concat();
    let source = Source::new("suite.yaml", text.clone());
    let mut at = 0;
    let mut places = Vec::new();
    for piece in &pieces[..pieces.len() - 1] {
        at += piece.len();
        places.push(source.position(at));
    }
    let Err(errors) = read(&text, document) else { panic!("accepted:\n{text}") };
    let found: Vec<(Option<Position>, &str, &str)> = errors
        .iter()
        .map(|error| {
            let place = error.place.as_ref().map(Place::position);
            (place, error.message.as_str(), error.help.as_deref().unwrap_or(""))
        })
        .collect();
    let wanted: Vec<(Option<Position>, &str, &str)> =
        places.iter().zip(expected).map(|(place, (message, help))| (Some(*place), *message, *help)).collect();
    assert_eq!(found, wanted, "{}", InputErrors(errors.clone()));
    assert_eq!(places.len(), expected.len(), "a mark for every error");
}

/// A suite on `getPart` with these cases; the place of each error is marked.
#[track_caller]
pub(in crate::suite) fn refused_case(case: &str, expected: &[(&str, &str)]) {
    let head = "spec: x\noperation: getPart\ncredentials: {key: {env: KEY}}\n\
                states:\n  thing: {call: POST /things, auth: key, expect: 201, capture: {id: /id}}\n\
                defaults: {auth: key, path: {thing: t, part: p}}\ncases:\n";
    refused(&format!("{head}{case}\n"), &things(), expected);
}

/// A suite on `getPart` with these states.
#[track_caller]
pub(in crate::suite) fn refused_state(state: &str, expected: &[(&str, &str)]) {
    let text = format!(
        "spec: x\noperation: getPart\ncredentials: {{key: {{env: KEY}}}}\ndefaults: {{auth: key, path: {{thing: t, part: p}}}}\n\
         states:\n{state}\ncases: {{one: {{expect: 200}}}}\n"
    );
    refused(&text, &things(), expected);
}

/// The example with one text replaced by another, in which the place of each error is marked.
#[track_caller]
pub(in crate::suite) fn refused_example(written: &str, instead: &str, expected: &[(&str, &str)]) {
    assert!(EXAMPLE.contains(written), "{written}");
    refused(&EXAMPLE.replacen(written, instead, 1), &chatflow(), expected);
}

/// A folder for one test, removed in the end.
pub(in crate::suite) struct TestFolder(PathBuf);

impl TestFolder {
    pub(super) fn new() -> Self {
        let path = std::env::temp_dir().join(format!("conformant-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir_all(&path).expect("the folder for temporary files can be written");
        Self(path)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file and the folders above it.
    pub(super) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().expect("a folder above it")).expect("the folder can be made");
        std::fs::write(&path, bytes).expect("the file can be written");
        path
    }
}

impl Drop for TestFolder {
    fn drop(&mut self) {
        // A folder that stays behind does no harm.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
