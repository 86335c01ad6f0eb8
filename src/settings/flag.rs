//! What a flag is: one record, from which come its parsing, help, variable, place in the rerun command, documentation,
//! shell completion and part of the man pages.

use super::parse::ValueParser;

/// A command of `conformant`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum CommandName {
    /// `conformant run`, also without that word.
    #[default]
    Run,
    /// `conformant demo`.
    Demo,
    /// `conformant list`.
    List,
    /// `conformant lint`.
    Lint,
    /// `conformant doctor`.
    Doctor,
    /// `conformant clean`.
    Clean,
    /// `conformant rules`.
    Rules,
    /// `conformant explain`.
    Explain,
    /// `conformant serve`.
    Serve,
    /// `conformant completions`.
    Completions,
    /// `conformant man`.
    Man,
}

impl CommandName {
    /// Every command, in the order of `--help`.
    pub(crate) const ALL: [Self; 11] = [
        Self::Run,
        Self::Demo,
        Self::List,
        Self::Lint,
        Self::Doctor,
        Self::Clean,
        Self::Rules,
        Self::Explain,
        Self::Serve,
        Self::Completions,
        Self::Man,
    ];

    /// The word on the command line.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Demo => "demo",
            Self::List => "list",
            Self::Lint => "lint",
            Self::Doctor => "doctor",
            Self::Clean => "clean",
            Self::Rules => "rules",
            Self::Explain => "explain",
            Self::Serve => "serve",
            Self::Completions => "completions",
            Self::Man => "man",
        }
    }
}

/// Everything about a flag that does not depend on the type of its value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flag {
    /// As it is written: `--jobs`; a word in capitals for what has no dashes (`FILTER`).
    pub(crate) name: &'static str,
    /// One letter, as in `-v`.
    pub(crate) short: Option<char>,
    /// The variable that says the same: `CONFORMANT_` and the name. The flags of `serve` have none where the variable would
    /// mean something to no other command.
    pub(crate) variable: Option<&'static str>,
    /// What may stand behind it.
    pub(crate) takes: Takes,
    /// Under which heading help and documentation show it.
    pub(crate) group: FlagGroup,
    /// The commands that it means something to.
    pub(crate) commands: &'static [CommandName],
    /// What it is, in one line without a full stop.
    pub(crate) about: &'static str,
    /// What else a reader may want to know, in sentences; may be empty.
    pub(crate) details: &'static str,
    /// What holds without it.
    pub(crate) unset: Unset,
    /// What a shell offers as its value.
    pub(crate) completes: Completes,
    /// Whether the command that runs a case again repeats it.
    pub(crate) rerun: InRerun,
    /// Whether its value may hold a secret.
    pub(crate) secret: SecretIn,
}

/// What may stand behind a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Takes {
    /// One value, of this name in help.
    Value(&'static str),
    /// One value each time it is given. `apart` separates them in the variable.
    Values { name: &'static str, apart: char },
    /// Nothing, or `=yes` or `=no`.
    Switch,
    /// Nothing; how often it is given counts.
    Count,
}

/// The headings of help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FlagGroup {
    /// Whom to judge.
    Target,
    /// What to judge it by.
    Cases,
    /// How to run the cases.
    Run,
    /// How long to wait and how much to read.
    Limits,
    /// What to print and write.
    Output,
    /// The way to the target.
    Network,
    /// How the served reference behaves.
    Serve,
}

impl FlagGroup {
    /// Every group, in the order of help.
    pub(crate) const ALL: [Self; 7] =
        [Self::Target, Self::Cases, Self::Run, Self::Limits, Self::Output, Self::Network, Self::Serve];

    /// The heading.
    pub(crate) fn heading(self) -> &'static str {
        match self {
            Self::Target => "Target options",
            Self::Cases => "Case options",
            Self::Run => "Run options",
            Self::Limits => "Limits",
            Self::Output => "Output options",
            Self::Network => "Network options",
            Self::Serve => "Options of the served reference",
        }
    }
}

/// What holds where neither flag nor variable is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unset {
    /// This value, read as one that was given.
    Value(&'static str),
    /// What these words say; the code that uses the value decides it.
    Words(&'static str),
    /// Nothing.
    Nothing,
}

/// What a shell offers as a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Completes {
    /// Nothing.
    Nothing,
    /// One of these words.
    Words(&'static [&'static str]),
    /// The path of a file.
    File,
    /// The path of a folder.
    Folder,
    /// The path of either.
    Path,
    /// A URL.
    Url,
}

/// Whether the command that runs a case again repeats a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InRerun {
    /// No: it changes nothing of what one case does and what is found.
    Left,
    /// Yes, also if its variable gave it.
    Repeated,
    /// Only if it has this value.
    RepeatedIf(&'static str),
    /// The report repeats it by what the target turned out to be, or by what happened to the case.
    FromOutcome,
    /// Only if a command line gave it, and its value only if that is no secret.
    HeaderField,
}

/// Whether and where the value of a flag may hold a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SecretIn {
    /// Nowhere.
    None,
    /// A login in a URL.
    Url,
    /// The value of a header field.
    HeaderField,
}

/// A flag and the type of its value.
#[derive(Debug)]
pub(crate) struct Setting<T: 'static> {
    /// The record.
    pub(crate) flag: Flag,
    /// Reads the value.
    pub(super) parse: ValueParser<T>,
}

impl Flag {
    /// A flag that takes nothing, means something to no command, and has every other property at its plainest: what a record
    /// of the table does not mention.
    pub(super) const PLAIN: Self = Self {
        name: "",
        short: None,
        variable: None,
        takes: Takes::Switch,
        group: FlagGroup::Run,
        commands: &[],
        about: "",
        details: "",
        unset: Unset::Nothing,
        completes: Completes::Nothing,
        rerun: InRerun::Left,
        secret: SecretIn::None,
    };

    /// Whether it stands on a command line without dashes.
    pub(crate) fn is_positional(&self) -> bool {
        !self.name.starts_with('-')
    }

    /// Whether it means something to a command.
    pub(crate) fn is_for(&self, command: CommandName) -> bool {
        self.commands.contains(&command)
    }

    /// Its variable, else itself: what to name where there is no command line.
    pub(crate) fn variable(&self) -> &'static str {
        self.variable.unwrap_or(self.name)
    }

    /// The default in words, as help shows it.
    pub(crate) fn default_text(&self) -> Option<&'static str> {
        match self.unset {
            Unset::Value(text) if self.takes != Takes::Switch && self.takes != Takes::Count => Some(text),
            Unset::Words(text) => Some(text),
            Unset::Value(_) | Unset::Nothing => None,
        }
    }
}

impl<T> Setting<T> {
    /// The value that holds where none is given.
    pub(super) fn default(&self) -> T {
        let Unset::Value(text) = self.flag.unset else { unreachable!("{} has no default", self.flag.name) };
        match (self.parse)(text) {
            Ok(value) => value,
            Err(wrong) => unreachable!("the default of {} is not {}", self.flag.name, wrong.wanted),
        }
    }
}
