//! Reads the text of a flag or variable. Both are read in the same way.

use std::path::PathBuf;
use std::time::Duration;

use crate::suite::Profile;

/// Reads one kind of value from a text that is trimmed and not empty.
pub(super) type ValueParser<T> = fn(&str) -> Result<T, Wrong>;

/// Why a text is not a value of its kind.
#[derive(Debug)]
pub(super) struct Wrong {
    /// What was expected, with its article.
    pub(super) wanted: String,
    /// What to write instead.
    pub(super) help: String,
}

impl Wrong {
    fn new(wanted: impl Into<String>, help: impl Into<String>) -> Self {
        Self { wanted: wanted.into(), help: help.into() }
    }
}

/// The longest time that a setting may have.
const LONGEST: Duration = Duration::from_secs(60 * 60);

#[allow(clippy::unnecessary_wraps, reason = "it is one of several readers")]
pub(super) fn text(text: &str) -> Result<String, Wrong> {
    Ok(text.to_owned())
}

#[allow(clippy::unnecessary_wraps, reason = "it is one of several readers")]
pub(super) fn path(text: &str) -> Result<PathBuf, Wrong> {
    Ok(PathBuf::from(text))
}

pub(super) fn boolean(text: &str) -> Result<bool, Wrong> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" => Ok(true),
        "0" | "false" | "no" => Ok(false),
        _ => Err(Wrong::new("a yes or no", "write 1, true or yes; or 0, false or no")),
    }
}

/// The version of HTTP; true for 2.
pub(super) fn http2(text: &str) -> Result<bool, Wrong> {
    match text {
        "1" | "1.1" => Ok(false),
        "2" | "2.0" if cfg!(feature = "http2") => Ok(true),
        "2" | "2.0" => Err(Wrong::new(
            "a version of HTTP that this build can judge",
            "turn the Cargo feature `http2` of conformant on, or write 1.1",
        )),
        _ => Err(Wrong::new("a version of HTTP that can be judged", "write 1.1 or 2")),
    }
}

pub(super) fn verbosity(text: &str) -> Result<u8, Wrong> {
    match text.to_ascii_lowercase().as_str() {
        "0" | "false" | "no" => Ok(0),
        "1" | "true" | "yes" => Ok(1),
        "2" => Ok(2),
        _ => Err(Wrong::new("0, 1 or 2", "write 1 for what passing cases sent and got, 2 for every byte of it")),
    }
}

pub(super) fn profile(text: &str) -> Result<Profile, Wrong> {
    match text {
        "core" => Ok(Profile::Core),
        "extended" => Ok(Profile::Extended),
        _ => Err(Wrong::new("a profile", "the profiles are core and extended")),
    }
}

pub(super) fn jobs(text: &str) -> Result<usize, Wrong> {
    whole(text, 1, 1024)
}

pub(super) fn port(text: &str) -> Result<u16, Wrong> {
    whole(text, 0, u16::MAX)
}

pub(super) fn repeat(text: &str) -> Result<u64, Wrong> {
    whole(text, 1, 10_000_000)
}

fn whole<T>(text: &str, least: T, most: T) -> Result<T, Wrong>
where
    T: Copy + std::str::FromStr + PartialOrd + std::fmt::Display,
{
    let value: Option<T> = text.parse().ok();
    value.filter(|value| (&least..=&most).contains(&value)).ok_or_else(|| {
        Wrong::new(format!("a whole number from {least} to {most}"), format!("write a number such as {least}"))
    })
}

/// `500ms`, `30s`, `1.5m`: from a millisecond to an hour.
pub(super) fn duration(text: &str) -> Result<Duration, Wrong> {
    let wrong = || Wrong::new("a time between 1ms and 60m", "write a number and its unit: 500ms, 30s or 2m");
    let at = text.find(|c: char| c.is_ascii_alphabetic()).ok_or_else(wrong)?;
    let (number, unit) = text.split_at(at);
    let unit = match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        _ => return Err(wrong()),
    };
    let seconds = decimal(number.trim_end()).ok_or_else(wrong)? * unit;
    let duration = Duration::try_from_secs_f64(seconds).map_err(|_| wrong())?;
    if (Duration::from_millis(1)..=LONGEST).contains(&duration) { Ok(duration) } else { Err(wrong()) }
}

/// As [`duration`], but at most ten seconds: every case whose response has no body waits so long.
pub(super) fn linger(text: &str) -> Result<Duration, Wrong> {
    const LONGEST: Duration = Duration::from_secs(10);
    let wrong = || Wrong::new("a time between 1ms and 10s", "write a number and its unit: 20ms or 1s");
    duration(text).ok().filter(|time| *time <= LONGEST).ok_or_else(wrong)
}

/// `10MiB`: a size that a run can keep in memory for each exchange.
pub(super) fn size(text: &str) -> Result<usize, Wrong> {
    const RANGE: std::ops::RangeInclusive<usize> = 1024..=256 * 1024 * 1024;
    let wrong = || Wrong::new("a size between 1KiB and 256MiB", "write a whole number and its unit: 500KiB or 10MiB");
    let at = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(at);
    let unit = match unit.trim_start().to_ascii_lowercase().as_str() {
        "b" | "" => 1,
        "kib" => 1024,
        "mib" => 1024 * 1024,
        "kb" => 1000,
        "mb" => 1_000_000,
        _ => return Err(wrong()),
    };
    let size = number.parse::<usize>().ok().and_then(|number| number.checked_mul(unit)).ok_or_else(wrong)?;
    if RANGE.contains(&size) { Ok(size) } else { Err(wrong()) }
}

/// `10/s`: requests a second.
pub(super) fn rate(text: &str) -> Result<f64, Wrong> {
    let wrong = || {
        Wrong::new(
            "a rate between 0.001/s and 1000000/s",
            "write how many requests a second at most: 10/s, or 0.5/s for one in two seconds",
        )
    };
    let value = text.strip_suffix("/s").and_then(|number| decimal(number.trim_end())).ok_or_else(wrong)?;
    if (0.001..=1_000_000.0).contains(&value) { Ok(value) } else { Err(wrong()) }
}

/// Digits with at most one point between them; `f64` alone would also take `inf`, `1e9` and signs.
fn decimal(text: &str) -> Option<f64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let ends = text.starts_with('.') || text.ends_with('.');
    if plain && !ends && text.len() <= 20 { text.parse().ok() } else { None }
}

/// `FORMAT=PATH`.
pub(super) fn report(text: &str) -> Result<(String, PathBuf), Wrong> {
    match text.split_once('=').map(|(format, path)| (format.trim(), path.trim())) {
        Some((format, path)) if !format.is_empty() && !path.is_empty() => Ok((format.to_owned(), PathBuf::from(path))),
        _ => Err(Wrong::new("of the form FORMAT=PATH", "write, for example, json=target/conformance.json")),
    }
}
