//! Arguments and variables are read as documented, and mistakes in them end the command before it sends anything.

#[path = "support/command.rs"]
mod command;

use command::{Finished, Folder, conformant, run};

/// A port that refuses: nothing of these tests may ever get as far as asking it.
const NOWHERE: &str = "http://127.0.0.1:9/v1";

#[test]
fn help_names_commands_exit_statuses_and_the_target_variable() {
    for arguments in [&["--help"][..], &["help"], &["run", "--help"]] {
        let help = run(arguments).expect(0);
        for word in ["--base-url", "--profile", "--report", "API_BASE_URL", "Exit status", "130", "Examples"] {
            assert!(help.stdout.contains(word), "{arguments:?} lacks {word}:\n{}", help.stdout);
        }
        assert_eq!(help.stderr, "");
    }
    let help = run(&["--help"]).expect(0);
    for word in ["list", "lint", "rules", "explain", "serve"] {
        assert!(help.stdout.contains(&format!("\n  {word}")), "{word}:\n{}", help.stdout);
    }
    // A release build adds its commit.
    let version = run(&["--version"]).expect(0).stdout;
    assert!(version.starts_with(&format!("conformant {}", env!("CARGO_PKG_VERSION"))), "{version}");
}

#[test]
fn a_mistake_on_the_command_line_is_bad_input() {
    for arguments in [
        &["--bogus"][..],
        &["run", "--jobs"],
        &["--jobs", "none"],
        &["--timeout", "30"],
        &["--first-byte", "31s"],
        &["run", "--timeout", "2s", "--idle", "3s"],
        &["--rate", "10"],
        &["--format", "yaml"],
        &["--report", "report.json"],
        &["--report", "xunit=report.xml"],
        &["--base-url", ""],
        &[""],
        &["explain"],
        &["explain", "no-such-rule"],
        &["serve", "--port", "65536"],
        &["--jobs", "2", "rules"],
    ] {
        let finished = run(arguments).expect(2);
        assert_eq!(finished.stdout, "", "{arguments:?}");
        assert!(finished.stderr.starts_with("error: "), "{arguments:?}: {}", finished.stderr);
    }
    let typo = run(&["--profil", "core"]).expect(2);
    assert!(typo.stderr.contains("--profile"), "the nearest flag is named: {}", typo.stderr);
}

#[test]
fn a_variable_that_is_set_but_empty_never_turns_green() {
    for name in ["API_BASE_URL", "CONFORMANT_BASE_URL", "CONFORMANT_PROFILE", "CONFORMANT_STRICT"] {
        let mut command = conformant(&["run"]);
        command.env(name, "");
        let finished = Finished::of(command).expect(2);
        assert!(finished.stderr.contains(&format!("the variable {name} is set but empty")), "{}", finished.stderr);
        assert_eq!(finished.stdout, "");
    }
}

#[test]
fn variables_are_read_and_mistyped_ones_noted() {
    let mut command = conformant(&["list"]);
    command.env("CONFORMANT_CASES", "no/such/folder").env("CONFORMANT_STRCIT", "1");
    let finished = Finished::of(command).expect(2);
    assert!(finished.stderr.contains("no/such/folder"), "the path that was tried is named: {}", finished.stderr);
    assert!(finished.stderr.contains("did you mean CONFORMANT_STRICT?"), "{}", finished.stderr);
}

#[test]
fn a_gate_without_a_target_is_an_error_for_running_only() {
    let with_gate = |arguments: &[&str]| {
        let mut command = conformant(arguments);
        command.env("CONFORMANT_REQUIRE_TARGET", "1");
        Finished::of(command)
    };
    let finished = with_gate(&["run"]).expect(2);
    assert!(finished.stderr.contains("API_BASE_URL"), "{}", finished.stderr);
    with_gate(&["list"]).expect(0);
}

#[test]
fn a_report_that_cannot_be_written_is_found_before_anything_is_sent() {
    let folder = Folder::new();
    let file = folder.file("file", "");
    let folder_itself = format!("json={}", folder.path().display());
    let below_a_file = format!("json={file}/report.json");
    let far_away = format!("junit={}/no/such/report.xml", folder.path().display());
    let folder_to_be = format!("junit={}/reports/", folder.path().display());
    for wish in [&folder_itself, &below_a_file, &far_away, &folder_to_be] {
        let finished = run(&["--base-url", NOWHERE, "--report", wish]).expect(2);
        assert!(finished.stderr.contains("cannot be written"), "{}", finished.stderr);
    }
    assert_eq!(std::fs::read_dir(folder.path()).expect("it is there").count(), 1, "nothing was made");
}

#[test]
fn a_filter_that_fits_nothing_is_bad_input() {
    for arguments in [&["run", "--base-url", NOWHERE, "no-such-case"][..], &["list", "no-such-case"]] {
        let finished = run(arguments).expect(2);
        assert!(finished.stderr.contains("no-such-case"), "{}", finished.stderr);
        assert!(finished.stderr.contains("`conformant list` shows every case id; a filter is"), "{}", finished.stderr);
    }
}

#[test]
fn a_filter_that_fits_nothing_may_have_been_meant_for_something_else() {
    for (arguments, hint) in [
        (&["docter"][..], "did you mean `conformant doctor`?"),
        (&["lnit"], "did you mean `conformant lint`?"),
        (&["--jobs", "2", "explian", "body-missing"], "did you mean `conformant explain`?"),
        (&["run", "docter"], "`conformant list` shows every case id"),
        (&["success", "docter"], "`conformant list` shows every case id"),
        (&["run", "cases/delete_conversation.yaml"], "it names a file: for the cases of a suite say --cases cases/del"),
        (&["cases/delete_conversation.yaml"], "say --cases cases/delete_conversation.yaml"),
        (&["cases/mistyped.yaml"], "it names a file: for the cases of a suite say --cases cases/mistyped.yaml"),
        (&["spec/openapi_chatflow.yaml"], "--spec names the document"),
        (&["list", "LICENSE-MIT"], "it names a file"),
        (&["list", "cases"], "it names a folder: for the suites in it say --cases cases"),
        (&["list", "mising_conversation"], "did you mean missing_conversation?"),
        (&["list", "delete_conversation/sucess"], "did you mean delete_conversation/success?"),
        (&["list", "--profile", "core", "repeat"], "add --profile extended"),
    ] {
        let finished = run(arguments).expect(2);
        assert!(finished.stderr.contains(hint), "{arguments:?}: {}", finished.stderr);
        assert_eq!(finished.stdout, "", "{arguments:?}");
    }
    for (arguments, command) in [(&["serv", "--port", "8080"][..], "serve"), (&["docter", "--no-such-flag"], "doctor")]
    {
        let finished = run(arguments).expect(2);
        let hint = format!("Did you mean `conformant {command}`?");
        assert!(finished.stderr.contains(&hint) && finished.stderr.starts_with("error: "), "{}", finished.stderr);
    }
    for arguments in [&["serve", "--no-such-flag"][..], &["--jobs", "2", "--no-such-flag"], &["--help"]] {
        let finished = run(arguments);
        assert!(!finished.stderr.contains("Did you mean"), "{arguments:?}: {}", finished.stderr);
    }
    let mut command = conformant(&["run"]);
    command.env("CONFORMANT_FILTER", "docter");
    let by_variable = Finished::of(command).expect(2);
    assert!(!by_variable.stderr.contains("did you mean"), "no command stands there: {}", by_variable.stderr);
}
