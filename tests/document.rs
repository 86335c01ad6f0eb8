//! The shipped document and the fixtures in `data/documents` are read correctly.

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
    assert_eq!(*operation.security, [["ApiKeyAuth"]]);
    assert_eq!(document.scheme("ApiKeyAuth").expect("the scheme").kind, SchemeKind::Bearer);
    assert_eq!(document.servers[0].default_url, "https://api.dify.ai/v1");
    let statuses: Vec<_> = operation.responses.iter().map(|response| response.status).collect();
    assert_eq!(statuses, [204, 400, 404].map(StatusPattern::Exact));
    let (_, example) = operation.response(404).expect("404").example("conversation_not_exists").expect("the example");
    assert_eq!(example.value()["code"], "not_found");
    let line =
        document.source.text().lines().position(|line| line.contains("Conversation Not Exists")).expect("there") + 1;
    assert!((line - 3..=line).contains(&example.anchor.line), "{} {line}", example.anchor.line);
}

#[test]
fn the_markdown_page_gives_the_same_document_with_its_own_lines() {
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
            .value()
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

#[test]
fn references_are_followed_wherever_they_stand() {
    let document = document("tests/data/documents/shop.yaml");
    assert!(document.remarks.is_empty(), "{:?}", document.remarks);
    let titles: Vec<String> = document.operations.iter().map(conformant::spec::Operation::title).collect();
    assert_eq!(titles, ["DELETE /orders/{order}", "GET /orders", "POST /orders"]);

    let cancel = document.operation("cancelOrder").expect("there");
    assert_eq!(&*cancel.anchor.pointer, "/components/x-items/order/delete");
    assert_eq!(cancel.parameters[0].name, "order");
    assert_eq!(*cancel.security, [vec!["key"], vec!["basic", "session"]]);

    let list = document.operation("GET /orders").expect("there");
    assert!(list.security.is_empty());
    assert_eq!(list.servers[0].default_url, "https://orders.example");
    let parameters: Vec<_> = list.parameters.iter().map(|p| (p.name.as_str(), p.required)).collect();
    assert_eq!(parameters, [("page", true), ("X-Trace", false)]);
    assert_eq!(&*list.parameters[1].schema.as_ref().expect("a schema").anchor.pointer, "/components/schemas/Id");

    let place = document.operation("placeOrder").expect("there");
    assert_eq!(*place.security, [vec![], vec!["hook"]]);
    assert_eq!(place.servers[0].default_url, "https://place.example");
    let body = place.request_body.as_ref().expect("a body");
    assert!(body.required);
    assert_eq!(&*body.anchor.pointer, "/components/requestBodies/Order");
    let created = place.response(201).expect("201");
    let headers: Vec<_> = created.headers.iter().map(|header| (header.name.as_str(), header.required)).collect();
    assert_eq!(headers, [("Location", true), ("X-Rate", false)]);
    assert_eq!(&*created.headers[0].anchor.pointer, "/components/headers/Location");

    let keys = [201, 404, 400, 500].map(|status| place.response(status).expect("a response").key.as_str());
    assert_eq!(keys, ["201", "404", "4xx", "default"]);
    let problem = place.response(404).expect("404");
    assert_eq!(&*problem.anchor.pointer, "/components/responses/Problem");
    let (media, gone) = problem.example("gone").expect("the example");
    assert_eq!(&*gone.anchor.pointer, "/components/examples/gone/value");
    assert_eq!(*gone.value(), serde_json::json!({"status": 404, "code": "gone"}));
    assert!(problem.example("nothing").expect("an example").1.value().is_null());
    let schema = media.schema.as_ref().expect("a schema");
    assert!(schema.violations(gone.value()).expect("a judgement").is_empty());
    let deep = serde_json::json!({"status": 404, "code": "x", "cause": {"status": 1, "code": "x"}});
    let violations = schema.violations(&deep).expect("a judgement");
    assert_eq!(violations.len(), 1, "{violations:?}");
    assert_eq!(violations[0].instance, "/cause/status");
    assert_eq!(&*violations[0].anchor.pointer, "/components/schemas/Problem/properties/status/minimum");

    let kinds: Vec<_> = document.schemes.iter().map(|scheme| (scheme.name.as_str(), scheme.kind.clone())).collect();
    assert_eq!(
        kinds,
        [
            ("key", SchemeKind::ApiKey(ParameterIn::Header, "X-Key".into())),
            ("header", SchemeKind::ApiKey(ParameterIn::Header, "X-Key".into())),
            ("query", SchemeKind::ApiKey(ParameterIn::Query, "key".into())),
            ("session", SchemeKind::ApiKey(ParameterIn::Cookie, "sid".into())),
            ("basic", SchemeKind::Basic),
            ("digest", SchemeKind::Other("digest".into())),
            ("hook", SchemeKind::AccessToken("oauth2".into())),
            ("oidc", SchemeKind::AccessToken("openIdConnect".into())),
        ]
    );
    assert_eq!(document.servers[0].default_url, "https://shop.example:8443/api");
    assert_eq!(document.servers[0].variables, ["scheme", "port"]);
    assert_eq!(document.servers[1].default_url, "/relative");
}

#[test]
fn the_most_specific_media_range_is_taken() {
    let document = document("tests/data/documents/shop.yaml");
    let response = document.operation("listOrders").and_then(|operation| operation.response(200)).expect("200");
    for (content_type, key) in [
        ("application/json", "application/json"),
        ("Application/JSON; charset=utf-8", "application/json"),
        ("application/json; profile=full", "application/json; profile=full"),
        ("application/xml", "application/*"),
        ("text/html", "*/*"),
    ] {
        let media =
            response.media(&MediaType::parse(content_type).expect("a media type")).expect("a media type object");
        assert_eq!(media.key, key, "{content_type}");
    }
}

#[test]
fn unusual_but_valid_parts_get_no_remark() {
    let document = document("tests/data/documents/plain.json");
    // A discriminator that cannot choose is more than that.
    let told: Vec<&str> = document.remarks.iter().map(|remark| remark.message.as_str()).collect();
    assert!(matches!(told[..], [told] if told.starts_with("`discriminator` is ignored")), "{told:#?}");
    let operation = &document.operations[0];
    let example = &operation.response(200).expect("200").content[0].examples[0];
    assert!(example.value().is_null());
    assert!(operation.response(503).is_some() && operation.response(404).is_none());
}

#[test]
fn a_page_may_carry_json_in_a_list_beside_other_blocks() {
    let document = document("tests/data/documents/guide.md");
    assert_eq!(document.openapi, "3.0.2");
    let operation = document.operation("removeThing").expect("there");
    assert_eq!(operation.anchor.line, 15);
    assert_eq!(operation.parameters[0].anchor.line, 17);
}

#[test]
fn odd_parts_get_a_remark_at_their_line() {
    let document = document("tests/data/documents/odd.yaml");
    let remarks: Vec<_> = document.remarks.iter().map(|remark| (remark.anchor.line, remark.message.as_str())).collect();
    let expected = [
        (2, "`licence` is not a field of the info object and is ignored; did you mean `license`?"),
        (3, "`webhooks` is not a field of the document and is ignored"),
        (5, "`pets` is not a path (it does not begin with `/`) and is ignored"),
        (7, "no parameter declares `{id}` of the path `/a/{id}`"),
        (8, "`operationid` is not a field of an operation and is ignored; did you mean `operationId`?"),
        (10, "the path `/a/{id}` has no `{other}`"),
        (11, "a header parameter `Authorization` is ignored (OpenAPI 3.0 says so)"),
        (13, "the parameter `q` stands in line 12 too; this one is ignored"),
        (14, "`components.securitySchemes` has no `nobody`"),
        (16, "`20X4` is not a status, so the response under it is ignored"),
        (17, "`666` is not a status, so the response under it is ignored"),
        (19, "`4xx` is the same as `4XX` in line 18; this one is ignored"),
        (20, "`description` beside a `$ref` is ignored (OpenAPI 3.0)"),
        (23, "`contents` is not a field of a response and is ignored; did you mean `content`?"),
        (25, "`json` is not a media type or range, and is ignored"),
        (30, "`nullable` is true and `enum` does not list null; null is accepted here, others refuse it"),
        (31, "`nullable` has no effect without a `type` beside it (OpenAPI 3.0.3)"),
        (32, "`examples` is not a field of a schema and is ignored; did you mean `example`?"),
        (34, "the example `far` is external (https://a.example/x.json) and cannot be compared"),
        (35, "the example `empty` has no value"),
        (36, "the paths `/a/{id}` and `/a/{key}` are the same but for the names of their parameters"),
        (38, "the URL of the server has no `{port}`, so this variable does nothing"),
        (38, "the server has no variable `host`"),
        (41, "the path parameter `key` must have `required: true`"),
        (43, "the braces of the path `/b/{open` do not match"),
    ];
    assert_eq!(remarks, expected);
}
