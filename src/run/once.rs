//! One run of a case with all that follows from it: the turn that it waits for, and what must be seen a second time.

use std::time::Instant;

use tokio::time::sleep;

use super::attempt::{self, Again, Attempt};
use super::changes::Change;
use super::collect::{self, Collected};
use super::judge::{self, Judged};
use super::places::Place;
use super::session::Session;
use super::turns::Turn;
use crate::assess::named_objects;
use crate::case::Case;
use crate::object::states::Setback;
use crate::observation::{ObservedExchange, Role};
use crate::outcome::Verdict;
use crate::rule::Level;
use crate::transport::Reuse;

/// What a loss came to that others may have done.
enum Cause {
    /// It repeats with nothing beside the case, or another case is found to do such a thing.
    Found,
    /// Nothing repeats: these requests of others were under way.
    Others(Vec<(usize, Vec<String>)>),
}

/// An answer with a larger body, in bytes, is judged while no other large one is.
const LARGE: usize = 16 * 1024;

impl Session {
    /// Runs a selected case once, and once more where the first time proves nothing. `collected` is that of all selected cases,
    /// or of this one alone.
    pub(super) async fn run_once(&self, index: usize, collected: &[Collected], place: &mut Place<'_>) -> Verdict {
        let own = collected.get(index).filter(|_| collected.len() == self.selected().len());
        let own = own.unwrap_or(&collected[0]);
        own.begin();
        let one = &self.selected()[index];
        let case = &self.suites()[one.suite].cases[one.case];
        let start = Instant::now();
        for given in &case.given {
            // What could not be made when the run began is tried again by each case that needs it; it says what is wrong.
            if let Err(setback) = self.control_state(one.suite, given.state).await {
                return self.without_objects(case, own, setback, start);
            }
        }
        let mut turn = if self.goes_alone(one.suite, case) {
            self.turns().alone(place).await
        } else {
            self.turns().beside(place).await
        };
        let mut attempt = attempt::attempt(self, index, Reuse::Allowed, place).await;
        if let Some(again) = attempt.again.filter(|_| !self.is_cancelled()) {
            (attempt, turn) = self.once_more(index, again, turn, place).await;
        }
        let mut others = Vec::new();
        if let Some(lost) = self.unexplained(index, &attempt, &turn) {
            if !turn.is_alone() {
                drop(turn);
                turn = self.turns().alone(place).await;
            }
            (attempt, others) = self.seek_cause(index, attempt, lost, collected, place).await;
        } else if self.may_see_another(index, &attempt) {
            if !turn.is_alone() {
                drop(turn);
                turn = self.turns().alone(place).await;
            }
            attempt = attempt::attempt(self, index, Reuse::Refused, place).await;
            attempt.again = None;
            let was_judged = attempt.trouble.is_none() && attempt.skipped.is_none() && !self.is_cancelled();
            if was_judged && !self.may_see_another(index, &attempt) {
                attempt.notes.push(
                    "an object was still seen after its removal, and the target gives ids again, so what was seen may have \
                     been somebody else's; when the case ran once more, it was gone"
                        .to_owned(),
                );
            }
        }
        let judged = self.judged(index, &mut attempt, &others, own).await;
        let verbose = self.settings().verbose;
        let verdict =
            own.add(judged, start.elapsed(), verbose > 0, || collect::transcript(self, case, &attempt, verbose > 1));
        drop(turn);
        verdict
    }

    /// Judges what happened. Large answers are judged one at a time, because a value takes many times the room of its text,
    /// and where other tasks need not wait for it.
    async fn judged(
        &self,
        index: usize,
        attempt: &mut Attempt<'_>,
        others: &[(usize, Vec<String>)],
        own: &Collected,
    ) -> Judged {
        let one = &self.selected()[index];
        let case = &self.suites()[one.suite].cases[one.case];
        if attempt.taken.iter().all(|taken| taken.exchange.answer.content().len() <= LARGE) {
            return judge::judge(self, one.suite, case, attempt, others, own.known());
        }
        let _alone = self.large().lock().await;
        let judge = || judge::judge(self, one.suite, case, attempt, others, own.known());
        // A thread of its own, so that what is freed afterwards is there for the next one: memory that several threads have
        // freed is kept for each of them.
        let on_thread = || {
            std::thread::scope(|scope| {
                let thread = std::thread::Builder::new().name("judge".to_owned()).spawn_scoped(scope, judge);
                thread.ok().and_then(|thread| thread.join().ok())
            })
        };
        let judged = match tokio::runtime::Handle::current().runtime_flavor() {
            tokio::runtime::RuntimeFlavor::MultiThread => tokio::task::block_in_place(on_thread),
            // There is no other thread on which other tasks could go on.
            _ => on_thread(),
        };
        let judged = judged.unwrap_or_else(|| judge::judge(self, one.suite, case, attempt, others, own.known()));
        // The bytes are kept for reports, and the value is not needed again.
        attempt.taken.iter_mut().for_each(|taken| drop(taken.json.take()));
        judged
    }

    /// The outcome of a run whose objects cannot be made.
    fn without_objects(&self, case: &Case, own: &Collected, setback: Setback, start: Instant) -> Verdict {
        let mut attempt = Attempt::default();
        attempt.fail("making an object", setback);
        let mut judged = Judged::trouble(&attempt);
        if self.is_cancelled() {
            judged.verdict = Verdict::Skipped;
            judged.reason = Some(collect::how_far(&attempt));
        }
        let verbose = self.settings().verbose;
        own.add(judged, start.elapsed(), verbose > 0, || collect::transcript(self, case, &attempt, verbose > 1))
    }

    /// Whether a case must run with nothing beside it: it names an object again whose removal may have been accepted, and the
    /// target may have given its id to another object by then.
    fn goes_alone(&self, suite_index: usize, case: &Case) -> bool {
        let suite = &self.suites()[suite_index];
        case.given.iter().enumerate().any(|(index, given)| {
            let known = self.known_of(suite_index, given.state);
            let state = &suite.states[given.state];
            let named = case.steps.iter().filter(|step| named_objects::names(suite, case, step, index));
            let times: usize = named.map(|step| step.at_once).sum();
            let removed = case.steps.iter().any(|step| {
                named_objects::removes(suite, case, step, index) || named_objects::may_change(suite, case, step, index)
            });
            let proven_by_undo = state.exists.is_none() || !known.looks_tell();
            known.ids_come_again && removed && (times > 1 || proven_by_undo)
        })
    }

    /// Runs a case again whose first run proves nothing about the API.
    async fn once_more<'a>(
        &'a self,
        index: usize,
        why: Again,
        turn: Turn<'a>,
        place: &mut Place<'_>,
    ) -> (Attempt<'a>, Turn<'a>) {
        let (mut attempt, turn) = match why {
            Again::Stale => (attempt::attempt(self, index, Reuse::Refused, place).await, turn),
            Again::Cut | Again::Busy(..) => {
                let turn = if turn.is_alone() {
                    turn
                } else {
                    drop(turn);
                    self.turns().alone(place).await
                };
                if let Again::Busy(_, wait) = why {
                    tokio::select! {
                        () = sleep(wait) => {}
                        () = self.cancelled() => {}
                    }
                }
                (attempt::attempt(self, index, Reuse::Refused, place).await, turn)
            }
        };
        let again = attempt.again.take();
        if let (Again::Busy(429, _), Some(Again::Busy(429, _))) = (why, again) {
            not_judged(&mut attempt);
        }
        attempt.notes.push(match why {
            Again::Stale => {
                "a kept connection died before any byte of the answer, so the case was run once more from the \
                             start"
                    .to_owned()
            }
            Again::Cut => {
                "a connection ended before any byte of the answer, so the case was run once more from the start"
                    .to_owned()
            }
            Again::Busy(status, wait) => format!(
                "the target answered {status}, so the case was run once more, with nothing beside it, after {wait:.1?}"
            ),
        });
        (attempt, turn)
    }

    /// Whether something is seen after its removal whose id the target may have given to an object that is not of this run.
    fn may_see_another(&self, index: usize, attempt: &Attempt<'_>) -> bool {
        if self.is_cancelled() || attempt.trouble.is_some() || attempt.skipped.is_some() {
            return false;
        }
        let one = &self.selected()[index];
        let suite = &self.suites()[one.suite];
        let case = &suite.cases[one.case];
        let again = |given: &usize| self.known_of(one.suite, case.given[*given].state).ids_come_again;
        judge::remaining(suite, case, attempt, self.settings().slow).iter().any(again)
    }

    /// The objects that a case lost and that others may have taken, or of which only `undo` says that they are gone; none where
    /// what was lost is the case's own doing.
    fn unexplained(&self, index: usize, attempt: &Attempt<'_>, turn: &Turn<'_>) -> Option<Vec<usize>> {
        if self.is_cancelled() || attempt.trouble.is_some() || attempt.skipped.is_some() {
            return None;
        }
        let one = &self.selected()[index];
        let suite = &self.suites()[one.suite];
        let lost = judge::lost(suite, &suite.cases[one.case], attempt, self.settings().slow);
        let suspected = |given: usize| attempt.suspects.iter().any(|(other, _)| *other == given);
        let lost: Vec<usize> = lost
            .into_iter()
            .filter(|(given, by_undo)| *by_undo || (!turn.is_alone() && suspected(*given)))
            .map(|(given, _)| given)
            .collect();
        (!lost.is_empty()).then_some(lost)
    }

    /// Runs a case that lost objects once more with nothing beside it, and if it loses none then, each case whose requests may
    /// have taken them. Gives the run that counts, and the requests to name where nothing repeats.
    async fn seek_cause<'a>(
        &'a self,
        index: usize,
        first: Attempt<'a>,
        lost: Vec<usize>,
        collected: &[Collected],
        place: &mut Place<'_>,
    ) -> (Attempt<'a>, Vec<(usize, Vec<String>)>) {
        let one = &self.selected()[index];
        let suite = &self.suites()[one.suite];
        let mut alone = attempt::attempt(self, index, Reuse::Refused, place).await;
        alone.again = None;
        let repeats = judge::lost(suite, &suite.cases[one.case], &alone, self.settings().slow);
        if !repeats.is_empty() || alone.trouble.is_some() || alone.skipped.is_some() {
            return (alone, Vec::new());
        }
        match self.suspects(index, &first.suspects, &lost, collected, place).await {
            Cause::Found => {
                alone.notes.push(
                    "another case took an object of this one along, so this case was run once more with nothing beside it"
                        .to_owned(),
                );
                (alone, Vec::new())
            }
            // That only `undo` had said that it was gone, and did not say so again, proves nothing.
            Cause::Others(others) if others.is_empty() => {
                alone.notes.push(
                    "an object seemed to be gone and nothing but its undo said so; when the case ran once more, it was not"
                        .to_owned(),
                );
                (alone, Vec::new())
            }
            Cause::Others(others) => (first, others),
        }
    }

    /// Runs each case with nothing beside it whose requests may have taken objects of another one.
    async fn suspects(
        &self,
        index: usize,
        suspects: &[(usize, Vec<Change>)],
        lost: &[usize],
        collected: &[Collected],
        place: &mut Place<'_>,
    ) -> Cause {
        let mut cases: Vec<usize> = Vec::new();
        let mut named = Vec::new();
        for (given, changes) in suspects.iter().filter(|(given, _)| lost.contains(given)) {
            cases.extend(changes.iter().filter_map(|change| change.selected).filter(|other| *other != index));
            named.push((*given, changes.iter().map(|change| change.what.clone()).collect()));
        }
        cases.sort_unstable();
        cases.dedup();
        let mut found = false;
        for other in cases {
            if self.is_cancelled() {
                break;
            }
            found |= self.is_to_blame(other, collected, place).await;
        }
        if found { Cause::Found } else { Cause::Others(named) }
    }

    /// Runs a case with nothing beside it. Whether it is found to remove what it should not; that is its own finding then.
    async fn is_to_blame(&self, index: usize, collected: &[Collected], place: &mut Place<'_>) -> bool {
        let one = &self.selected()[index];
        let case = &self.suites()[one.suite].cases[one.case];
        let own = collected.get(index).filter(|_| collected.len() == self.selected().len());
        let mut attempt = attempt::attempt(self, index, Reuse::Refused, place).await;
        // Where a runner asks for one case at a time, the other one may have been reported already.
        let Some(own) = own else { return false };
        let judged = self.judged(index, &mut attempt, &[], own).await;
        let removes = |finding: &crate::finding::Finding| {
            finding.level == Level::Must && matches!(finding.rule.id, "bystander-lost" | "effect-despite-refusal")
        };
        if !judged.findings.iter().any(removes) {
            return false;
        }
        if own.passed() {
            own.amend(judged, || collect::transcript(self, case, &attempt, false));
        }
        true
    }
}

/// The target refused for being asked too often, twice: that says nothing about the API.
fn not_judged(attempt: &mut Attempt<'_>) {
    let refused = |taken: &ObservedExchange<'_>| {
        matches!(taken.role, Role::Judged { .. }) && taken.exchange.answer.status() == Some(429)
    };
    let Some(taken) = attempt.taken.iter_mut().rfind(|taken| refused(taken)) else { return };
    let Role::Judged { step, .. } = taken.role else { return };
    taken.role = Role::Unjudged { step };
    let request = &taken.exchange.request;
    let setback = Setback {
        help: Some("ask more slowly with --rate, such as --rate 2/s, or run later".to_owned()),
        ..Setback::new(format!("{} {} answered 429 (too many requests) twice", request.method, request.url()))
    };
    attempt.fail("request", setback);
}
