//! The document as a contract, through its public face: the shipped document and the fixtures in `data/documents`.

use std::path::{Path, PathBuf};

use conformant::spec::{Document, MediaType, ParameterIn, SchemeKind, StatusPattern};

fn path(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(file)
}

fn document(file: &str) -> Document {
    Document::load(&path(file)).unwrap_or_else(|errors| panic!("{errors}"))
}

const SHIPPED: &str = "spec/openapi_chatflow.yaml";
const PAGE: &str = "tests/data/documents/page_of_a_docs_site.md";

#[test]
fn documents_can_be_shared_between_threads() {
    fn shareable<T: Send + Sync>() {}
    shareable::<Document>();
}

#[test]
fn the_shipped_document_is_read_without_a_remark() {
    let document = document(SHIPPED);
    assert!(document.remarks.is_empty(), "{:?}", document.remarks);
    let operation = document.operation("deleteAdvancedConversation").expect("the operation");
    assert_eq!(operation.title(), "DELETE /conversations/{conversation_id}");
    assert_eq!(document.operation(&operation.title()).and_then(|found| found.id.as_deref()), operation.id.as_deref());
    assert_eq!(operation.parameters.len(), 1);
    assert_eq!(operation.parameters[0].place, ParameterIn::Path);
    assert_eq!(operation.security, [["ApiKeyAuth"]]);
    assert_eq!(document.scheme("ApiKeyAuth").expect("the scheme").kind, SchemeKind::Bearer);
    assert_eq!(document.servers[0].default_url, "https://api.dify.ai/v1");
    let statuses: Vec<_> = operation.responses.iter().map(|response| response.status).collect();
    assert_eq!(statuses, [204, 400, 404].map(StatusPattern::Exact));
    let (_, example) = operation.response(404).expect("404").example("conversation_not_exists").expect("the example");
    assert_eq!(example.value["code"], "not_found");
    let line =
        document.source.text().lines().position(|line| line.contains("Conversation Not Exists")).expect("there") + 1;
    assert!((line - 3..=line).contains(&example.anchor.line), "{} {line}", example.anchor.line);
}

#[test]
fn the_page_of_the_docs_site_says_the_same_at_its_own_lines() {
    let (page, file) = (document(PAGE), document(SHIPPED));
    assert!(page.remarks.is_empty(), "{:?}", page.remarks);
    assert_eq!(page.title, file.title);
    let (a, b) = (&page.operations[0], &file.operations[0]);
    assert_eq!((a.title(), a.responses.len(), &a.security), (b.title(), b.responses.len(), &b.security));
    let line = page.source.text().lines().position(|line| line.trim() == "delete:").expect("there") + 1;
    assert_eq!(a.anchor.line, line);
    let json = MediaType::parse("application/json").expect("a media type");
    let media = |document: &Document| {
        document.operations[0].response(400).and_then(|response| response.media(&json)).expect("JSON").examples[0]
            .value
            .clone()
    };
    assert_eq!(media(&page), media(&file));
}

#[test]
fn every_beginning_of_the_shipped_document_is_read_or_refused() {
    for file in [SHIPPED, PAGE] {
        let text = std::fs::read_to_string(path(file)).expect("a text");
        for end in (0..text.len()).step_by(7).filter(|end| text.is_char_boundary(*end)) {
            let source = conformant::location::Source::new(file, &text[..end]);
            if let Err(errors) = Document::read(&source) {
                for error in errors.0 {
                    assert!(error.place.is_some() && error.help.is_some(), "{end}: {error}");
                    assert!(!error.message.is_empty() && !error.message.ends_with('.'), "{end}: {error}");
                }
            }
        }
    }
}
