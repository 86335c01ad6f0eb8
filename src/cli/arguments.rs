//! The command line: from words to what is to be done. Values stay text; `settings` reads them.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgMatches, Error};

use super::commands::{self, ParserUse, word};
use crate::printable::escaped;
use crate::settings::table::{FLAGS, WRITE};
use crate::settings::{CommandName, Flag, Flags, Takes};

/// What is to be done.
#[derive(Debug)]
pub(super) enum Task {
    /// `run` and `demo`.
    Run(Flags),
    /// `demo --write`.
    WriteDemo(PathBuf),
    List(Flags),
    Lint(Flags),
    Doctor(Flags),
    Clean {
        journal: Option<PathBuf>,
        flags: Flags,
    },
    Rules,
    Explain(String),
    Serve(Flags),
    Completions(String),
    Man(Option<String>),
}

/// Reads a command line, the program's name first. Flags may stand before a command's name, as in `conformant --cases a
/// list`, but only those that mean something to it.
pub(super) fn read(words: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> Result<Task, Error> {
    let mut parser = commands::parser(ParserUse::Parsing);
    let matches = parser.try_get_matches_from_mut(words).map_err(printable)?;
    let mut before = given(&matches, CommandName::Run);
    let Some((name, own)) = matches.subcommand() else {
        before.commands = CommandName::ALL.map(|command| command.word().to_owned()).into();
        return Ok(Task::Run(before));
    };
    let Some(command) = CommandName::ALL.into_iter().find(|command| command.word() == name) else {
        unreachable!("the parser has the commands of the list");
    };
    if let Some(flag) = FLAGS.iter().find(|flag| !before.all(flag).is_empty() && !flag.is_for(command)) {
        let message = format!("`{}` means nothing to `{name}`", flag.name);
        return Err(parser.error(ErrorKind::ArgumentConflict, escaped(&message)));
    }
    let flags = both(&before, &given(own, command), command);
    let word = word(command).and_then(|word| own.get_one::<String>(word.name).cloned());
    Ok(task(command, flags, word))
}

fn task(command: CommandName, flags: Flags, word: Option<String>) -> Task {
    // The parser demands the word where a command cannot do without.
    let required = |word: Option<String>| word.unwrap_or_default();
    match command {
        CommandName::Run => Task::Run(flags),
        CommandName::Demo => match flags.one(&WRITE.flag) {
            Some(folder) => Task::WriteDemo(folder.into()),
            None => Task::Run(flags),
        },
        CommandName::List => Task::List(flags),
        CommandName::Lint => Task::Lint(flags),
        CommandName::Doctor => Task::Doctor(flags),
        CommandName::Clean => Task::Clean { journal: word.map(PathBuf::from), flags },
        CommandName::Rules => Task::Rules,
        CommandName::Explain => Task::Explain(required(word)),
        CommandName::Serve => Task::Serve(flags),
        CommandName::Completions => Task::Completions(required(word)),
        CommandName::Man => Task::Man(word),
    }
}

/// What the words for one command gave.
fn given(matches: &ArgMatches, command: CommandName) -> Flags {
    let mut flags = Flags::of(command);
    for flag in FLAGS.iter().filter(|flag| flag.is_for(command)) {
        match flag.takes {
            Takes::Count => {
                let times = usize::from(matches.get_count(flag.name));
                flags.add(flag, std::iter::repeat_n("yes".to_owned(), times));
            }
            Takes::Value(_) | Takes::Values { .. } | Takes::Switch => {
                flags.add(flag, matches.get_many::<String>(flag.name).into_iter().flatten().cloned());
            }
        }
    }
    flags
}

/// The flags from both sides of a command's name. Of two values the one behind the name wins; where several may be given, all
/// are taken.
fn both(before: &Flags, own: &Flags, command: CommandName) -> Flags {
    let mut flags = Flags::of(command);
    for flag in FLAGS {
        let takes_both = matches!(flag.takes, Takes::Values { .. } | Takes::Count);
        if takes_both || own.all(flag).is_empty() {
            copy(flag, before, &mut flags);
        }
        copy(flag, own, &mut flags);
    }
    flags
}

fn copy(flag: &Flag, from: &Flags, to: &mut Flags) {
    to.add(flag, from.all(flag).iter().cloned());
}

/// A mistake on the command line, with what was written there made safe to show.
fn printable(mut error: Error) -> Error {
    let shown: Vec<(ContextKind, ContextValue)> = error
        .context()
        .filter_map(|(kind, value)| {
            let value = match value {
                ContextValue::String(text) => ContextValue::String(escaped(text)),
                ContextValue::Strings(texts) => ContextValue::Strings(texts.iter().map(|text| escaped(text)).collect()),
                // A suggestion repeats what was written, and its own words are on one line.
                ContextValue::StyledStrs(texts) => {
                    ContextValue::StyledStrs(texts.iter().map(|text| escaped(&text.to_string()).into()).collect())
                }
                _ => return None,
            };
            Some((kind, value))
        })
        .collect();
    for (kind, value) in shown {
        error.insert(kind, value);
    }
    error
}

#[cfg(test)]
#[path = "arguments_tests.rs"]
mod tests;
