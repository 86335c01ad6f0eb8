//! Who reads what this program writes: a person at a terminal, or a log, in which a line may be a command.

use std::borrow::Cow;
use std::io::{self, IsTerminal as _};
use std::sync::OnceLock;

use crate::printable::{for_log, for_terminal};
use crate::settings::Environment;

/// Variables that CI systems set for every job.
const CI: &[&str] = &[
    "CI",
    "GITHUB_ACTIONS",
    "TF_BUILD",
    "GITLAB_CI",
    "BUILDKITE",
    "TEAMCITY_VERSION",
    "TRAVIS",
    "CIRCLECI",
    "APPVEYOR",
    "DRONE",
    "JENKINS_URL",
    "BITBUCKET_BUILD_NUMBER",
    "CODEBUILD_BUILD_ID",
];

/// A text as stdout may have it: lines, tabs and colours stay, and in a log no line holds a command.
pub fn to_stdout(text: &str) -> Cow<'_, str> {
    readable(text, io::stdout().is_terminal())
}

/// A text as stderr may have it, likewise.
pub fn to_stderr(text: &str) -> Cow<'_, str> {
    readable(text, io::stderr().is_terminal())
}

/// A text as a stream may have it that is a terminal or none. In CI a log is kept of a terminal, too.
pub(super) fn readable(text: &str, is_terminal: bool) -> Cow<'_, str> {
    static IN_CI: OnceLock<bool> = OnceLock::new();
    let in_ci = || *IN_CI.get_or_init(|| in_ci(&Environment::read()));
    if is_terminal && !in_ci() { for_terminal(text) } else { for_log(text) }
}

/// Whether this is a job of a CI system.
fn in_ci(env: &Environment) -> bool {
    let says_no = |value: &str| matches!(value.to_ascii_lowercase().as_str(), "" | "0" | "no" | "false");
    CI.iter().any(|name| env.get(name).is_some_and(|value| !says_no(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_known_by_what_its_system_sets() {
        let env = |name: &str, value: &str| Environment::from_iter([(name.to_owned(), value.to_owned())]);
        for (name, value) in [("CI", "true"), ("CI", "1"), ("GITHUB_ACTIONS", "true"), ("TF_BUILD", "True")] {
            assert!(in_ci(&env(name, value)), "{name}={value}");
        }
        for (name, value) in [("CI", "false"), ("CI", ""), ("CI", "0"), ("CIRCUS", "true")] {
            assert!(!in_ci(&env(name, value)), "{name}={value}");
        }
    }

    #[test]
    fn what_is_no_terminal_is_a_log() {
        assert_eq!(readable("::error::x\n", false), "\\x3a:error::x\n");
    }
}
