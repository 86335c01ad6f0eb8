//! The commands, and the parser, help and man pages that come from them and from the table of flags.

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, Command, ValueHint};

use crate::location::nearest;
use crate::report::catalog;
use crate::settings::table::{API_BASE_URL, FLAGS, REQUIRE_TARGET};
use crate::settings::{CommandName, Completes, Flag, FlagGroup, Takes};

/// What `--help` of the whole command and of `run` ends with.
const EXAMPLES: &str = "\
Examples:
  conformant demo                        judge the embedded reference server
  conformant                             run the suites in ./cases
  conformant --base-url https://x.test   judge a server; its keys are variables
  conformant --profile core missing      only core cases with `missing` in their id
  conformant --report json=report.json   also write a report for programs
  conformant --release 1.8.0             the reference as it was in a release
  conformant doctor                      whether target and keys are ready
  conformant explain example-value       what a rule checks, and why
  conformant clean                       list the journals of killed runs
  conformant clean FILE                  remove what a killed run left behind

Every option of `run` is also a variable: CONFORMANT_JOBS=8 is --jobs 8. The
option wins. API_BASE_URL names the target when neither --base-url nor
CONFORMANT_BASE_URL does. A variable that is set but empty is an error. With
CONFORMANT_REQUIRE_TARGET=1 a run without a target is an error.

Exit status:
  0    conforms
  1    at least one case failed, or a finding fails it under --strict
  2    bad input: document, suite, option or variable
  3    could not be judged: unreachable, a wrong key, nothing judged
  130  interrupted";

/// What the whole command is.
const ABOUT: &str =
    "Checks whether an HTTP API keeps its OpenAPI contract: its responses, their effects, and every byte on the wire";

/// The words for the usage of the whole command.
const USAGE: &str = "conformant [run] [OPTIONS] [FILTER]...\n       conformant <COMMAND>";

/// The shells that completions are made for.
pub(super) const SHELLS: [&str; 4] = ["bash", "zsh", "fish", "powershell"];

/// A word that a command takes besides flags.
pub(super) struct Word {
    /// Its name in help.
    pub(super) name: &'static str,
    about: &'static str,
    is_required: bool,
    offers: Offers,
}

/// What a shell offers for a command's word.
enum Offers {
    /// The paths of files.
    Files,
    /// The ids of rules.
    Rules,
    /// The shells.
    Shells,
    /// The commands.
    Commands,
}

/// Why the parser is built.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ParserUse {
    /// To read a command line. Values are read later, together with those of variables.
    Parsing,
    /// To tell shells what to offer.
    Completing,
}

/// What a command is, in a line, and what else there is to know.
fn about(command: CommandName) -> (&'static str, &'static str) {
    match command {
        CommandName::Run => ("Run the cases against a target and report (the default command)", ""),
        CommandName::Demo => (
            "Judge the embedded reference server by the suite that is built in; needs no files and no network",
            "It runs and reports as `run` does, but never judges a target: variables that name one have no effect. \
             `conformant demo --release 1.8.0` shows what failures look like.",
        ),
        CommandName::List => ("Print the ids of the cases that `run` would run", ""),
        CommandName::Lint => (
            "Check documents and suites by themselves; needs no target",
            "Exits with 0; with 1 if something contradicts itself (level `must`; with --strict also `should`); with 2 if \
             the document or a suite cannot be read.",
        ),
        CommandName::Doctor => (
            "Check target and keys as `run` does before its first case, and run no case",
            "FILTER and --profile choose the cases whose keys are checked. Exits with 0 if a run could begin, with 3 if it \
             could not, and with 2 on bad input.",
        ),
        CommandName::Clean => (
            "Remove the objects that a killed run left behind, as its journal lists them",
            "Give it the suites, target and keys of that run. Exits with 0 if nothing is left, with 3 if something is, and \
             with 2 on bad input. Without JOURNAL it removes nothing: it lists the journals in the folder for temporary \
             files, where a run keeps its journal unless --journal names another file.",
        ),
        CommandName::Rules => ("Print every rule: id, level, origin, summary", ""),
        CommandName::Explain => ("Print the page of a rule: what it checks, and why", ""),
        CommandName::Serve => (
            "Serve the reference server until interrupted",
            "Prints `API_BASE_URL=…` and a line `NAME=value` for each credential on stdout, as a shell or --env-file reads \
             them, and then serves.",
        ),
        CommandName::Completions => (
            "Print the completion script of a shell: bash, zsh, fish or powershell",
            "For bash: conformant completions bash > ~/.local/share/bash-completion/completions/conformant. \
             docs/settings.md has the other shells.",
        ),
        CommandName::Man => {
            ("Print the man page, or that of a command, in roff", "For example: conformant man run | man -l -")
        }
    }
}

/// The word that a command takes besides flags.
pub(super) fn word(command: CommandName) -> Option<Word> {
    let (name, about, is_required, offers) = match command {
        CommandName::Clean => (
            "JOURNAL",
            "The journal of the run; without it the journals that are found are listed",
            false,
            Offers::Files,
        ),
        CommandName::Explain => ("RULE", "The rule's id, as reports show it", true, Offers::Rules),
        CommandName::Completions => ("SHELL", "The shell", true, Offers::Shells),
        CommandName::Man => ("COMMAND", "The command; without it the main page is printed", false, Offers::Commands),
        _ => return None,
    };
    Some(Word { name, about, is_required, offers })
}

/// The parser of the whole command line. The flags of `run` may stand before the name of a command.
pub(super) fn parser(purpose: ParserUse) -> Command {
    let all = Command::new("conformant")
        .version(env!("CONFORMANT_VERSION"))
        .about(ABOUT)
        .override_usage(USAGE)
        .after_help(EXAMPLES)
        .args(flags(CommandName::Run, purpose));
    CommandName::ALL.into_iter().fold(all, |all, command| all.subcommand(subcommand(command, purpose)))
}

fn subcommand(command: CommandName, purpose: ParserUse) -> Command {
    let (short, details) = about(command);
    let mut parser = Command::new(command.word()).about(short).args(flags(command, purpose));
    if !details.is_empty() {
        parser = parser.long_about(format!("{short}\n\n{details}"));
    }
    if command == CommandName::Run {
        parser = parser.after_help(EXAMPLES);
    }
    match word(command) {
        Some(word) => parser.arg(argument_of(&word, purpose)),
        None => parser,
    }
}

/// The arguments of a command, by group.
fn flags(command: CommandName, purpose: ParserUse) -> Vec<Arg> {
    let in_group = |group| FLAGS.iter().filter(move |flag| flag.group == group && flag.is_for(command));
    FlagGroup::ALL.into_iter().flat_map(in_group).map(|flag| argument(flag, purpose)).collect()
}

fn argument(flag: &'static Flag, purpose: ParserUse) -> Arg {
    let mut argument = Arg::new(flag.name).help(help(flag)).long_help(long_help(flag));
    if !flag.is_positional() {
        argument = argument.long(flag.name.trim_start_matches('-')).help_heading(flag.group.heading());
    }
    if let Some(letter) = flag.short {
        argument = argument.short(letter);
    }
    argument = match flag.takes {
        Takes::Value(name) => argument.value_name(name),
        Takes::Values { name, .. } => argument.value_name(name).action(ArgAction::Append),
        // Without the `=` a filter behind a switch would be taken for its value.
        Takes::Switch => {
            argument.value_name("yes|no").num_args(0..=1).default_missing_value("yes").require_equals(true)
        }
        Takes::Count => argument.action(ArgAction::Count),
    };
    if purpose == ParserUse::Parsing || flag.takes == Takes::Count {
        return argument;
    }
    match flag.completes {
        Completes::Nothing if flag.takes == Takes::Switch => offering(argument, &["yes", "no"]),
        Completes::Nothing => argument.value_hint(ValueHint::Other),
        Completes::Words(words) => offering(argument, words),
        Completes::File => argument.value_hint(ValueHint::FilePath),
        Completes::Folder => argument.value_hint(ValueHint::DirPath),
        Completes::Path => argument.value_hint(ValueHint::AnyPath),
        Completes::Url => argument.value_hint(ValueHint::Url),
    }
}

fn argument_of(word: &Word, purpose: ParserUse) -> Arg {
    let argument = Arg::new(word.name).help(word.about).value_name(word.name).required(word.is_required);
    if purpose == ParserUse::Parsing {
        return argument;
    }
    match word.offered() {
        Some(words) => offering(argument, &words),
        None => argument.value_hint(ValueHint::FilePath),
    }
}

impl Word {
    /// The words that a shell offers; none where it offers files.
    pub(super) fn offered(&self) -> Option<Vec<&'static str>> {
        match self.offers {
            Offers::Files => None,
            Offers::Rules => Some(catalog::all().iter().map(|rule| rule.id).collect()),
            Offers::Shells => Some(SHELLS.into()),
            Offers::Commands => Some(CommandName::ALL.map(CommandName::word).into()),
        }
    }
}

fn offering(argument: Arg, words: &[&'static str]) -> Arg {
    argument.value_parser(PossibleValuesParser::new(words)).hide_possible_values(true)
}

/// What `-h` shows of a flag.
fn help(flag: &Flag) -> String {
    let default = flag.default_text().map(|text| format!(" [default: {text}]")).unwrap_or_default();
    format!("{}{default}", flag.about)
}

/// What `--help` and the man page show of a flag.
fn long_help(flag: &Flag) -> String {
    let details = if flag.details.is_empty() { String::new() } else { format!(" {}", flag.details) };
    let default = flag.default_text().map(|text| format!(" [default: {text}]")).unwrap_or_default();
    let variable = flag.variable.map(|name| format!(" [variable: {name}]")).unwrap_or_default();
    format!("{}.{details}{default}{variable}", flag.about)
}

/// What the man page says about variables that are no flag's.
pub(super) fn other_variables() -> [(&'static str, &'static str); 2] {
    [
        (API_BASE_URL, "The target's base URL, unless --base-url or CONFORMANT_BASE_URL names one"),
        (
            REQUIRE_TARGET,
            "With 1, a run without a target is an error: for gates in CI, where a lost variable must not pass",
        ),
    ]
}

/// The command that a word is nearly the name of.
pub(super) fn like(word: &str) -> Option<&'static str> {
    nearest(word, CommandName::ALL.map(CommandName::word)).filter(|near| *near != word)
}
