//! Which credentials the preflight tries, and which it does not.

use std::collections::BTreeSet;

use super::tried::{untried, unverified};
use crate::object::credentials;
use crate::outcome::Tried;
use crate::run::parts::setup::Setup;
use crate::run::parts::test_run::TestRun;
use crate::suite::{Expectation, Step, Values};

/// A credential and the call that tells whether it is the right one.
pub(super) struct Candidate<'a> {
    pub(super) suite: usize,
    pub(super) index: usize,
    pub(super) check: &'a Step,
    pub(super) values: Values,
}

impl<'a> Candidate<'a> {
    /// What the suite expects of the answer.
    pub(super) fn expectation(&self) -> &'a Expectation {
        &self.check.expect.all()[0]
    }
}

/// The credentials that selected cases need, that are set, and that have a check. Each check once, however many suites declare
/// it.
pub(super) fn candidates(run: &TestRun) -> Vec<Candidate<'_>> {
    let mut candidates: Vec<Candidate<'_>> = Vec::new();
    let mut seen = BTreeSet::new();
    for (suite, index) in wanted(&run.setup) {
        let credential = &run.setup.suites[suite].credentials[index];
        let Some(check) = credential.check.as_ref().filter(|_| run.setup.credentials[suite].has(index)) else {
            continue;
        };
        let expect = &check.expect.all()[0];
        let matches: Vec<_> = expect.matches.iter().map(|(pointer, wanted, _)| (pointer, wanted)).collect();
        let key = format!("{} {:?} {:?} {matches:?}", credential.origin(), check.action, expect.status);
        if seen.insert(key) {
            candidates.push(Candidate { suite, index, check, values: run.fresh_values() });
        }
    }
    candidates
}

/// Every credential that a selected case needs: its suite and its index.
pub(super) fn wanted(setup: &Setup) -> BTreeSet<(usize, usize)> {
    let cases = setup.selected.iter().filter(|one| one.skip.is_none());
    cases
        .flat_map(|one| {
            let suite = &setup.suites[one.suite];
            credentials::needed(suite, &suite.cases[one.case]).into_iter().map(move |index| (one.suite, index))
        })
        .collect()
}

/// The credentials that are not tried, and why: they are not set, or have no check.
pub(super) fn unchecked(setup: &Setup) -> Vec<Tried> {
    let mut tried: Vec<Tried> = Vec::new();
    let wanted = wanted(setup);
    for (suite_index, suite) in setup.suites.iter().enumerate() {
        for (index, credential) in suite.credentials.iter().enumerate() {
            let found = if !setup.credentials[suite_index].has(index) {
                format!("{} is not set; cases that need it are skipped", credential.to_set())
            } else if !wanted.contains(&(suite_index, index)) || credential.login().is_some() {
                // A login was tried, so the API has accepted the credential.
                continue;
            } else if credential.check.is_none() {
                format!("{} was not tried: the suite has no check for it", credential.origin())
            } else {
                continue;
            };
            let one = untried(&credential.name, &found);
            let one = if setup.credentials[suite_index].has(index) { unverified(one) } else { one };
            if !tried.contains(&one) {
                tried.push(one);
            }
        }
    }
    tried
}
