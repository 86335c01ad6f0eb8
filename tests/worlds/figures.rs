//! Counts of what came of the runs, as tables.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use crate::deviation::Deviation;
use crate::kind::Kind;

/// Counts by the name of a kind.
pub(crate) struct Figures {
    head: &'static str,
    rows: BTreeMap<(usize, &'static str), Counts>,
}

#[derive(Default)]
struct Counts {
    runs: usize,
    right: usize,
    exits: BTreeMap<i32, usize>,
    wrong_by_jobs: BTreeMap<usize, usize>,
    slowest: Duration,
}

impl Figures {
    pub(crate) fn sound() -> Self {
        Self { head: "| kind | runs | as they must be | exits | wrong with so many jobs | slowest |\n|---|---:|---:|---|---|---:|\n", rows: BTreeMap::new() }
    }

    pub(crate) fn planted() -> Self {
        Self { head: "| deviation | planted | found | exits |\n|---|---:|---:|---|\n", rows: BTreeMap::new() }
    }

    pub(crate) fn sound_run(&mut self, kind: Kind, jobs: usize, exit: i32, right: bool, took: Duration) {
        let at = Kind::all().position(|other| other == kind).expect("a kind of the table");
        let counts = self.rows.entry((at, kind.name())).or_default();
        counts.count(exit, right);
        counts.slowest = counts.slowest.max(took);
        if !right {
            *counts.wrong_by_jobs.entry(jobs).or_default() += 1;
        }
    }

    pub(crate) fn planted_run(&mut self, deviation: Deviation, exit: i32, found: bool) {
        let at = Deviation::ALL.iter().position(|other| *other == deviation).expect("a deviation of the list");
        self.rows.entry((at, deviation.name())).or_default().count(exit, found);
    }

    /// The names of the kinds of which less than so many hundredths are right.
    pub(crate) fn below(&self, hundredths: usize) -> Vec<&'static str> {
        let below = self.rows.iter().filter(|(_, counts)| counts.right * 100 < counts.runs * hundredths);
        below.map(|((_, name), _)| *name).collect()
    }

    /// As a table of Markdown.
    pub(crate) fn write(&self) -> String {
        let mut text = self.head.to_owned();
        let sound = self.head.contains("slowest");
        let mut all = Counts::default();
        for ((_, name), counts) in &self.rows {
            counts.write(name, sound, &mut text);
            all.add(counts);
        }
        all.write("**all**", sound, &mut text);
        text
    }
}

impl Counts {
    fn count(&mut self, exit: i32, right: bool) {
        self.runs += 1;
        self.right += usize::from(right);
        *self.exits.entry(exit).or_default() += 1;
    }

    fn add(&mut self, other: &Self) {
        self.runs += other.runs;
        self.right += other.right;
        self.slowest = self.slowest.max(other.slowest);
        for (exit, count) in &other.exits {
            *self.exits.entry(*exit).or_default() += count;
        }
        for (jobs, count) in &other.wrong_by_jobs {
            *self.wrong_by_jobs.entry(*jobs).or_default() += count;
        }
    }

    fn write(&self, name: &str, sound: bool, text: &mut String) {
        let exits: Vec<String> = self.exits.iter().map(|(exit, count)| format!("{exit}: {count}")).collect();
        let _ = write!(text, "| {name} | {} | {} | {} |", self.runs, self.right, exits.join(", "));
        if sound {
            let wrong: Vec<String> = self.wrong_by_jobs.iter().map(|(jobs, count)| format!("{jobs}: {count}")).collect();
            let _ = write!(text, " {} | {:.1} s |", wrong.join(", "), self.slowest.as_secs_f64());
        }
        text.push('\n');
    }
}
