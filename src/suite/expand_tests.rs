//! The table of OpenAPI 3.0.4 ("Style Examples"), and what surrounds it: encoding, inheritance, bad input.

use crate::spec::Document;
use crate::suite::testing::{document, refused, suite};
use crate::suite::{Rendered, Values};
use std::sync::Arc;

/// A document with one operation for each way of writing `color`, and its path or query.
fn parameters(path: &str, parameters: &str) -> Arc<Document> {
    document(
        "styles.yaml",
        &format!(
            "openapi: 3.0.4\ninfo: {{title: S, version: '1'}}\npaths:\n  {path}:\n    parameters: [{parameters}]\n    \
             get: {{operationId: ask, responses: {{'200': {{description: ok}}}}}}\n"
        ),
    )
}

fn render(document: &Arc<Document>, sent: &str) -> Result<Rendered, String> {
    let suite = suite(&format!("spec: x\noperation: ask\ncases:\n  one: {{expect: 200, {sent}}}\n"), document);
    let mut values = Values { user: "u 1,2".to_owned(), run: "a|b".to_owned(), ..Values::default() };
    let step = &suite.cases[0].steps[0];
    step.render(&suite, "http://h", "", &[], &mut values).map_err(|error| error.to_string())
}

/// The request of one parameter `color`, as its place, style and value say.
#[track_caller]
fn sent(place: &str, style: &str, value: &str) -> Rendered {
    let path = if place == "path" { "'/c/{color}'" } else { "/c" };
    let required = if place == "path" { ", required: true" } else { "" };
    let document = parameters(path, &format!("{{name: color, in: {place}{required}, {style}}}"));
    render(&document, &format!("{place}: {{color: {value}}}")).unwrap_or_else(|error| panic!("{error}"))
}

fn field<'r>(rendered: &'r Rendered, name: &str) -> &'r str {
    let found = rendered.request.fields.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map_or("", |(_, value)| value)
}

const LIST: &str = "[blue, black, brown]";
const MAP: &str = "{R: 100, G: 200, B: 150}";

#[test]
fn every_style_is_written_as_openapi_shows_it() {
    let schema = "schema: {}";
    for (place, style, explode, text, list, map) in [
        ("path", "matrix", false, ";color=blue", ";color=blue,black,brown", ";color=R,100,G,200,B,150"),
        ("path", "matrix", true, ";color=blue", ";color=blue;color=black;color=brown", ";R=100;G=200;B=150"),
        ("path", "label", false, ".blue", ".blue,black,brown", ".R,100,G,200,B,150"),
        ("path", "label", true, ".blue", ".blue.black.brown", ".R=100.G=200.B=150"),
        ("path", "simple", false, "blue", "blue,black,brown", "R,100,G,200,B,150"),
        ("path", "simple", true, "blue", "blue,black,brown", "R=100,G=200,B=150"),
        ("query", "form", false, "color=blue", "color=blue,black,brown", "color=R,100,G,200,B,150"),
        ("query", "form", true, "color=blue", "color=blue&color=black&color=brown", "R=100&G=200&B=150"),
        (
            "query",
            "spaceDelimited",
            false,
            "color=blue",
            "color=blue%20black%20brown",
            "color=R%20100%20G%20200%20B%20150",
        ),
        (
            "query",
            "pipeDelimited",
            false,
            "color=blue",
            "color=blue%7Cblack%7Cbrown",
            "color=R%7C100%7CG%7C200%7CB%7C150",
        ),
        ("header", "simple", false, "blue", "blue,black,brown", "R,100,G,200,B,150"),
        ("header", "simple", true, "blue", "blue,black,brown", "R=100,G=200,B=150"),
        ("cookie", "form", false, "color=blue", "color=blue,black,brown", "color=R,100,G,200,B,150"),
        ("cookie", "form", true, "color=blue", "color=blue; color=black; color=brown", "R=100; G=200; B=150"),
    ] {
        for (value, expected) in [("blue", text), (LIST, list), (MAP, map)] {
            let rendered = sent(place, &format!("style: {style}, explode: {explode}, {schema}"), value);
            let target = rendered.request.target.as_str();
            let written = match place {
                "path" => target.strip_prefix("/c/"),
                "query" => target.strip_prefix("/c?"),
                "header" => Some(field(&rendered, "color")),
                _ => Some(field(&rendered, "Cookie")),
            };
            assert_eq!(written, Some(expected), "{place} {style} {explode} {value}");
        }
    }
    let deep = "style: deepObject, explode: true, schema: {}";
    assert_eq!(sent("query", deep, MAP).request.target, "/c?color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150");
    assert_eq!(sent("query", "style: deepObject, schema: {}", "{a: 1}").request.target, "/c?color%5Ba%5D=1");
}

#[test]
fn the_defaults_are_those_of_the_place() {
    let schema = "schema: {}";
    assert_eq!(sent("path", schema, LIST).request.target, "/c/blue,black,brown");
    assert_eq!(sent("query", schema, LIST).request.target, "/c?color=blue&color=black&color=brown");
    assert_eq!(field(&sent("header", schema, MAP), "color"), "R,100,G,200,B,150");
    assert_eq!(field(&sent("cookie", schema, LIST), "cookie"), "color=blue; color=black; color=brown");
    assert_eq!(
        sent("query", "style: pipeDelimited, explode: true, schema: {}", "[a, b]").request.target,
        "/c?color=a&color=b"
    );
}

#[test]
fn empty_values_are_written_as_rfc_6570_says() {
    let schema = "explode: false, schema: {}";
    for (place, value, expected) in [("query", "[]", "/c"), ("query", "{}", "/c"), ("query", "''", "/c?color=")] {
        assert_eq!(sent(place, schema, value).request.target, expected, "{value}");
    }
    assert_eq!(sent("query", schema, "['', a]").request.target, "/c?color=,a");
    assert_eq!(sent("header", schema, "[]").request.fields, []);
    assert_eq!(sent("cookie", schema, "[]").request.fields, []);
}

#[test]
fn what_separates_is_encoded_inside_a_value() {
    assert_eq!(sent("path", "schema: {}", "['a,b', 'c/d']").request.target, "/c/a%2Cb,c%2Fd");
    assert_eq!(sent("path", "schema: {}", "'a,b'").request.target, "/c/a,b", "a text is sent as before");
    assert_eq!(sent("path", "style: matrix, schema: {}", "'a;b'").request.target, "/c/;color=a%3Bb");
    assert_eq!(sent("path", "style: label, schema: {}", "'..'").request.target, "/c/.%2E%2E");
    assert_eq!(sent("query", "explode: false, schema: {}", "['a,b', 'c&d']").request.target, "/c?color=a%2Cb,c%26d");
    assert_eq!(sent("query", "schema: {}", "{'a&b': 'c=d'}").request.target, "/c?a%26b=c%3Dd");
    assert_eq!(field(&sent("cookie", "schema: {}", "'a;b=c'"), "cookie"), "color=a%3Bb%3Dc");
}

#[test]
fn reserved_characters_stay_if_the_document_allows_it() {
    let open = "allowReserved: true, schema: {}";
    assert_eq!(sent("query", open, "\"a:/?@!$'()*,;=b\"").request.target, "/c?color=a:/?@!$'()*,;=b");
    assert_eq!(sent("query", open, "'#[]&+ é%2F%zz%'").request.target, "/c?color=%23%5B%5D%26%2B%20%C3%A9%2F%25zz%25");
    assert_eq!(
        sent("query", "allowReserved: true, explode: false, schema: {}", "['a,b', c:d]").request.target,
        "/c?color=a%2Cb,c:d"
    );
    assert_eq!(sent("query", "schema: {}", "'a:/b'").request.target, "/c?color=a%3A%2Fb");
}

#[test]
fn a_parameter_with_json_content_is_json_text() {
    let json = "content: {application/json: {schema: {}}}";
    let encoded = "/c?color=%7B%22a%22%3A%5B1%2Ctrue%2Cnull%2C%22x%22%5D%7D";
    assert_eq!(sent("query", json, "{a: [1, true, null, x]}").request.target, encoded);
    assert_eq!(
        sent("query", json, "'{\"a\":[1,true,null,\"x\"]}'").request.target,
        encoded,
        "JSON text stays as it is"
    );
    assert_eq!(sent("query", json, "x").request.target, "/c?color=%22x%22");
    assert_eq!(sent("query", json, "'{{user}}'").request.target, "/c?color=%22u%201%2C2%22");
    assert_eq!(sent("query", json, "5").request.target, "/c?color=5");
    assert_eq!(sent("path", json, "{a: 1}").request.target, "/c/%7B%22a%22%3A1%7D");
    assert_eq!(field(&sent("header", json, "{a: \"b\\n\"}"), "color"), "{\"a\":\"b\\n\"}");
    assert_eq!(field(&sent("cookie", json, "[1]"), "cookie"), "color=%5B1%5D");
    assert_eq!(sent("query", "content: {application/problem+json: {}}", "[1]").request.target, "/c?color=%5B1%5D");
    assert_eq!(sent("query", "content: {text/plain: {}}", "a b").request.target, "/c?color=a%20b");
}

#[test]
fn the_guard_gets_every_element_alone() {
    let rendered = sent("path", "style: matrix, explode: true, schema: {}", "['a/b', '{{user}}']");
    assert_eq!(rendered.template, "/c/;color={color};color={color}");
    let part = |value: &str| ("color".to_owned(), value.to_owned());
    assert_eq!(rendered.path_values, [part("a%2Fb"), part("u%201%2C2")]);
    assert_eq!((rendered.elements.in_path, rendered.elements.after_semicolon), (vec![0, 1], true));
    let rendered = sent("path", "schema: {}", "{R: '{{user}}'}");
    assert_eq!((rendered.template.as_str(), rendered.path_values.len()), ("/c/{color},{color}", 2));

    let named = |name: &str, value: &str| (Some(name.to_owned()), value.to_owned());
    let key = |key: &str| (None, key.to_owned());
    for (place, style, value, expected) in [
        ("query", "explode: false, schema: {}", "[a, '{{user}}']", vec![named("color", "a"), named("color", "u 1,2")]),
        ("query", "style: deepObject, schema: {}", "{id: a}", vec![key("id"), named("color", "a"), named("id", "a")]),
        ("header", "schema: {}", "[a, b]", vec![named("color", "a"), named("color", "b")]),
        ("cookie", "schema: {}", "a", vec![named("color", "a")]),
        (
            "query",
            "content: {application/json: {}}",
            "{id: [a, 5]}",
            vec![key("id"), named("id", "a"), named("id", "5")],
        ),
    ] {
        assert_eq!(sent(place, style, value).elements.outside_path, expected, "{place} {style}");
    }
}

#[test]
fn names_that_the_document_does_not_declare_are_written_as_before() {
    let document = parameters("/c", "{name: color, in: query, explode: false, schema: {}}");
    let rendered = render(&document, "query: {Color: [a, b], 'f[x]': 1}, cookie: {sid: a=b}, header: {cookie: x=1}");
    let rendered = rendered.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(rendered.request.target, "/c?Color=a&Color=b&f%5Bx%5D=1");
    assert_eq!(field(&rendered, "cookie"), "x=1; sid=a=b");
    assert!(
        matches!(render(&document, "cookie: {a: 1, b: 2}"), Ok(rendered) if field(&rendered, "Cookie") == "a=1; b=2")
    );
}

#[test]
fn an_element_that_a_server_would_read_as_two_is_not_sent() {
    let pipes = parameters("/c", "{name: color, in: query, style: pipeDelimited, schema: {}}");
    let header = parameters("/c", "{name: color, in: header, schema: {}}");
    let error = "an element of `color` contains `|`, which separates the elements";
    assert_eq!(render(&pipes, "query: {color: ['{{run}}', c]}").map(drop), Err(error.to_owned()));
    let error = "an element of `color` contains a comma, which separates the elements";
    assert_eq!(render(&header, "header: {color: ['{{user}}', c]}").map(drop), Err(error.to_owned()));
    assert!(render(&header, "header: {color: '{{user}}'}").is_ok(), "one text is no list");
}

#[test]
fn what_a_style_cannot_write_is_refused() {
    let document = parameters(
        "'/c/{p}'",
        "{name: p, in: path, required: true, schema: {}}, {name: deep, in: query, style: deepObject, schema: {}}, \
         {name: form, in: query, schema: {}}, {name: spaces, in: query, style: spaceDelimited, schema: {}}, \
         {name: pipes, in: query, style: pipeDelimited, explode: true, schema: {}}, \
         {name: plain, in: query, content: {text/plain: {}}}, {name: X-List, in: header, schema: {}}",
    );
    let nested = "That style writes one list, or one map, of scalars. Write the inner value as one text, or the parameters \
                  name by name as they are sent.";
    let two = "Servers would read two elements. Write it without that character.";
    let undeclared = |example: &str| {
        format!(
            "The document declares no such parameter here, so nothing says how it is written. Write it as it is sent{example}."
        )
    };
    refused(
        "spec: x\noperation: ask\ndefaults: {path: {p: a}}\ncases:\n  a: {expect: 200, query: {deep: ▶[a]}}\n  \
         b: {expect: 200, query: {deep: {a: ▶{b: 1}}}}\n  c: {expect: 200, query: {form: {a: ▶[1]}}}\n  \
         d: {expect: 200, query: {form: [▶[1]]}}\n  e: {expect: 200, query: {spaces: [▶'a b']}}\n  \
         f: {expect: 200, query: {pipes: ▶{a: b}}}\n  g: {expect: 200, query: {plain: ▶[a]}}\n  \
         h: {expect: 200, header: {X-List: [▶'a,b']}}\n  i: {expect: 200, query: {other: ▶{a: b}}}\n  \
         j: {expect: 200, header: {X-Other: ▶[a]}}\n  k: {expect: 200, cookie: {other: ▶[a]}}\n  \
         l: {expect: 200, query: {form: [▶null]}}\n  m: {expect: 200, query: {form: {▶'{{user}}': a}}}\n  \
         n: {expect: 200, path: {p: ▶[]}}\n  o: {expect: 200, path: {p: ▶{}}}\n  p: {expect: 200, cookie: {▶'a b': c}}\n  \
         q: {expect: 200, cookie: {a: ▶'b;c'}}\n  r: {call: GET /x, query: {form: ▶{a: b}}, auth: none, expect: 200}\n",
        &document,
        &[
            (
                "`deep` cannot be a list: the document writes it as `deepObject`",
                "Write a map, such as `deep: {key: value}`.",
            ),
            ("`deep` is nested, and the document writes it as `deepObject`", nested),
            ("`form` is nested, and the document writes it as `form`", nested),
            ("`form` is nested, and the document writes it as `form`", nested),
            ("an element of `spaces` contains a space, which separates the elements", two),
            (
                "`pipes` cannot be a map: the document writes it as `pipeDelimited` with `explode`",
                "OpenAPI does not say how such a map is written. Write a list, or correct the document.",
            ),
            ("`plain` must be a string: the document writes it as `text/plain`", "Write the text that is sent."),
            ("an element of `X-List` contains a comma, which separates the elements", two),
            ("`other` must be a string, not a mapping", &undeclared(", name by name, such as `\"other[key]\": value`")),
            ("`X-Other` must be a string, not a sequence", &undeclared(" as one text")),
            ("`other` must be a string, not a sequence", &undeclared(" as one text")),
            ("`form` must be a string, not null", "Write a text. Put it in quotes if it begins with `{`."),
            ("a key of `form` cannot contain placeholders", "Write the key as text."),
            ("`p` is empty, so the request would have another path", "Write `{raw: \"\"}` if you mean that."),
            ("`p` is empty, so the request would have another path", "Write `{raw: \"\"}` if you mean that."),
            ("`a b` is not the name of a cookie", "The name of a cookie has no spaces, `=`, `;` and commas."),
            (
                "the value of a cookie contains ';', which would end the cookie",
                "Percent-encode it, as your server expects it.",
            ),
            ("`form` must be a string, not a mapping", &undeclared(", name by name, such as `\"form[key]\": value`")),
        ],
    );
}
