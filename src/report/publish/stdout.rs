//! The report on stdout, written by a thread of its own, so that a reader that does not read holds up no judging.
//!
//! It listens to the run. A text report grows while the run goes on: the head when it starts, a case when it ends, the rest at
//! the end. A report for programs, and a text report that is held back, is written whole at the end.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use super::published::Published;
use super::scan::scanned;
use crate::event::{Event, Listener, RunStart};
use crate::outcome::{CaseOutcome, RunOutcome};
use crate::report::format::{Format, View};
use crate::report::streams::readable;
use crate::report::text::{self, TextParts};
use crate::secret::Secrets;
use crate::write;

/// Does a write while nothing else is drawn on the terminal.
pub type Apart = Box<dyn Fn(&mut dyn FnMut()) + Send>;

/// What the thread has to write next.
enum Portion {
    Start(Arc<RunStart>),
    Case(Arc<CaseOutcome>),
    End(Arc<RunOutcome>),
}

/// The report on stdout.
#[derive(Debug)]
pub struct StdoutReport {
    portions: Arc<Portions>,
    writer: WrittenBy,
}

/// Who writes it.
#[derive(Debug)]
enum WrittenBy {
    Thread(JoinHandle<Vec<String>>),
    /// Where no thread could be started: whoever asks for the end of the report.
    Caller(Box<Writing>, Receiver<Portion>),
}

/// Hands what happens in a run to the thread that writes.
#[derive(Debug)]
struct Portions(Mutex<Option<Sender<Portion>>>);

impl Listener for Portions {
    fn take(&self, event: &Event) {
        let portion = match event {
            Event::RunStarted(start) => Portion::Start(Arc::clone(start)),
            Event::CaseEnded(case) | Event::CaseAmended(case) => Portion::Case(Arc::clone(case)),
            Event::RunEnded(outcome) => Portion::End(Arc::clone(outcome)),
            _ => return,
        };
        if let Some(sender) = &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            // A thread that has ended is told of when the report ends.
            let _ = sender.send(portion);
        }
    }
}

impl StdoutReport {
    /// A report of which nothing is written yet.
    pub(super) fn begin(
        format: &'static Format,
        view: View,
        secrets: &Secrets,
        held_back: bool,
        output: Output,
    ) -> StdoutReport {
        let grows = !held_back && format.name == text::FORMAT.name;
        let parts = grows.then(|| (TextParts::new(view), None));
        let writing = Writing { format, view, secrets: secrets.clone(), parts, output, problems: Vec::new() };
        let (sender, receiver) = channel();
        // The thread is handed what it needs once it runs, so that it is not lost where none can be started.
        let (hand, handed) = channel::<(Box<Writing>, Receiver<Portion>)>();
        let thread = thread::Builder::new().name("stdout".to_owned()).spawn(move || match handed.recv() {
            Ok((writing, portions)) => writing.all(&portions),
            Err(_) => Vec::new(),
        });
        let work = (Box::new(writing), receiver);
        let writer = match thread {
            Ok(thread) => match hand.send(work) {
                Ok(()) => WrittenBy::Thread(thread),
                Err(returned) => WrittenBy::Caller(returned.0.0, returned.0.1),
            },
            Err(_) => WrittenBy::Caller(work.0, work.1),
        };
        StdoutReport { portions: Arc::new(Portions(Mutex::new(Some(sender)))), writer }
    }

    /// What must listen to the run.
    pub fn listener(&self) -> Arc<dyn Listener> {
        Arc::clone(&self.portions) as Arc<dyn Listener>
    }

    /// Waits until everything is written, however long its reader takes.
    pub fn finish(self) -> Published {
        drop(self.portions.0.lock().unwrap_or_else(PoisonError::into_inner).take());
        let problems = match self.writer {
            WrittenBy::Thread(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            WrittenBy::Caller(writing, portions) => writing.all(&portions),
        };
        Published { problems }
    }
}

/// Where the report is written.
pub(super) struct Output {
    to: Box<dyn Write + Send>,
    is_terminal: bool,
    apart: Apart,
    /// Nobody reads it any more, or it cannot be written.
    is_closed: bool,
}

impl Output {
    pub(super) fn new(to: Box<dyn Write + Send>, is_terminal: bool, apart: Apart) -> Self {
        Self { to, is_terminal, apart, is_closed: false }
    }

    pub(super) fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    fn write(&mut self, text: &str) -> io::Result<()> {
        let text = readable(text, self.is_terminal);
        let mut result = Ok(());
        (self.apart)(&mut || result = write::write_all_waiting(&mut *self.to, text.as_bytes()));
        result
    }
}

/// What the thread writes, and how it went so far.
struct Writing {
    format: &'static Format,
    view: View,
    secrets: Secrets,
    /// What of the text was printed, with the start of the run; none where the report is written whole.
    parts: Option<(TextParts, Option<Arc<RunStart>>)>,
    output: Output,
    problems: Vec<String>,
}

impl Writing {
    /// Writes what comes until nothing more can. Gives what went wrong, one sentence each.
    fn all(mut self, portions: &Receiver<Portion>) -> Vec<String> {
        for portion in portions {
            if let Some(text) = self.text(portion) {
                let text = scanned(self.format, text, &self.secrets, &mut self.problems);
                self.write(&text);
            }
        }
        self.problems
    }

    fn text(&mut self, portion: Portion) -> Option<String> {
        let Some((parts, started)) = &mut self.parts else {
            let Portion::End(outcome) = portion else { return None };
            return Some((self.format.render)(&outcome, self.view));
        };
        match portion {
            Portion::Start(start) => Some(parts.head(started.insert(start))),
            Portion::Case(case) => parts.case(&case, started.as_ref().map_or(&[], |start| &start.documents)),
            Portion::End(outcome) => Some(parts.rest(&outcome)),
        }
    }

    fn write(&mut self, text: &str) {
        if self.output.is_closed {
            return;
        }
        if let Err(error) = self.output.write(text) {
            self.output.is_closed = true;
            // A reader that has seen enough (`| head`) is no trouble.
            if error.kind() != io::ErrorKind::BrokenPipe {
                self.problems.push(format!("the report could not be written to stdout: {error}"));
            }
        }
    }
}

impl std::fmt::Debug for Writing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writing").field("format", &self.format.name).finish_non_exhaustive()
    }
}
