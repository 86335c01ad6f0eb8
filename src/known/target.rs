//! The targets of a known deviation: all, the embedded reference, or hosts that match a pattern.

/// The target of the run, as far as an entry can distinguish targets.
#[derive(Clone, Debug)]
pub struct RunTarget {
    /// The host of the base URL, an IPv6 address in brackets.
    pub host: String,
    /// Whether it is the embedded reference.
    pub is_reference: bool,
}

/// The targets of a known deviation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TargetPattern {
    /// All.
    All,
    /// The embedded reference.
    Reference,
    /// Hosts that match this pattern, in lower case: `*` matches any characters, `?` matches one.
    Host(String),
}

impl TargetPattern {
    /// Reads the value of `target`. The error is the end of a sentence that names the value.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        if text == "reference" {
            return Ok(Self::Reference);
        }
        let pattern = text.to_ascii_lowercase();
        let address = pattern.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        // An IPv6 address has more than one colon, and one colon stands before a port.
        let colons = pattern.bytes().filter(|byte| *byte == b':').count();
        if pattern.contains('/') {
            Err("contains a scheme or a path")
        } else if address.is_none() && (colons == 1 || pattern.contains("]:")) {
            Err("contains a port")
        } else if pattern.bytes().any(|byte| byte.is_ascii_whitespace() || b",@{}|".contains(&byte)) {
            Err("contains a character that no host has")
        } else {
            Ok(Self::Host(address.unwrap_or(&pattern).trim_end_matches('.').to_owned()))
        }
    }

    /// Whether the target of the run is one of them.
    pub(super) fn is(&self, target: &RunTarget) -> bool {
        match self {
            Self::All => true,
            Self::Reference => target.is_reference,
            Self::Host(pattern) => {
                let host = target.host.to_ascii_lowercase();
                let host = host.trim_matches(['[', ']']).trim_end_matches('.');
                matches(pattern.as_bytes(), host.as_bytes())
            }
        }
    }
}

/// Whether a pattern matches a whole text. Only the last `*` is tried again, so the time is at most the product of both
/// lengths.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut next) = (0, 0);
    // The last `*`, and how much of the text it has taken.
    let mut star: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(next) {
            Some(b'*') => {
                star = Some((next, at));
                next += 1;
            }
            Some(byte) if *byte == b'?' || *byte == text[at] => {
                at += 1;
                next += 1;
            }
            _ => {
                let Some((of, taken)) = star else { return false };
                star = Some((of, taken + 1));
                (at, next) = (taken + 1, of + 1);
            }
        }
    }
    pattern[next..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(host: &str) -> RunTarget {
        RunTarget { host: host.to_owned(), is_reference: false }
    }

    fn hits(pattern: &str, host: &str) -> bool {
        TargetPattern::parse(pattern).expect("a pattern").is(&at(host))
    }

    #[test]
    fn a_pattern_fits_whole_hosts() {
        for (pattern, host) in [
            ("staging.example.com", "staging.example.com"),
            ("Staging.Example.COM", "staging.example.com"),
            ("staging.example.com", "STAGING.example.com."),
            ("*.example.com", "a.b.example.com"),
            ("*", "anything"),
            ("staging-?.example.com", "staging-7.example.com"),
            ("*a*b*c", "xxaxbxxbxc"),
            ("127.0.0.*", "127.0.0.1"),
            ("[::1]", "[::1]"),
            ("::1", "[::1]"),
            ("fe80::*", "[fe80::1]"),
        ] {
            assert!(hits(pattern, host), "{pattern} {host}");
        }
        for (pattern, host) in [
            ("example.com", "staging.example.com"),
            ("staging.example.com", "staging.example.com.evil.org"),
            ("*.example.com", "example.com"),
            ("*.example.com", "badexample.com"),
            ("staging-?.example.com", "staging-12.example.com"),
            ("*a*b*c", "xxaxbxxbx"),
            ("?", ""),
        ] {
            assert!(!hits(pattern, host), "{pattern} {host}");
        }
    }

    #[test]
    fn the_reference_has_a_name_of_its_own() {
        let reference = RunTarget { host: "127.0.0.1".to_owned(), is_reference: true };
        let target = TargetPattern::parse("reference").expect("a target");
        assert!(target.is(&reference) && !target.is(&at("127.0.0.1")) && !target.is(&at("reference")));
        assert!(TargetPattern::All.is(&reference) && TargetPattern::All.is(&at("x")));
        assert!(TargetPattern::parse("127.*").expect("a target").is(&reference));
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for (text, why) in [
            ("https://staging.example.com", "contains a scheme or a path"),
            ("staging.example.com/v1", "contains a scheme or a path"),
            ("staging.example.com:8080", "contains a port"),
            ("[::1]:80", "contains a port"),
            ("a, b", "contains a character that no host has"),
            ("user@host", "contains a character that no host has"),
            ("{a,b}.example.com", "contains a character that no host has"),
        ] {
            assert_eq!(TargetPattern::parse(text), Err(why), "{text}");
        }
    }

    #[test]
    fn a_pattern_of_many_stars_takes_no_time() {
        assert!(!matches("*a".repeat(60).as_bytes(), "a".repeat(50).as_bytes()));
        assert!(matches("*a".repeat(50).as_bytes(), "ba".repeat(500).as_bytes()));
    }
}
