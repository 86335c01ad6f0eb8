//! What may not stand in a request or an expectation.

use crate::suite::testing::{refused, refused_case, things};

const STATUS: &str = "Write a status such as `expect: 204`, a list of them, `documented`, or a mapping with `status`.";
const RANGE: &str = "A status is a whole number from 200 to 599 (or 101).";
const TIME: &str = "Write a whole number with `ms` or `s`, such as `500ms` or `2s`.";
const CALL: &str = "Write a method and a path below the base URL, such as `GET /info`.";
const AUTH: &str =
    "Write a credential's name, a list of names, `none`, or `{header: \"…\"}` with the Authorization value to send.";
const AT_ONCE: &str = "It says how many times the request is sent at the same time, such as `at_once: 2`.";
const APPLIED: &str = "These schemes can be sent: apiKey, http with basic or bearer, and oauth2 and openIdConnect, whose access token is sent as a bearer token. Several schemes together need a list, such as `auth: [app_id, app_key]`. Otherwise write `auth: none`, or `auth: {header: \"…\"}` with the Authorization value.";

#[test]
fn values_of_the_wrong_type_are_refused() {
    refused_case(
        "  one:\n    about: ▶[x]\n    profile: ▶1\n    given: ▶[thing]\n    auth: ▶7\n    path: ▶x\n    query: ▶[a]\n    \
         header: ▶5\n    body: ▶{a: 1}\n    within: ▶2\n    at_once: ▶two\n    expect: ▶true\n    then: ▶{expect: 200}",
        &[
            ("`about` must be a string, not a sequence", "Write one sentence that says what the case is about."),
            ("`profile` must be a string, not a number", "The profiles are `core` and `extended`."),
            ("`given` must be a mapping, not a sequence", "Write `given: {NAME: STATE}`, one name for each object."),
            ("`auth` must be a string, not a number", AUTH),
            (
                "`path` must be a mapping, not a string",
                "Write a name and a value on each line; `null` removes an inherited one.",
            ),
            (
                "`query` must be a mapping, not a sequence",
                "Write a name and a value on each line; `null` removes an inherited one.",
            ),
            (
                "`header` must be a mapping, not a number",
                "Write a name and a value on each line; `null` removes an inherited one.",
            ),
            ("`body` must be a string, not a mapping", "Write the body as text, `none`, or use `json` instead."),
            ("`within` must be a string, not a number", TIME),
            ("`at_once` must be a whole number from 1 to 64", AT_ONCE),
            ("a status must be a number, not a boolean", STATUS),
            ("`then` must be a sequence, not a mapping", "Write one step on each line that begins with `-`."),
        ],
    );
    refused_case(
        "  one: ▶200",
        &[("the case `one` must be a mapping, not a number", {
            "These keys are known here: `about`, `operation`, `call`, `invalid`, `expect`, `within`, `at_once`, `auth`, `path`, `query`, `header`, \
         `cookie`, `json`, `body`, `profile`, `given` and `then`."
        })],
    );
}

#[test]
fn statuses_are_those_of_final_responses() {
    refused_case(
        "  one: {expect: ▶99}\n  two: {expect: ▶600}\n  three: {expect: ▶'204'}\n  four: {expect: [200, ▶20.4]}\n  \
         five: {expect: ▶[]}\n  six: {expect: [204, ▶204]}\n  seven: {expect: {status: ▶documentd}}\n  eight: {expect: ▶100}\n  \
         nine: {expect:▶ }",
        &[
            ("99 is not the status of a final response", RANGE),
            ("600 is not the status of a final response", RANGE),
            ("`204` is not a status", STATUS),
            ("20.4 is not the status of a final response", RANGE),
            ("the list of statuses is empty, so no response could be right", STATUS),
            ("the status 204 is there twice", "Keep one of the two."),
            ("`documentd` is not a status", STATUS),
            ("100 is not the status of a final response", RANGE),
            ("a status must be a number, not null", STATUS),
        ],
    );
    refused_case(
        "  one: {call: GET /x, expect: ▶documented}",
        &[(
            "`documented` has no meaning for a call, because the document does not describe it",
            "Write the status that you expect.",
        )],
    );
}

#[test]
fn pointers_headers_and_matches_are_checked() {
    let pointer =
        "A pointer is empty or begins with `/`, such as `/data/0/id`. In a name, write `~0` for `~` and `~1` for `/`.";
    refused_case(
        "  one:\n    expect:\n      status: 200\n      free: [▶message, ▶'/a~2', ▶1]\n      match: {▶mode: x, /ok: ▶[]}\n      \
         header: {▶'Bad Name': x, X-A: y, ▶x-a: z, X-C: ▶[q]}\n  two: {expect: {status: 200, free: ▶/a}}",
        &[
            ("`message` is not a JSON pointer", pointer),
            ("`/a~2` is not a JSON pointer", pointer),
            (
                "an element of `free` must be a string, not a number",
                "Write pointers, such as `free: [/message]`; `*` matches any one segment.",
            ),
            ("`mode` is not a JSON pointer", pointer),
            (
                "the list of values is empty, so no value could be right",
                "Write the alternatives. To expect an empty array, write `[[]]`.",
            ),
            ("`Bad Name` is not a field name", "A field name consists of letters, digits and `-`, without spaces."),
            (
                "the field `x-a` is there twice",
                "Upper and lower case do not matter in field names. Keep one of the two.",
            ),
            ("`X-C` must be a string, not a sequence", "Write a text. Put it in quotes if it begins with `{`."),
            (
                "`free` must be a sequence, not a string",
                "Write pointers, such as `free: [/message]`; `*` matches any one segment.",
            ),
        ],
    );
}

#[test]
fn asking_again_is_for_safe_methods_only() {
    refused(
        "spec: x\noperation: deletePart\ndefaults: {auth: none, path: {thing: t, part: p}}\ncases:\n  \
         one: {within: ▶2s, expect: 204}\n  two: {expect: 204, then: [{call: POST /x, within: ▶500ms, expect: 200}]}\n",
        &things(),
        &[
            (
                "`within` cannot be used with DELETE",
                "Only GET, HEAD, OPTIONS and TRACE are safe to repeat; a repeated DELETE could itself cause the expected effect. Look for the effect in a step of `then`.",
            ),
            (
                "`within` cannot be used with POST",
                "Only GET, HEAD, OPTIONS and TRACE are safe to repeat; a repeated POST could itself cause the expected effect. Look for the effect in a step of `then`.",
            ),
        ],
    );
    refused(
        "spec: x\noperation: deletePart\ndefaults: {auth: none, path: {thing: t, part: p}, within: ▶2s}\ncases:\n  \
         one: {expect: 204}\n  two: {expect: 204}\n",
        &things(),
        &[(
            "`within` cannot be used with DELETE",
            "Only GET, HEAD, OPTIONS and TRACE are safe to repeat; a repeated DELETE could itself cause the expected effect. Look for the effect in a step of `then`.",
        )],
    );
    refused_case(
        "  one: {within: ▶2m, expect: 200}\n  two: {within: ▶s, expect: 200}\n  three: {within: ▶0s, expect: 200}\n  \
         four: {within: ▶601s, expect: 200}\n  five: {within: ▶99999999999s, expect: 200}\n  \
         six: {within: ▶1s, at_once: 2, expect: [200, 200]}\n  seven: {within: ▶1.5s, expect: 200}",
        &[
            ("`2m` is not a time", TIME),
            ("`s` is not a time", TIME),
            ("`within` cannot be 0s", "Write a time from 1ms to 600s."),
            ("`within` cannot be 601s", "Write a time from 1ms to 600s."),
            ("`99999999999s` is not a time", TIME),
            ("`within` and `at_once` exclude each other", "Remove one of them."),
            ("`1.5s` is not a time", TIME),
        ],
    );
}

#[test]
fn invalid_is_true_or_false() {
    refused_case(
        "  one: {invalid: ▶maybe, expect: 200}\n  two: {expect: 200, then: [{▶invald: true, expect: 200}]}",
        &[
            ("`invalid` must be a boolean, not a string", "Write `true` or `false`."),
            (
                "unknown key `invald` in step 2 of the case `two`",
                "Did you mean `invalid`? These keys are known here: `about`, `operation`, `call`, `invalid`, `expect`, `within`, \
                 `at_once`, `auth`, `path`, `query`, `header`, `cookie`, `json` and `body`.",
            ),
        ],
    );
}

#[test]
fn expectations_at_once_are_as_many_as_the_answers() {
    let help = "Write one element for each of the 2 responses, in any order: a status, a list of alternatives, `documented` or a mapping.";
    refused_case(
        "  one: {at_once: 2, expect: ▶200}\n  two: {at_once: 2, expect: ▶[200, 200, 404]}\n  \
         three: {at_once: ▶0, expect: 200}\n  four: {at_once: ▶65, expect: 200}\n  five: {at_once: 2, expect: [200, ▶x]}",
        &[
            ("`expect` with `at_once` must be a sequence, not a number", help),
            ("`at_once` is 2, but `expect` has 3 elements", help),
            ("`at_once` must be a whole number from 1 to 64", AT_ONCE),
            ("`at_once` must be a whole number from 1 to 64", AT_ONCE),
            ("`x` is not a status", STATUS),
        ],
    );
}

#[test]
fn every_path_parameter_has_a_value_and_there_are_no_others() {
    let add = "Add `path: {part: …}`, for GET /things/{thing}/parts/{part}.";
    refused_case(
        "  ▶one: {path: {part: null}, expect: 200}\n  two: {path: {▶prat: x}, expect: 200}\n  \
         three: {path: {thing: ▶''}, expect: 200}\n  four: {path: {thing: ▶[]}, expect: 200}\n  \
         five: {operation: open, auth: none, path: {▶thing: x}, expect: 200}\n  \
         six: {expect: 200, then: [▶{path: {part: null}, expect: 200}]}\n  seven: {path: {thing: ▶{}}, expect: 200}\n  \
         eight: {path: {thing: {▶rwa: x}}, expect: 200}\n  nine: {path: {▶prat: x, part: null}, expect: 200}",
        &[
            ("the case `one` gives no value for the path parameter `part`", add),
            (
                "unknown path parameter `prat`",
                "Did you mean `part`? GET /things/{thing}/parts/{part} has `thing` and `part`.",
            ),
            ("`thing` is empty, so the request would have another path", "Write `{raw: \"\"}` if you mean that."),
            ("`thing` is empty, so the request would have another path", "Write `{raw: \"\"}` if you mean that."),
            ("unknown path parameter `thing`", "GET /open has no path parameters."),
            ("step 2 of the case `six` gives no value for the path parameter `part`", add),
            ("`thing` is empty, so the request would have another path", "Write `{raw: \"\"}` if you mean that."),
            ("unknown key `rwa` in a path value", "Did you mean `raw`? These keys are known here: `raw`."),
            (
                "unknown path parameter `prat`",
                "Did you mean `part`? GET /things/{thing}/parts/{part} has `thing` and `part`.",
            ),
        ],
    );
}

#[test]
fn what_would_split_the_request_is_refused() {
    let encode = "Percent-encode it, such as `%20` for a space.";
    let one_line = "Remove it: a field value is one line.";
    refused_case(
        "  one: {path: {part: {raw: ▶\"a b\"}}, expect: 200}\n  two: {path: {part: {raw: ▶\"a\\r\\nX: y\"}}, expect: 200}\n  \
         three: {header: {X: ▶\"a\\r\\nY: b\"}, expect: 200}\n  four: {auth: {header: ▶\"a\\nb\"}, expect: 200}\n  \
         five: {header: {▶\"X Y\": a}, expect: 200}\n  six: {header: {▶Content-Length: 5}, expect: 200}\n  \
         seven: {header: {▶authorization: Bearer x}, expect: 200}\n  eight: {header: {▶\"\": a}, expect: 200}\n  \
         nine: {header: {X-A: a, ▶x-a: b}, expect: 200}",
        &[
            ("a raw path value contains ' ', which would split the request line", encode),
            ("a raw path value contains '\\r', which would split the request line", encode),
            ("a field value contains '\\r', which would end the field", one_line),
            ("a field value contains '\\n', which would end the field", one_line),
            ("`X Y` is not a field name", "A field name consists of letters, digits and `-`, without spaces."),
            (
                "the client writes the field `Content-Length` itself",
                "Remove it: it decides how the request is framed and routed.",
            ),
            ("Authorization belongs under `auth`, which keeps it out of reports", "Write `auth: {header: \"…\"}`."),
            ("`` is not a field name", "A field name consists of letters, digits and `-`, without spaces."),
            (
                "the field `x-a` is there twice",
                "Upper and lower case do not matter in field names. Keep one of the two.",
            ),
        ],
    );
}

#[test]
fn calls_are_a_method_and_a_path_below_the_base_url() {
    let methods = "The methods are `GET`, `HEAD`, `OPTIONS`, `TRACE`, `POST`, `PUT`, `PATCH` and `DELETE`.";
    refused_case(
        "  one: {call: ▶/info, expect: 200}\n  two: {call: ▶get /info, expect: 200}\n  three: {call: ▶GET info, expect: 200}\n  \
         four: {call: ▶'GET /a?b=c', expect: 200}\n  five: {call: ▶'GET /a/{id}', expect: 200}\n  \
         six: {call: ▶'GET /a b', expect: 200}\n  seven: {call: ▶GET /a/../b, expect: 200}\n  \
         eight: {call: GET /a, path: {▶id: x}, expect: 200}\n  nine: {operation: open, ▶call: GET /a, expect: 200}\n  \
         ten: {call: ▶GET, expect: 200}\n  eleven: {call: ▶GET /é, expect: 200}",
        &[
            ("`/info` is not a method", &format!("{CALL} {methods}")),
            ("`get` is not a method", &format!("{CALL} Did you mean `GET`? {methods}")),
            ("the path of `GET` does not begin with `/`", CALL),
            ("the path of a call contains a query or a fragment", "Write the query under `query`, name by name."),
            (
                "the path of a call contains a brace",
                "A call has no path parameters. Write values as `{{NAME.capture}}`.",
            ),
            (
                "the path of a call contains ' ', which a request line cannot contain",
                "Percent-encode it, such as `%20` for a space.",
            ),
            (
                "the path of a call contains the dot segment `.` or `..`",
                "Write the path below the base URL without `.` and `..`.",
            ),
            (
                "a call has no path parameters",
                "Write the value into the call itself, such as `call: GET /things/{{NAME.id}}`.",
            ),
            (
                "`operation` and `call` exclude each other",
                "`operation` is a request of the document, and its response is judged; `call` is any other request. Keep one of them.",
            ),
            ("the path of `GET` does not begin with `/`", CALL),
            (
                "the path of a call contains 'é', which a request line cannot contain",
                "Percent-encode it, such as `%20` for a space.",
            ),
        ],
    );
}

#[test]
fn bodies_are_one_thing_and_sent_as_written() {
    refused_case(
        "  one: {json: {}, ▶body: x, expect: 200}\n  two: {body: x, ▶json: {}, expect: 200}\n  \
         three: {json: [▶123456789012345678901], expect: 200}\n  four: {json: {▶\"{{user}}\": 1}, expect: 200}\n  \
         five: {json: ▶1e999, expect: 200}",
        &[
            ("`json` and `body` exclude each other", "Keep one of them."),
            ("`json` and `body` exclude each other", "Keep one of them."),
            (
                "the number 123456789012345678901 cannot be sent with these digits",
                "Write the whole body as text under `body`.",
            ),
            ("a key of a JSON object cannot contain placeholders", "Write the whole body as text under `body`."),
            ("the number 1e999 cannot be sent with these digits", "Write the whole body as text under `body`."),
        ],
    );
}

#[test]
fn a_credential_must_be_said_and_one_that_can_be_applied() {
    refused(
        "spec: x\noperation: deletePart\ncredentials: {key: {env: KEY}}\ncases:\n  \
         ▶one: {path: {thing: t, part: p}, expect: 204}\n  \
         two: {auth: none, path: {thing: t, part: p}, expect: 204, then: [{operation: odd, auth: ▶null, expect: 200}]}\n",
        &things(),
        &[
            (
                "the case `one` does not say which credential it sends",
                "Write `auth: key` or `auth: none`, here or under `defaults`.",
            ),
            ("`auth` must be a string, not null", AUTH),
        ],
    );
    refused(
        "spec: x\noperation: bearer\ncases: {▶one: {expect: 200, then: [▶{call: GET /x, expect: 200}]}}\n",
        &things(),
        &[
            (
                "the case `one` does not say which credential it sends",
                "Write `auth: none`, or add a credential under `credentials` and name it.",
            ),
            (
                "step 2 of the case `one` does not say which credential it sends",
                "Write `auth: none`, or add a credential under `credentials` and name it.",
            ),
        ],
    );
    refused_case(
        "  one: {operation: digest, auth: ▶key, expect: 200}\n  two: {operation: both, auth: ▶key, expect: 200}\n  \
         three: {header: {▶x-key: other}, expect: 200}\n  four: {auth: none, header: {x-key: other}, expect: 200}\n  \
         five: {operation: query, query: {▶api key: x}, expect: 200}",
        &[
            ("the credential `key` cannot be sent: the document requires `Digest` (digest)", APPLIED),
            ("the credential `key` cannot be sent: the document requires `Key` and `Token` together", APPLIED),
            (
                "`X-Key` is set here, but the credential `key` is sent there",
                "To send this value instead of the credential, write `auth: none`.",
            ),
            (
                "`api key` is set here, but the credential `key` is sent there",
                "To send this value instead of the credential, write `auth: none`.",
            ),
        ],
    );
    refused(
        "spec: x\noperation: open\ncredentials: {key: {env: KEY}}\ncases: {one: {auth: ▶key, expect: 200}}\n",
        &things(),
        &[("the credential `key` cannot be sent: the document does not say how, for GET /open", APPLIED)],
    );
}

#[test]
fn a_list_of_credentials_names_each_once_and_each_has_a_place_of_its_own() {
    let suite = |auth: &str| {
        format!(
            "spec: x\noperation: pair\ncredentials: {{AppId: {{env: A}}, AppKey: {{env: B}}, Key: {{env: C}}, one: {{env: D}}, \
             two: {{env: E}}}}\ncases:\n  {auth}\n"
        )
    };
    let known = "Here you can use `AppId`, `AppKey`, `Key`, `one`, `two` and `none`.";
    for (case, message, help) in [
        ("one: {auth: ▶[], expect: 200}", "`auth` names no credential", "Write `auth: none` to send none."),
        ("one: {auth: [AppId, ▶AppId], expect: 200}", "`auth` names `AppId` twice", "Remove one of them."),
        (
            "one: {auth: [AppId, ▶none], expect: 200}",
            "`none` cannot stand in a list of credentials",
            "Write `auth: none` to send no credential; a list names credentials only.",
        ),
        (
            "one: {auth: [AppId, ▶AppKy], expect: 200}",
            "unknown credential `AppKy`",
            &format!("Did you mean `AppKey`? {known}"),
        ),
        ("one: {auth: [▶7], expect: 200}", "a credential of `auth` must be a string, not a number", AUTH),
        (
            "one: {auth: ▶AppId, expect: 200}",
            "the credential `AppId` cannot be sent: the document requires `Key` and `Digest` together",
            APPLIED,
        ),
        (
            "one: {operation: bearer, auth: ▶[one, two], expect: 200}",
            "the credentials `one` and `two` are both sent in the field `Authorization`",
            "Give each credential the name of its security scheme, or remove one of them.",
        ),
        (
            "one: {operation: twice, auth: ▶[one, two], expect: 200}",
            "the credentials `one` and `two` are both sent in the field `Authorization`",
            "Give each credential the name of its security scheme, or remove one of them.",
        ),
        (
            "one: {auth: [AppId, AppKey], header: {▶x-app-id: other}, expect: 200}",
            "`X-App-Id` is set here, but the credential `AppId` is sent there",
            "To send this value instead of the credential, write `auth: none`.",
        ),
    ] {
        refused(&suite(case), &things(), &[(message, help)]);
    }
}
