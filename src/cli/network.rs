//! The options about the way to the target.

use clap::Args;

use crate::settings::NetworkFlags;

#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Network options")]
pub(crate) struct NetworkArguments {
    /// Certificates to trust beside the machine's (PEM)
    #[arg(long, value_name = "FILE")]
    ca_file: Option<String>,
    /// Accept any certificate: the target may then be anybody
    #[arg(long, value_name = "yes|no", num_args = 0..=1, default_missing_value = "yes", require_equals = true)]
    insecure: Option<String>,
    /// A field for every request, for a gateway in front of the API; may be given several times
    #[arg(long = "header", value_name = "NAME: VALUE")]
    headers: Vec<String>,
    /// The certificate to show to a server that asks for one (PEM)
    #[arg(long, value_name = "FILE")]
    client_cert: Option<String>,
    /// Its key (PEM) [default: the one in the certificate's file]
    #[arg(long, value_name = "FILE")]
    client_key: Option<String>,
    /// The version of HTTP to speak: 1.1, which can be judged to the byte, or 2 [default: 1.1]
    #[arg(long, value_name = "VERSION")]
    http: Option<String>,
}

impl NetworkArguments {
    /// These, and where they say nothing, those that stood before the command's name.
    pub(crate) fn over(&mut self, before: Self) {
        let Self { ca_file, insecure, headers, client_cert, client_key, http } = before;
        let pairs = [
            (&mut self.ca_file, ca_file),
            (&mut self.insecure, insecure),
            (&mut self.client_cert, client_cert),
            (&mut self.client_key, client_key),
            (&mut self.http, http),
        ];
        for (own, other) in pairs {
            if own.is_none() {
                *own = other;
            }
        }
        self.headers.splice(0..0, headers);
    }

    /// Every option, and whether it was given.
    pub(crate) fn given(&self) -> [(&'static str, bool); 6] {
        [
            ("--ca-file", self.ca_file.is_some()),
            ("--insecure", self.insecure.is_some()),
            ("--header", !self.headers.is_empty()),
            ("--client-cert", self.client_cert.is_some()),
            ("--client-key", self.client_key.is_some()),
            ("--http", self.http.is_some()),
        ]
    }
}

impl From<NetworkArguments> for NetworkFlags {
    fn from(arguments: NetworkArguments) -> Self {
        let NetworkArguments { ca_file, insecure, headers, client_cert, client_key, http } = arguments;
        Self { ca_file, insecure, headers, client_cert, client_key, http }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::super::arguments::{Arguments, Task};
    use super::*;

    #[test]
    fn every_option_arrives_from_either_side() {
        let words = ["--ca-file=a", "--insecure", "--header=X-A: b", "--client-cert=c", "--client-key=d", "--http=2"];
        let text = |text: &str| Some(text.to_owned());
        let expected = NetworkFlags {
            ca_file: text("a"),
            insecure: text("yes"),
            headers: vec!["X-A: b".to_owned()],
            client_cert: text("c"),
            client_key: text("d"),
            http: text("2"),
        };
        let before = ["conformant"].iter().chain(&words).chain(&["run"]);
        let after = ["conformant", "run"].iter().chain(&words);
        for words in [before.copied().collect::<Vec<_>>(), after.copied().collect()] {
            match Arguments::try_parse_from(&words).expect("arguments").task() {
                Ok(Task::Run(flags)) => assert_eq!(flags.network, expected, "{words:?}"),
                _ => panic!("{words:?} is no run"),
            }
        }
        for word in words {
            let task = Arguments::try_parse_from(["conformant", word, "lint"]).expect("arguments").task();
            assert!(task.err().unwrap_or_default().contains("means nothing to `lint`"), "{word}");
        }
    }
}
