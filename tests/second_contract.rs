//! A contract about books on shelves, judged by data alone: two path values, the first of which is a parent that the run did
//! not make, an object without `undo`, and a step that names the object in its body. A server that keeps the contract passes
//! however it is run, and each deviation of the server is found.

#[path = "support/command.rs"]
mod command;
#[path = "support/world.rs"]
mod world;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use command::{Finished, Folder, conformant};
use serde_json::{Value, json};
use world::{Seen, read};

const DOCUMENT: &str = r"
openapi: 3.0.3
info: {title: Library, version: '1'}
paths:
  /shelves/{shelf_id}/books:
    parameters: [{name: shelf_id, in: path, required: true, schema: {type: integer}}]
    post: {operationId: addBook, responses: {'201': {$ref: '#/components/responses/Book'}}}
  /shelves/{shelf_id}/books/{isbn}:
    parameters:
      - {name: shelf_id, in: path, required: true, schema: {type: integer}}
      - {name: isbn, in: path, required: true, schema: {type: string}}
    get:
      operationId: readBook
      responses: {'200': {$ref: '#/components/responses/Book'}, '404': {$ref: '#/components/responses/NotFound'}}
    delete:
      operationId: withdrawBook
      responses:
        '204': {description: The book is withdrawn.}
        '404': {$ref: '#/components/responses/NotFound'}
        '409': {$ref: '#/components/responses/Lent'}
  /loans: {post: {operationId: lend, requestBody: {$ref: '#/components/requestBodies/Isbn'}, responses: {'201': {$ref: '#/components/responses/Loan'}}}}
  /returns: {post: {operationId: return, requestBody: {$ref: '#/components/requestBodies/Isbn'}, responses: {'200': {$ref: '#/components/responses/Loan'}}}}
components:
  requestBodies:
    Isbn: {required: true, content: {application/json: {schema: {type: object, required: [isbn], properties: {isbn: {type: string}}}}}}
  schemas:
    Problem:
      type: object
      additionalProperties: false
      required: [code, message]
      properties: {code: {type: string, enum: [not_found, on_loan]}, message: {type: string}}
    Book:
      type: object
      required: [isbn, shelf_id, title]
      properties: {isbn: {type: string, pattern: '^[0-9]{13}$'}, shelf_id: {type: integer}, title: {type: string}}
    Loan:
      type: object
      required: [isbn, lent]
      properties: {isbn: {type: string}, lent: {type: boolean}}
  responses:
    Book: {description: a book, content: {application/json: {schema: {$ref: '#/components/schemas/Book'}}}}
    Loan: {description: a loan, content: {application/json: {schema: {$ref: '#/components/schemas/Loan'}}}}
    NotFound:
      description: No such book is on this shelf.
      content:
        application/json:
          schema: {$ref: '#/components/schemas/Problem'}
          examples: {not_found: {value: {code: not_found, message: No such book is on this shelf.}}}
    Lent:
      description: The book is lent.
      content:
        application/json:
          schema: {$ref: '#/components/schemas/Problem'}
          examples: {on_loan: {value: {code: on_loan, message: The book is lent.}}}
";

const SUITE: &str = r#"
spec: library.yaml
operation: withdrawBook
states:
  book:
    call: POST /shelves/41/books
    json: {title: "{{uuid}}"}
    expect: 201
    capture: {shelf_id: /shelf_id, isbn: /isbn}
    id: isbn
    exists: {call: "GET /shelves/{{shelf_id}}/books/{{isbn}}", yes: 200, no: 404}
cases:
  withdrawn:
    profile: core
    given: {mine: book, other: book}
    path: {shelf_id: "{{mine.shelf_id}}", isbn: "{{mine.isbn}}"}
    expect: 204
    then:
      - expect: {status: 404, example: not_found}
      - {operation: readBook, path: {shelf_id: "41", isbn: "{{other.isbn}}"}, expect: {status: 200, match: {/isbn: "{{other.isbn}}"}}}
      - {path: {shelf_id: "41", isbn: "{{other.isbn}}"}, expect: 204}
  missing:
    profile: core
    path: {shelf_id: "41", isbn: "none-{{uuid}}"}
    expect: {status: 404, example: not_found}
  lent:
    profile: core
    given: {mine: book}
    operation: lend
    json: {isbn: "{{mine.isbn}}"}
    expect: {status: 201, match: {/lent: true}}
    then:
      - operation: withdrawBook
        path: {shelf_id: "41", isbn: "{{mine.isbn}}"}
        expect: {status: 409, example: on_loan}
      - call: POST /returns
        json: {isbn: "{{mine.isbn}}"}
        expect: 200
      - operation: withdrawBook
        path: {shelf_id: "41", isbn: "{{mine.isbn}}"}
        expect: 204
"#;

/// A book: where it stands, and whether it is lent.
#[derive(Clone, Debug, PartialEq)]
struct Book {
    shelf: String,
    title: String,
    lent: bool,
}

/// What the server does otherwise than the contract says.
type Deviation = fn(&Seen, &mut Books, String) -> String;

/// The server's books by isbn.
type Books = BTreeMap<String, Book>;

/// The isbn of a book that others put on the shelf.
const FOREIGN: &str = "9780000000012";

struct Library {
    url: String,
    books: Mutex<Books>,
    made: Mutex<u64>,
    deviation: Deviation,
}

impl Library {
    fn start(deviation: Deviation) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let library = Arc::new(Self {
            url: format!("http://{}/v1", listener.local_addr().expect("its address")),
            books: Mutex::new(foreign()),
            made: Mutex::new(0),
            deviation,
        });
        let serving = Arc::clone(&library);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let library = Arc::clone(&serving);
                std::thread::spawn(move || library.serve(stream));
            }
        });
        library
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self, mut stream: TcpStream) {
        let mut bytes = Vec::new();
        while let Some(seen) = read(&mut stream, &mut bytes) {
            let answer = {
                let mut books = self.books();
                let usual = self.usual(&seen, &mut books);
                (self.deviation)(&seen, &mut books, usual)
            };
            if stream.write_all(answer.as_bytes()).is_err() || answer.contains("Connection: close") {
                return;
            }
        }
    }

    fn usual(&self, seen: &Seen, books: &mut Books) -> String {
        let path = seen.target.strip_prefix("/v1/").unwrap_or_default();
        let segments: Vec<&str> = path.split('/').collect();
        let body: Value = serde_json::from_str(&seen.body).unwrap_or_default();
        match (seen.method.as_str(), segments.as_slice()) {
            ("POST", ["shelves", place, "books"]) => {
                let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
                *made += 1;
                let isbn = format!("979{:010}", *made);
                let title = body["title"].as_str().unwrap_or_default().to_owned();
                books.insert(isbn.clone(), Book { shelf: (*place).to_owned(), title, lent: false });
                answer(201, &book(&isbn, &books[&isbn]))
            }
            ("POST", ["loans" | "returns"]) => {
                let isbn = body["isbn"].as_str().unwrap_or_default();
                let Some(found) = books.get_mut(isbn) else { return problem("not_found") };
                found.lent = segments == ["loans"];
                answer(if found.lent { 201 } else { 200 }, &json!({"isbn": isbn, "lent": found.lent}))
            }
            (method, ["shelves", place, "books", isbn]) => match books.get(*isbn).filter(|book| book.shelf == *place) {
                None => problem("not_found"),
                Some(found) if method == "GET" => answer(200, &book(isbn, found)),
                Some(found) if found.lent => problem("on_loan"),
                Some(_) => {
                    books.remove(*isbn);
                    NO_CONTENT.to_owned()
                }
            },
            _ => problem("not_found"),
        }
    }
}

const NO_CONTENT: &str = "HTTP/1.1 204 No Content\r\n\r\n";

fn foreign() -> Books {
    let book = Book { shelf: "41".to_owned(), title: "Of others".to_owned(), lent: false };
    BTreeMap::from([(FOREIGN.to_owned(), book)])
}

fn book(isbn: &str, book: &Book) -> Value {
    json!({"isbn": isbn, "shelf_id": book.shelf.parse::<u32>().unwrap_or_default(), "title": book.title})
}

fn problem(code: &str) -> String {
    match code {
        "on_loan" => answer(409, &json!({"code": code, "message": "The book is lent."})),
        _ => answer(404, &json!({"code": code, "message": "No such book is on this shelf."})),
    }
}

fn answer(status: u16, body: &Value) -> String {
    world::json(status, "", &body.to_string())
}

fn judged(library: &Library, arguments: &[&str]) -> Finished {
    let folder = Folder::new();
    folder.file("library.yaml", DOCUMENT);
    let suite = folder.file("suite.yaml", SUITE);
    let mut command = conformant(&["run", "--base-url", &library.url, "--cases", &suite, "--slow", "10m"]);
    command.args(["--linger", "5ms"]).args(arguments);
    Finished::of(command)
}

#[test]
fn a_server_that_keeps_the_contract_passes_however_it_is_run() {
    for arguments in [&["--jobs", "1"][..], &["--jobs", "8"], &["--jobs", "8", "--repeat", "20"]] {
        let library = Library::start(|_, _, usual| usual);
        let finished = judged(&library, arguments).expect(0);
        assert!(finished.stdout.contains("conforms"), "{}", finished.stdout);
        assert!(!finished.stdout.contains("left behind"), "{}", finished.stdout);
        assert_eq!(*library.books(), foreign(), "{arguments:?}: only the book of others is there, as it was");
    }
}

#[test]
fn lint_and_a_dry_run_take_the_suite_as_it_is() {
    let folder = Folder::new();
    folder.file("library.yaml", DOCUMENT);
    let suite = folder.file("suite.yaml", SUITE);
    Finished::of(conformant(&["lint", "--cases", &suite])).expect(0);
    Finished::of(conformant(&["run", "--dry-run", "--base-url", "http://127.0.0.1:1/v1", "--cases", &suite])).expect(0);
}

/// The answer with another status line, or text instead of another.
fn instead(usual: &str, of: &str, text: &str) -> String {
    usual.replacen(of, text, 1)
}

/// The same head with this body.
fn with_body(usual: &str, body: &str) -> String {
    let head = usual.split("Content-Length").next().unwrap_or_default();
    format!("{head}Content-Length: {}\r\n\r\n{body}", body.len())
}

fn is(usual: &str, status: u16) -> bool {
    usual.starts_with(&format!("HTTP/1.1 {status}"))
}

fn deletes(seen: &Seen) -> bool {
    seen.method == "DELETE"
}

/// Each deviation, with a rule that must find it.
#[expect(clippy::too_many_lines, reason = "one table")]
fn deviations() -> Vec<(&'static str, &'static str, Deviation)> {
    vec![
        (
            "200 for 204",
            "status-unexpected",
            |_, _, usual| {
                if is(&usual, 204) { answer(200, &json!({})) } else { usual }
            },
        ),
        ("202 for 204", "status-unexpected", |_, _, usual| {
            if is(&usual, 204) {
                instead(&usual, "204 No Content\r\n", "202 Accepted\r\nContent-Length: 0\r\n")
            } else {
                usual
            }
        }),
        ("204 for what is not there", "status-unexpected", |seen, _, usual| {
            if deletes(seen) && is(&usual, 404) { NO_CONTENT.to_owned() } else { usual }
        }),
        ("204 for what is not there any more", "repeat-accepted", |seen, _, usual| {
            let again = deletes(seen) && !seen.target.contains("none-");
            if again && is(&usual, 404) { NO_CONTENT.to_owned() } else { usual }
        }),
        ("410 for 404", "status-unexpected", |seen, _, usual| {
            if deletes(seen) { instead(&usual, "HTTP/1.1 404", "HTTP/1.1 410") } else { usual }
        }),
        ("500 for an isbn that is no number", "status-unexpected", |seen, _, usual| {
            if seen.target.contains("none-") && deletes(seen) { answer(500, &json!({})) } else { usual }
        }),
        ("409 is 400", "status-unexpected", |_, _, usual| instead(&usual, "HTTP/1.1 409", "HTTP/1.1 400")),
        ("a lent book is withdrawn", "status-unexpected", |seen, books, usual| {
            if !(deletes(seen) && is(&usual, 409)) {
                return usual;
            }
            books.remove(seen.target.rsplit('/').next().unwrap_or_default());
            NO_CONTENT.to_owned()
        }),
        ("a lent book is refused, and withdrawn", "status-unexpected", |seen, books, usual| {
            if deletes(seen) && is(&usual, 409) {
                books.remove(seen.target.rsplit('/').next().unwrap_or_default());
            }
            usual
        }),
        ("nothing is withdrawn", "effect-missing", |seen, books, usual| {
            if deletes(seen) && is(&usual, 204) {
                let isbn = seen.target.rsplit('/').next().unwrap_or_default().to_owned();
                books.insert(isbn, Book { shelf: "41".to_owned(), title: "again".to_owned(), lent: false });
            }
            usual
        }),
        ("the whole shelf is withdrawn", "status-unexpected", |seen, books, usual| {
            if deletes(seen) && is(&usual, 204) {
                books.retain(|isbn, _| isbn == FOREIGN);
            }
            usual
        }),
        ("another code", "example-value", |_, _, usual| {
            if is(&usual, 404) {
                with_body(&usual, r#"{"code":"on_loan","message":"No such book is on this shelf."}"#)
            } else {
                usual
            }
        }),
        ("another message", "example-value", |_, _, usual| {
            if is(&usual, 409) { with_body(&usual, r#"{"code":"on_loan","message":"Lent."}"#) } else { usual }
        }),
        ("a member too few", "schema-violated", |_, _, usual| {
            if is(&usual, 404) { with_body(&usual, r#"{"code":"not_found"}"#) } else { usual }
        }),
        ("a member too many", "schema-violated", |_, _, usual| {
            let body = r#"{"code":"not_found","message":"No such book is on this shelf.","status":404}"#;
            if is(&usual, 404) { with_body(&usual, body) } else { usual }
        }),
        ("a number for a text", "schema-violated", |_, _, usual| {
            if is(&usual, 409) { with_body(&usual, r#"{"code":"on_loan","message":1}"#) } else { usual }
        }),
        ("an isbn with dashes", "schema-violated", |seen, _, usual| {
            let reads = seen.method == "GET" && is(&usual, 200);
            if reads && seen.is_judged() {
                with_body(&usual, r#"{"isbn":"979-1","shelf_id":41,"title":"x"}"#)
            } else {
                usual
            }
        }),
        ("text for JSON", "media-type-undocumented", |_, _, usual| {
            if is(&usual, 404) { instead(&usual, "application/json", "text/plain") } else { usual }
        }),
        ("no Content-Type", "media-type-missing", |_, _, usual| {
            if is(&usual, 409) { instead(&usual, "Content-Type: application/json\r\n", "") } else { usual }
        }),
        ("JSON that ends early", "body-truncated", |_, _, usual| {
            if is(&usual, 409) { with_body(&usual, r#"{"code":"on_loan","#) } else { usual }
        }),
        ("a body after a 204", "bodiless-status-with-body", |_, _, usual| {
            if is(&usual, 204) { format!("{usual}{{}}") } else { usual }
        }),
        ("a length with a 204", "bodiless-status-with-content-length", |_, _, usual| {
            if is(&usual, 204) { instead(&usual, "\r\n\r\n", "\r\nContent-Length: 2\r\n\r\n") } else { usual }
        }),
        ("two lengths", "content-length-conflicting", |_, _, usual| {
            if is(&usual, 409) {
                instead(&usual, "Content-Length", "Content-Length: 7\r\nContent-Length")
            } else {
                usual
            }
        }),
        ("a field name with a space", "field-name-malformed", |seen, _, usual| {
            if is(&usual, 404) && seen.is_judged() { instead(&usual, "Content-Type:", "Content-Type :") } else { usual }
        }),
        ("an answer that ends early", "content-length-wrong", |seen, _, usual| {
            let cut = format!(
                "{}Connection: close\r\nContent-Length: 999",
                usual.split("Content-Length").next().unwrap_or_default()
            );
            let rest = usual.split_once("\r\n\r\n").map_or("", |(_, rest)| rest);
            if seen.is_judged() && is(&usual, 409) { format!("{cut}\r\n\r\n{rest}") } else { usual }
        }),
    ]
}

#[test]
fn each_deviation_is_found() {
    let all = deviations();
    assert_eq!(all.len(), 25);
    let mut wrong = Vec::new();
    for (name, rule, deviation) in all {
        let library = Library::start(deviation);
        let finished = judged(&library, &["--jobs", "1"]);
        let found = finished.status == 1 && finished.stdout.contains(&format!("  {rule} ("));
        if !found {
            wrong.push(format!("{name}: exit {}\n{}\n{}", finished.status, finished.stdout, finished.stderr));
        }
        let untouched = library.books().get(FOREIGN).cloned();
        assert_eq!(untouched.as_ref(), foreign().get(FOREIGN), "{name}");
    }
    assert!(wrong.is_empty(), "{} of 25 were not found:\n\n{}", wrong.len(), wrong.join("\n\n"));
}
