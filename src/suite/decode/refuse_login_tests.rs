//! What may not stand in the login of a credential.

use crate::suite::testing::{refused, things};

const SUCCESS: &str = "Add the status that means success, such as `expect: 200`.";
const LOGIN_KEYS: &str = "These keys are known here: `call`, `auth`, `query`, `header`, `json`, `form`, `expect`, `token`, `cookie`, `expires` and `csrf`.";
const TOKEN: &str = "Write the pointer of the token in the body of the response, such as `token: /access_token`.";
const CSRF: &str = "Write `csrf: {header: X-CSRF-Token, from: …}`, where `from` is a pointer into the body of the response, `{header: NAME}` or `{cookie: NAME}`.";

/// A suite on `bearer` with this credential `user`; the place of each error is marked.
#[track_caller]
fn refused_login(credential: &str, expected: &[(&str, &str)]) {
    let text = format!(
        "spec: x\noperation: bearer\ncredentials:\n  key: {{env: KEY}}\n  {credential}\ncases: {{one: {{auth: key, expect: 200}}}}\n"
    );
    refused(&text, &things(), expected);
}

#[test]
fn a_login_says_what_it_sends_and_what_its_response_gives() {
    refused_login(
        "user: {▶login: {▶calls: POST /t, ▶tokn: /a}}",
        &[
            ("`login` of the credential `user` has no `expect`", SUCCESS),
            ("unknown key `calls` in `login` of the credential `user`", &format!("Did you mean `call`? {LOGIN_KEYS}")),
            ("unknown key `tokn` in `login` of the credential `user`", &format!("Did you mean `token`? {LOGIN_KEYS}")),
        ],
    );
    refused_login(
        "user: {env: KEY, ▶login: {call: ▶DELETE /t, expect: 200, token: ▶a, ▶cookie: s, expires: ▶7}}",
        &[
            (
                "`env` and `login` exclude each other",
                "The secret comes from a variable or from a login. Keep one of them.",
            ),
            (
                "`login` of the credential `user` uses DELETE",
                "A login is a POST, or a GET; it changes and removes nothing.",
            ),
            (
                "`a` is not a JSON pointer",
                "A pointer is empty or begins with `/`, such as `/data/0/id`. In a name, write `~0` for `~` and `~1` for `/`.",
            ),
            (
                "`token` and `cookie` exclude each other",
                "A credential is one of them. Keep the one that the API asks for.",
            ),
            (
                "`expires` must be a string, not a number",
                "Write the pointer of the number of seconds in the body of the response, such as `expires: /expires_in`.",
            ),
        ],
    );
    refused_login(
        "user: {▶login: {call: POST /t, expect: 200}}",
        &[(
            "`login` of the credential `user` has neither `token` nor `cookie`",
            &format!("{TOKEN} Or name the cookie, such as `cookie: session`."),
        )],
    );
}

#[test]
fn a_login_has_one_body_and_a_plain_token_against_forged_requests() {
    refused_login(
        "user: {login: {call: POST /t, json: {a: 1}, ▶form: ▶[a], expect: 200, cookie: ▶\"a b\", csrf: {▶heder: X, from: {▶field: y}}}}",
        &[
            ("`json` and `form` exclude each other", "Keep one of them."),
            (
                "`form` must be a mapping, not a sequence",
                "Write a name and a value on each line, such as `grant_type: password`.",
            ),
            (
                "`a b` is not the name of a cookie",
                "Write the name of the cookie that the response sets, such as `cookie: session`.",
            ),
            (
                "unknown key `heder` in `csrf` of `login` of the credential `user`",
                "Did you mean `header`? These keys are known here: `header` and `from`.",
            ),
            (
                "unknown key `field` in `from` of `csrf` of `login` of the credential `user`",
                "These keys are known here: `header` and `cookie`.",
            ),
        ],
    );
    refused_login(
        "user: {login: {call: POST /t, expect: 200, cookie: s, csrf: {header: X, from: ▶{header: Y, cookie: z}}}}",
        &[("`from` of `csrf` of `login` of the credential `user` needs either `header` or `cookie`", CSRF)],
    );
    refused_login(
        "user: {login: {call: POST /t, expect: 200, cookie: s, ▶csrf: {header: ▶cookie}}}",
        &[
            ("`csrf` of `login` of the credential `user` has no `from`", CSRF),
            ("`cookie` cannot hold a token against forged requests", CSRF),
        ],
    );
}

#[test]
fn a_login_uses_no_user_no_other_login_and_no_scheme_for_passwords() {
    refused_login(
        "user: {login: {call: POST /t, form: {name: \"▶{{user}}\", more: ▶null}, expect: 200, token: /a}}",
        &[
            (
                "a login cannot use `{{user}}`",
                "A user is new for every run of a case, and a login is sent once. Use `{{env.NAME}}` for its values.",
            ),
            ("`more` must be a string, not null", "Write a text. Put it in quotes if it begins with `{`."),
        ],
    );
    refused_login(
        "user: {login: {call: POST /t, auth: ▶user, expect: 200, token: /a}}",
        &[(
            "the login of `user` sends `user`, which has a login itself",
            "A login may send a credential from a variable: one with `env`.",
        )],
    );
    refused(
        "spec: x\noperation: basic\ncredentials: {user: {login: {call: POST /t, expect: 200, token: /a}}}\n\
         cases: {one: {auth: ▶user, expect: 200}}\n",
        &things(),
        &[(
            "the credential `user` is a token, and the document requires http basic",
            "Basic sends `user:password`. Write `env:` and the variable that holds it.",
        )],
    );
}
