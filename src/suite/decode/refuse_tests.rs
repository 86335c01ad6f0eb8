use crate::location::InputErrors;
use crate::suite::testing::{EXAMPLE, chatflow, read, refused, refused_case, refused_example, things};

const CASE_KEYS: &str = "These keys are known here: `about`, `operation`, `call`, `invalid`, `expect`, `within`, `at_once`, `auth`, `path`, \
                         `query`, `header`, `cookie`, `json`, `body`, `profile`, `given` and `then`.";
const EXPECT: &str =
    "Every request needs its own `expect`: add a status, a list of them, `documented`, or a mapping with `status`.";
const VALUES: &str = "A placeholder is `{{user}}`, `{{run}}`, `{{uuid}}`, `{{uuid.NAME}}`, `{{NAME.capture}}` or `{{env.NAME}}`. A name has letters, digits, `_` and `-`.";

#[test]
fn an_error_shows_file_line_column_the_line_and_a_caret() {
    let text = EXAMPLE.replacen("    auth: other_mode_app\n", "    auth: other_mod_app\n", 1);
    let errors = read(&text, &chatflow()).expect_err("the credential does not exist");
    assert_eq!(
        errors[0].to_string(),
        "unknown credential `other_mod_app`\n  --> suite.yaml:42:11\n   42 |     auth: other_mod_app\n      |           \
         ^^^^^^^^^^^^^\n  help: Did you mean `other_mode_app`? Here you can use `chat_app`, `other_mode_app`, `other_chat_app` and \
         `none`."
    );
}

#[test]
fn unknown_names_are_refused_with_the_nearest() {
    refused_example(
        "    expect: 204\n\n",
        "    ▶expcet: 204\n\n",
        &[("unknown key `expcet` in the case `success`", &format!("Did you mean `expect`? {CASE_KEYS}"))],
    );
}

#[test]
fn a_misspelt_key_is_one_error_not_two() {
    refused_case(
        "  one: {▶expcet: 204}",
        &[("unknown key `expcet` in the case `one`", &format!("Did you mean `expect`? {CASE_KEYS}"))],
    );
}

#[test]
fn unknown_keys_are_refused_everywhere() {
    refused_example(
        "credentials:\n",
        "▶credential: {}\ncredentials:\n",
        &[(
            "unknown key `credential` in a suite",
            "Did you mean `credentials`? These keys are known here: `spec`, `operation`, `staging`, `production`, `public`, `credentials`, `states`, \
             `defaults` and `cases`.",
        )],
    );
    refused_example(
        "env: OTHER_APP_API_KEY, optional",
        "env: OTHER_APP_API_KEY, ▶option",
        &[(
            "unknown key `option` in the credential `other_chat_app`",
            "Did you mean `optional`? These keys are known here: `env`, `login`, `optional` and `check`.",
        )],
    );
    refused_example(
        "capture: {conv",
        "▶captures: {}\n    capture: {conv",
        &[(
            "unknown key `captures` in the state `conversation`",
            "Did you mean `capture`? These keys are known here: `call`, `operation`, `expect`, `capture`, `id`, `exists`, `undo`, \
             `gone`, `within`, `from_env`, `auth`, `path`, `query`, `header`, `cookie`, `json` and `body`.",
        )],
    );
    refused_example(
        "free: [/message]} # what",
        "▶fre: [/message]} # what",
        &[(
            "unknown key `fre` in `expect`",
            "Did you mean `free`? These keys are known here: `status`, `example`, `free`, `header`, `match` and `within`.",
        )],
    );
    refused_example(
        "defaults:\n",
        "defaults:\n  ▶expect: 204\n",
        &[(
            "unknown key `expect` in `defaults`",
            "These keys are known here: `auth`, `path`, `query`, `header`, `cookie`, `json`, `body` and `within`.",
        )],
    );
    refused_example(
        "check: {call: GET /info, expect: 200, match",
        "check: {call: GET /info, expect: 200, ▶json: 1, match",
        &[(
            "unknown key `json` in `check` of the credential `chat_app`",
            "These keys are known here: `call`, `query`, `header`, `cookie`, `expect`, `match` and `note`.",
        )],
    );
    refused_case(
        "  one: {auth: {▶heder: x}, expect: 200}",
        &[("unknown key `heder` in `auth`", "Did you mean `header`? These keys are known here: `header`.")],
    );
}

#[test]
fn a_step_of_then_does_not_take_what_belongs_to_the_case() {
    refused_case(
        "  one: {expect: 200, then: [{expect: 200, ▶given: {}}, {▶profile: core, expect: 200, ▶withn: 1s}]}",
        &[
            ("`given` belongs to the case, not to a step of `then`", "Move it up into the case."),
            ("`profile` belongs to the case, not to a step of `then`", "Move it up into the case."),
            (
                "unknown key `withn` in step 3 of the case `one`",
                "Did you mean `within`? These keys are known here: `about`, `operation`, `call`, `invalid`, `expect`, `within`, `at_once`, \
                 `auth`, `path`, `query`, `header`, `cookie`, `json` and `body`.",
            ),
        ],
    );
}

#[test]
fn what_a_suite_needs_is_asked_for() {
    refused(
        "▶▶cases: {one: {expect: 200}}",
        &things(),
        &[
            ("the suite has no `spec`", "Add `spec: ` and the path of the OpenAPI document, relative to this file."),
            ("the suite has no `operation`", "Add `operation: ` and the document's `operationId`, or `METHOD /path`."),
        ],
    );
}

#[test]
fn a_missing_or_mistyped_section_is_reported_once() {
    let end = "operation: deletePart\ndefaults: {path: {thing: t, part: p}}\ncases:\n";
    refused(
        &format!(
            "spec: x\n{end}  one: {{auth: ▶key, given: {{a: ▶thing}}, expect: 204}}\n  \
             two: {{auth: other, given: {{b: thing}}, expect: 204}}\n"
        ),
        &things(),
        &[
            (
                "unknown credential `key`",
                "`suite.yaml` has no `credentials`. Add `credentials` at the top level of the file, with `key` in it; or write \
                 `none` here to send no credential.",
            ),
            (
                "unknown state `thing`",
                "`suite.yaml` has no `states`. Add `states` at the top level of the file, with `thing` in it.",
            ),
        ],
    );
    let keys = "These keys are known here: `spec`, `operation`, `staging`, `production`, `public`, `credentials`, `states`, \
                `defaults` and `cases`.";
    refused(
        &format!(
            "spec: x\n▶credentails: {{key: {{env: KEY}}}}\n{end}  one: {{auth: key, expect: 204}}\n  \
             two: {{auth: key, expect: 204}}\n"
        ),
        &things(),
        &[("unknown key `credentails` in a suite", &format!("Did you mean `credentials`? {keys}"))],
    );
}

#[test]
fn unknown_operations_examples_states_and_credentials_are_refused() {
    refused_example(
        "operation: deleteAdvancedConversation",
        "operation: ▶deleteAdvancedConversatoin",
        &[(
            "unknown operation `deleteAdvancedConversatoin`",
            "Did you mean `deleteAdvancedConversation`? `chatflow.yaml` has `deleteAdvancedConversation`.",
        )],
    );
    refused_example(
        "example: not_chat_app",
        "example: ▶not_chatapp",
        &[(
            "the document has no example `not_chatapp` under 400 of DELETE /conversations/{conversation_id}",
            "Did you mean `not_chat_app`? Response `400` has `not_chat_app`.",
        )],
    );
    refused_example(
        "status: 400, example: not_chat_app",
        "status: ▶401, example: not_chat_app",
        &[(
            "the document has no response 401 for DELETE /conversations/{conversation_id}, and so no example `not_chat_app`",
            "It lists `204`, `400` and `404`. Without `example` you can expect any status.",
        )],
    );
    refused_example(
        "given: {theirs: conversation}",
        "given: {theirs: ▶conversations}",
        &[(
            "unknown state `conversations`",
            "Did you mean `conversation`? These states are known here: `conversation`.",
        )],
    );
    refused_example(
        "auth: chat_app\n    json",
        "auth: ▶chatapp\n    json",
        &[(
            "unknown credential `chatapp`",
            "Did you mean `chat_app`? Here you can use `chat_app`, `other_mode_app`, `other_chat_app` and `none`.",
        )],
    );
    refused_case(
        "  one: {operation: ▶zebra, expect: 200}",
        &[(
            "unknown operation `zebra`",
            "`things.yaml` has `getPart`, `deletePart`, `putPart`, `open`, `anonymous`, `bearer`, `basic`, `query`, `cookie`, `odd`, \
             `any`, `both`, `either`, `pair`, `twice` and `digest`.",
        )],
    );
}

#[test]
fn examples_need_one_status_and_a_documented_response_that_has_them() {
    refused_case(
        "  one: {expect: {status: 404, example: ▶no_thin}}\n  two: {expect: {status: 200, example: ▶x}}\n  \
         three: {expect: {status: [404, 500], example: ▶no_part}}\n  four: {expect: {status: documented, example: ▶no_part}}\n  \
         five: {expect: ▶{example: no_part}}\n  six: {call: GET /x, expect: {status: 200, example: ▶x}}\n  \
         seven: {expect: {status: 404, example: ▶[no_part]}}",
        &[
            (
                "the document has no example `no_thin` under 404 of GET /things/{thing}/parts/{part}",
                "Did you mean `no_thing`? Response `404` has `no_part` and `no_thing`.",
            ),
            (
                "the document has no example `x` under 200 of GET /things/{thing}/parts/{part}",
                "Response `200` has no examples. Remove `example`.",
            ),
            (
                "`example` needs exactly one status: the one under which the document has the example",
                "Write that status, or remove `example`.",
            ),
            (
                "`example` needs exactly one status: the one under which the document has the example",
                "Write that status, or remove `example`.",
            ),
            ("`expect` has no `status`", "Add `status`: a status, a list of them, or `documented`."),
            (
                "a call has no examples, because the document does not describe it",
                "Write the expected values under `match`.",
            ),
            (
                "`example` must be a string, not a sequence",
                "Write the name of an example that the document has under that status.",
            ),
        ],
    );
}

#[test]
fn a_value_that_nobody_defines_is_refused() {
    refused_example(
        "{{theirs.conversation_id}}",
        "▶{{their.conversation_id}}",
        &[(
            "there is no value `their.conversation_id`",
            "Did you mean `theirs.conversation_id`? Here you can use `user`, `run`, `uuid`, `uuid.NAME`, `env.NAME` and \
             `theirs.conversation_id`.",
        )],
    );
    refused_example(
        "expect: 204}     #",
        "query: {a: \"x▶{{mine.conversation_id}}\"}, expect: 204}     #",
        &[(
            "there is no value `mine.conversation_id`",
            "Did you mean `conversation_id`? Here you can use `user`, `run`, `uuid`, `uuid.NAME`, `env.NAME` and `conversation_id`.",
        )],
    );
    refused_example(
        "query: conformance, user",
        "query: \"▶{{conversation_id}}\", user",
        &[(
            "there is no value `conversation_id`",
            "Here you can use `user`, `run`, `uuid`, `uuid.NAME` and `env.NAME`.",
        )],
    );
    refused_case(
        "  one:\n    given: {mine: thing}\n    path: {part: \"{{ mine.id }}-▶{{ mine.di }}\"}\n    \
         json: [\"▶{{usr}}\"]\n    auth: {header: \"▶{{id}}\"}\n    expect: {status: 200, header: {A: \"▶{{yours.id}}\"}, \
         match: {/a: [{b: \"▶{{x}}\"}]}}\n    then:\n    - {call: \"GET /x/▶{{mine.x}}\", body: \"▶{{ y }}\", expect: 200}",
        &[
            (
                "there is no value `mine.di`",
                "Did you mean `mine.id`? Here you can use `user`, `run`, `uuid`, `uuid.NAME`, `env.NAME` and `mine.id`.",
            ),
            (
                "there is no value `usr`",
                "Did you mean `user`? Here you can use `user`, `run`, `uuid`, `uuid.NAME`, `env.NAME` and `mine.id`.",
            ),
            (
                "there is no value `id`",
                "Here you can use `user`, `run`, `uuid`, `uuid.NAME`, `env.NAME` and `mine.id`.",
            ),
            (
                "there is no value `yours.id`",
                "Here you can use `user`, `run`, `uuid`, `uuid.NAME`, `env.NAME` and `mine.id`.",
            ),
            ("there is no value `x`", "Here you can use `user`, `run`, `uuid`, `uuid.NAME`, `env.NAME` and `mine.id`."),
            (
                "there is no value `mine.x`",
                "Did you mean `mine.id`? Here you can use `user`, `run`, `uuid`, `uuid.NAME`, `env.NAME` and `mine.id`.",
            ),
            ("there is no value `y`", "Here you can use `user`, `run`, `uuid`, `uuid.NAME`, `env.NAME` and `mine.id`."),
        ],
    );
}

#[test]
fn an_unknown_state_is_said_once_not_again_for_its_values() {
    refused_case(
        "  one: {given: {mine: ▶thng}, path: {part: \"{{mine.id}}\"}, expect: 200}",
        &[("unknown state `thng`", "Did you mean `thing`? These states are known here: `thing`.")],
    );
}

#[test]
fn malformed_placeholders_are_refused() {
    refused_case(
        "  one:\n    json: [\"▶{{user\", \"a▶{{}}\", \"▶{{a b}}\", \"▶{{user | uper}}\", '▶{{user|percent}}']\n    \
         header: {A: \"▶{{ a.b.c }}\"}\n    path: {part: \"▶{{ uuid | percent }}\"}\n    expect: 200",
        &[
            ("`{{` has no `}}`", "Write `}}` after the name of the value, or `{{{{` for two literal braces."),
            ("there is no name between the braces", VALUES),
            ("`a b` cannot be the name of a value", VALUES),
            ("unknown filter `uper`", "Did you mean `upper`? The filters are `upper` and `percent`."),
            (
                "the filter `percent` works only in a raw path value",
                "Other values are encoded as needed. In a path, write `{raw: \"{{… | percent}}\"}`.",
            ),
            ("`a.b.c` cannot be the name of a value", VALUES),
            (
                "the filter `percent` works only in a raw path value",
                "Other values are encoded as needed. In a path, write `{raw: \"{{… | percent}}\"}`.",
            ),
        ],
    );
    // Each is reported alone: what is left of the text is not all of it.
    let unclosed = ("`{{` has no `}}`", "Write `}}` after the name of the value, or `{{{{` for two literal braces.");
    refused_case(
        "  one: {path: {part: \"▶{{uuid}\"}, expect: 200}\n  two: {path: {part: \"▶{{}}\"}, expect: 200}\n  \
         three: {path: {part: \"▶{{uuid}-{{user}}\"}, expect: 200}\n  four: {path: {part: {raw: \"▶{{uuid}\"}}, expect: 200}",
        &[unclosed, ("there is no name between the braces", VALUES), unclosed, unclosed],
    );
    refused_case(
        "  one: {expect: {status: 200, match: {/id: \"▶{{uuid}}\"}}}",
        &[(
            "no response can contain this `{{uuid}}`, because it is a new one",
            "Each `{{uuid}}` in a file makes another UUID. Mark the one that is sent with a YAML anchor (`&id`) and repeat it here (`*id`).",
        )],
    );
}

#[test]
fn every_request_needs_an_expectation() {
    refused_case("  ▶one: {about: x}", &[("the case `one` has no `expect`", EXPECT)]);
    refused_case(
        "  one:\n    expect: 200\n    then:\n    - ▶auth: none",
        &[("step 2 of the case `one` has no `expect`", EXPECT)],
    );
}

#[test]
fn production_is_a_list_of_hosts_that_are_not_staging() {
    let head = "spec: x\noperation: open\ncases: {one: {expect: 200}}\n";
    let list = "Write a list of hosts, such as `production: [api.example.com]`.";
    let alone = "Write only the host, such as `api.example.com`: no scheme, port, path or pattern.";
    let once = "Keep it in one of the two lists.";
    refused(&format!("{head}production: ▶[]\n"), &things(), &[("`production` is empty", list)]);
    refused(
        &format!("{head}production: ▶api.example.com\n"),
        &things(),
        &[("`production` must be a sequence, not a string", list)],
    );
    refused(
        &format!(
            "{head}staging: [a.example, \"::1\"]\nproduction: [▶https://b.example, ▶A.example., ▶\"[::1]\", ▶~, c.example]\n"
        ),
        &things(),
        &[
            ("`https://b.example` is not a host", alone),
            ("`A.example.` is under `staging` and under `production`", once),
            ("`[::1]` is under `staging` and under `production`", once),
            ("a host of `production` must be a string, not null", list),
        ],
    );
    let text = format!("{head}production: [api.example.com]\n");
    let suite = read(&text, &things()).unwrap_or_else(|errors| panic!("{errors:?}"));
    assert_eq!(suite.hosts.production, ["api.example.com"]);
}

#[test]
fn staging_is_a_list_of_hosts() {
    let alone = "Write only the host, such as `staging.example.com`: no scheme, port, path or pattern.";
    let list = "Write a list of hosts, such as `staging: [staging.example.com]`.";
    let head = "spec: x\noperation: open\ncases: {one: {expect: 200}}\n";
    refused(
        &format!(
            "{head}staging: [▶https://a.example, ▶\"a.example:1\", ▶a.example/v1, ▶\"*.example\", ▶a b, ▶7, ok.example, \
             10.0.0.1, \"[::1]\", ▶\"\"]\n"
        ),
        &things(),
        &[
            ("`https://a.example` is not a host", alone),
            ("`a.example:1` is not a host", alone),
            ("`a.example/v1` is not a host", alone),
            ("`*.example` is not a host", alone),
            ("`a b` is not a host", alone),
            ("a host of `staging` must be a string, not a number", list),
            ("a host of `staging` is empty", list),
        ],
    );
    refused(&format!("{head}staging: ▶[]\n"), &things(), &[("`staging` is empty", list)]);
    refused(
        &format!("{head}staging: ▶a.example\n"),
        &things(),
        &[("`staging` must be a sequence, not a string", list)],
    );
}

#[test]
fn a_named_uuid_is_expected_only_after_it_was_sent() {
    let help = "Send it in this request or an earlier one of the same case or state.";
    refused_case(
        "  one: {expect: {status: 200, match: {/id: \"▶{{uuid.a}}\"}}, then: [{query: {q: \"{{uuid.a}}\"}, expect: 200}]}\n  \
         two: {query: {q: \"{{uuid.a}}\"}, expect: 200, then: [{query: {q: null}, expect: {status: 200, match: {/id: \"{{uuid.a}}\"}}}]}\n  \
         three: {query: {q: \"▶{{uuid.}}\"}, expect: 200}",
        &[
            ("no response can contain this `{{uuid.a}}`, because no request has sent it", help),
            ("`uuid.` cannot be the name of a value", VALUES),
        ],
    );
}

#[test]
fn a_faulty_schema_is_an_error_at_its_line() {
    const SCHEMA: &str =
        "It has the keywords of a schema in an OpenAPI 3.0 document. Instead of `const: x` write `enum: [x]`.";
    let head = "spec: x\noperation: getPart\ndefaults: {auth: none, path: {thing: t, part: p}}\ncases:\n";
    let of = |schema: &str| {
        format!("{head}  one:\n    expect:\n      status: 200\n      match:\n        /a:\n          schema: {schema}\n")
    };
    refused(
        &of("▶5"),
        &things(),
        &[(
            "`schema` must be a mapping, not a number",
            "Write a schema, such as `{schema: {type: string, minLength: 1}}`. For a value that is a map with the key \
             `schema`, write `{schema: {enum: [{schema: …}]}}`.",
        )],
    );
    refused(
        &of("{enum: [▶\"{{user}}\"]}"),
        &things(),
        &[("a schema cannot contain placeholders", "Match the value itself, such as `/id: \"{{mine.id}}\"`.")],
    );
    let faulty = |schema: &str, place: &str| {
        let Err(errors) = read(&of(schema), &things()) else { panic!("accepted: {schema}") };
        let shown = InputErrors(errors).to_string();
        assert!(shown.contains(place), "{schema}\n{shown}");
        shown
    };
    let constant = faulty("{const: 1}", "suite.yaml:10:20");
    assert!(constant.contains("`const`") && constant.contains(SCHEMA), "{constant}");
    let minimum = faulty("{type: integer, minimun: 5}", "suite.yaml:10:35");
    assert!(minimum.contains("minimum"), "{minimum}");
    faulty("{type: text}", "suite.yaml:10:");
    faulty("{type: string, pattern: '('}", "suite.yaml:10:");
    faulty("{properties: {a: {$ref: other.yaml}}}", "suite.yaml:10:");
    for good in ["{type: array, items: {$ref: '#'}}", r"{type: string, pattern: '\{{1,2}x'}"] {
        if let Err(errors) = read(&of(good), &things()) {
            panic!("{good}\n{}", InputErrors(errors));
        }
    }
}
