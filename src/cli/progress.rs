//! What is seen while a run goes on: a bar on a terminal, a plain line now and then elsewhere. On stderr alone, because
//! stdout is for the report. Before a part of the report is printed on the same terminal the bar is erased, and drawn again
//! below it; before the last part it goes.

#[cfg_attr(not(feature = "progress"), path = "progress/absent.rs")]
mod bar;

use std::io::{self, IsTerminal as _};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::event::{Event, Listener};
use crate::outcome::Verdict;
use crate::report::Apart;
use crate::settings::Settings;
use crate::write::write_stderr;
use bar::Bar;

/// How long a run may take before a line says how far it is; most end earlier.
const FIRST_LINE: Duration = Duration::from_secs(5);
/// How often a bar is drawn anew, and how soon the first time: a run that is over by then shows none.
const DRAW: Duration = Duration::from_millis(100);
/// How long the bar may take to go.
const GONE: Duration = Duration::from_secs(1);
/// What is said at the first signal.
const INTERRUPTED: &str = "interrupted: removing the objects that were made; interrupt again to stop at once";
/// The narrowest terminal on which a bar tells anything.
const NARROWEST: u16 = 40;

/// How progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ProgressForm {
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

impl ProgressForm {
    fn of(surroundings: Surroundings) -> Self {
        match surroundings {
            // Both come to the same terminal: what is for programs is not mixed with what is for people.
            Surroundings { stdout: true, text: false, .. } => Self::Nothing,
            Surroundings { stderr: Some(width), .. } if width >= NARROWEST => Self::Bar,
            _ => Self::Lines,
        }
    }
}

/// What has happened in a run so far, counted from its events.
#[derive(Debug, Default)]
struct Counters {
    all: AtomicUsize,
    ended: AtomicUsize,
    failed: AtomicUsize,
    unjudged: AtomicUsize,
    making: AtomicUsize,
    removing: AtomicUsize,
    has_begun: AtomicBool,
    is_over: AtomicBool,
}

impl Listener for Counters {
    fn take(&self, event: &Event) {
        match event {
            Event::RunStarted(start) => self.all.store(start.case_runs, Ordering::Relaxed),
            Event::CaseStarted(_) => self.has_begun.store(true, Ordering::Relaxed),
            Event::CaseRunEnded { verdict, .. } => {
                self.ended.fetch_add(1, Ordering::Relaxed);
                match verdict {
                    Verdict::Fail => _ = self.failed.fetch_add(1, Ordering::Relaxed),
                    Verdict::Error => _ = self.unjudged.fetch_add(1, Ordering::Relaxed),
                    Verdict::Pass | Verdict::Skipped | Verdict::Known => {}
                }
            }
            Event::ObjectRequested => _ = self.making.fetch_add(1, Ordering::Relaxed),
            Event::ObjectAnswered => _ = self.making.fetch_sub(1, Ordering::Relaxed),
            Event::RemovalRepeated(objects) => self.removing.store(*objects, Ordering::Relaxed),
            Event::RunEnded(_) => self.is_over.store(true, Ordering::Relaxed),
            _ => {}
        }
    }
}

impl Counters {
    fn now(&self) -> Moment {
        let [all, ended, failed, unjudged, making, removing] =
            [&self.all, &self.ended, &self.failed, &self.unjudged, &self.making, &self.removing]
                .map(|it| it.load(Ordering::Relaxed));
        let has_begun = self.has_begun.load(Ordering::Relaxed);
        Moment { has_begun, all, ended, failed, unjudged, making, removing }
    }

    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }
}

/// The counters at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Moment {
    /// Whether a case has started. Until then the run checks the target.
    has_begun: bool,
    /// How many case runs there are to be: cases, times repetitions.
    all: usize,
    /// How many have ended, or will not be run.
    ended: usize,
    /// How many of them failed.
    failed: usize,
    /// How many of them could not be judged.
    unjudged: usize,
    /// How many objects are being made.
    making: usize,
    /// How many objects the run tries again to remove, after the cases.
    removing: usize,
}

/// The bar while one is drawn. Whoever holds it draws, or prints, alone.
type BarPlace = Mutex<Option<Bar>>;

/// Shows how far a run is, from its own thread, until it is dropped.
pub(crate) struct ProgressDisplay {
    form: ProgressForm,
    counters: Arc<Counters>,
    bar: Arc<BarPlace>,
    stop: Option<Sender<()>>,
    /// Is closed when the thread is at its end.
    ended: Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

impl ProgressDisplay {
    /// Begins to show it. `text` says whether stdout gets the report for people.
    pub(crate) fn begin(settings: &Settings, text: bool) -> Self {
        let dumb = settings.env.get("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
        let form = ProgressForm::of(Surroundings {
            stderr: (io::stderr().is_terminal() && !dumb).then(bar::width),
            stdout: io::stdout().is_terminal(),
            text,
        });
        let counters: Arc<Counters> = Arc::default();
        let bar: Arc<BarPlace> = Arc::default();
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
        let (own, place) = (Arc::clone(&counters), Arc::clone(&bar));
        let thread = match form {
            ProgressForm::Nothing => None,
            ProgressForm::Lines => begin(Box::new(move || lines(&own, &stopped, FIRST_LINE, write_stderr))),
            ProgressForm::Bar => begin(Box::new(move || draw(&own, &stopped, &place, Bar::on_stderr))),
        };
        Self { form, counters, bar, stop: Some(stop), ended, thread }
    }

    /// What must listen to the run.
    pub(crate) fn listener(&self) -> Arc<dyn Listener> {
        Arc::clone(&self.counters) as Arc<dyn Listener>
    }

    /// How a part of the report is printed without the bar in it.
    pub(crate) fn apart(&self) -> Apart {
        if self.form != ProgressForm::Bar || !io::stdout().is_terminal() {
            return Box::new(|write| write());
        }
        let (bar, counters) = (Arc::clone(&self.bar), Arc::clone(&self.counters));
        Box::new(move |write| print_apart(&mut locked(&bar), &counters, write))
    }

    /// What tells a person that the run is being interrupted, on a line of its own.
    pub(crate) fn interrupted(&self) -> fn() {
        match self.form {
            ProgressForm::Bar => || write_stderr(&format!("\r\x1b[2K{INTERRUPTED}")),
            ProgressForm::Lines | ProgressForm::Nothing => || write_stderr(INTERRUPTED),
        }
    }
}

impl Drop for ProgressDisplay {
    /// Waits until the bar is gone, but not for long: the reader of stderr may not read.
    fn drop(&mut self) {
        drop(self.stop.take());
        let gone = self.ended.recv_timeout(GONE) != Err(RecvTimeoutError::Timeout);
        if let Some(thread) = self.thread.take().filter(|_| gone) {
            // Whatever became of it, the run itself is sound.
            let _ = thread.join();
        }
    }
}

/// Prints while the bar is erased. Once the run is over, the bar does not come again.
fn print_apart(place: &mut Option<Bar>, counters: &Counters, write: &mut dyn FnMut()) {
    if counters.is_over()
        && let Some(bar) = place.take()
    {
        bar.clear();
    }
    match place {
        Some(bar) => bar.suspend(write),
        None => write(),
    }
}

/// A bar is whole before anything can panic.
fn locked(bar: &BarPlace) -> MutexGuard<'_, Option<Bar>> {
    bar.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether so much time has passed without the run ending.
fn goes_on(stopped: &Receiver<()>, time: Duration) -> bool {
    stopped.recv_timeout(time) == Err(RecvTimeoutError::Timeout)
}

fn lines(counters: &Counters, stopped: &Receiver<()>, first: Duration, mut tell: impl FnMut(&str)) {
    let start = Instant::now();
    while goes_on(stopped, pause(first, start.elapsed())) {
        tell(&line(counters.now(), start.elapsed()));
    }
}

/// How long until the next line: the longer the run, the rarer.
fn pause(first: Duration, elapsed: Duration) -> Duration {
    first.max(elapsed / 10)
}

/// Draws the bar until the run is over.
fn draw(counters: &Counters, stopped: &Receiver<()>, place: &BarPlace, begin: impl FnOnce() -> Bar) {
    let mut begin = Some(begin);
    while goes_on(stopped, DRAW) && !counters.is_over() {
        let now = counters.now();
        let mut shown = locked(place);
        if let Some(begin) = begin.take() {
            *shown = Some(begin());
        }
        if let Some(bar) = &*shown {
            bar.show(now.all, now.ended, said(now));
        }
    }
    if let Some(bar) = locked(place).take() {
        bar.clear();
    }
}

fn line(now: Moment, elapsed: Duration) -> String {
    format!("running for {} s: {}", elapsed.as_secs(), said(now))
}

/// The counters as a sentence.
fn said(now: Moment) -> String {
    let Moment { has_begun, all, ended, failed, unjudged, making, removing } = now;
    let failed = if failed > 0 { format!(", {failed} failed") } else { String::new() };
    let unjudged = if unjudged > 0 { format!(", {unjudged} could not be judged") } else { String::new() };
    let making = counted(", making", making);
    let removing = counted("; trying again to remove", removing);
    if !has_begun && (all == 0 || ended < all) {
        return format!("checking the target{making}{removing}");
    }
    let cases = if all == 1 { "case" } else { "cases" };
    format!("{ended} of {all} {cases}{failed}{unjudged}{making}{removing}")
}

/// What is done with how many objects; nothing if there are none.
fn counted(what: &str, objects: usize) -> String {
    match objects {
        0 => String::new(),
        1 => format!("{what} 1 object"),
        more => format!("{what} {more} objects"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_for_terminals_that_can_show_one() {
        let form = |stderr, stdout, text| ProgressForm::of(Surroundings { stderr, stdout, text });
        assert_eq!(form(Some(80), true, true), ProgressForm::Bar);
        assert_eq!(form(Some(80), false, false), ProgressForm::Bar, "a report for programs goes elsewhere");
        assert_eq!(form(Some(80), true, false), ProgressForm::Nothing);
        assert_eq!(form(None, true, false), ProgressForm::Nothing);
        for width in [0, 1, 39] {
            assert_eq!(form(Some(width), true, true), ProgressForm::Lines, "{width}");
        }
        assert_eq!(form(None, false, false), ProgressForm::Lines);
        assert_eq!(form(None, true, true), ProgressForm::Lines);
    }

    #[test]
    fn it_says_what_goes_on() {
        let now = |ended, failed, unjudged, making| Moment {
            has_begun: true,
            all: 22,
            ended,
            failed,
            unjudged,
            making,
            removing: 0,
        };
        let table = [
            (now(0, 0, 0, 0), "0 of 22 cases"),
            (now(0, 0, 0, 1), "0 of 22 cases, making 1 object"),
            (now(3, 1, 0, 5), "3 of 22 cases, 1 failed, making 5 objects"),
            (now(3, 1, 2, 0), "3 of 22 cases, 1 failed, 2 could not be judged"),
            (Moment { has_begun: false, ..now(0, 0, 0, 2) }, "checking the target, making 2 objects"),
            (Moment { removing: 1, ..now(22, 3, 0, 0) }, "22 of 22 cases, 3 failed; trying again to remove 1 object"),
        ];
        for (now, text) in table {
            assert_eq!(said(now), text);
        }
        assert_eq!(line(now(3, 0, 0, 0), Duration::from_millis(7_900)), "running for 7 s: 3 of 22 cases");
    }

    #[test]
    fn lines_come_while_it_runs_and_grow_rare() {
        let (stop, stopped) = channel();
        let mut stop = Some(stop);
        let mut printed: Vec<String> = Vec::new();
        lines(&Counters::default(), &stopped, Duration::from_millis(1), |line| {
            printed.push(line.to_owned());
            if printed.len() == 3 {
                drop(stop.take());
            }
        });
        assert_eq!(printed, ["running for 0 s: checking the target"; 3]);
        let seconds = |elapsed| pause(FIRST_LINE, Duration::from_secs(elapsed)).as_secs();
        assert_eq!([0, 5, 50, 600, 36_000].map(seconds), [5, 5, 5, 60, 3_600]);
    }

    #[test]
    fn it_ends_at_once_when_the_run_does() {
        let (stop, stopped) = channel();
        drop(stop);
        lines(&Counters::default(), &stopped, Duration::MAX, |line| panic!("{line}"));
        draw(&Counters::default(), &stopped, &BarPlace::default(), Bar::hidden);
    }

    #[test]
    fn what_is_under_way_and_what_has_ended_is_counted() {
        let counters = Counters::default();
        let ended = |verdict| Event::CaseRunEnded { case: "a/b".to_owned(), verdict };
        for event in [Event::ObjectRequested, Event::ObjectRequested, Event::ObjectAnswered] {
            counters.take(&event);
        }
        for verdict in [Verdict::Pass, Verdict::Known, Verdict::Fail, Verdict::Error] {
            counters.take(&ended(verdict));
        }
        assert_eq!(counters.now(), Moment { ended: 4, failed: 1, unjudged: 1, making: 1, ..Moment::default() });
    }

    #[test]
    fn the_bar_is_gone_before_the_last_part_is_printed() {
        let mut place = Some(Bar::hidden());
        let counters = Counters::default();
        let mut printed = 0;
        print_apart(&mut place, &counters, &mut || printed += 1);
        assert!(place.is_some(), "the run goes on");
        counters.is_over.store(true, Ordering::Relaxed);
        print_apart(&mut place, &counters, &mut || printed += 1);
        assert_eq!((place.is_none(), printed), (true, 2));
    }
}
