//! Shapes of documents, suites and lists of known deviations that cost more than they look like, each for any size.

use super::Shape;

/// A document with one operation.
pub(crate) const DOCUMENT: &str = "openapi: 3.0.1\ninfo: {title: T, version: '1'}\npaths:\n  /a/{id}:\n    delete:\n      \
    operationId: d\n      parameters: [{name: id, in: path, required: true, schema: {type: string}}]\n      responses: {'204': \
    {description: Gone.}, '404': {description: None.}}\n";

/// The same in JSON, without its closing brace.
const JSON: &str = r#"{"openapi":"3.0.1","info":{"title":"T","version":"1"},"paths":{"/a/{id}":{"delete":{"operationId":"d",
"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}}],
"responses":{"204":{"description":"Gone."},"404":{"description":"None."}}}}}"#;

/// How a suite begins that is of that document, and a case of it.
const HEAD: &str = "operation: d\n";
const CASE: &str = "path: {id: no-such-id}, expect: 404";

/// `count` texts, each made from its number.
fn each(count: usize, text: impl Fn(usize) -> String) -> String {
    (0..count).map(text).collect()
}

/// A document with this behind it.
fn document(name: &'static str, text: impl Fn(usize) -> String + Send + Sync + 'static) -> Shape {
    Shape::new(name, "doc.yaml", move |size| format!("{DOCUMENT}{}", text(size)))
}

fn json(name: &'static str, text: impl Fn(usize) -> String + Send + Sync + 'static) -> Shape {
    Shape::new(name, "doc.json", move |size| format!("{JSON},{}}}", text(size)))
}

fn page(name: &'static str, text: impl Fn(usize) -> String + Send + Sync + 'static) -> Shape {
    Shape::new(name, "doc.md", text)
}

/// A suite with this behind its head.
fn suite(name: &'static str, text: impl Fn(usize) -> String + Send + Sync + 'static) -> Shape {
    Shape::new(name, "cases/suite.yaml", move |size| format!("{HEAD}{}", text(size)))
}

/// A suite with one case that has this too.
fn case(name: &'static str, text: impl Fn(usize) -> String + Send + Sync + 'static) -> Shape {
    suite(name, move |size| format!("cases:\n  one: {{{CASE}, {}}}\n", text(size)))
}

fn known(name: &'static str, text: impl Fn(usize) -> String + Send + Sync + 'static) -> Shape {
    Shape::new(name, "cases/known_deviations.yaml", text)
}

pub(crate) fn all() -> Vec<Shape> {
    [deep(), wide(), long(), repeated(), refused(), in_json(), pages(), documents(), suites(), cases(), lists()]
        .into_iter()
        .flatten()
        .collect()
}

fn deep() -> Vec<Shape> {
    vec![
        document("flow sequences, never closed", |n| format!("x-a: {}", "[".repeat(n))),
        document("flow sequences", |n| format!("x-a: {}{}\n", "[".repeat(n / 2), "]".repeat(n / 2))),
        document("flow mappings", |n| format!("x-a: {}{}\n", "{a: ".repeat(n / 5), "}".repeat(n / 5))),
        document("block mappings", |n| {
            let levels = (2 * n).isqrt();
            format!("x-a:\n{}", each(levels, |level| format!("{}x:\n", " ".repeat(level + 1))))
        }),
        document("dashes in a line", |n| format!("x-a:\n  {}1\n", "- ".repeat(n / 2))),
        document("question marks in a line", |n| format!("x-a:\n  {}1\n", "? ".repeat(n / 2))),
        json("arrays", |n| format!("\"x-a\":{}{}", "[".repeat(n / 2), "]".repeat(n / 2))),
        json("objects", |n| format!("\"x-a\":{}1{}", "{\"a\":".repeat(n / 6), "}".repeat(n / 6))),
    ]
}

fn wide() -> Vec<Shape> {
    vec![
        document("a long sequence", |n| format!("x-a:\n{}", "- 1\n".repeat(n / 4))),
        document("a long mapping", |n| format!("x-a:\n{}", each(n / 10, |i| format!("  k{i}: 1\n")))),
        document("a long mapping in a line", |n| format!("x-a: {{{}}}\n", each(n / 10, |i| format!("k{i}: 1,")))),
        document("mappings of one key in a line", |n| format!("x-a: [{}]\n", "a: 1, ".repeat(n / 6))),
        document("unknown keys at the top", |n| each(n / 10, |i| format!("k{i}: 1\n"))),
        document("keys in doubles", |n| format!("x-a:\n{}", "  k: 1\n".repeat(n / 7))),
        document("keys in doubles in a line", |n| format!("x-a: {{{}}}\n", "k: 1,".repeat(n / 5))),
    ]
}

fn long() -> Vec<Shape> {
    vec![
        document("a key", |n| format!("x-a: {{? {} : 1}}\n", "k".repeat(n))),
        document("a key twice", |n| {
            let key = "k".repeat(n / 2);
            format!("x-a:\n  ? {key}\n  : 1\n  ? {key}\n  : 2\n")
        }),
        document("a text", |n| format!("x-a: {}\n", "k".repeat(n))),
        document("escapes", |n| format!("x-a: \"{}\"\n", "\\x41".repeat(n / 4))),
        document("a text over lines", |n| format!("x-a: a\n{}", "  b\n".repeat(n / 4))),
        document("a block scalar", |n| format!("x-a: |\n{}", "  b\n".repeat(n / 4))),
        document("a block scalar of blank lines", |n| format!("x-a: >\n  b\n{}  c\n", "\n".repeat(n))),
        document("block scalars", |n| format!("x-a:\n{}", "- |\n  b\n".repeat(n / 8))),
        document("comments", |n| "# c\n".repeat(n / 4)),
        document("spaces", |n| format!("x-a: {}1\n", " ".repeat(n))),
        document("a number", |n| format!("x-a: {}\n", "1".repeat(n))),
        document("a tag", |n| format!("x-a: !{} 1\n", "t".repeat(n))),
        document("tabs", |n| format!("x-a:\n{}b: 1\n", "\t".repeat(n))),
        document("lines before a tab", |n| format!("x-a: some\n{}\tx\n", "  text\n".repeat(n / 7))),
        document("quotes", |n| format!("x-a: '{}\n", "''".repeat(n / 2))),
    ]
}

fn repeated() -> Vec<Shape> {
    vec![
        document("a billion laughs", |n| {
            let level = |i: usize| format!("- &a{} [{}]\n", i + 1, format!("*a{i},").repeat(10));
            format!("x-a:\n- &a0 [1]\n{}#{}\n", each(60, level), "x".repeat(n))
        }),
        document("a long text by aliases", |n| {
            format!("x-b: &b {}\nx-a:\n{}", "k".repeat(n / 2), "- *b\n".repeat(n / 12))
        }),
        document("aliases of aliases", |n| {
            format!("x-a:\n- &a0 1\n{}", each(n / 16, |i| format!("- &a{} [*a{i}]\n", i + 1)))
        }),
        document("anchors in anchors", |n| {
            let inner = (0..100).fold("k".repeat(n / 2), |inner, i| format!("&a{i} [{inner}]"));
            format!("x-a: {inner}\nx-b: [{}]\n", each(100, |i| format!("*a{i},")))
        }),
        document("anchors", |n| format!("x-a:\n{}", each(n / 20, |i| format!("- &a{i} 1\n- *a{i}\n")))),
        document("one anchor over again", |n| format!("x-a:\n{}", "- &a 1\n- *a\n".repeat(n / 12))),
        suite("a body by defaults", |n| {
            let cases = each(n / 100, |i| format!("  c{i}: {{{CASE}}}\n"));
            format!("defaults: {{json: [{}]}}\ncases:\n{cases}", "{a: 1},".repeat(n / 14))
        }),
        suite("a long header by defaults", |n| {
            let cases = each(n / 100, |i| format!("  c{i}: {{{CASE}}}\n"));
            format!("defaults: {{header: {{x: {}}}}}\ncases:\n{cases}", "v".repeat(n / 2))
        }),
        suite("a fault by defaults", |n| {
            let cases = each(n / 50, |i| format!("  c{i}: {{{CASE}}}\n"));
            format!("defaults: {{header: {{x: '{{{{no.a}}}}'}}}}\ncases:\n{cases}")
        }),
    ]
}

fn refused() -> Vec<Shape> {
    vec![
        document("aliases of nothing", |n| format!("x-a:\n{}", "- *z\n".repeat(n / 5))),
        document("tags", |n| format!("x-a:\n{}", "- !t 1\n".repeat(n / 7))),
        document("documents", |n| "---\na: 1\n".repeat(n / 9)),
        document("no numbers", |n| format!("x-a:\n{}", "- .nan\n".repeat(n / 7))),
        document("merge keys", |n| format!("x-a:\n{}", "- {<<: 1}\n".repeat(n / 10))),
        document("colons", |n| format!("x-a: {{{}}}\n", ":".repeat(n))),
        document("commas", |n| format!("x-a: [{}]\n", ",".repeat(n))),
        Shape::new("another file", "doc.yaml", |n| "hello world\n".repeat(n / 12)),
        Shape::new("nearly a document", "doc.yaml", |n| format!("info: 1\n{}", "xopenapi \n".repeat(n / 10))),
    ]
}

fn in_json() -> Vec<Shape> {
    vec![
        json("keys", |n| format!("\"x-a\":{{{}\"k\":1}}", each(n / 12, |i| format!("\"k{i}\":1,")))),
        json("keys at the top", |n| format!("{}\"k\":1", each(n / 12, |i| format!("\"k{i}\":1,")))),
        json("keys that are doubled", |n| format!("\"x-a\":[{}1]", "{\"k\":1,\"k\":2},".repeat(n / 14))),
        json("one key over again", |n| format!("\"x-a\":{{{}\"k\":1}}", "\"k\":1,".repeat(n / 6))),
        json("numbers", |n| format!("\"x-a\":[{}1]", "1,".repeat(n / 2))),
        json("numbers beyond a double", |n| format!("\"x-a\":[{}1]", "1e999,".repeat(n / 6))),
        json("surrogates", |n| format!("\"x-a\":\"{}\"", "\\ud800".repeat(n / 6))),
    ]
}

fn pages() -> Vec<Shape> {
    vec![
        page("fences", |n| format!("{}```\n{DOCUMENT}```\n", "```\nx\n```\n".repeat(n / 10))),
        page("fences in a fence", |n| format!("~~~\n{}", "```\n".repeat(n / 4))),
        page("documents on a page", |n| "```\nopenapi: 3\n```\n".repeat(n / 19)),
        page("backquotes", |n| "`".repeat(n)),
    ]
}

fn documents() -> Vec<Shape> {
    vec![
        document("operations", |n| {
            each(n / 80, |i| {
                format!("  /p{i}: {{get: {{operationId: o{i}, responses: {{'200': {{description: D}}}}}}}}\n")
            })
        }),
        document("operations of one name", |n| {
            each(n / 80, |i| {
                format!("  /p{i}: {{get: {{operationId: o, responses: {{'200': {{description: D}}}}}}}}\n")
            })
        }),
        document("media types", |n| {
            let types = each(n / 30, |i| format!("            a/b{i}: {{schema: {{}}}}\n"));
            format!(
                "  /p:\n    get:\n      responses:\n        '200':\n          description: D\n          content:\n{types}"
            )
        }),
        document("servers", |n| format!("servers:\n{}", each(n / 26, |i| format!("- {{url: 'http://h{i}.test'}}\n")))),
        document("tag objects", |n| format!("tags:\n{}", each(n / 15, |i| format!("- {{name: h{i}}}\n")))),
        document("tags that are none", |n| format!("tags:\n{}", "- 1\n".repeat(n / 4))),
        document("schemas", |n| {
            format!("components:\n  schemas:\n{}", each(n / 24, |i| format!("    S{i}: {{type: string}}\n")))
        }),
        document("properties", |n| {
            let properties = each(n / 26, |i| format!("        p{i}: {{type: string}}\n"));
            format!("components:\n  schemas:\n    S:\n      properties:\n{properties}")
        }),
    ]
}

fn suites() -> Vec<Shape> {
    vec![
        suite("many cases", |n| format!("cases:\n{}", each(n / 50, |i| format!("  c{i}: {{{CASE}}}\n")))),
        suite("cases of one name", |n| format!("cases:\n{}", format!("  c: {{{CASE}}}\n").repeat(n / 44))),
        suite("cases that are none", |n| format!("cases:\n{}", each(n / 18, |i| format!("  c{i}: {{pth: 1}}\n")))),
        Shape::new("cases that are none in a line", "cases/suite.yaml", |n| {
            format!("{{operation: d, cases: {{{}}}}}", each(n / 16, |i| format!("c{i}: {{pth: 1}},")))
        }),
        suite("unknown keys", |n| format!("cases:\n  one: {{{CASE}}}\n{}", each(n / 9, |i| format!("k{i}: 1\n")))),
        suite("states", |n| {
            let states = each(n / 100, |i| format!("  s{i}: {{call: POST /a, expect: 200, capture: {{id: /id}}}}\n"));
            let cases =
                each(n / 100, |i| format!("  c{i}: {{given: s{i}, path: {{id: '{{{{s{i}.id}}}}'}}, expect: 204}}\n"));
            format!("states:\n{states}cases:\n{cases}")
        }),
        suite("credentials", |n| {
            format!("credentials:\n{}cases:\n  one: {{{CASE}}}\n", each(n / 22, |i| format!("  k{i}: {{env: K{i}}}\n")))
        }),
        suite("hosts", |n| {
            format!("cases:\n  one: {{{CASE}}}\nstaging:\n{}", each(n / 10, |i| format!("- h{i}.test\n")))
        }),
        suite("a name", |n| format!("cases:\n  ? {}\n  : {{{CASE}}}\n", "c".repeat(n))),
    ]
}

fn cases() -> Vec<Shape> {
    vec![
        case("placeholders", |n| format!("header: {{x: '{}'}}", "{{user}}".repeat(n / 8))),
        case("braces", |n| format!("header: {{x: '{}'}}", "{{ ".repeat(n / 3))),
        case("names of nothing", |n| format!("header: {{x: '{}'}}", each(n / 11, |i| format!("{{{{a{i}.b}}}}")))),
        case("filters of nothing", |n| format!("header: {{x: '{}'}}", "{{user | nope}}".repeat(n / 15))),
        case("headers", |n| format!("header: {{{}}}", each(n / 10, |i| format!("x-{i}: 1,")))),
        case("parameters", |n| format!("query: {{{}}}", each(n / 10, |i| format!("x{i}: 1,")))),
        case("a body of values", |n| format!("json: [{}]", "{a: 1},".repeat(n / 7))),
        case("a body of placeholders", |n| format!("json: {{{}}}", each(n / 20, |i| format!("a{i}: '{{{{user}}}}',")))),
        case("steps", |n| format!("then: [{}]", "{call: GET /a, expect: 200},".repeat(n / 28))),
        suite("pointers", |n| {
            let pointers = each(n / 10, |i| format!("/a{i}: 1,"));
            format!("cases:\n  one: {{path: {{id: no-such-id}}, expect: {{status: 404, match: {{{pointers}}}}}}}\n")
        }),
        suite("a pointer", |n| {
            let pointer = "/a".repeat(n / 2);
            format!(
                "cases:\n  one: {{path: {{id: no-such-id}}, expect: {{status: 404, match: {{? {pointer} : 1}}}}}}\n"
            )
        }),
        suite("freed values", |n| {
            let free = each(n / 8, |i| format!("/a{i},"));
            format!("cases:\n  one: {{path: {{id: no-such-id}}, expect: {{status: 404, free: [{free}]}}}}\n")
        }),
    ]
}

fn lists() -> Vec<Shape> {
    const REST: &str = "reason: R, link: L, until: 2030-01-01";
    vec![
        known("known deviations", |n| {
            each(n / 90, |i| format!("- {{case: suite/one, rule: status-unexpected, actual: '{i}', {REST}}}\n"))
        }),
        known("known deviations of nothing", |n| {
            each(n / 80, |i| format!("- {{case: suite/o{i}, rule: status-unxpected, {REST}}}\n"))
        }),
        known("one known deviation over again", |n| {
            format!("- {{case: suite/one, rule: status-unexpected, {REST}}}\n").repeat(n / 80)
        }),
        known("known deviations that say nothing", |n| "- {}\n".repeat(n / 5)),
    ]
}
