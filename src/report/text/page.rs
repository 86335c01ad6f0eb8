//! A text report as it grows, line by line, and the limits and measures that all its parts share.

use std::time::Duration;

use crate::report::format::View;
use crate::report::paint::Paint;

/// The longest sentence that is shown, in characters.
pub(super) const SENTENCE: usize = 600;
/// The longest name or address that is shown, in characters.
pub(super) const NAME: usize = 200;

/// The report as it grows.
pub(super) struct Page {
    pub(super) view: View,
    pub(super) paint: Paint,
    text: String,
}

impl Page {
    /// An empty one.
    pub(super) fn new(view: View) -> Self {
        Self { view, paint: Paint(view.color), text: String::new() }
    }

    /// Adds a line.
    pub(super) fn put(&mut self, text: impl AsRef<str>) {
        self.text.push_str(text.as_ref());
        self.text.push('\n');
    }

    /// The whole text.
    pub(super) fn text(self) -> String {
        self.text
    }
}

/// A time for people.
pub(super) fn time(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 1.0 {
        format!("{:.1} ms", seconds * 1000.0)
    } else if seconds < 120.0 {
        format!("{seconds:.2} s")
    } else {
        format!("{} min {} s", duration.as_secs() / 60, duration.as_secs() % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_for_people() {
        let table =
            [(0, "0.0 ms"), (400, "0.4 ms"), (999_900, "999.9 ms"), (1_250_000, "1.25 s"), (185_000_000, "3 min 5 s")];
        for (micros, text) in table {
            assert_eq!(time(Duration::from_micros(micros)), text);
        }
    }
}
