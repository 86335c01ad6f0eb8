//! What a test runner prints: the formats of libtest.

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use serde_json::{Value, json};

use super::arguments::{Layout, LibtestArguments};
use super::trial::{Completion, Failed};
use crate::settings::Environment;
use crate::write;

/// How many tests ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct TestCounts {
    pub(super) passed: usize,
    pub(super) failed: usize,
    pub(super) ignored: usize,
    pub(super) filtered_out: usize,
}

/// What became of a test, `None` where it was ignored from the start.
pub(super) type TestResult = Option<Result<Completion, Failed>>;

const GREEN: &str = "32";
const RED: &str = "31";
const YELLOW: &str = "33";

/// Prints results. Once something cannot be written it prints no more, and says so in the end.
pub(super) struct Printer<W> {
    to: W,
    layout: Layout,
    color: bool,
    report_time: bool,
    /// The longest name, so that results stand below each other.
    width: usize,
    log: Option<File>,
    trouble: Option<io::Error>,
}

impl Printer<io::Stdout> {
    pub(super) fn on_stdout(arguments: &LibtestArguments, width: usize) -> io::Result<Self> {
        let stdout = io::stdout();
        let usual = || Environment::read().color().unwrap_or_else(|| stdout.is_terminal());
        let color = arguments.color.unwrap_or_else(usual);
        Printer::new(stdout, arguments, color, width)
    }
}

impl<W: Write> Printer<W> {
    fn new(to: W, arguments: &LibtestArguments, color: bool, width: usize) -> io::Result<Self> {
        let log = arguments.logfile.as_ref().map(File::create).transpose()?;
        let LibtestArguments { layout, report_time, .. } = *arguments;
        Ok(Self { to, layout, color, report_time, width, log, trouble: None })
    }

    /// Ends: whether all could be written.
    pub(super) fn end(self) -> io::Result<()> {
        self.trouble.map_or(Ok(()), Err)
    }

    fn print(&mut self, text: &str) {
        if self.trouble.is_none() {
            let written = write::write_all_waiting(&mut self.to, text.as_bytes()).and_then(|()| self.to.flush());
            self.trouble = written.err();
        }
    }

    fn print_json(&mut self, value: &Value) {
        self.print(&format!("{value}\n"));
    }

    pub(super) fn list(&mut self, names: &[&str]) {
        if self.layout != Layout::Json {
            let lines = names.iter().map(|name| format!("{name}: test\n"));
            return self.print(&lines.collect::<String>());
        }
        self.print_json(&json!({"type": "suite", "event": "discovery"}));
        for name in names {
            self.print_json(&json!({"type": "test", "event": "discovered", "name": name}));
        }
        self.print_json(&json!({"type": "suite", "event": "completed", "tests": names.len(), "total": names.len()}));
    }

    pub(super) fn begin(&mut self, count: usize) {
        match self.layout {
            Layout::Json => self.print_json(&json!({"type": "suite", "event": "started", "test_count": count})),
            Layout::Pretty | Layout::Terse => {
                let plural = if count == 1 { "" } else { "s" };
                self.print(&format!("\nrunning {count} test{plural}\n"));
            }
        }
    }

    /// Announces a test. With several threads that is when it has ended, because lines would mix.
    pub(super) fn announce(&mut self, name: &str) {
        match self.layout {
            Layout::Pretty => self.print(&format!("test {name:<0$} ... ", self.width)),
            Layout::Terse => {}
            Layout::Json => self.print_json(&json!({"type": "test", "event": "started", "name": name})),
        }
    }

    pub(super) fn result(&mut self, name: &str, result: &TestResult, took: Duration) {
        let (word, color, reason) = match result {
            Some(Ok(Completion::Completed)) => ("ok", GREEN, None),
            Some(Ok(Completion::Ignored { reason })) => ("ignored", YELLOW, Some(reason.as_str())),
            None => ("ignored", YELLOW, None),
            Some(Err(_)) => ("FAILED", RED, None),
        };
        if let Some(log) = &mut self.log
            && let Err(error) = writeln!(log, "{} {name}", word.to_lowercase())
        {
            self.trouble.get_or_insert(error);
        }
        let ran = !matches!(result, None | Some(Ok(Completion::Ignored { .. })));
        match self.layout {
            Layout::Terse => self.print(&self.painted(if word == "ok" { "." } else { &word[..1] }, color)),
            Layout::Pretty => {
                let reason = reason.map(|reason| format!(", {reason}")).unwrap_or_default();
                let time =
                    if self.report_time && ran { format!(" <{:.3}s>", took.as_secs_f64()) } else { String::new() };
                self.print(&format!("{}{time}\n", self.painted(&format!("{word}{reason}"), color)));
            }
            Layout::Json => {
                let mut value = json!({"type": "test", "name": name, "event": word.to_lowercase()});
                if let Some(Err(Failed { message })) = result {
                    value["stdout"] = format!("{message}\n").into();
                }
                if let Some(reason) = reason {
                    value["message"] = reason.into();
                }
                if self.report_time && ran {
                    value["exec_time"] = took.as_secs_f64().into();
                }
                self.print_json(&value);
            }
        }
    }

    /// The failed tests with their messages, and the counts.
    pub(super) fn conclude(&mut self, failures: &[(String, Failed)], counts: TestCounts, took: Duration) {
        let TestCounts { passed, failed, ignored, filtered_out } = counts;
        if self.layout == Layout::Json {
            let event = if failed > 0 { "failed" } else { "ok" };
            self.print_json(&json!({
                "type": "suite", "event": event, "passed": passed, "failed": failed, "ignored": ignored,
                "measured": 0, "filtered_out": filtered_out, "exec_time": took.as_secs_f64(),
            }));
            return;
        }
        if self.layout == Layout::Terse {
            self.print("\n");
        }
        if !failures.is_empty() {
            let texts = failures.iter().map(|(name, failed)| format!("---- {name} ----\n{}\n\n", failed.message));
            let names = failures.iter().map(|(name, _)| format!("    {name}\n"));
            self.print(&format!(
                "\nfailures:\n\n{}\nfailures:\n{}",
                texts.collect::<String>(),
                names.collect::<String>()
            ));
        }
        let verdict = if failed > 0 { self.painted("FAILED", RED) } else { self.painted("ok", GREEN) };
        self.print(&format!(
            "\ntest result: {verdict}. {passed} passed; {failed} failed; {ignored} ignored; 0 measured; \
             {filtered_out} filtered out; finished in {:.2}s\n\n",
            took.as_secs_f64()
        ));
    }

    fn painted(&self, text: &str, color: &str) -> String {
        if self.color { format!("\x1b[{color}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(arguments: &LibtestArguments, color: bool) -> String {
        let mut to = Vec::new();
        let mut printer = Printer::new(&mut to, arguments, color, 4).expect("no file is wanted");
        let failed = Failed { message: "it is \"broken\"".to_owned() };
        let late = Completion::Ignored { reason: "another failed".to_owned() };
        printer.begin(4);
        let results: [TestResult; 4] =
            [Some(Ok(Completion::Completed)), Some(Err(failed.clone())), None, Some(Ok(late))];
        for (name, result) in ["a::b", "a::c", "d", "e"].into_iter().zip(results) {
            printer.announce(name);
            printer.result(name, &result, Duration::from_millis(1500));
        }
        let counts = TestCounts { passed: 1, failed: 1, ignored: 2, filtered_out: 3 };
        printer.conclude(&[("a::c".to_owned(), failed)], counts, Duration::from_millis(20));
        printer.end().expect("memory takes all");
        String::from_utf8(to).expect("text")
    }

    #[test]
    fn the_pretty_format_is_that_of_libtest() {
        let arguments = LibtestArguments { report_time: true, ..LibtestArguments::default() };
        assert_eq!(
            printed(&arguments, false),
            "\nrunning 4 tests\ntest a::b ... ok <1.500s>\ntest a::c ... FAILED <1.500s>\ntest d    ... ignored\n\
             test e    ... ignored, another failed\n\nfailures:\n\n---- a::c ----\nit is \"broken\"\n\n\nfailures:\n    \
             a::c\n\ntest result: FAILED. 1 passed; 1 failed; 2 ignored; 0 measured; 3 filtered out; \
             finished in 0.02s\n\n"
        );
        assert!(printed(&arguments, true).contains("... \x1b[32mok\x1b[0m <1.500s>\n"));
    }

    #[test]
    fn the_terse_format_is_a_character_a_test() {
        let text = printed(&LibtestArguments { layout: Layout::Terse, ..LibtestArguments::default() }, false);
        assert!(text.starts_with("\nrunning 4 tests\n.Fii\n\nfailures:\n"), "{text}");
    }

    #[test]
    fn the_json_format_is_an_object_a_line() {
        let arguments = LibtestArguments { layout: Layout::Json, report_time: true, ..LibtestArguments::default() };
        let text = printed(&arguments, true);
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        assert_eq!(lines[0], json!({"type": "suite", "event": "started", "test_count": 4}));
        assert_eq!(lines[2], json!({"type": "test", "name": "a::b", "event": "ok", "exec_time": 1.5}));
        assert_eq!((&lines[4]["event"], &lines[4]["stdout"]), (&json!("failed"), &json!("it is \"broken\"\n")));
        assert_eq!(lines[8]["message"], json!("another failed"));
        assert_eq!(lines[9]["event"], json!("failed"));
        assert_eq!(lines.len(), 10);
    }

    #[test]
    fn a_closed_stdout_is_told_in_the_end() {
        struct Closed;
        impl Write for Closed {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut printer = Printer::new(Closed, &LibtestArguments::default(), false, 0).expect("no file is wanted");
        printer.begin(1);
        printer.announce("a");
        assert_eq!(printer.end().map_err(|error| error.kind()), Err(io::ErrorKind::BrokenPipe));
    }
}
