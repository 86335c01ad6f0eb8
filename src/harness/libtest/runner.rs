//! Lists tests or runs them, as many at a time as is wanted.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::arguments::LibtestArguments;
use super::printer::{Printer, TestCounts, TestResult};
use super::trial::{Completion, Failed, Trial};

/// The exit code of libtest when a test failed.
const FAILED: u8 = 101;

/// A test that has ended, and how long it took.
type Ended = (String, TestResult, Duration);

/// Lists the tests that are asked for, or runs them and prints what became of them. The error is that of stdout.
pub(crate) fn run(arguments: &LibtestArguments, trials: Vec<Trial>) -> io::Result<ExitCode> {
    let all = trials.len();
    let mut trials: Vec<Trial> = trials.into_iter().filter(|trial| !arguments.is_filtered_out(trial)).collect();
    let width = trials.iter().map(|trial| trial.name.chars().count()).max().unwrap_or(0);
    let mut printer = Printer::on_stdout(arguments, width)?;
    if arguments.list {
        let names: Vec<&str> = trials.iter().map(|trial| trial.name.as_str()).collect();
        printer.list(&names);
        return printer.end().map(|()| ExitCode::SUCCESS);
    }
    if let Some(seed) = arguments.shuffle {
        shuffle(&mut trials, seed);
    }
    let start = Instant::now();
    let mut counts = TestCounts { filtered_out: all - trials.len(), ..TestCounts::default() };
    let mut failures = Vec::new();
    printer.begin(trials.len());
    let mut take = |printer: &mut Printer<io::Stdout>, (name, result, took): Ended| {
        printer.result(&name, &result, took);
        match result {
            Some(Ok(Completion::Completed)) => counts.passed += 1,
            Some(Ok(Completion::Ignored { .. })) | None => counts.ignored += 1,
            Some(Err(failed)) => {
                counts.failed += 1;
                failures.push((name, failed));
            }
        }
    };
    let usual = || thread::available_parallelism().map_or(1, Into::into);
    match arguments.test_threads.unwrap_or_else(usual).min(trials.len()) {
        0 | 1 => {
            for trial in trials {
                printer.announce(&trial.name);
                take(&mut printer, run_one(arguments, trial));
            }
        }
        threads => on_threads(arguments, trials, threads, |one| {
            printer.announce(&one.0);
            take(&mut printer, one);
        }),
    }
    printer.conclude(&failures, counts, start.elapsed());
    let code = if counts.failed > 0 { ExitCode::from(FAILED) } else { ExitCode::SUCCESS };
    printer.end().map(|()| code)
}

/// Runs tests on threads, and gives each to `take` when it has ended.
fn on_threads(arguments: &LibtestArguments, trials: Vec<Trial>, threads: usize, mut take: impl FnMut(Ended)) {
    let waiting = Mutex::new(trials.into_iter());
    let work = |sender: Sender<Ended>| {
        loop {
            let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some(trial) = next else { break };
            // The receiver lives as long as the scope.
            let _ = sender.send(run_one(arguments, trial));
        }
    };
    let (sender, receiver) = channel();
    thread::scope(|scope| {
        let begin = || {
            let sender = sender.clone();
            thread::Builder::new().spawn_scoped(scope, || work(sender)).is_ok()
        };
        // Where the system gives fewer threads, fewer tests run at a time.
        let started = (0..threads).take_while(|_| begin()).count();
        if started == 0 {
            work(sender);
        } else {
            drop(sender);
        }
        receiver.iter().for_each(&mut take);
    });
}

/// Runs one test, unless it is ignored.
fn run_one(arguments: &LibtestArguments, trial: Trial) -> Ended {
    if arguments.is_ignored(&trial) {
        return (trial.name, None, Duration::ZERO);
    }
    let start = Instant::now();
    let result = catch_unwind(AssertUnwindSafe(trial.run));
    let result = result.unwrap_or_else(|_| Err(Failed { message: "the test panicked".to_owned() }));
    (trial.name, Some(result), start.elapsed())
}

/// Puts tests into an order that depends on the seed alone.
fn shuffle(trials: &mut [Trial], seed: u64) {
    // A multiplicative generator with a 64-bit state; its upper bits are even enough for an order.
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    let mut below = |bound: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap_or_default() % bound
    };
    for last in (1..trials.len()).rev() {
        trials.swap(last, below(last + 1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trial(name: &str) -> Trial {
        Trial::new(name.to_owned(), || Ok(Completion::Completed))
    }

    #[test]
    fn a_seed_gives_the_same_order_every_time() {
        let order = |seed| {
            let mut trials: Vec<Trial> = (0..20).map(|number| trial(&number.to_string())).collect();
            shuffle(&mut trials, seed);
            trials.into_iter().map(|trial| trial.name).collect::<Vec<_>>()
        };
        assert_eq!(order(7), order(7));
        assert_ne!(order(7), order(8));
        let mut sorted = order(7);
        sorted.sort();
        let mut all: Vec<String> = (0..20).map(|number| number.to_string()).collect();
        all.sort();
        assert_eq!(sorted, all);
    }

    #[test]
    fn threads_run_every_test_once() {
        let mut names = Vec::new();
        let trials = (0..50).map(|number| trial(&number.to_string())).collect();
        on_threads(&LibtestArguments::default(), trials, 4, |(name, result, _)| {
            assert_eq!(result, Some(Ok(Completion::Completed)));
            names.push(name);
        });
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 50);
    }

    #[test]
    fn a_test_that_panics_fails_and_repeats_nothing_of_the_panic() {
        let trial = Trial::new("a".to_owned(), || panic!("a word"));
        let (_, result, _) = run_one(&LibtestArguments::default(), trial);
        assert_eq!(result, Some(Err(Failed { message: "the test panicked".to_owned() })));
    }
}
