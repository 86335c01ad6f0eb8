//! Before the first case: the way there, who answers, and the keys.

use super::*;

/// The lines of a screen that say that something is wrong, and the help below them.
fn wrong(screen: &str) -> Vec<&str> {
    screen.lines().filter(|line| line.starts_with("  WRONG ")).collect()
}

#[test]
fn everything_is_well() {
    let finished = with(Behaviour::none(), |front| asking(front, &["doctor"])).expect(0);
    says(&finished, &["  ok    resolve ", "  ok    connect ", "  -     TLS ", "  ok    API ", "\nready to judge\n"]);
    for (name, variable) in
        [("chat_app", "API_KEY"), ("other_mode_app", "WRONG_MODE_API_KEY"), ("other_chat_app", "OTHER_APP_API_KEY")]
    {
        let line = finished.stdout.lines().find(|line| line.starts_with(&format!("  ok    {name}"))).expect(name);
        assert!(line.contains(&format!("the API accepts {variable}: GET /v1/info answered 200")), "{line}");
    }
    assert_eq!(wrong(&finished.stdout), [""; 0]);
}

#[test]
fn doctor_makes_nothing_and_asks_only_what_the_selected_cases_need() {
    let runtime = runtime();
    let asked = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = std::sync::Arc::clone(&asked);
    let front = runtime.block_on(Front::start(acting(move |asked| {
        seen.lock().expect("what was asked").push(format!("{} {:?}", asked.method, asked.key));
        None
    })));
    Finished::of(asking(&front, &["doctor", "missing_conversation"])).expect(0);
    assert_eq!(*asked.lock().expect("what was asked"), ["GET Chat"]);
}

#[test]
fn two_wrong_keys_are_both_told_and_no_case_is_run() {
    for arguments in [&["doctor"][..], CORE] {
        let finished = with(Behaviour::none(), |front| {
            let mut command = asking(front, arguments);
            command.env("API_KEY", "app-of-nobody-1").env("WRONG_MODE_API_KEY", "app-of-nobody-2");
            command
        })
        .expect(3);
        assert_eq!(wrong(&finished.stdout).len(), 2, "{}", finished.stdout);
        says(
            &finished,
            &[
                "the API refuses API_KEY: GET /v1/info answered 401",
                "help: set API_KEY to a key that this API accepts, of the app or kind that the suite calls chat_app",
                "the API refuses WRONG_MODE_API_KEY: GET /v1/info answered 401",
                "help: set WRONG_MODE_API_KEY to a key that this API accepts, of the app or kind that the suite calls other_mode_app",
            ],
        );
        assert!(!finished.stdout.contains("delete_conversation/"), "{}", finished.stdout);
    }
}

#[test]
fn keys_that_are_stripped_on_their_way_are_reported_in_one_line() {
    let asked = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let stripping = || {
        let seen = std::sync::Arc::clone(&asked);
        let plan = move |asked: &Asked, _: &front::World| {
            seen.lock().expect("what was asked").push(asked.method.clone());
            let text = String::from_utf8(asked.raw.clone()).expect("text");
            let kept =
                text.split_inclusive("\r\n").filter(|line| !line.to_ascii_lowercase().starts_with("authorization:"));
            Plan::Ask(kept.collect::<String>().into_bytes())
        };
        Behaviour { plan: Box::new(plan), ..Behaviour::none() }
    };
    for arguments in [["doctor"], ["run"]] {
        let finished = with(stripping(), |front| asking(front, &arguments)).expect(3);
        says(
            &finished,
            &[
                "  WRONG chat_app ",
                "the API refuses API_KEY, WRONG_MODE_API_KEY and OTHER_APP_API_KEY with the response that a made-up key and a missing key get: GET /v1/info answered 401: {",
                "; either the keys are wrong, or an intermediary removes the field Authorization",
                "help: set API_KEY, WRONG_MODE_API_KEY and OTHER_APP_API_KEY to what the API takes; if the values are right, check that every intermediary passes the field Authorization on",
                "  -     other_mode_app  WRONG_MODE_API_KEY got the same response as API_KEY",
            ],
        );
        assert_eq!(wrong(&finished.stdout).len(), 1, "{}", finished.stdout);
        assert!(!finished.stdout.contains("does not accept"), "{}", finished.stdout);
        // Each of the three keys, a made-up one, and none.
        assert_eq!(std::mem::take(&mut *asked.lock().expect("what was asked")), ["GET"; 5]);
    }
}

/// A server that serves one connection at a time, as long as its client keeps it: what others ask waits meanwhile.
fn one_at_a_time(front: &Front) -> String {
    let upstream = front.base_url();
    let upstream = upstream.trim_start_matches("http://").trim_end_matches("/v1").to_owned();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let base = format!("http://{}/v1", listener.local_addr().expect("its address"));
    std::thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            let mut server = std::net::TcpStream::connect(&upstream).expect("the front listens");
            let (mut from, mut to) = (client.try_clone().expect("a handle"), server.try_clone().expect("a handle"));
            let asking = std::thread::spawn(move || {
                let _ = std::io::copy(&mut from, &mut to);
                let _ = to.shutdown(std::net::Shutdown::Both);
            });
            let _ = std::io::copy(&mut server, &mut client);
            let _ = client.shutdown(std::net::Shutdown::Both);
            let _ = asking.join();
        }
    });
    base
}

#[test]
fn an_api_that_serves_one_connection_at_a_time_is_ready() {
    for (arguments, jobs) in [(&["doctor"][..], "1"), (&["doctor"], "8"), (&["run"], "1")] {
        let finished = with(Behaviour::none(), |front| {
            let mut command = asking(front, arguments);
            command.env("API_BASE_URL", one_at_a_time(front)).env("CONFORMANT_JOBS", jobs);
            command.env("CONFORMANT_TIMEOUT", "6s");
            command
        });
        assert_eq!(wrong(&finished.stdout), [""; 0], "{}", finished.stdout);
        finished.expect(0);
    }
}

#[test]
fn with_one_job_one_check_is_asked_after_another() {
    let now = std::sync::Arc::new(std::sync::Mutex::new((0, 0)));
    let (came, left) = (std::sync::Arc::clone(&now), std::sync::Arc::clone(&now));
    let plan = move |_: &Asked, _: &front::World| {
        let mut now = came.lock().expect("the counts");
        *now = (now.0 + 1, now.1.max(now.0 + 1));
        Plan::Pass
    };
    let change = move |_: &Asked, answer: Message| {
        left.lock().expect("the counts").0 -= 1;
        vec![Act::Pause(std::time::Duration::from_millis(50)), Act::Send(answer.bytes())]
    };
    let behaviour = Behaviour { plan: Box::new(plan), change: Box::new(change) };
    let one = |front: &Front| {
        let mut command = asking(front, &["doctor"]);
        command.env("CONFORMANT_JOBS", "1");
        command
    };
    with(behaviour, one).expect(0);
    assert_eq!(*now.lock().expect("the counts"), (0, 1));
}

#[test]
fn swapped_keys_are_called_swapped() {
    let swapped = |front: &Front, arguments: &[&str]| {
        let mut command = asking(front, arguments);
        command.env("API_KEY", front.world.key("WRONG_MODE_API_KEY"));
        command.env("WRONG_MODE_API_KEY", front.world.key("API_KEY"));
        command
    };
    let finished = with(Behaviour::none(), |front| swapped(front, CORE)).expect(3);
    says(
        &finished,
        &[
            "API_KEY and WRONG_MODE_API_KEY are swapped: API_KEY holds the credential for other_mode_app",
            "help: exchange the values of API_KEY and WRONG_MODE_API_KEY",
        ],
    );
    assert!(!finished.stdout.contains("app-"), "{}", finished.stdout);
    let json = with(Behaviour::none(), |front| swapped(front, &["doctor", "--format", "json"])).expect(3);
    let json: serde_json::Value = serde_json::from_str(&json.stdout).expect("JSON");
    let standings: Vec<&str> =
        json["preflight"].as_array().expect("a list").iter().filter_map(|one| one["standing"].as_str()).collect();
    assert_eq!(standings, ["ok", "ok", "untried", "ok", "wrong", "wrong", "ok"]);
}

#[test]
fn a_key_of_another_kind_is_reported_which_it_would_do_for() {
    let finished = with(Behaviour::none(), |front| {
        let mut command = asking(front, &["doctor"]);
        command.env("WRONG_MODE_API_KEY", front.world.key("OTHER_APP_API_KEY")).env_remove("OTHER_APP_API_KEY");
        command
    })
    .expect(3);
    says(
        &finished,
        &[
            "the API accepts WRONG_MODE_API_KEY, but it is not the key that the suite needs as other_mode_app",
            "; it fits chat_app",
            "OTHER_APP_API_KEY is not set; cases that need it are skipped",
        ],
    );
}

#[test]
fn a_target_that_does_not_know_the_check_is_not_refused_for_it() {
    let unknown =
        || answering(|asked| asked.target.ends_with("/info").then(|| Message::new("404 Not Found", "text/html", "no")));
    let finished = with(unknown(), |front| asking(front, CORE)).expect(0);
    says(&finished, &["note: the target does not know GET /v1/info (it answered 404), so no key could be checked"]);
    let finished = with(unknown(), |front| asking(front, &["doctor"])).expect(0);
    let last = "\nnot verified: API, chat_app, other_mode_app, other_chat_app; a run judges this target anyway\n";
    says(
        &finished,
        &[
            "  note  API ",
            "  note  chat_app ",
            "API_KEY is not verified, because the target does not know GET /v1/info",
            last,
        ],
    );
    assert!(!finished.stdout.contains("ready to judge"), "{}", finished.stdout);
    let finished = with(unknown(), |front| asking(front, &["doctor", "--format", "json"])).expect(0);
    let json: serde_json::Value = serde_json::from_str(&finished.stdout).expect("JSON");
    assert_eq!(json["not_verified"], serde_json::json!(["API", "chat_app", "other_mode_app", "other_chat_app"]));
    // Where only one key's check is answered by nobody, the others are verified.
    let one =
        answering(|asked| (asked.key == Key::OtherMode).then(|| Message::new("404 Not Found", "text/html", "no")));
    let finished = with(one, |front| asking(front, &["doctor"])).expect(0);
    says(&finished, &["  ok    API ", "\nready to judge; not verified: other_mode_app; a run judges"]);
}

#[test]
fn an_app_in_which_nothing_can_be_made_is_noted() {
    let agent = || {
        answering(|asked| {
            let info = asked.target.ends_with("/info") && asked.key == Key::Chat;
            info.then(|| Message::new("200 OK", "application/json", "{\"mode\":\"agent-chat\"}"))
        })
    };
    let finished = with(agent(), |front| asking(front, &["doctor"])).expect(0);
    says(
        &finished,
        &[
            "  note  chat_app ",
            "the API accepts API_KEY: GET /v1/info answered 200; an agent's app answers in streaming mode",
        ],
    );
    let finished = with(agent(), |front| asking(front, CORE)).expect(0);
    says(&finished, &["note: the API accepts API_KEY: ", "hand some over in CONVERSATION_IDS"]);
}

#[test]
fn another_path_than_the_documents_is_reported_where_nothing_is_known() {
    // It is no more than a note: a mock may be served below another path, and know only the contract's operation.
    for (path, told) in [("/v2", "/v2"), ("", "/")] {
        let finished = with(Behaviour::none(), |front| {
            let mut command = asking(front, &["doctor"]);
            command.env("API_BASE_URL", front.base_url().replace("/v1", path));
            command
        })
        .expect(0);
        let parts = ["the base URL may be wrong: it ends in ", told, ", but the document's server URL ends in /v1"];
        says(&finished, &["  note  API ", &parts.concat(), "try a base URL that ends in /v1"]);
        assert_eq!(wrong(&finished.stdout).len(), 0, "{}", finished.stdout);
    }
}

#[test]
fn something_in_between_is_named_once() {
    let finished =
        with(answering(|_| Some(Message::new("502 Bad Gateway", "text/html", "<center>nginx</center>"))), |front| {
            asking(front, CORE)
        })
        .expect(3);
    says(&finished, &["GET /v1/info was answered by nginx (502 Bad Gateway), not by the API"]);
    assert_eq!(wrong(&finished.stdout).len(), 1, "{}", finished.stdout);
}

#[test]
fn a_server_that_is_no_api_is_reported() {
    for (answer, parts) in [
        (Message::new("200 OK", "text/html", "<h1>hello</h1>"), &["answered 200, but the body is not JSON"][..]),
        (
            Message::empty("302 Found").and("Location", "https://elsewhere.example/v1/info"),
            &[
                "the server redirected GET /v1/info to https://elsewhere.example/v1/info (302)",
                "name the API's own address",
            ],
        ),
        (
            Message::new("400 Bad Request", "text/html", "<h1>what?</h1>"),
            &["the body is a web page, not a response of an API"],
        ),
        (
            Message::new("500 Internal Server Error", "application/json", "{}"),
            &[
                "  WRONG API             the server gave no usable answer: GET /v1/info answered 500: {}",
                "  -     chat_app        API_KEY is not checked: no usable response came from the API",
                "not ready: correct what the line marked WRONG says",
            ],
        ),
    ] {
        let finished = with(answering(move |_| Some(answer.clone())), |front| asking(front, &["doctor"])).expect(3);
        says(&finished, parts);
    }
}

#[test]
fn an_answer_that_says_nothing_of_the_key_is_not_blamed_on_the_key() {
    let empty = |_: &Asked| Some(Message::new("200 OK", "application/json", "{}"));
    for arguments in [&["doctor"][..], CORE] {
        let finished = with(answering(empty), |front| asking(front, arguments)).expect(3);
        says(
            &finished,
            &[
                "the API did not answer GET /v1/info as the suite expects: /mode is absent, but should be",
                "the suite's `check` does not fit this API",
                "the API accepts API_KEY, but the response does not say of which kind it is",
            ],
        );
        assert_eq!(wrong(&finished.stdout).len(), 1, "{}", finished.stdout);
        assert!(!finished.stdout.contains("set API_KEY"), "{}", finished.stdout);
    }
    // Where the others' answers say it, what is missing in this one's is a matter of this key.
    let other = |asked: &Asked| {
        (asked.key == Key::OtherMode).then(|| Message::new("200 OK", "application/json", "{\"name\":\"x\"}"))
    };
    let finished = with(answering(other), |front| asking(front, &["doctor"])).expect(3);
    says(
        &finished,
        &[
            "  ok    API ",
            "the API accepts WRONG_MODE_API_KEY, but it is not the key that the suite needs as other_mode_app: GET /v1/info answered 200, and /mode is",
            "help: set WRONG_MODE_API_KEY to a key of the app or kind that the suite calls other_mode_app",
        ],
    );
    assert_eq!(wrong(&finished.stdout).len(), 1, "{}", finished.stdout);
}

#[test]
fn a_server_of_another_protocol_is_reported_by_what_it_says() {
    let ssh = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let base = format!("http://{}/v1", ssh.local_addr().expect("its address"));
    std::thread::spawn(move || {
        use std::io::{Read as _, Write as _};
        for mut connection in ssh.incoming().flatten() {
            std::thread::spawn(move || {
                let _ = connection.write_all(b"SSH-2.0-OpenSSH_9.6\r\n");
                let _ = connection.read(&mut [0; 4096]);
                let _ = connection.write_all(b"Invalid SSH identification string.\r\n");
            });
        }
    });
    for arguments in [&["doctor"][..], CORE] {
        let finished = Finished::of(against(&base, arguments)).expect(3);
        says(&finished, &["does not speak HTTP: it is an SSH server, and begins with \"SSH-2.0-OpenSSH_9.6\\r\\n"]);
        assert_eq!(wrong(&finished.stdout).len(), 1, "{}", finished.stdout);
    }
}

#[test]
fn an_unresolvable_host_and_a_closed_port_are_reported_in_one_line() {
    let finished = Finished::of(against("http://nowhere.invalid/v1", CORE)).expect(3);
    says(&finished, &["  WRONG resolve ", "the host nowhere.invalid has no address", "help: check the host"]);
    assert_eq!(wrong(&finished.stdout).len(), 1, "{}", finished.stdout);

    let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port();
    let finished = Finished::of(against(&format!("http://127.0.0.1:{free}/v1"), &["doctor"])).expect(3);
    says(&finished, &["  ok    resolve ", "  WRONG connect ", "the connection was refused", "help: start the server"]);
    assert_eq!(wrong(&finished.stdout).len(), 1, "{}", finished.stdout);
}

#[test]
fn a_connection_that_is_reset_or_closed_is_reported() {
    let reset = || acting(|asked| asked.target.ends_with("/info").then(|| vec![Act::Reset]));
    let finished = with(reset(), |front| asking(front, CORE)).expect(3);
    says(&finished, &["GET /v1/info got no response: the connection was reset before the first byte of a response"]);
    let close = || acting(|asked| asked.target.ends_with("/info").then(|| vec![Act::Close]));
    let finished = with(close(), |front| asking(front, CORE)).expect(3);
    says(&finished, &["GET /v1/info got no response"]);
}

#[test]
fn a_silent_target_is_reported() {
    let silent = || acting(|_| Some(vec![Act::Silence]));
    let finished = with(silent(), |front| asking(front, &["run", "--timeout", "1s"])).expect(3);
    says(&finished, &["  WRONG API ", "GET /v1/info got no response"]);
}

#[test]
fn keys_and_addresses_that_cannot_be_sent_are_bad_input() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let base = format!("http://{}/v1", silent.local_addr().expect("its address"));
    for (key, part) in [
        ("app-0123456789\n", "the variable API_KEY holds a line break"),
        ("app-01234\r\nX-Other: 1", "the variable API_KEY holds a line break"),
        ("app-01234\u{7}6789", "the variable API_KEY holds a control character"),
        ("", "API_KEY is set but empty"),
        ("Bearer app-0123456789", "the variable API_KEY begins with `Bearer `, and the scheme's word is added"),
        ("\"app-0123456789\"", "the variable API_KEY holds double quotes around its value"),
        ("app-0123456789;", "the variable API_KEY holds a semicolon, which a bearer token cannot"),
        ("app-01234ä6789", "the variable API_KEY holds a character that is not ASCII"),
    ] {
        for command in ["run", "doctor"] {
            let mut command = against(&base, &[command]);
            command.env("API_KEY", key);
            let finished = Finished::of(command).expect(2);
            says(&finished, &[part]);
            assert!(!finished.stderr.contains("app-01"), "{}", finished.stderr);
        }
    }
    let finished = Finished::of(against("http://somebody:hunter22@127.0.0.1/v1", &["doctor"])).expect(2);
    says(&finished, &["user name or password"]);
    assert!(!finished.stderr.contains("hunter22"), "{}", finished.stderr);
    // Nobody was asked anything.
    silent.set_nonblocking(true).expect("a setting");
    assert_eq!(silent.accept().err().map(|error| error.kind()), Some(std::io::ErrorKind::WouldBlock));
}

#[cfg(unix)]
#[test]
fn an_interruption_ends_it_at_once() {
    use std::io::Read as _;

    for arguments in [&["doctor"][..], &["run"]] {
        let runtime = runtime();
        let (came, asked) = std::sync::mpsc::channel();
        let front = runtime.block_on(Front::start(acting(move |_| {
            let _ = came.send(());
            Some(vec![Act::Silence])
        })));
        let mut command = asking(&front, arguments);
        let mut child = command.stdout(std::process::Stdio::piped()).spawn().expect("it starts");
        asked.recv_timeout(std::time::Duration::from_secs(60)).expect("a request came");
        let pid = child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().expect("kill is there").success());
        let mut text = String::new();
        child.stdout.take().expect("its stdout").read_to_string(&mut text).expect("text");
        assert_eq!(command::waited(&mut child), 130, "{text}");
        assert!(text.contains("interrupted"), "{text}");
    }
}
