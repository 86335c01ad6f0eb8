//! What is seen while a run goes on: a bar on a terminal, a plain line now and then elsewhere. On stderr alone, because
//! stdout is for the report, and gone before the report is printed.

#[cfg_attr(not(feature = "progress"), path = "progress/absent.rs")]
mod bar;

use std::io::{self, IsTerminal as _};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::run::{Moment, Progress};
use crate::settings::Settings;
use crate::write::complain;
use bar::Bar;

/// How long a run may take before a line says how far it is; most end earlier.
const FIRST_LINE: Duration = Duration::from_secs(5);
/// How often a bar is drawn anew, and how soon the first time: a run that is over by then shows none.
const DRAW: Duration = Duration::from_millis(100);
/// How long the bar may take to go.
const GONE: Duration = Duration::from_secs(1);
/// What is said at the first signal.
const INTERRUPTED: &str = "interrupted: removing what was made; once more to leave at once";
/// The narrowest terminal on which a bar tells anything.
const NARROWEST: u16 = 40;

/// How progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Bar,
    Lines,
    Nothing,
}

/// What decides it.
#[derive(Clone, Copy, Debug)]
struct Surroundings {
    /// The width of the terminal that stderr is, if it is one that can be drawn on.
    stderr: Option<u16>,
    /// Whether stdout is a terminal.
    stdout: bool,
    /// Whether stdout gets the report for people.
    text: bool,
}

impl Way {
    fn of(surroundings: Surroundings) -> Self {
        match surroundings {
            // Both come to the same terminal: what is for programs is not mixed with what is for people.
            Surroundings { stdout: true, text: false, .. } => Self::Nothing,
            Surroundings { stderr: Some(width), .. } if width >= NARROWEST => Self::Bar,
            _ => Self::Lines,
        }
    }
}

/// Shows how far a run is, from its own thread, until it is dropped.
pub(crate) struct Shown {
    way: Way,
    stop: Option<Sender<()>>,
    /// Is closed when the thread is at its end.
    ended: Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

impl Shown {
    /// Begins to show it.
    pub(crate) fn begin(progress: Arc<Progress>, settings: &Settings, text: bool) -> Self {
        let dumb = settings.env.get("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
        let way = Way::of(Surroundings {
            stderr: (io::stderr().is_terminal() && !dumb).then(bar::width),
            stdout: io::stdout().is_terminal(),
            text,
        });
        let (stop, stopped) = channel();
        let (end, ended) = channel();
        // Where the system gives no thread nothing is shown.
        let begin = |shown: Box<dyn FnOnce() + Send>| {
            let shown = move || {
                shown();
                drop(end);
            };
            std::thread::Builder::new().spawn(shown).ok()
        };
        let thread = match way {
            Way::Nothing => None,
            Way::Lines => begin(Box::new(move || lines(&progress, &stopped, FIRST_LINE, complain))),
            Way::Bar => begin(Box::new(move || show_bar(&progress, &stopped, Bar::on_stderr))),
        };
        Self { way, stop: Some(stop), ended, thread }
    }

    /// What tells a person that the run is being interrupted, on a line of its own.
    pub(crate) fn interrupted(&self) -> fn() {
        match self.way {
            Way::Bar => || complain(&format!("\r\x1b[2K{INTERRUPTED}")),
            Way::Lines | Way::Nothing => || complain(INTERRUPTED),
        }
    }
}

impl Drop for Shown {
    /// Waits until the bar is gone; but not for long, because whoever reads stderr may not read.
    fn drop(&mut self) {
        drop(self.stop.take());
        let gone = self.ended.recv_timeout(GONE) != Err(RecvTimeoutError::Timeout);
        if let Some(thread) = self.thread.take().filter(|_| gone) {
            // Whatever became of it, the run itself is sound.
            let _ = thread.join();
        }
    }
}

/// Whether so much time has passed without the run ending.
fn goes_on(stopped: &Receiver<()>, time: Duration) -> bool {
    stopped.recv_timeout(time) == Err(RecvTimeoutError::Timeout)
}

fn lines(progress: &Progress, stopped: &Receiver<()>, first: Duration, mut tell: impl FnMut(&str)) {
    let start = Instant::now();
    while goes_on(stopped, pause(first, start.elapsed())) {
        tell(&line(progress.now(), start.elapsed()));
    }
}

/// How long until the next line: the longer the run, the rarer.
fn pause(first: Duration, elapsed: Duration) -> Duration {
    first.max(elapsed / 10)
}

fn show_bar(progress: &Progress, stopped: &Receiver<()>, begin: impl FnOnce() -> Bar) {
    let mut begin = Some(begin);
    let mut shown: Option<Bar> = None;
    while goes_on(stopped, DRAW) {
        let now = progress.now();
        if let Some(begin) = begin.take() {
            shown = Some(begin());
        }
        if let Some(bar) = &shown {
            bar.show(now.all, now.ended, said(now));
        }
    }
    if let Some(bar) = shown {
        bar.clear();
    }
}

fn line(now: Moment, elapsed: Duration) -> String {
    format!("running for {} s: {}", elapsed.as_secs(), said(now))
}

/// The counters as a sentence.
fn said(now: Moment) -> String {
    let Moment { all, ended, failed, making } = now;
    let failed = if failed > 0 { format!(", {failed} failed") } else { String::new() };
    let making = match making {
        0 => String::new(),
        1 => ", making 1 object".to_owned(),
        more => format!(", making {more} objects"),
    };
    let cases = if all == 1 { "case" } else { "cases" };
    format!("{ended} of {all} {cases}{failed}{making}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_for_terminals_that_can_show_one() {
        let way = |stderr, stdout, text| Way::of(Surroundings { stderr, stdout, text });
        assert_eq!(way(Some(80), true, true), Way::Bar);
        assert_eq!(way(Some(80), false, false), Way::Bar, "a report for programs goes elsewhere");
        assert_eq!(way(Some(80), true, false), Way::Nothing);
        assert_eq!(way(None, true, false), Way::Nothing);
        for width in [0, 1, 39] {
            assert_eq!(way(Some(width), true, true), Way::Lines, "{width}");
        }
        assert_eq!(way(None, false, false), Way::Lines);
        assert_eq!(way(None, true, true), Way::Lines);
    }

    #[test]
    fn it_says_what_goes_on() {
        let now = |ended, failed, making| Moment { all: 22, ended, failed, making };
        let table = [
            (now(0, 0, 0), "0 of 22 cases"),
            (now(0, 0, 1), "0 of 22 cases, making 1 object"),
            (now(3, 1, 5), "3 of 22 cases, 1 failed, making 5 objects"),
        ];
        for (now, text) in table {
            assert_eq!(said(now), text);
        }
        assert_eq!(line(now(3, 0, 0), Duration::from_millis(7_900)), "running for 7 s: 3 of 22 cases");
    }

    #[test]
    fn lines_come_while_it_runs_and_grow_rare() {
        let (stop, stopped) = channel();
        let mut stop = Some(stop);
        let mut told = Vec::new();
        lines(&Progress::default(), &stopped, Duration::from_millis(1), |line| {
            told.push(line.to_owned());
            if told.len() == 3 {
                drop(stop.take());
            }
        });
        assert_eq!(told, ["running for 0 s: 0 of 0 cases"; 3]);
        let seconds = |elapsed| pause(FIRST_LINE, Duration::from_secs(elapsed)).as_secs();
        assert_eq!([0, 5, 50, 600, 36_000].map(seconds), [5, 5, 5, 60, 3_600]);
    }

    #[test]
    fn it_ends_at_once_when_the_run_does() {
        let (stop, stopped) = channel();
        drop(stop);
        lines(&Progress::default(), &stopped, Duration::MAX, |line| panic!("{line}"));
        show_bar(&Progress::default(), &stopped, Bar::hidden);
    }
}
