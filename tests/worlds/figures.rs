//! Counts of what came of the runs, in lines or as the tables of the note.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use crate::deviation::Deviation;
use crate::kind::Kind;

/// Counts by kind.
pub(crate) struct Figures {
    /// What a run is that is as it must be.
    right: &'static str,
    rows: BTreeMap<usize, Counts>,
}

#[derive(Default)]
struct Counts {
    name: &'static str,
    about: &'static str,
    runs: usize,
    right: usize,
    exits: BTreeMap<i32, usize>,
    wrong_by_jobs: BTreeMap<usize, usize>,
    slowest: Duration,
}

impl Figures {
    /// Of runs against sound worlds.
    pub(crate) fn sound() -> Self {
        Self { right: "as they must be", rows: BTreeMap::new() }
    }

    /// Of runs against worlds with a planted deviation.
    pub(crate) fn planted() -> Self {
        Self { right: "found", rows: BTreeMap::new() }
    }

    pub(crate) fn sound_run(&mut self, kind: Kind, jobs: usize, exit: i32, right: bool, took: Duration) {
        let at = Kind::all().position(|other| other == kind).expect("a kind of the table");
        let counts = self.rows.entry(at).or_default();
        (counts.name, counts.about) = (kind.name(), kind.about());
        counts.count(exit, right);
        counts.slowest = counts.slowest.max(took);
        if !right {
            *counts.wrong_by_jobs.entry(jobs).or_default() += 1;
        }
    }

    pub(crate) fn planted_run(&mut self, deviation: Deviation, exit: i32, found: bool, took: Duration) {
        let at = Deviation::ALL.iter().position(|other| *other == deviation).expect("a deviation of the list");
        let counts = self.rows.entry(at).or_default();
        counts.name = deviation.name();
        counts.count(exit, found);
        counts.slowest = counts.slowest.max(took);
    }

    /// The names of the kinds of which less than so many hundredths are right. Of a kind that came seldom one may be wrong: a
    /// share of a few says little.
    pub(crate) fn below(&self, hundredths: usize) -> Vec<&'static str> {
        let below = self.rows.values().filter(|counts| {
            let wrong = counts.runs - counts.right;
            wrong > 1 && counts.right * 100 < counts.runs * hundredths
        });
        below.map(|counts| counts.name).collect()
    }

    /// One line a kind, and one for all.
    pub(crate) fn write(&self, as_table: bool) -> String {
        let all = self.all();
        let rows = self.rows.values().chain([&all]);
        if !as_table {
            return rows.map(|counts| counts.line(self.right)).collect();
        }
        let mut text = format!("| kind | runs | {} | exits |\n|---|---:|---:|---|\n", self.right);
        for counts in rows {
            let about = if counts.about.is_empty() { String::new() } else { format!(": {}", counts.about) };
            let Counts { name, runs, right, .. } = counts;
            let _ = writeln!(text, "| **{name}**{about} | {runs} | {right} | {} |", counts.exits());
        }
        text
    }

    fn all(&self) -> Counts {
        let mut all = Counts { name: "all", ..Counts::default() };
        for counts in self.rows.values() {
            all.runs += counts.runs;
            all.right += counts.right;
            all.slowest = all.slowest.max(counts.slowest);
            for (exit, count) in &counts.exits {
                *all.exits.entry(*exit).or_default() += count;
            }
            for (jobs, count) in &counts.wrong_by_jobs {
                *all.wrong_by_jobs.entry(*jobs).or_default() += count;
            }
        }
        all
    }
}

impl Counts {
    fn count(&mut self, exit: i32, right: bool) {
        self.runs += 1;
        self.right += usize::from(right);
        *self.exits.entry(exit).or_default() += 1;
    }

    fn exits(&self) -> String {
        let exits: Vec<String> = self.exits.iter().map(|(exit, count)| format!("{exit}: {count}")).collect();
        exits.join(", ")
    }

    fn line(&self, right: &str) -> String {
        let jobs: Vec<String> = self.wrong_by_jobs.iter().map(|(jobs, count)| format!("{jobs}: {count}")).collect();
        let wrong = if jobs.is_empty() { String::new() } else { format!("; wrong by jobs {}", jobs.join(", ")) };
        format!(
            "{:<42} {:>4} of {:>4} {right}; exits {}{wrong}; slowest {:.1} s\n",
            self.name,
            self.right,
            self.runs,
            self.exits(),
            self.slowest.as_secs_f64()
        )
    }
}
