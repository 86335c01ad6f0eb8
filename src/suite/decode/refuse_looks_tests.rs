//! What may not stand in `contains`, `next` and `pages`, and in `exists` and `undo` that are lists.

use crate::suite::testing::{read, refused_state, suite, things};
use crate::suite::{Pages, Suite};

const CONTAINS: &str = "Write one pointer, in which `*` is any one segment, and the capture that stands there, such as \
                        `contains: {/items/*/id: \"{{id}}\"}`.";
const PAGES: &str = "Write `{query: page, from: 1}` for pages that are counted, `{query: offset, from: 0, step: 20}` for items \
                     that are counted, or `{cursor: /pointer, query: NAME}`.";
const NEXT: &str = "Write where the URL of the next page is: `next: /pointer`, or `next: {header: NAME}`. \
                    `Link: <…>; rel=next` is followed without it.";

/// A state whose `exists` reads a list, with more keys.
fn listing(name: &str, more: &str) -> String {
    format!("  {name}: {{call: POST /t, expect: 201, capture: {{id: /id}}, exists: {{call: GET /t, {more}}}}}")
}

fn refused_lists(lists: &[&str], expected: &[(&str, &str)]) {
    let states: Vec<String> =
        lists.iter().enumerate().map(|(index, more)| listing(&format!("s{index}"), more)).collect();
    refused_state(&states.join("\n"), expected);
}

#[test]
fn contains_names_one_list_and_a_capture() {
    refused_lists(
        &[
            "contains: ▶/items",
            "contains: ▶{}",
            "contains: ▶{/a/*: \"{{id}}\", /b/*: \"{{id}}\"}",
            "contains: {▶/items/0/id: \"{{id}}\"}",
            "contains: {▶items/*: \"{{id}}\"}",
            "contains: {/items/*: ▶7}",
            "contains: {/items/*: ▶\"{{user}}\"}",
            "contains: {/items/*: ▶[\"{{id}}\"]}",
            "contains: {/items/*: \"▶{{ip}}\"}",
            "▶contain: {/items/*: \"{{id}}\"}, yes: 200, no: 404",
        ],
        &[
            ("`contains` must be a mapping, not a string", CONTAINS),
            ("`contains` has 0 pointers, and must have one", CONTAINS),
            ("`contains` has 2 pointers, and must have one", CONTAINS),
            ("`/items/0/id` names one value and no list", CONTAINS),
            (
                "`items/*` is not a JSON pointer",
                "A pointer is empty or begins with `/`, such as `/data/0/id`. In a name, write `~0` for `~` and `~1` for `/`.",
            ),
            ("`contains` looks for a value that does not name the object", CONTAINS),
            ("`contains` looks for a value that does not name the object", CONTAINS),
            ("`contains` looks for a value that does not name the object", CONTAINS),
            (
                "there is no value `ip`",
                "Did you mean `id`? Here you can use `user`, `run`, `uuid`, `uuid.NAME`, `env.NAME` and `id`.",
            ),
            (
                "unknown key `contain` in `exists` of the state `s9`",
                "Did you mean `contains`? These keys are known here: `call`, `operation`, `yes`, `no`, `contains`, `next`, `pages`, \
                 `within`, `auth`, `path`, `query`, `header`, `cookie`, `json` and `body`.",
            ),
        ],
    );
    refused_state(
        "  s: {call: POST /t, expect: 201, capture: {id: /id}, exists: {call: HEAD /t, ▶contains: {/*: \"{{id}}\"}}}",
        &[("the response to HEAD has no body, and so no list", "Write `call: GET` and the path.")],
    );
}

#[test]
fn pages_are_found_in_one_way() {
    let list = "contains: {/items/*: \"{{id}}\"}";
    let with = |more: &str| format!("{list}, {more}");
    let lists = [
        with("next: ▶7"),
        with("next: ▶next"),
        with("next: ▶{}"),
        with("next: {▶headr: Link}"),
        with("next: {header: ▶\"a b\"}"),
        with("next: /n, ▶pages: {query: page}"),
        with("▶pages: {from: 1}"),
        with("pages: ▶2"),
        with("pages: {query: page, ▶form: 1}"),
        with("pages: {query: page, from: ▶one}"),
        with("pages: {query: page, from: ▶-1}"),
        with("pages: {query: page, step: ▶0}"),
        with("pages: {query: page, cursor: ▶7}"),
        with("pages: {query: page, cursor: /c, ▶from: 1}"),
        with("query: {page: 1}, pages: {query: ▶page}"),
        "yes: 200, no: 404, ▶next: /n".to_owned(),
        "yes: 200, no: 404, ▶pages: {query: page}".to_owned(),
    ];
    let lists: Vec<&str> = lists.iter().map(String::as_str).collect();
    refused_lists(
        &lists,
        &[
            ("`next` must be a string, not a number", NEXT),
            (
                "`next` is not a JSON pointer",
                "A pointer is empty or begins with `/`, such as `/data/0/id`. In a name, write `~0` for `~` and `~1` for `/`.",
            ),
            ("`next` has no `header`", NEXT),
            ("unknown key `headr` in `next`", "Did you mean `header`? These keys are known here: `header`."),
            ("`a b` is not a field name", "A field name consists of letters, digits and `-`, without spaces."),
            (
                "`next` and `pages` of `exists` of the state `s5` exclude each other",
                "Keep the one that the API documents.",
            ),
            ("`pages` has no `query`, the parameter that asks for a page", PAGES),
            (
                "`pages` must be a mapping, not a number",
                "These keys are known here: `query`, `from`, `step` and `cursor`.",
            ),
            (
                "unknown key `form` in `pages`",
                "Did you mean `from`? These keys are known here: `query`, `from`, `step` and `cursor`.",
            ),
            ("`from` of `pages` must be a number, not a string", "Write a whole number from 0 to 1000000000."),
            ("`from` of `pages` cannot be -1", "Write a whole number from 0 to 1000000000."),
            ("`step` of `pages` cannot be 0", "Write a whole number from 1 to 1000000000."),
            ("`cursor` of `pages` must be a string, not a number", PAGES),
            ("`from` and `cursor` exclude each other", PAGES),
            (
                "`page` is set under `query`, and `pages` sets it too",
                "Remove it under `query`; `from` of `pages` is its first value.",
            ),
            ("`next` says how a list goes on, and `exists` of the state `s15` has no `contains`", CONTAINS),
            ("`pages` says how a list goes on, and `exists` of the state `s16` has no `contains`", CONTAINS),
        ],
    );
    refused_state(
        "  s: {call: POST /t, expect: 201, capture: {id: /id}, exists: {call: POST /t/filter, contains: {/*: \"{{id}}\"}, \
         ▶next: /n}}",
        &[(
            "only GET is sent to a URL that the target gives, so no other request can have `next`",
            "Use `pages`, if the API has a parameter for the page.",
        )],
    );
}

#[test]
fn each_step_of_exists_and_undo_is_checked() {
    let base = "call: POST /t, expect: 201, capture: {id: /id}";
    refused_state(
        &format!(
            "  one: {{{base}, exists: ▶[], undo: ▶[]}}\n  \
             two: {{{base}, exists: [{{call: GET /a, yes: 200, no: 404}}, ▶{{call: GET /b, yes: 200}}]}}\n  \
             three: {{{base}, undo: [{{call: \"POST /t/{{{{id}}}}/stop\", expect: 200}}, ▶{{call: \"DELETE /t/{{{{id}}}}\"}}, ▶7]}}\n  \
             four: {{{base}, undo: [{{call: \"DELETE /t/{{{{id}}}}\", expect: 204, ▶yes: 200}}]}}"
        ),
        &[
            (
                "the list of `exists` of the state `one` is empty",
                "Write at least one request, such as `{call: GET /things/1, …}`.",
            ),
            (
                "the list of `undo` of the state `one` is empty",
                "Write at least one request, such as `{call: GET /things/1, …}`.",
            ),
            ("step 2 of `exists` of the state `two` has no `no`", "Add `no: ` and the status that means it."),
            (
                "step 2 of `undo` of the state `three` has no `expect`",
                "Add the status that means success, such as `expect: 200`.",
            ),
            (
                "step 3 of `undo` of the state `three` must be a mapping, not a number",
                "These keys are known here: `call`, `operation`, `expect`, `within`, `auth`, `path`, `query`, `header`, `cookie`, `json` and `body`.",
            ),
            (
                "unknown key `yes` in step 1 of `undo` of the state `four`",
                "These keys are known here: `call`, `operation`, `expect`, `within`, `auth`, `path`, `query`, `header`, `cookie`, `json` and \
                 `body`.",
            ),
        ],
    );
}

/// The suite on `getPart` with one state.
fn with_state(state: &str) -> Suite {
    let text = format!(
        "spec: x\noperation: getPart\ncredentials: {{key: {{env: KEY}}}}\ndefaults: {{auth: key, path: {{thing: t, part: p}}}}\n\
         states:\n  one: {{call: POST /t, expect: 201, capture: {{id: /id}}, {state}}}\ncases: {{one: {{expect: 200}}}}\n"
    );
    assert!(read(&text, &things()).is_ok());
    suite(&text, &things())
}

#[test]
fn lists_are_read_in_the_order_of_the_file() {
    let suite = with_state(
        "undo: [{call: \"POST /t/{{id}}/stop\", expect: 200}, {operation: deletePart, path: {thing: t, part: \"{{id}}\"}, \
         expect: 204}], exists: [{call: GET /a, yes: [203, 204], no: {status: 200, match: {/gone: true}}, within: 3s}, \
         {call: GET /b, contains: {/*: \"{{id}}\"}, pages: {query: p}}]",
    );
    let state = &suite.states[0];
    let undo = state.undo.as_ref().expect("it has `undo`");
    assert_eq!((undo.before.len(), undo.steps().count(), state.steps().count()), (1, 2, 5));
    let exists = state.exists.as_ref().expect("it has `exists`");
    assert!(!exists.is_one_response() && exists.looks[0].contains.is_none());
    let contains = exists.looks[1].contains.as_ref().expect("it has `contains`");
    assert_eq!(contains.pages, Pages::Numbered { query: "p".to_owned(), from: 1, step: 1 });
    assert_eq!(state.within.map(|(within, _)| within.as_secs()), Some(3));
    let statuses = format!("{:?} {:?}", exists.looks[1].yes.status, exists.looks[1].no.status);
    assert!(statuses.contains("OneOf([200, 201,") && statuses.ends_with("OneOf([])"), "{statuses}");
}
