//! The settings about the way to the target: which certificates to trust, and what gateways and proxies need.

use std::fmt;
use std::path::PathBuf;

use super::flag::{Flag, Setting};
use super::resolver::Resolver;
use super::table::{CA_FILE, CLIENT_CERT, CLIENT_KEY, HEADER, HTTP, INSECURE};
use crate::location::InputError;

/// How the target is reached.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// `--ca-file`: certificates to trust beside those that the machine trusts.
    pub ca_file: Option<NamedFile>,
    /// `--insecure`: any certificate is accepted.
    pub insecure: bool,
    /// `--header`: fields for every request.
    pub headers: Vec<Header>,
    /// The flag or variable that gave [`Network::headers`], for messages.
    pub headers_from: &'static str,
    /// `--client-cert`.
    pub client_cert: Option<NamedFile>,
    /// `--client-key`; none: the key is in the certificate's file. Never without a certificate.
    pub client_key: Option<NamedFile>,
    /// `--http`: whether HTTP/2 is spoken.
    pub http2: bool,
    /// The variables that name proxies.
    pub proxies: Proxies,
}

/// A file, and the flag or variable that names it, for messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedFile {
    /// Where it is.
    pub path: PathBuf,
    /// What names it.
    pub from: &'static str,
}

/// A field for every request. Its value may be a gateway's token, so `Debug` shows the name only.
#[derive(Clone, PartialEq, Eq)]
pub struct Header {
    /// The name, as written.
    pub name: String,
    /// The value, without the white space around it.
    pub value: String,
}

/// The variables about proxies, as text. The client reads them once it knows the target.
#[derive(Clone, Debug, Default)]
pub struct Proxies {
    /// For `http://` targets: `http_proxy`, else `HTTP_PROXY`.
    pub http: Option<Variable>,
    /// For `https://` targets: `https_proxy`, else `HTTPS_PROXY`.
    pub https: Option<Variable>,
    /// For targets that the two others do not cover: `all_proxy`, else `ALL_PROXY`.
    pub all: Option<Variable>,
    /// Hosts that are asked without a proxy: `no_proxy`, else `NO_PROXY`.
    pub none_for: Option<Variable>,
}

/// A variable and its value. The value may hold a password, so `Debug` shows the name only.
#[derive(Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub value: String,
}

impl Network {
    /// Whether [`Network::headers`] came from a command line, so that a rerun does not find them in the environment.
    pub fn headers_were_flags(&self) -> bool {
        self.headers_from == HEADER.flag.name
    }
}

impl Resolver<'_> {
    pub(super) fn network(&mut self) -> Network {
        let (headers_from, headers) = self.headers();
        let network = Network {
            ca_file: self.file(&CA_FILE),
            insecure: self.value(&INSECURE),
            headers,
            headers_from,
            client_cert: self.file(&CLIENT_CERT),
            client_key: self.file(&CLIENT_KEY),
            http2: self.value(&HTTP),
            proxies: self.proxies(),
        };
        if let (None, Some(key)) = (&network.client_cert, &network.client_key) {
            let Flag { name, variable, .. } = CLIENT_CERT.flag;
            self.errors.push(
                InputError::new(format!("{} names a key, and no certificate is named that it is for", key.from))
                    .help(format!("name the certificate with {name} or {}", variable.unwrap_or_default())),
            );
        }
        network
    }

    fn file(&mut self, setting: &'static Setting<PathBuf>) -> Option<NamedFile> {
        let from = self.source(setting);
        self.given(setting).map(|path| NamedFile { path, from })
    }

    /// `Name: value` once per flag; in the variable one a line, because values may hold commas. What is wrong with one is
    /// described without its value.
    fn headers(&mut self) -> (&'static str, Vec<Header>) {
        let (from, texts) = self.texts(&HEADER, '\n');
        let is_flag = from == HEADER.flag.name;
        // An empty line of the variable is no field; an empty flag is a mistake.
        let texts: Vec<&String> = texts.iter().filter(|text| is_flag || !text.trim().is_empty()).collect();
        let headers = texts.iter().enumerate().filter_map(|(index, text)| match header(text) {
            Ok(header) => Some(header),
            Err(why) => {
                let which =
                    if texts.len() > 1 { format!("{from} (the {})", ordinal(index + 1)) } else { from.to_owned() };
                let several = if is_flag { "" } else { "; several stand on lines of their own" };
                self.errors.push(
                    InputError::new(format!("{which} {why}"))
                        .help(format!("write the field's name, a colon and its value: 'X-Gateway-Token: …'{several}")),
                );
                None
            }
        });
        (from, headers.collect())
    }

    fn proxies(&mut self) -> Proxies {
        Proxies {
            http: self.first_of(["http_proxy", "HTTP_PROXY"]),
            https: self.first_of(["https_proxy", "HTTPS_PROXY"]),
            all: self.first_of(["all_proxy", "ALL_PROXY"]),
            none_for: self.first_of(["no_proxy", "NO_PROXY"]),
        }
    }

    /// The first variable that is not empty. By convention an empty proxy variable is the same as none.
    fn first_of(&mut self, names: [&'static str; 2]) -> Option<Variable> {
        names.into_iter().find_map(|name| match self.env.get(name).map(str::trim) {
            Some("") => None,
            Some(value) => Some(Variable { name, value: value.to_owned() }),
            None if self.env.has(name) => {
                self.errors.push(
                    InputError::new(format!("the variable {name} holds something that is no Unicode text"))
                        .help(format!("set {name} to plain text, or unset it")),
                );
                None
            }
            None => None,
        })
    }
}

fn header(text: &str) -> Result<Header, &'static str> {
    let (name, value) = text.trim().split_once(':').ok_or("has no colon")?;
    let (name, value) = (name.trim_end(), value.trim());
    match (name, value) {
        ("", _) => Err("has no name before the colon"),
        (_, "") => Err("has no value after the colon; was a variable meant to fill it?"),
        _ => Ok(Header { name: name.to_owned(), value: value.to_owned() }),
    }
}

fn ordinal(number: usize) -> String {
    match number {
        1 => "first".to_owned(),
        2 => "second".to_owned(),
        3 => "third".to_owned(),
        _ => format!("{number}th"),
    }
}

impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: …", self.name)
    }
}

impl fmt::Debug for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::super::environment::Environment;
    use super::super::flags::Flags;
    use super::super::resolved::Settings;
    use super::*;

    fn resolve(flags: &Flags, pairs: &[(&str, &str)]) -> Result<Network, String> {
        let env: Environment = pairs.iter().copied().collect();
        Settings::resolve(flags, env).map(|settings| settings.network).map_err(|errors| errors.to_string())
    }

    fn headers(given: &[&str]) -> Flags {
        given.iter().fold(Flags::default(), |flags, text| flags.with(&HEADER, text))
    }

    fn pairs(network: &Network) -> Vec<(&str, &str)> {
        network.headers.iter().map(|header| (header.name.as_str(), header.value.as_str())).collect()
    }

    #[test]
    fn every_variable_is_read_and_flags_outrank_them() {
        let variables = [
            ("CONFORMANT_CA_FILE", "a.pem"),
            ("CONFORMANT_INSECURE", "1"),
            ("CONFORMANT_HEADER", "X-A: 1, 2\n\n X-B:b\r\n"),
            ("CONFORMANT_CLIENT_CERT", "c.pem"),
            ("CONFORMANT_CLIENT_KEY", "k.pem"),
            ("CONFORMANT_HTTP", "2"),
        ];
        let network = resolve(&Flags::default(), &variables).expect("right");
        let named = |file: &Option<NamedFile>| file.as_ref().map(|file| (file.path.display().to_string(), file.from));
        assert_eq!(named(&network.ca_file), Some(("a.pem".to_owned(), "CONFORMANT_CA_FILE")));
        assert_eq!(named(&network.client_cert), Some(("c.pem".to_owned(), "CONFORMANT_CLIENT_CERT")));
        assert_eq!(named(&network.client_key), Some(("k.pem".to_owned(), "CONFORMANT_CLIENT_KEY")));
        assert!(network.insecure && network.http2);
        assert_eq!(pairs(&network), [("X-A", "1, 2"), ("X-B", "b")]);
        let flags = headers(&["X-C: a:b", "X-D: d"]);
        let flags = flags.with(&CA_FILE, "own.pem").with(&INSECURE, "no").with(&HTTP, "1.1");
        let network = resolve(&flags, &variables).expect("right");
        assert_eq!(named(&network.ca_file), Some(("own.pem".to_owned(), "--ca-file")));
        assert!(!network.insecure && !network.http2);
        assert_eq!((pairs(&network), network.headers_from), (vec![("X-C", "a:b"), ("X-D", "d")], "--header"));
    }

    #[test]
    fn a_malformed_header_is_told_without_its_value() {
        for (given, part) in [
            (&["hunter22"][..], "error: --header has no colon"),
            (&[": hunter22"], "--header has no name"),
            (&["X-A: 1", "X-Token:"], "--header (the second) has no value after the colon"),
        ] {
            let error = resolve(&headers(given), &[]).expect_err(part);
            assert!(error.contains(part) && !error.contains("hunter22"), "{error}");
        }
        let error = resolve(&Flags::default(), &[("CONFORMANT_HEADER", "X-A: a\nhunter22")]).expect_err("no");
        assert!(error.contains("CONFORMANT_HEADER (the second) has no colon"), "{error}");
        assert!(error.contains("lines of their own") && !error.contains("hunter22"), "{error}");
        let error = resolve(&Flags::default(), &[("CONFORMANT_HEADER", " ")]).expect_err("empty");
        assert!(error.contains("CONFORMANT_HEADER is set but empty"), "{error}");
    }

    #[test]
    fn there_are_two_versions() {
        let error = resolve(&Flags::default(), &[("CONFORMANT_HTTP", "3")]).expect_err("no such version");
        assert!(error.contains("CONFORMANT_HTTP is `3`, which is not a version of HTTP that can be judged"), "{error}");
        assert!(error.contains("write 1.1 or 2"), "{error}");
    }

    #[test]
    fn a_key_needs_its_certificate() {
        let error = resolve(&Flags::default(), &[("CONFORMANT_CLIENT_KEY", "k.pem")]).expect_err("no certificate");
        assert!(error.contains("CONFORMANT_CLIENT_KEY names a key") && error.contains("--client-cert"), "{error}");
    }

    #[test]
    fn proxies_are_read_in_both_spellings_and_empty_ones_say_nothing() {
        let said = |variable: &Option<Variable>| variable.as_ref().map(|one| (one.name, one.value.clone()));
        let network = resolve(
            &Flags::default(),
            &[
                ("http_proxy", ""),
                ("HTTP_PROXY", " http://a:1 "),
                ("https_proxy", "b:2"),
                ("HTTPS_PROXY", "c:3"),
                ("ALL_PROXY", ""),
                ("no_proxy", "x.test"),
            ],
        )
        .expect("right");
        let Proxies { http, https, all, none_for } = &network.proxies;
        assert_eq!(said(http), Some(("HTTP_PROXY", "http://a:1".to_owned())));
        assert_eq!(said(https), Some(("https_proxy", "b:2".to_owned())));
        assert_eq!((said(all), said(none_for)), (None, Some(("no_proxy", "x.test".to_owned()))));
        assert!(!format!("{network:?}").contains("b:2"), "{network:?}");
    }
}
