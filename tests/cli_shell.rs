//! Completion scripts and man pages work in the programs that read them.
//!
//! Tests that need a program are ignored, with the reason, if it is not installed. If `CONFORMANT_REQUIRE` lists it,
//! its absence is a failure.

#[path = "support/command.rs"]
mod command;
#[path = "support/served.rs"]
mod served;
#[path = "support/trials.rs"]
mod trials;

use std::io::Write as _;
use std::process::{Command, ExitCode, Stdio};

use command::{Folder, run};
use libtest_mimic::Arguments;
use trials::{Parts, needing, trial};

fn main() -> ExitCode {
    let trials = vec![
        trial("the_completions_of_every_shell_have_every_command_and_flag", all_completions),
        needing("bash_accepts_its_completions_and_offers_words", &["bash"], bash),
        needing("zsh_accepts_its_completions", &["zsh"], |parts| accepted(parts, "zsh")),
        needing("fish_accepts_its_completions", &["fish"], |parts| accepted(parts, "fish")),
        trial("the_man_pages_name_every_command_flag_and_variable", man_pages),
        needing("groff_reads_the_man_pages_without_a_warning", &["groff"], groff),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// The commands, as `--help` lists them.
fn commands() -> Vec<String> {
    let help = run(&["-h"]).expect(0).stdout;
    let (_, list) = help.split_once("\nCommands:\n").expect("a list of commands");
    let lines = list.lines().take_while(|line| !line.is_empty());
    let words = lines.filter(|line| !line.starts_with("   ")).filter_map(|line| line.split_whitespace().next());
    words.filter(|word| *word != "help").map(str::to_owned).collect()
}

/// The long flags that the help of a command shows.
fn flags(command: &str) -> Vec<String> {
    let help = run(&[command, "-h"]).expect(0).stdout;
    let lines = help.lines().map(str::trim_start).filter(|line| line.starts_with('-'));
    let words = lines.filter_map(|line| line.split([' ', '[', ',']).find(|word| word.starts_with("--")));
    words.map(|word| word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric()).to_owned()).collect()
}

/// The variables that the long help of a command shows.
fn variables(command: &str) -> Vec<String> {
    let help = run(&[command, "--help"]).expect(0).stdout;
    let words = help.split(|c: char| !c.is_ascii_uppercase() && c != '_');
    words.filter(|word| word.starts_with("CONFORMANT_")).map(str::to_owned).collect()
}

/// How a program ended that read a text, and what it said.
fn fed(program: &mut Command, text: &str) -> (bool, String) {
    let mut child = program
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    child.stdin.take().expect("its stdin").write_all(text.as_bytes()).expect("it reads");
    let ended = child.wait_with_output().expect("it ends");
    (ended.status.success(), String::from_utf8_lossy(&ended.stderr).into_owned())
}

fn all_completions() {
    let commands = commands();
    assert!(commands.len() > 9, "{commands:?}");
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = run(&["completions", shell]).expect(0).stdout;
        for command in &commands {
            assert!(script.contains(command.as_str()), "{shell} lacks {command}");
            let flags = flags(command);
            assert!(!flags.is_empty());
            for flag in flags {
                // fish and PowerShell write a flag without or apart from its dashes.
                let bare = flag.trim_start_matches('-');
                assert!(script.contains(&flag) || script.contains(&format!("-l {bare} ")), "{shell} lacks {flag}");
            }
        }
        // The generator offers no values in PowerShell.
        for word in ["status-unexpected", "extended", "junit"].into_iter().filter(|_| shell != "powershell") {
            assert!(script.contains(word), "{shell} does not offer {word}");
        }
    }
    let other = run(&["completions", "fsih"]).expect(2);
    assert!(other.stderr.contains("did you mean fish?"), "{}", other.stderr);
}

/// A shell reads its script without running it.
fn accepted(parts: &Parts, shell: &str) {
    let script = run(&["completions", shell]).expect(0).stdout;
    let (accepted, said) = fed(Command::new(parts.of(shell)).arg("-n"), &script);
    assert!(accepted && said.is_empty(), "{said}");
}

fn bash(parts: &Parts) {
    accepted(parts, "bash");
    let script = run(&["completions", "bash"]).expect(0).stdout;
    let asked = "\nCOMP_WORDS=(conformant lint --st)\nCOMP_CWORD=2\n_conformant conformant --st lint\n\
                 [ \"${COMPREPLY[*]}\" = --strict ] || { echo \"offered: ${COMPREPLY[*]}\" >&2; exit 1; }\n";
    let (offered, said) = fed(&mut Command::new(parts.of("bash")), &(script + asked));
    assert!(offered, "{said}");
}

fn man_pages() {
    let main = run(&["man"]).expect(0).stdout;
    // In roff a hyphen that is a minus has a backslash.
    let plain = |page: &str| page.replace("\\-", "-");
    for command in commands() {
        assert!(plain(&main).contains(&format!("conformant-{command}(1)")), "the main page lacks {command}");
        let page = plain(&run(&["man", &command]).expect(0).stdout);
        assert!(page.contains(&format!("conformant-{command}")), "{page}");
        for word in flags(&command).into_iter().chain(variables(&command)) {
            assert!(page.contains(&word), "the page of {command} lacks {word}");
        }
    }
    for word in flags("run").into_iter().chain(variables("run")).chain(["API_BASE_URL".to_owned()]) {
        assert!(plain(&main).contains(&word), "the main page lacks {word}");
    }
    assert!(run(&["man", "docter"]).expect(2).stderr.contains("did you mean doctor?"));
}

fn groff(parts: &Parts) {
    for command in commands().iter().map(String::as_str).chain([""]) {
        let arguments = ["man", command];
        let page = run(if command.is_empty() { &arguments[..1] } else { &arguments }).expect(0).stdout;
        let folder = Folder::new();
        let file = folder.file("page.1", &page);
        let ended = Command::new(parts.of("groff")).args(["-man", "-ww", "-Tutf8", &file]).output().expect("groff");
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert!(ended.status.success() && said.is_empty(), "{command}: {said}");
        assert!(!ended.stdout.is_empty());
    }
}
