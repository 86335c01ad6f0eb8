//! `conformant man`: the man pages, in roff.

use std::fmt::Write as _;

use clap_mangen::Man;

use super::commands::{ParserUse, other_variables, parser};
use crate::location::{InputError, nearest};
use crate::settings::CommandName;
use crate::settings::table::FLAGS;

/// The main page, or the page of a command.
pub(super) fn page(command: Option<&str>) -> Result<String, InputError> {
    let all = parser(ParserUse::Parsing).disable_help_subcommand(true);
    let Some(word) = command else {
        return Ok(rendered(&Man::new(all), CommandName::Run));
    };
    let Some(command) = CommandName::ALL.into_iter().find(|command| command.word() == word) else {
        let words = CommandName::ALL.map(CommandName::word);
        let near = nearest(word, words).map(|near| format!("did you mean {near}? ")).unwrap_or_default();
        return Err(InputError::new(format!("there is no command `{word}`"))
            .help(format!("{near}the commands are {}", words.join(", "))));
    };
    let name = format!("conformant-{word}");
    let own = all.get_subcommands().find(|one| one.get_name() == word).cloned().unwrap_or_default();
    let own = own.bin_name(format!("conformant {word}")).display_name(&name);
    Ok(rendered(&Man::new(own).title(name), command))
}

/// A page, with the variables of the command behind its options.
fn rendered(man: &Man, command: CommandName) -> String {
    let mut page = Vec::new();
    // Writing to memory cannot fail.
    let _ = man.render(&mut page);
    let mut page = String::from_utf8_lossy(&page).into_owned();
    page.push_str(&variables(command));
    in_ascii(&page)
}

/// A page with every other character by its number, since not every `man` reads UTF-8.
fn in_ascii(page: &str) -> String {
    let escaped = |c: char| if c.is_ascii() { c.to_string() } else { format!("\\[u{:04X}]", u32::from(c)) };
    page.chars().map(escaped).collect()
}

/// The section about variables.
fn variables(command: CommandName) -> String {
    let mut section = String::new();
    let own = FLAGS.iter().filter(|flag| flag.is_for(command));
    let of_flags = own.filter_map(|flag| Some((flag.variable?, format!("The same as {}. {}", flag.name, flag.about))));
    let others = other_variables().map(|(name, about)| (name, about.to_owned()));
    let others = others.into_iter().filter(|_| command == CommandName::Run);
    for (name, about) in of_flags.chain(others) {
        // Writing to a string cannot fail.
        let _ = writeln!(section, ".TP\n\\fB{name}\\fR\n{}.", roff(&about));
    }
    if section.is_empty() { section } else { format!(".SH ENVIRONMENT\n{section}") }
}

/// A text for roff: a hyphen is a minus there, and a point or quote that begins a line is a command.
fn roff(text: &str) -> String {
    text.replace('\\', "\\\\").replace('-', "\\-").replace('`', "\\(ga")
}
