//! What a rerun must say again: the settings beside the target that decide what is sent, whom it reaches and what is
//! found.

use super::{
    ALLOW_PRODUCTION, BASELINE, CA_FILE, CASES, CLIENT_CERT, CLIENT_KEY, ENV_FILE, FIRST_BYTE, HTTP, IDLE, INSECURE,
    LINGER, MAX_BODY, Name, PROFILE, RATE, SLOW, SPEC, Settings, TIMEOUT, parse,
};
use crate::case::Profile;

/// A setting as it was given, by flag or variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    flag: &'static str,
    text: String,
}

impl Given {
    /// Remembers what was given, unless a rerun can do without.
    pub(super) fn new(name: Name, text: &str) -> Option<Self> {
        let again = [
            ENV_FILE,
            SPEC,
            CASES,
            TIMEOUT,
            FIRST_BYTE,
            IDLE,
            SLOW,
            LINGER,
            MAX_BODY,
            RATE,
            BASELINE,
            ALLOW_PRODUCTION,
            CA_FILE,
            INSECURE,
            CLIENT_CERT,
            CLIENT_KEY,
            HTTP,
        ];
        // One case is selected whatever the profile is, unless a variable leaves it out of a smaller one.
        let profile = name.flag == PROFILE.flag && parse::profile(text.trim()).is_ok_and(|it| it == Profile::Extended);
        let wanted = profile || again.iter().any(|one| one.flag == name.flag);
        wanted.then(|| Self { flag: name.flag, text: text.trim().to_owned() })
    }

    /// As words of a command line.
    fn words(&self) -> Vec<String> {
        let Self { flag, text } = self;
        if [ALLOW_PRODUCTION.flag, INSECURE.flag].contains(flag) {
            return match parse::boolean(text) {
                Ok(true) => vec![(*flag).to_owned()],
                _ => vec![format!("{flag}={text}")],
            };
        }
        // A value that looks like a flag must not pass for one.
        if text.starts_with('-') { vec![format!("{flag}={text}")] } else { vec![(*flag).to_owned(), text.clone()] }
    }
}

impl Settings {
    /// The words of a command line that repeat these settings, in the order in which they were resolved. The target and
    /// the fields for gateways are left out: what they are is known to others, and fields may be secret.
    pub fn again(&self) -> Vec<String> {
        self.given.iter().flat_map(Given::words).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Environment, Flags, NetworkFlags};
    use super::*;

    #[test]
    fn what_was_given_is_said_again_whoever_gave_it() {
        let text = |text: &str| Some(text.to_owned());
        let flags = Flags {
            cases: text("my cases"),
            spec: text("-x.yaml"),
            slow: text(" 1.5s "),
            jobs: text("3"),
            profile: text("core"),
            network: NetworkFlags { insecure: text("TRUE"), ..NetworkFlags::default() },
            ..Flags::default()
        };
        let env: Environment = [
            ("CONFORMANT_SLOW", "9s"),
            ("CONFORMANT_TIMEOUT", "7s"),
            ("CONFORMANT_ALLOW_PRODUCTION", "no"),
            ("CONFORMANT_HTTP", "2"),
        ]
        .into_iter()
        .collect();
        let settings = Settings::resolve(&flags, env).expect("right");
        let words = settings.again();
        let expected = [
            "--timeout",
            "7s",
            "--spec=-x.yaml",
            "--cases",
            "my cases",
            "--slow",
            "1.5s",
            "--allow-production=no",
            "--insecure",
            "--http",
            "2",
        ];
        assert_eq!(words, expected);
        let whole = Flags { profile: text("extended"), ..Flags::default() };
        let settings =
            Settings::resolve(&whole, [("CONFORMANT_PROFILE", "core")].into_iter().collect()).expect("right");
        assert_eq!(settings.again(), ["--profile", "extended"]);
        let nothing = Settings::resolve(&Flags::default(), Environment::default()).expect("right");
        assert_eq!(nothing.again(), [""; 0]);
    }
}
