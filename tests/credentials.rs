//! How credentials are sent: several at once, and access tokens of schemes whose tokens another server gives out.

#[path = "support/command.rs"]
mod command;
#[path = "support/world.rs"]
mod world;

use std::sync::Arc;

use command::{Finished, Folder, conformant};
use world::{Seen, World};

/// A document whose operations ask for credentials in every way.
const DOCUMENT: &str = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths:\n  \
    /both: {get: {operationId: both, security: [{AppId: [], AppKey: []}], responses: {'200': {description: ok}, '401': {description: no}}}}\n  \
    /token: {get: {operationId: token, security: [{Flow: []}], responses: {'200': {description: ok}, '401': {description: no}}}}\n  \
    /word: {get: {operationId: word, security: [{Word: []}], responses: {'200': {description: ok}}}}\n  \
    /login: {get: {operationId: login, security: [{Login: []}], responses: {'200': {description: ok}}}}\n\
    components:\n  securitySchemes:\n    AppId: {type: apiKey, in: header, name: X-App-Id}\n    \
    AppKey: {type: apiKey, in: header, name: X-App-Key}\n    Flow: {type: oauth2, flows: {}}\n    \
    Word: {type: apiKey, in: header, name: Authorization}\n    Login: {type: http, scheme: basic}\n";

/// An API that accepts exactly these fields.
fn api() -> Arc<World> {
    World::start(|seen: &Seen, _| {
        let has = |name: &str, value: &str| seen.field(name) == Some(value);
        let accepted = match seen.target.as_str() {
            "/v1/both" => has("x-app-id", "id-0123456789") && has("x-app-key", "key-0123456789"),
            "/v1/token" => has("authorization", "Bearer token-0123456789"),
            "/v1/word" => has("authorization", "Token word-0123456789"),
            "/v1/login" => has("authorization", "Basic dXNlcjpwYXNzd29yZC0wMTIz"),
            _ => false,
        };
        let status = if accepted { "200 OK" } else { "401 Unauthorized\r\nWWW-Authenticate: Bearer" };
        Some(format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n"))
    })
}

fn run(world: &World, suite: &str) -> Finished {
    let folder = Folder::new();
    folder.file("document.yaml", DOCUMENT);
    let cases = folder.file("sent.yaml", suite);
    let mut command = conformant(&["run", "--base-url", &world.url, "--cases", &cases]);
    command.env("ID", "id-0123456789").env("KEY", "key-0123456789").env("TOKEN", "token-0123456789");
    command.env("WORD", "Token word-0123456789").env("LOGIN", "user:password-0123");
    Finished::of(command)
}

#[test]
fn every_credential_is_sent_by_its_scheme_and_several_go_together() {
    let world = api();
    let suite = "spec: document.yaml\noperation: both\ncredentials:\n  AppId: {env: ID}\n  AppKey: {env: KEY}\n  \
                 user: {env: TOKEN}\n  word: {env: WORD}\n  login: {env: LOGIN}\ncases:\n  \
                 both: {auth: [AppId, AppKey], expect: 200}\n  \
                 one_is_not_enough: {auth: [AppKey], expect: 401}\n  \
                 token: {operation: token, auth: user, expect: 200}\n  \
                 whole_value: {operation: word, auth: word, expect: 200}\n  \
                 user_and_password: {operation: login, auth: login, expect: 200}\n";
    let finished = run(&world, suite).expect(0);
    assert!(finished.stdout.contains("5 pass"), "{}", finished.stdout);
}

#[test]
fn a_list_with_an_unset_credential_is_bad_input_and_an_optional_one_skips() {
    let world = api();
    let suite = |optional: &str| {
        format!(
            "spec: document.yaml\noperation: both\ncredentials:\n  AppId: {{env: ID}}\n  AppKey: {{env: NOT_SET{optional}}}\n\
             cases:\n  both: {{auth: [AppId, AppKey], expect: 200}}\n  alone: {{auth: [AppId], expect: 401}}\n"
        )
    };
    let finished = run(&world, &suite("")).expect(2);
    assert!(finished.stderr.contains("the variable NOT_SET is not set"), "{}", finished.stderr);
    let finished = run(&world, &suite(", optional: true")).expect(0);
    assert!(finished.stdout.contains("NOT_SET is not set (credential AppKey)"), "{}", finished.stdout);
}
