use super::*;
use crate::settings::Completes;
use crate::settings::table::*;

fn task(words: &str) -> Result<Task, String> {
    let words = std::iter::once("conformant").chain(words.split_whitespace());
    read(words).map_err(|error| error.to_string())
}

/// The flags of a task that has some.
fn flags(words: &str) -> Flags {
    match task(words) {
        Ok(
            Task::Run(flags)
            | Task::List(flags)
            | Task::Lint(flags)
            | Task::Doctor(flags)
            | Task::Clean { flags, .. }
            | Task::Serve(flags),
        ) => flags,
        Ok(task) => panic!("`{words}` has no flags: {task:?}"),
        Err(error) => panic!("`{words}`: {error}"),
    }
}

/// A flag as words, with a value that shows which it is.
fn written(flag: &Flag) -> String {
    match flag.takes {
        Takes::Value(_) | Takes::Values { .. } if flag.is_positional() => "a-filter".to_owned(),
        Takes::Value(_) | Takes::Values { .. } => format!("{}=value-of-{}", flag.name, flag.name),
        Takes::Switch | Takes::Count => flag.name.to_owned(),
    }
}

/// A command with its word.
fn named(command: CommandName) -> String {
    let word = word(command).map(|_| " a-word").unwrap_or_default();
    format!("{}{word}", command.word())
}

#[test]
fn the_parser_is_consistent() {
    commands::parser(ParserUse::Parsing).debug_assert();
    commands::parser(ParserUse::Completing).debug_assert();
}

#[test]
fn run_is_what_happens_without_a_command() {
    for words in [
        "--base-url http://x.test --jobs 2 missing repeat",
        "run --base-url http://x.test --jobs 2 missing repeat",
        "--base-url http://x.test run --jobs 2 missing repeat",
        "--jobs 2 run missing repeat --base-url http://x.test",
    ] {
        let expected = Flags::default().with(&BASE_URL, "http://x.test").with(&JOBS, "2");
        let expected = expected.with(&FILTER, "missing").with(&FILTER, "repeat");
        assert_eq!(texts(&flags(words)), texts(&expected), "{words}");
    }
    assert_eq!(texts(&flags("")), texts(&Flags::default()));
}

/// What was given for every flag.
fn texts(flags: &Flags) -> Vec<(&'static str, Vec<String>)> {
    FLAGS.iter().map(|flag| (flag.name, flags.all(flag).to_vec())).collect()
}

#[test]
fn every_flag_of_every_command_arrives_from_either_side() {
    for command in CommandName::ALL {
        for flag in FLAGS.iter().filter(|flag| flag.is_for(command) && flag.name != WRITE.flag.name) {
            let [name, given] = [named(command), written(flag)];
            let after = flags(&format!("{name} {given}"));
            assert_eq!((after.command, after.all(flag).len()), (command, 1), "{name} {given}");
            // Before a command's name a filter would be none, and a flag that `run` does not take is unknown.
            if flag.is_positional() || !flag.is_for(CommandName::Run) {
                continue;
            }
            let before = flags(&format!("{given} {name}"));
            assert_eq!(before, after, "{given} {name}");
            let twice = flags(&format!("{given} {name} {given}"));
            let adds_up = matches!(flag.takes, Takes::Values { .. } | Takes::Count);
            assert_eq!(twice.all(flag).len(), if adds_up { 2 } else { 1 }, "{given} {name} {given}");
        }
    }
    assert_eq!(flags("--jobs 1 run --jobs 2").one(&JOBS.flag), Some("2"), "the one behind the command wins");
    assert_eq!(flags("run -vv").all(&VERBOSE.flag).len(), 2);
    assert_eq!(flags("--strict=no lint").one(&STRICT.flag), Some("no"));
}

#[test]
fn a_switch_takes_no_filter_for_its_value() {
    let flags = flags("--strict missing");
    assert_eq!((flags.one(&STRICT.flag), flags.all(&FILTER.flag)), (Some("yes"), &["missing".to_owned()][..]));
}

#[test]
fn a_word_that_is_a_command_is_the_command() {
    assert!(matches!(task("list"), Ok(Task::List(_))));
    assert!(matches!(task("rules"), Ok(Task::Rules)));
    assert!(matches!(task("demo"), Ok(Task::Run(flags)) if flags.command == CommandName::Demo));
    assert!(matches!(task("demo --write a"), Ok(Task::WriteDemo(folder)) if folder.to_str() == Some("a")));
    assert_eq!(flags("run list").all(&FILTER.flag), ["list"], "as a filter it stands behind the command");
    assert!(matches!(task("explain body-missing"), Ok(Task::Explain(rule)) if rule == "body-missing"));
    assert!(matches!(task("completions zsh"), Ok(Task::Completions(shell)) if shell == "zsh"));
    assert!(matches!(task("man"), Ok(Task::Man(None))));
    assert!(matches!(task("man run"), Ok(Task::Man(Some(command))) if command == "run"));
    for words in ["clean j --base-url a --env-file e", "--base-url a --env-file e clean j"] {
        let Ok(Task::Clean { journal, flags }) = task(words) else { panic!("`{words}` cleans") };
        let given = (
            journal.as_deref().and_then(std::path::Path::to_str),
            flags.one(&BASE_URL.flag),
            flags.one(&ENV_FILE.flag),
        );
        assert_eq!(given, (Some("j"), Some("a"), Some("e")), "{words}");
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
fn a_flag_that_means_nothing_to_a_command_is_refused() {
    for command in CommandName::ALL {
        for flag in FLAGS.iter().filter(|flag| !flag.is_for(command) && flag.is_for(CommandName::Run)) {
            if flag.is_positional() {
                continue;
            }
            let words = format!("{} {}", written(flag), named(command));
            let error = task(&words).err().unwrap_or_default();
            let said = format!("`{}` means nothing to `{}`", flag.name, command.word());
            assert!(error.contains(&said), "{words}: {error}");
            assert!(task(&format!("{} {}", named(command), written(flag))).is_err(), "{words}");
        }
    }
    assert!(task("explain").is_err() && task("--bogus").is_err());
}

#[test]
fn help_shows_default_and_variable_of_every_flag() {
    for command in CommandName::ALL {
        let mut parser = commands::parser(ParserUse::Parsing);
        let own = parser.find_subcommand_mut(command.word()).expect("a command");
        let [short, long] = [own.render_help(), own.render_long_help()]
            .map(|help| help.to_string().split_whitespace().collect::<Vec<_>>().join(" "));
        for flag in FLAGS.iter().filter(|flag| flag.is_for(command)) {
            assert!(short.contains(flag.about) && long.contains(flag.about), "{}: {short}", flag.name);
            assert!(long.contains(flag.variable.unwrap_or_default()) && long.contains(flag.details), "{long}");
            if let Some(default) = flag.default_text() {
                assert!(short.contains(&format!("[default: {default}]")), "{}: {short}", flag.name);
            }
        }
    }
}

#[test]
fn the_words_that_shells_offer_are_those_that_are_accepted() {
    let formats = crate::report::FORMATS.iter().map(|format| format.name);
    assert!(matches!(FORMAT.flag.completes, Completes::Words(words) if formats.eq(words.iter().copied())));
    for flag in FLAGS {
        if let (Completes::Words(words), Some(default)) = (flag.completes, flag.default_text()) {
            assert!(words.contains(&default), "{}", flag.name);
        }
    }
}
