//! A day of the calendar in UTC, written `2026-01-31` (RFC 3339 full-date).

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

/// A day of the proleptic Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: u64,
    month: u64,
    day: u64,
}

impl Date {
    /// The current day in UTC.
    pub fn today() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self::after_1970(since.as_secs() / 86_400)
    }

    /// Reads `YYYY-MM-DD`. None for any other text, and for a day that does not exist.
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('-').collect();
        let [year, month, day] = parts.as_slice() else { return None };
        let number = |part: &str, digits: usize| -> Option<u64> {
            let plain = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
            plain.then(|| part.parse().ok()).flatten()
        };
        let (year, month, day) = (number(year, 4)?, number(month, 2)?, number(day, 2)?);
        let length = *months(year).get(usize::try_from(month).ok()?.checked_sub(1)?)?;
        (1..=length).contains(&day).then_some(Self { year, month, day })
    }

    /// The day this many days after 1970-01-01.
    fn after_1970(mut days: u64) -> Self {
        let mut year = 1970;
        while days >= months(year).iter().sum() {
            days -= months(year).iter().sum::<u64>();
            year += 1;
        }
        let mut month = 1;
        for length in months(year) {
            if days < length {
                break;
            }
            days -= length;
            month += 1;
        }
        Self { year, month, day: days + 1 }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// The number of days in each month of a year.
fn months(year: u64) -> [u64; 12] {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    [31, 28 + u64::from(leap), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_become_dates() {
        for (days, date) in [
            (0, "1970-01-01"),
            (19_782, "2024-02-29"),
            (19_783, "2024-03-01"),
            (20_453, "2025-12-31"),
            (20_454, "2026-01-01"),
        ] {
            assert_eq!(Date::after_1970(days).to_string(), date);
            assert_eq!(Date::parse(date), Some(Date::after_1970(days)));
        }
    }

    #[test]
    fn only_days_that_exist_are_read() {
        for good in ["2024-02-29", "2000-02-29", "1999-12-31", "9999-12-31", "0001-01-01"] {
            assert_eq!(Date::parse(good).map(|date| date.to_string()).as_deref(), Some(good));
        }
        for bad in [
            "",
            "2026",
            "2026-1-31",
            "2026-01-1",
            "26-01-31",
            "2026-00-10",
            "2026-13-01",
            "2026-01-00",
            "2026-01-32",
            "2025-02-29",
            "1900-02-29",
            "2026-04-31",
            "2026-01-31 ",
            "2026-01-31T00:00:00Z",
            "+026-01-31",
            "2026/01/31",
            "2026-01-31-1",
            "２０２６-01-31",
        ] {
            assert_eq!(Date::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_earlier_day_is_less() {
        let date = |text| Date::parse(text).expect("a date");
        assert!(date("2025-12-31") < date("2026-01-01"));
        assert!(date("2026-01-31") < date("2026-02-01"));
        assert!(date("2026-02-01") < date("2026-02-02"));
    }
}
