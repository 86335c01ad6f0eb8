//! A terminal shows the progress of a run.
//!
//! `script` gives the command a terminal. Tests that need `script` are ignored, with the reason, if it is not
//! installed. If `CONFORMANT_REQUIRE` lists it, its absence is a failure.

#[path = "support/command.rs"]
mod command;
#[path = "support/served.rs"]
mod served;

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use command::Finished;
use libtest_mimic::{Arguments, Trial};
use served::{program, required};

/// A run that cannot be over before a bar is drawn: a dozen requests, ten a second.
const RUN: &str = "run --rate 10/s delete_conversation/success";
/// Goes to the beginning of the line and erases it.
const ERASE: &str = "\r\x1b[2K";

/// A test that needs the program whose path it is given.
type OnTerminal = (&'static str, fn(&Path));

fn main() -> ExitCode {
    let args = Arguments::from_args();
    let script = program("script");
    let tests: [OnTerminal; 6] = [
        ("a_bar_is_drawn_below_the_head_and_gone_before_the_rest", a_bar),
        ("a_terminal_of_no_or_one_column_is_not_drawn_on", narrow),
        ("a_dumb_terminal_is_not_drawn_on", dumb),
        ("a_report_for_programs_stands_alone_on_the_terminal", for_programs),
        ("a_report_in_a_file_leaves_the_bar_on_the_terminal", into_a_file),
        ("a_command_is_broken_on_the_terminal_of_a_job_and_on_no_other", commands),
    ];
    let trials = tests.map(|(name, run)| match script.clone() {
        Some(path) => Trial::test(name, move || {
            run(&path);
            Ok(())
        }),
        None if required("script") => {
            Trial::test(name, || Err("script is required here and is not on the PATH".into()))
        }
        None => Trial::test(format!("{name} (script is not on the PATH)"), || Ok(())).with_ignored_flag(true),
    });
    libtest_mimic::run(&args, trials.into()).exit_code()
}

/// What a terminal shows of a command line, with `$conformant` for the command itself.
fn on_terminal(script: &Path, columns: u16, term: &str, line: &str) -> String {
    let mut command = Command::new(script);
    let line = format!("stty cols {columns} rows {columns} && {line}");
    command.args(["-q", "-e", "-c", &line, "/dev/null"]).current_dir(env!("CARGO_MANIFEST_DIR")).env_clear();
    command.env("PATH", "/usr/bin:/bin").env("TERM", term).env("conformant", env!("CARGO_BIN_EXE_conformant"));
    command.stdin(Stdio::null());
    Finished::of(command).expect(0).stdout
}

fn a_bar(script: &Path) {
    let shown = on_terminal(script, 100, "xterm", &format!("$conformant {RUN}"));
    let (drawn, report) = shown.rsplit_once(ERASE).unwrap_or_else(|| panic!("nothing was drawn: {shown:?}"));
    let (head, bar) = drawn.split_once("profile: extended\r\n").unwrap_or_else(|| panic!("no head: {shown:?}"));
    assert!(head.starts_with("target: ") && bar.contains("-------- 0 of 1 case"), "{shown:?}");
    assert!(!bar.contains('\n'), "it stays on its line: {bar:?}");
    assert!(report.contains("delete_conversation/success  ") && report.contains("conforms"), "{report:?}");
}

fn narrow(script: &Path) {
    for columns in [0, 1] {
        let shown = on_terminal(script, columns, "xterm", &format!("$conformant {RUN}"));
        assert!(shown.starts_with("target: ") && !shown.contains(ERASE), "{columns}: {shown:?}");
    }
}

fn dumb(script: &Path) {
    let shown = on_terminal(script, 100, "dumb", &format!("$conformant {RUN}"));
    assert!(shown.starts_with("target: ") && !shown.contains('\x1b'), "{shown:?}");
}

fn for_programs(script: &Path) {
    let shown = on_terminal(script, 100, "xterm", &format!("$conformant {RUN} --format json"));
    assert!(shown.starts_with('{') && serde_json::from_str::<serde_json::Value>(&shown).is_ok(), "{shown:?}");
}

fn commands(script: &Path) {
    // Both streams are the terminal. What steers it is escaped wherever it goes.
    let shown = |variable: &str| {
        on_terminal(script, 100, "xterm", &format!("{variable} $conformant explain '##[group]\x1b[2J'; true"))
    };
    for variable in ["", "CI=false"] {
        let shown = shown(variable);
        assert!(shown.contains(r"there is no rule `##[group]\x1b[2J`"), "{shown:?}");
    }
    for variable in ["CI=true", "GITHUB_ACTIONS=true", "TF_BUILD=True", "GITLAB_CI=true"] {
        let shown = shown(variable);
        assert!(shown.contains(r"there is no rule `\x23#[group]\x1b[2J`"), "{shown:?}");
    }
}

fn into_a_file(script: &Path) {
    let shown = on_terminal(script, 100, "xterm", &format!("$conformant {RUN} --format json >/dev/null"));
    let (drawn, rest) = shown.rsplit_once(ERASE).unwrap_or_else(|| panic!("nothing was drawn: {shown:?}"));
    assert!(drawn.contains("0 of 1 case") && rest.is_empty(), "{shown:?}");
}
