//! What may not stand in credentials and states, and names that cannot be.

use crate::location::Place;
use crate::suite::testing::{read, refused, refused_case, refused_state, things};

const NAME: &str = "Use letters, digits, `_` and `-` only.";
const CASE_NAME: &str =
    "Use small letters, digits, `_` and `-`, and begin with a letter or digit: files and tests get this name.";
const RESERVED: &str = "Choose a name other than `user`, `run`, `uuid` and `env`.";
const TOLD_APART: &str =
    "Use different statuses for yes and no, or write `{status: …, match: {/pointer: value}}` for both.";
const VARIABLE: &str = "Write the name of an environment variable, such as `API_KEY`, without `$`.";
const SUCCESS: &str = "Add the status that means success, such as `expect: 200`.";

#[test]
fn names_are_those_that_files_tests_and_placeholders_can_have() {
    refused_case(
        "  ▶One: {expect: 200}\n  ▶a/b: {expect: 200}\n  ▶a::b: {expect: 200}\n  ▶-x: {expect: 200}\n  ▶\"\": {expect: 200}\n  \
         ▶a.b: {expect: 200}\n  ▶é: {expect: 200}\n  ok-1_x: {given: {▶a.b: thing, ▶user: thing, Fine: thing}, expect: 200}",
        &[
            ("`One` cannot be the name of a case", CASE_NAME),
            ("`a/b` cannot be the name of a case", CASE_NAME),
            ("`a::b` cannot be the name of a case", CASE_NAME),
            ("`-x` cannot be the name of a case", CASE_NAME),
            ("`` cannot be the name of a case", CASE_NAME),
            ("`a.b` cannot be the name of a case", CASE_NAME),
            ("`é` cannot be the name of a case", CASE_NAME),
            ("`a.b` cannot be the name of an object", NAME),
            ("`user` cannot be the name of an object, because it has another meaning", RESERVED),
        ],
    );
    refused_state(
        "  ▶a b: {call: POST /t, expect: 201}\n  c: {call: POST /t, expect: 201, id: uuid, capture: {▶uuid: /id, ▶x.y: /z}}",
        &[
            ("`a b` cannot be the name of a state", NAME),
            ("`uuid` cannot be the name of a capture, because it has another meaning", RESERVED),
            ("`x.y` cannot be the name of a capture", NAME),
        ],
    );
}

#[test]
fn a_case_that_stands_twice_is_refused() {
    let text = "spec: x\noperation: open\ncases:\n  one: {expect: 200}\n  one: {expect: 404}\n";
    let errors = read(text, &things()).expect_err("two cases of one name");
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0].message.contains("the key `one` stands twice"), "{}", errors[0]);
    assert_eq!(errors[0].place.as_ref().map(Place::line), Some(5));
}

#[test]
fn credentials_are_checked() {
    let call = "Add `call: METHOD /path`, such as `call: GET /info`.";
    refused(
        "spec: x\noperation: open\ncredentials:\n  ▶one: {optional: ▶1}\n  two: {env: ▶$KEY}\n  three: {env:▶ }\n  \
         ▶none: {env: KEY}\n  five: {env: KEY, ▶▶check: {}}\n  six: {env: KEY, ▶check: {call: ▶DELETE /x, expect: 200}}\n  \
         seven: ▶KEY\n  eight: {env: KEY, check: ▶[]}\ncases: {one: {expect: 200}}\n",
        &things(),
        &[
            (
                "the credential `one` has no `env`",
                "Add `env: ` and the environment variable that holds the secret, or `login: ` and the call that gives it.",
            ),
            ("`optional` must be a boolean, not a number", "Write `true` or `false`."),
            ("`$KEY` cannot be the name of a variable", VARIABLE),
            ("`env` must be a string, not null", VARIABLE),
            (
                "`none` cannot be the name of a credential, because it has another meaning",
                "Choose a name other than `none`.",
            ),
            ("`check` of the credential `five` has no `call`", call),
            ("`check` of the credential `five` has no `expect`", SUCCESS),
            (
                "the credential `six` cannot be sent: the document does not say how, for GET /open",
                "These schemes can be sent: apiKey, http with basic or bearer, and oauth2 and openIdConnect, whose access token is sent as a bearer token. Several schemes together need a list, such as `auth: [app_id, app_key]`. Otherwise write `auth: none`, or `auth: {header: \"…\"}` with the Authorization value.",
            ),
            (
                "`check` of the credential `six` uses DELETE, and a check is GET or HEAD",
                "Use GET, for something that only a right credential may read.",
            ),
            (
                "the credential `seven` must be a mapping, not a string",
                "These keys are known here: `env`, `login`, `optional` and `check`.",
            ),
            (
                "`check` of the credential `eight` must be a mapping, not a sequence",
                "These keys are known here: `call`, `query`, `header`, `cookie`, `expect`, `match` and `note`.",
            ),
        ],
    );
}

#[test]
fn what_is_noted_of_a_credential_is_checked() {
    let form = "Write `note: {match: {POINTER: value}, say: a sentence about such a credential}`.";
    refused(
        "spec: x\noperation: bearer\ncredentials:\n  \
         one: {env: ONE, check: {call: GET /x, expect: 200, ▶▶note: {}}}\n  \
         two: {env: TWO, check: {call: GET /x, expect: 200, note: {match: {▶mode: a}, say: ▶1}}}\n  \
         three: {env: THREE, check: {call: GET /x, expect: 200, note: {▶when: a, match: {/a: 1}, say: b}}}\n\
         cases: {one: {auth: none, expect: 200}}\n",
        &things(),
        &[
            ("`note` of the credential `one` has no `match`", form),
            ("`note` of the credential `one` has no `say`", form),
            (
                "`mode` is not a JSON pointer",
                "A pointer is empty or begins with `/`, such as `/data/0/id`. In a name, write `~0` for `~` and `~1` for `/`.",
            ),
            ("`say` must be a string, not a number", "Write one sentence, without a full stop."),
            ("unknown key `when` in `note` of the credential `three`", "These keys are known here: `match` and `say`."),
        ],
    );
}

#[test]
fn states_are_checked() {
    refused_state(
        "  ▶one: {expect: 201}\n  ▶two: {call: POST /t}\n  three: {call: POST /t, expect: 201, ▶gone: 404}\n  \
         four: {call: POST /t, expect: 201, ▶from_env: IDS}\n  five: {call: POST /t, expect: 201, capture: {id: ▶id}}\n  \
         six: {call: POST /t, expect: 201, capture: {id: ▶1}}\n  seven: ▶POST /t\n  \
         eight: {call: POST /t, expect: {status: 201, example: ▶x}}",
        &[
            ("the state `one` has no `call`", "Add `call: METHOD /path`, such as `call: GET /info`."),
            ("the state `two` has no `expect`", SUCCESS),
            ("`gone` is a response to `undo`, and the state has no `undo`", "Add `undo`, or remove `gone`."),
            (
                "`from_env` gives the value of the capture that `id` names, and the state has no captures",
                "Add `capture: {NAME: /pointer}`.",
            ),
            (
                "`id` is not a JSON pointer",
                "A pointer is empty or begins with `/`, such as `/data/0/id`. In a name, write `~0` for `~` and `~1` for `/`.",
            ),
            (
                "a capture must be a string, not a number",
                "Write `NAME: /pointer` for each value to keep from the response.",
            ),
            (
                "the state `seven` must be a mapping, not a string",
                "These keys are known here: `call`, `operation`, `expect`, `capture`, `id`, `exists`, `undo`, `gone`, `within`, `from_env`, \
                 `auth`, `path`, `query`, `header`, `cookie`, `json` and `body`.",
            ),
            (
                "a call has no examples, because the document does not describe it",
                "Write the expected values under `match`.",
            ),
        ],
    );
}

#[test]
fn a_state_with_several_captures_says_which_of_them_is_the_object() {
    const NAME: &str = "Write the name of the capture that alone names the object, or a list of such names.";
    refused_state(
        "  one: {call: POST /t, expect: 201, ▶capture: {shelf: /s, isbn: /i}, \
         undo: {call: \"DELETE /s/{{shelf}}/b/{{isbn}}\", expect: 204}}\n  \
         two: {call: POST /t, expect: 201, capture: {shelf: /s, isbn: /i}, id: ▶isb}\n  \
         three: {call: POST /t, expect: 201, id: ▶x}\n  \
         four: {call: POST /t, expect: 201, capture: {a: /a, b: /b}, id: [a, ▶a, ▶{}]}\n  \
         five: {call: POST /t, expect: 201, capture: {a: /a, b: /b}, id: ▶[]}\n  \
         six: {call: ▶DELETE /t, expect: 201, capture: {a: /a}}\n  \
         seven: {call: ▶GET /t, expect: 200, capture: {a: /items/0/id}}",
        &[
            (
                "the state `one` has 2 captures, and does not say which of them is the object",
                "Add `id: isbn` to the state, if that capture is the object's own id. The others may name what the object \
                 belongs to, which the run never removes.",
            ),
            ("there is no capture `isb`", "Did you mean `isbn`? The captures are `shelf` and `isbn`."),
            ("there is no capture `x`", "Add `capture: {NAME: /pointer}`, and name that capture here."),
            ("`a` stands twice under `id`", NAME),
            ("`id` must be a string, not a mapping", NAME),
            ("`id` names no capture", NAME),
            (
                "the state `six` cannot make its object with DELETE",
                "Write the POST or PUT that makes an object. What another request finds was not made by the run, and the run \
                 never removes it.",
            ),
            (
                "the state `seven` cannot make its object with GET",
                "Write the POST or PUT that makes an object. What another request finds was not made by the run, and the run \
                 never removes it.",
            ),
        ],
    );
}

#[test]
fn exists_undo_and_gone_are_checked() {
    refused_state(
        "  one: {call: POST /t, expect: 201, ▶▶▶exists: {}}\n  \
         two: {call: POST /t, expect: 201, ▶exists: {call: GET /t, yes: 200, no: 200}}\n  \
         three: {call: POST /t, expect: 201, exists: {call: GET /t, yes: ▶'200', no: 404, ▶expect: 200}}\n  \
         four: {call: POST /t, expect: 201, ▶undo: {}}\n  \
         five: {call: POST /t, expect: 201, undo: {expect: 204}, gone: {status: 404, example: ▶no_thin}}\n  \
         six: {call: POST /t, expect: 201, undo: ▶204, gone: 404}\n  \
         seven: {call: POST /t, expect: 201, undo: {call: \"DELETE /t/▶{{id}}\", expect: 204}}",
        &[
            ("`exists` of the state `one` has no `call`", "Add `call: METHOD /path`, such as `call: GET /info`."),
            ("`exists` of the state `one` has no `yes`", "Add `yes: ` and the status that means it."),
            ("`exists` of the state `one` has no `no`", "Add `no: ` and the status that means it."),
            (
                "one response with status 200 can mean both yes and no in `exists` of the state `two`",
                "Use different statuses for yes and no, or write `{status: …, match: {/pointer: value}}` for both.",
            ),
            (
                "`200` is not a status",
                "Write a status such as `expect: 204`, a list of them, `documented`, or a mapping with `status`.",
            ),
            (
                "unknown key `expect` in `exists` of the state `three`",
                "These keys are known here: `call`, `operation`, `yes`, `no`, `contains`, `next`, `pages`, `within`, `auth`, `path`, `query`, `header`, `cookie`, `json` \
                 and `body`.",
            ),
            ("`undo` of the state `four` has no `expect`", SUCCESS),
            (
                "the document has no example `no_thin` under 404 of GET /things/{thing}/parts/{part}",
                "Did you mean `no_thing`? Response `404` has `no_part` and `no_thing`.",
            ),
            (
                "`undo` of the state `six` must be a mapping, not a number",
                "These keys are known here: `call`, `operation`, `expect`, `within`, `auth`, `path`, `query`, `header`, `cookie`, `json` and \
                 `body`.",
            ),
            ("there is no value `id`", "Here you can use `user`, `run`, `uuid`, `uuid.NAME` and `env.NAME`."),
        ],
    );
}

#[test]
fn sections_of_the_wrong_type_are_refused() {
    refused(
        "spec: ▶1\noperation: ▶[open]\ncredentials: ▶[a]\nstates: ▶x\ndefaults: ▶y\ncases: ▶[]\n",
        &things(),
        &[
            ("`spec` must be a string, not a number", "Write the path of the OpenAPI document, relative to this file."),
            (
                "`operation` must be a string, not a sequence",
                "Write the document's `operationId`, or `METHOD /path` as the document writes the path.",
            ),
            ("`credentials` must be a mapping, not a sequence", "Write `NAME: {env: VARIABLE}` for each credential."),
            ("`states` must be a mapping, not a string", "Write `NAME: {call: …, expect: …}` for each state."),
            (
                "`defaults` must be a mapping, not a string",
                "These keys are known here: `auth`, `path`, `query`, `header`, `cookie`, `json`, `body` and `within`.",
            ),
            (
                "`cases` must be a mapping, not a sequence",
                "Add `cases:` with at least one case, such as `success: {expect: 204}`.",
            ),
        ],
    );
    refused(
        "▶[1]",
        &things(),
        &[(
            "a suite must be a mapping, not a sequence",
            "These keys are known here: `spec`, `operation`, `staging`, `production`, `public`, `credentials`, `states`, `defaults` and `cases`.",
        )],
    );
    refused(
        "spec: x\noperation: open\ncases: ▶{}\n",
        &things(),
        &[("the suite has no cases", "Add `cases:` with at least one case, such as `success: {expect: 204}`.")],
    );
}

#[test]
fn very_many_errors_are_counted() {
    let keys: Vec<String> = (0..150).map(|index| format!("zz{index}: 1")).collect();
    let text = format!("spec: x\noperation: open\n{}\ncases: {{one: {{expect: 200}}}}\n", keys.join("\n"));
    let errors = read(&text, &things()).expect_err("no key is known");
    assert_eq!(errors.len(), 101);
    assert_eq!(errors[0].place.as_ref().map(Place::line), Some(3));
    assert_eq!(errors[100].message, "`suite.yaml` has 50 more errors");
}

#[test]
fn a_long_or_odd_name_does_not_spoil_the_message() {
    let text = format!("spec: x\noperation: \"{}\\e[31m\"\ncases: {{one: {{expect: 200}}}}\n", "x".repeat(100_000));
    let errors = read(&text, &things()).expect_err("there is no such operation");
    assert!(errors[0].to_string().len() < 1500, "{}", errors[0]);
    let text = "spec: x\noperation: \"\\e[31m\"\ncases: {one: {expect: 200}}\n";
    let errors = read(text, &things()).expect_err("there is no such operation");
    assert!(!errors[0].message.contains('\u{1b}'), "{}", errors[0]);
}

#[test]
fn what_says_yes_and_what_says_no_are_told_apart() {
    refused_state(
        "  one: {call: POST /t, expect: 201, ▶exists: {call: GET /t, yes: [200, 202], no: [404, 202]}}\n  \
         two: {call: POST /t, expect: 201, ▶exists: {call: GET /t, yes: {status: 200, match: {/a: 1}}, no: 200}}\n  \
         three: {call: POST /t, expect: 201, ▶exists: {call: GET /t, yes: {status: 200, match: {/a: [1, 2]}}, \
         no: {status: 200, match: {/a: [2, 3]}}}}\n  \
         four: {call: POST /t, expect: 201, exists: {call: GET /t, yes: ▶{match: {/a: 1}}, no: 404}}\n  \
         five: {call: POST /t, expect: 201, exists: {call: GET /t, yes: ▶▶documented, no: 404}}\n  \
         six: {call: POST /t, expect: 201, exists: {call: GET /t, yes: {status: 200, match: {/a: 1}}, \
         no: {status: 200, match: {/a: absent}}}}",
        &[
            ("one response with status 202 can mean both yes and no in `exists` of the state `one`", TOLD_APART),
            ("one response with status 200 can mean both yes and no in `exists` of the state `two`", TOLD_APART),
            ("one response with status 200 can mean both yes and no in `exists` of the state `three`", TOLD_APART),
            ("`yes` of `exists` of the state `four` has no `status`", "Add `status`: a status, or a list of them."),
            (
                "`documented` has no meaning for a call, because the document does not describe it",
                "Write the status that you expect.",
            ),
            ("`yes` of `exists` of the state `five` cannot be `documented`", "Write the statuses that mean it."),
        ],
    );
}

#[test]
fn a_check_only_reads() {
    let with = |method: &str| {
        format!(
            "spec: x\noperation: getPart\ncredentials:\n  one: {{env: KEY, check: {{call: ▶{method} /info, expect: 200}}}}\n\
             defaults: {{auth: one, path: {{thing: t, part: p}}}}\ncases: {{one: {{expect: 200}}}}\n"
        )
    };
    for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"] {
        let message = format!("`check` of the credential `one` uses {method}, and a check is GET or HEAD");
        let help = "Use GET, for something that only a right credential may read.";
        refused(&with(method), &things(), &[(message.as_str(), help)]);
    }
    for method in ["GET", "HEAD"] {
        assert!(read(&with(method).replace('▶', ""), &things()).is_ok(), "{method}");
    }
}
