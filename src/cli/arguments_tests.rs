use super::*;

fn task(words: &str) -> Result<Task, String> {
    let words = std::iter::once("conformant").chain(words.split_whitespace());
    Arguments::try_parse_from(words).map_err(|error| error.to_string()).and_then(Arguments::task)
}

/// The flags of a run, without the commands that it could have been.
fn run(words: &str) -> Flags {
    match task(words) {
        Ok(Task::Run(flags)) => Flags { commands: Vec::new(), ..flags },
        Ok(_) => panic!("`{words}` is no run"),
        Err(error) => panic!("`{words}`: {error}"),
    }
}

#[test]
fn the_arguments_are_consistent() {
    Arguments::command().debug_assert();
}

#[test]
fn run_is_what_happens_without_a_command() {
    for words in [
        "--base-url http://x.test --jobs 2 missing repeat",
        "run --base-url http://x.test --jobs 2 missing repeat",
        "--base-url http://x.test run --jobs 2 missing repeat",
        "--jobs 2 run missing repeat --base-url http://x.test",
    ] {
        let expected = Flags {
            base_url: Some("http://x.test".to_owned()),
            jobs: Some("2".to_owned()),
            filters: vec!["missing".to_owned(), "repeat".to_owned()],
            ..Flags::default()
        };
        assert_eq!(run(words), expected, "{words}");
    }
    assert_eq!(run(""), Flags::default());
}

#[test]
fn every_flag_arrives_from_either_side() {
    let words = "--base-url a --cases b --spec c --profile d --jobs e --repeat f --timeout g --slow h --linger r --max-body s --rate i \
                 --baseline j --journal t --strict --fail-fast --dry-run --allow-production=no --format k --report l=m --report n=o --release p --env-file q -vv";
    let text = |text: &str| Some(text.to_owned());
    let expected = Flags {
        base_url: text("a"),
        release: text("p"),
        cases: text("b"),
        spec: text("c"),
        profile: text("d"),
        jobs: text("e"),
        repeat: text("f"),
        timeout: text("g"),
        slow: text("h"),
        linger: text("r"),
        max_body: text("s"),
        rate: text("i"),
        baseline: text("j"),
        journal: text("t"),
        strict: text("yes"),
        fail_fast: text("yes"),
        env_file: text("q"),
        dry_run: text("yes"),
        allow_production: text("no"),
        format: text("k"),
        reports: vec!["l=m".to_owned(), "n=o".to_owned()],
        verbose: 2,
        ..Flags::default()
    };
    for words in [words.to_owned(), format!("run {words}"), format!("{words} run")] {
        assert_eq!(run(&words), expected, "{words}");
    }
    assert_eq!(run("--jobs 1 run --jobs 2").jobs, text("2"), "the one nearer to its command wins");
}

#[test]
fn a_switch_takes_no_filter_for_its_value() {
    let flags = run("--strict missing");
    assert_eq!((flags.strict.as_deref(), flags.filters.as_slice()), (Some("yes"), &["missing".to_owned()][..]));
}

#[test]
fn a_word_that_is_a_command_is_the_command() {
    assert!(matches!(task("list"), Ok(Task::List(_))));
    assert!(matches!(task("--cases a list missing"), Ok(Task::List(flags)) if flags.cases.as_deref() == Some("a")));
    assert_eq!(run("run list").filters, ["list"], "as a filter it stands behind the command");
    assert!(matches!(task("lint --spec a"), Ok(Task::Lint(flags)) if flags.spec.as_deref() == Some("a")));
    assert!(matches!(task("lint --strict --format json"), Ok(Task::Lint(flags))
        if flags.strict.as_deref() == Some("yes") && flags.format.as_deref() == Some("json")));
    assert!(matches!(task("--strict=no lint"), Ok(Task::Lint(flags)) if flags.strict.as_deref() == Some("no")));
    assert!(matches!(task("explain body-missing"), Ok(Task::Explain(rule)) if rule == "body-missing"));
    let port = ServeArguments { port: 8080, ..ServeArguments::default() };
    assert!(matches!(task("serve --port 8080"), Ok(Task::Serve(it)) if it == port));
    for words in ["clean j --base-url a --env-file e", "--base-url a --env-file e clean j"] {
        let Ok(Task::Clean { journal, flags }) = task(words) else { panic!("`{words}` cleans") };
        let given = (journal.to_str(), flags.base_url.as_deref(), flags.env_file.as_deref());
        assert_eq!(given, (Some("j"), Some("a"), Some("e")), "{words}");
    }
    for words in ["serve --release 1.8.0", "--release 1.8.0 serve", "--release 1.3.1 serve --release 1.8.0"] {
        let Ok(Task::Serve(serve)) = task(words) else { panic!("`{words}` serves") };
        assert_eq!((serve.port, serve.release.as_deref()), (0, Some("1.8.0")), "{words}");
    }
    assert!(matches!(task("rules"), Ok(Task::Rules)));
    for words in
        ["doctor --base-url a --env-file e --profile core b", "--base-url a --env-file e doctor --profile core b"]
    {
        let Ok(Task::Doctor(flags)) = task(words) else { panic!("`{words}` tries") };
        let given = (flags.base_url.as_deref(), flags.profile.as_deref(), flags.filters.as_slice());
        assert_eq!(given, (Some("a"), Some("core"), &["b".to_owned()][..]), "{words}");
        assert_eq!(flags.env_file.as_deref(), Some("e"), "{words}");
    }
}

#[test]
fn only_without_a_command_could_the_first_filter_have_been_one() {
    let commands = |words| match task(words) {
        Ok(Task::Run(flags) | Task::List(flags)) => flags.commands,
        _ => panic!("`{words}` selects nothing"),
    };
    let all = commands("docter");
    assert!(["run", "doctor", "explain"].iter().all(|name| all.iter().any(|one| one == name)), "{all:?}");
    assert!(commands("run docter").is_empty() && commands("list docter").is_empty());
}

#[test]
fn a_flag_that_means_nothing_is_refused() {
    for (words, name) in [
        ("--jobs 2 list", "--jobs"),
        ("--strict rules", "--strict"),
        ("-v lint", "--verbose"),
        ("--jobs 2 doctor", "--jobs"),
        ("--profile core lint", "--profile"),
        ("--base-url http://x.test serve", "--base-url"),
        ("--release 1.8.0 list", "--release"),
        ("--release 1.8.0 lint", "--release"),
        ("--journal a clean b", "--journal"),
        ("--jobs 2 clean b", "--jobs"),
    ] {
        let error = task(words).err().unwrap_or_default();
        assert!(error.contains(&format!("`{name}` means nothing")), "{words}: {error}");
    }
    assert!(task("serve --port 70000").is_err() && task("explain").is_err() && task("--bogus").is_err());
}
