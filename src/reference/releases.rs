//! The releases of the real API that changed *Delete Conversation*, as data.
//!
//! All other responses of the reference are the same for all releases.

use std::fmt;
use std::str::FromStr;

/// A version: three numbers, compared as numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// The first number.
    pub major: u32,
    /// The second.
    pub minor: u32,
    /// The third.
    pub patch: u32,
}

/// A release whose deletion behaves differently from the one before it.
#[derive(Debug, PartialEq, Eq)]
pub struct Release {
    /// The first version that behaves so.
    pub version: Version,
    /// The status of an accepted deletion.
    pub status: u16,
    /// The JSON body of an accepted deletion, without its final line break; `None` for a 204.
    pub body: Option<&'static str>,
    /// Whether it looks for the conversation of this app and user before it deletes. A release that does not look accepts
    /// every UUID, and deletes any conversation with that id.
    pub looks_first: bool,
}

/// The body of the first releases: the fields of a conversation, all null.
const ALL_NULL: &str = r#"{"id":null,"name":null,"inputs":null,"status":null,"introduction":null,"created_at":null}"#;

/// The releases, oldest first.
pub static RELEASES: &[Release] = &[
    Release { version: Version::new(0, 3, 8), status: 200, body: Some(ALL_NULL), looks_first: true },
    Release { version: Version::new(0, 3, 13), status: 204, body: None, looks_first: true },
    Release { version: Version::new(0, 6, 16), status: 200, body: Some(ALL_NULL), looks_first: true },
    Release { version: Version::new(0, 11, 1), status: 200, body: Some(r#"{"result":"success"}"#), looks_first: true },
    Release { version: Version::new(1, 3, 1), status: 204, body: None, looks_first: true },
    Release { version: Version::new(1, 8, 0), status: 204, body: None, looks_first: false },
    Release { version: Version::new(1, 13, 1), status: 204, body: None, looks_first: true },
];

/// Why a text does not name a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnknownRelease {
    /// It is not a version.
    Malformed(String),
    /// It is older than the first known release.
    TooOld(Version),
}

impl Version {
    /// A version.
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self { major, minor, patch }
    }
}

impl FromStr for Version {
    type Err = UnknownRelease;

    /// Reads exactly `X.Y.Z`: decimal numbers without sign, space or leading zero.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let malformed = || UnknownRelease::Malformed(text.to_owned());
        let mut numbers = [0; 3];
        let mut parts = text.split('.');
        for number in &mut numbers {
            let part = parts.next().ok_or_else(malformed)?;
            let plain = part.bytes().all(|byte| byte.is_ascii_digit()) && (part == "0" || !part.starts_with('0'));
            *number = part.parse().ok().filter(|_| plain).ok_or_else(malformed)?;
        }
        let [major, minor, patch] = numbers;
        if parts.next().is_some() { Err(malformed()) } else { Ok(Self { major, minor, patch }) }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl Release {
    /// The newest one, which behaves as the recordings show.
    pub fn newest() -> &'static Self {
        &RELEASES[RELEASES.len() - 1]
    }

    /// The latest one that is not newer than a version; `None` if all are newer.
    pub fn at(version: Version) -> Option<&'static Self> {
        RELEASES.iter().rev().find(|release| release.version <= version)
    }

    /// The latest one that is not newer than the version that a text names.
    pub fn named(text: &str) -> Result<&'static Self, UnknownRelease> {
        let version = text.parse()?;
        Self::at(version).ok_or(UnknownRelease::TooOld(version))
    }

    /// A sentence without a full stop for a user who asked for another version than this release's own.
    pub fn substitution_note(&self, asked: &str) -> Option<String> {
        let own = self.version.to_string();
        (asked != own).then(|| format!("release {asked} behaves as {own}, because no change between them is known"))
    }
}

impl fmt::Display for UnknownRelease {
    /// What is wrong and which releases there are: one sentence without a full stop.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(text) => write!(f, "{text:?} is not a release, which is three numbers such as 1.8.0")?,
            Self::TooOld(version) => write!(f, "release {version} is older than every known release")?,
        }
        f.write_str("; behaviour changed in ")?;
        for (index, release) in RELEASES.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{}", release.version)?;
        }
        Ok(())
    }
}

impl std::error::Error for UnknownRelease {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_order_and_bodies_go_with_statuses_that_have_one() {
        assert!(RELEASES.windows(2).all(|pair| pair[0].version < pair[1].version));
        for release in RELEASES {
            assert_eq!(release.body.is_none(), release.status == 204, "{}", release.version);
        }
    }

    #[test]
    fn the_latest_one_not_newer_is_picked() {
        for (asked, picked) in [
            ("0.3.8", "0.3.8"),
            ("0.3.12", "0.3.8"),
            ("0.10.0", "0.6.16"),
            ("1.8.0", "1.8.0"),
            ("1.13.0", "1.8.0"),
            ("1.13.1", "1.13.1"),
            ("99.0.0", "1.13.1"),
        ] {
            assert_eq!(Release::named(asked).map(|release| release.version.to_string()), Ok(picked.to_owned()));
        }
        assert_eq!(Release::newest().version, Version::new(1, 13, 1));
    }

    #[test]
    fn another_version_than_the_one_asked_for_is_told() {
        let release = Release::named("1.12.0").expect("there is one not newer");
        let note = release.substitution_note("1.12.0").expect("it is another");
        assert!(note.contains("1.12.0") && note.contains("1.8.0"), "{note}");
        assert_eq!(release.substitution_note("1.8.0"), None);
    }

    #[test]
    fn a_text_that_is_no_version_is_refused_and_the_known_ones_are_named() {
        for text in
            ["", "1", "1.8", "1.8.0.0", "v1.8.0", "1.8.x", "1.8.", " 1.8.0", "+1.8.0", "1.08.0", "1.8.99999999999"]
        {
            let error = Release::named(text).expect_err(text);
            assert_eq!(error, UnknownRelease::Malformed(text.to_owned()));
            assert!(error.to_string().contains("1.13.1"), "{error}");
        }
    }

    #[test]
    fn a_version_before_the_first_is_refused() {
        assert_eq!(Release::named("0.3.7"), Err(UnknownRelease::TooOld(Version::new(0, 3, 7))));
    }
}
