//! One setting at a time: flag over variable over default. What is wrong with any of them is gathered.

use std::path::PathBuf;
use std::time::Duration;

use super::environment::Environment;
use super::flag::Setting;
use super::flags::Flags;
use super::parse::{self, ValueParser};
use super::report_wish::ReportWish;
use super::rerun::Repeated;
use super::table::{API_BASE_URL, BASE_URL, FILTER, FORMAT, RELEASE, REPORT, TIMEOUT, VERBOSE};
use crate::location::InputError;

/// Looks values up and gathers what is wrong with them.
pub(super) struct Resolver<'a> {
    flags: &'a Flags,
    pub(super) env: &'a Environment,
    pub(super) errors: Vec<InputError>,
    /// What the rerun command repeats, in the order in which it was looked up.
    pub(super) repeated: Vec<Repeated>,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(flags: &'a Flags, env: &'a Environment) -> Self {
        Self { flags, env, errors: Vec::new(), repeated: Vec::new() }
    }

    /// The value that is given, else the default.
    pub(super) fn value<T>(&mut self, setting: &'static Setting<T>) -> T {
        self.given(setting).unwrap_or_else(|| setting.default())
    }

    /// The value that is given: the flag's, else the variable's.
    pub(super) fn given<T>(&mut self, setting: &'static Setting<T>) -> Option<T> {
        let flag = &setting.flag;
        let text = self.flags.one(flag);
        let value = match (text, flag.variable) {
            (Some(text), _) => self.parsed(flag.name, text, setting.parse),
            (None, Some(variable)) => self.variable(variable, setting.parse),
            (None, None) => None,
        };
        if value.is_some() {
            let text = text.or_else(|| self.env.get(flag.variable?));
            self.repeated.extend(text.and_then(|text| Repeated::new(flag, text)));
        }
        value
    }

    /// Whether flag or variable gave the value, for messages.
    pub(super) fn source<T>(&self, setting: &'static Setting<T>) -> &'static str {
        let flag = &setting.flag;
        if self.flags.all(flag).is_empty() { flag.variable() } else { flag.name }
    }

    /// All values that are given: one for each flag, else the parts of the variable; and which of the two gave them.
    pub(super) fn texts<T>(&mut self, setting: &'static Setting<T>, apart: char) -> (&'static str, Vec<String>) {
        let source = self.source(setting);
        if source == setting.flag.name {
            return (source, self.flags.all(&setting.flag).to_vec());
        }
        let text = self.variable(source, parse::text);
        (source, text.iter().flat_map(|text| text.split(apart)).map(str::to_owned).collect())
    }

    /// A variable's value.
    pub(super) fn variable<T>(&mut self, name: &'static str, parse: ValueParser<T>) -> Option<T> {
        match self.env.filled(name) {
            Ok(text) => text.and_then(|text| self.parsed(name, text, parse)),
            Err(error) => {
                self.errors.push(error);
                None
            }
        }
    }

    fn parsed<T>(&mut self, source: &'static str, text: &str, parse: ValueParser<T>) -> Option<T> {
        let text = text.trim();
        let result = if text.is_empty() {
            Err(InputError::new(format!("{source} is empty"))
                .help(format!("give {source} a value, or leave it out; was a variable meant to fill it?")))
        } else {
            parse(text).map_err(|wrong| {
                InputError::new(format!("{source} is `{text}`, which is not {}", wrong.wanted)).help(wrong.help)
            })
        };
        result.map_err(|error| self.errors.push(error)).ok()
    }

    /// A wait that is a part of a whole exchange. A longer one than the exchange would never end, so one of the two values is
    /// a mistake.
    pub(super) fn within(&mut self, setting: &'static Setting<Duration>, timeout: Duration) -> Option<Duration> {
        let source = self.source(setting);
        let wait = self.given(setting)?;
        if wait > timeout {
            self.errors.push(
                InputError::new(format!("{source} is longer than the whole exchange may take, which is {timeout:?}"))
                    .help(format!("give {} at least as much, or {source} less", TIMEOUT.flag.name)),
            );
        }
        Some(wait)
    }

    /// The target, and what named it. An empty `API_BASE_URL` is an error also where `CONFORMANT_BASE_URL` is set: both come
    /// from the same place, and one of them is a mistake there. Only a flag, which a person writes, outranks it.
    pub(super) fn base_url(&mut self) -> (Option<String>, &'static str) {
        let source = self.source(&BASE_URL);
        let own = self.given(&BASE_URL);
        if source == BASE_URL.flag.name {
            return (own, source);
        }
        let general = self.variable(API_BASE_URL, parse::text);
        if own.is_some() { (own, source) } else { (general, API_BASE_URL) }
    }

    /// The release of the embedded reference. `target` is the flag or variable that names another target: the release would
    /// change nothing there, so one of the two is a mistake.
    pub(super) fn release(&mut self, target: Option<&str>) -> Option<String> {
        let source = self.source(&RELEASE);
        let release = self.given(&RELEASE)?;
        if let Some(target) = target {
            self.errors.push(
                InputError::new(format!(
                    "{source} is `{release}`, and {target} names a target: only the embedded reference has releases to \
                     pick from"
                ))
                .help(format!(
                    "to judge the target, leave out {source}; to judge the reference as it was in {release}, leave out {target}"
                )),
            );
        }
        Some(release)
    }

    /// What goes to stdout.
    pub(super) fn format(&mut self) -> ReportWish {
        let from = self.source(&FORMAT);
        let given = self.given(&FORMAT);
        let path = given.is_some().then(|| PathBuf::from("-"));
        ReportWish { format: given.unwrap_or_else(|| FORMAT.default()), path, from }
    }

    /// What goes to files.
    pub(super) fn reports(&mut self) -> Vec<ReportWish> {
        let (from, wishes) = self.texts(&REPORT, ',');
        let parsed = wishes.iter().filter_map(|wish| self.parsed(from, wish, REPORT.parse));
        parsed.map(|(format, path)| ReportWish { format, path: Some(path), from }).collect()
    }

    /// The filters. An empty one would fit every case, and `conformant "$WANTED"` must not run all of them.
    pub(super) fn filters(&mut self) -> Vec<String> {
        let (from, filters) = self.texts(&FILTER, ',');
        filters.iter().filter_map(|filter| self.parsed(from, filter, FILTER.parse)).collect()
    }

    /// How much is shown.
    pub(super) fn verbosity(&mut self) -> u8 {
        match self.flags.all(&VERBOSE.flag).len() {
            0 => self.variable(VERBOSE.flag.variable(), VERBOSE.parse).unwrap_or_else(|| VERBOSE.default()),
            1 => 1,
            _ => 2,
        }
    }
}
