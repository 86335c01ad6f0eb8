//! Asks `exists` about an object until the answer is the expected one or the time for that is over.
//!
//! On many sound servers a read lags behind a write: a replica, a cache, a removal in the background. So `exists` is asked again
//! while its answer contradicts what is expected. That the expected answer came late is kept for a rule to report.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::lateness::SHORT_PATIENCE;
use crate::exchange::{End, Exchange};
use crate::object::life::is_random;
use crate::object::{Asked, ExistsAnswer, Life, Object, StagingError, answers};
use crate::run::announce;
use crate::run::parts::test_run::TestRun;
use crate::suite::{Exists, Expectation};

/// The first pause between two questions. Each further pause is half as long again.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
/// The longest pause between two questions.
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

/// What asking `exists` about an object came to.
#[derive(Debug)]
pub(crate) struct ExistsResult {
    /// What the last answer says.
    pub(crate) said: ExistsAnswer,
    /// The first answer, where it says something else than the last one.
    pub(crate) first: Option<Asked>,
    /// The last answer, or why there is none.
    pub(crate) last: Result<Asked, StagingError>,
}

impl ExistsResult {
    /// Whether the last question got an answer.
    pub(crate) fn is_answered(&self) -> bool {
        self.last.as_ref().is_ok_and(|asked| has_head(&asked.exchange))
    }
}

/// Asks `exists` about an object, again and again while the answer contradicts what is wanted. Enters every clear answer into
/// the life of the object.
pub(crate) async fn ask_exists(
    run: &TestRun,
    object: &Object,
    exists: &Exists,
    wanted: Option<ExistsAnswer>,
) -> ExistsResult {
    let patience = patience(run, object, wanted);
    let accepted = run.record.ledger.life(object.number).is_some_and(|life| life.is_accepted());
    let expected = wanted.unwrap_or(if accepted { ExistsAnswer::No } else { ExistsAnswer::Yes });
    let start = Instant::now();
    let mut pause = FIRST_PAUSE;
    let mut first: Option<Asked> = None;
    loop {
        let begun = Instant::now();
        let mut values = object.values.clone();
        for step in exists.steps().take(1) {
            announce::request(run, Some(&object.case), "is it there?", &run.setup.suites[object.suite], step);
        }
        // An interrupted run still cleans up, and proves what it removes.
        let last = run.staging_for_removal(object.suite).ask_exists(exists, &mut values, expected).await;
        let said = last.as_ref().map_or(ExistsAnswer::Unclear, |asked| asked.said);
        if let Ok(asked) = &last {
            run.target.slots.note_answer(&asked.exchange.answer);
        }
        if said == ExistsAnswer::Unclear && last.as_ref().is_ok_and(|asked| shows_another(run, object, exists, asked)) {
            run.record.ledger.note(object.number, |life| life.release(Instant::now()));
        }
        let is_released = run.record.ledger.life(object.number).is_some_and(|life| life.is_released());
        if !is_released {
            enter(run, object, said, begun);
        }
        let contradicts = wanted.is_some_and(|wanted| said != wanted);
        let over = start.elapsed() + pause > patience || !may_change(said, &last) || is_released;
        if contradicts && over && said == ExistsAnswer::Yes && !is_released && may_be_another(run, object).await {
            // The target gave the id to another object, and that one was seen.
            return ExistsResult { said: ExistsAnswer::Unclear, first: None, last };
        }
        let stopped = run.target.stop.is_requested() && wanted == Some(ExistsAnswer::Yes);
        if !contradicts || over || stopped {
            match (&first, contradicts) {
                (None, _) => {}
                (Some(_), true) => run.record.lateness.waited_in_vain(),
                (Some(_), false) => run.record.lateness.came_late(),
            }
            let said = if is_released { ExistsAnswer::Unclear } else { said };
            return ExistsResult { said, first: first.filter(|first| first.said != said), last };
        }
        if let (None, Ok(asked)) = (&first, last) {
            first = Some(asked);
        }
        sleep(pause).await;
        pause = (pause * 3 / 2).min(LONGEST_PAUSE);
    }
}

/// How long to wait for the wanted answer.
fn patience(run: &TestRun, object: &Object, wanted: Option<ExistsAnswer>) -> Duration {
    let state = run.setup.state(object.suite, object.state);
    let facts = run.record.facts(object.suite, object.state);
    // If the state's first object was never seen, no object of the state will be.
    if wanted == Some(ExistsAnswer::Yes) && facts.was_tried && !facts.exists_yes {
        SHORT_PATIENCE
    } else {
        run.record.lateness.patience(state.within.map(|(within, _)| within))
    }
}

/// Whether the next answer may be another one. If the connection was cut, the next question may be answered. If no answer came
/// in time, or the server does not take the question, it would end the same way.
fn may_change(said: ExistsAnswer, last: &Result<Asked, StagingError>) -> bool {
    let last = last.as_ref().map(|asked| &asked.exchange);
    let is_silent = !last.is_ok_and(has_head) && !last.is_ok_and(was_cut);
    let is_refused = said == ExistsAnswer::Unclear && last.is_ok_and(is_refusal);
    !is_silent && !is_refused
}

/// Whether the answer shows another object with the same id: the removal of this one was accepted, and the answer describes an
/// object that is there, but without the values of this one.
fn shows_another(run: &TestRun, object: &Object, exists: &Exists, asked: &Asked) -> bool {
    let Some(look) = exists.looks.get(asked.look) else { return false };
    let removed = run.record.ledger.life(object.number).is_some_and(|life| life.was_seen() && life.is_accepted());
    let status_only = Expectation { matches: Vec::new(), ..look.yes.clone() };
    let is_there = answers::differs(&status_only, &asked.exchange, &object.values).is_none();
    removed && is_there && look.contains.is_none() && !look.yes.matches.is_empty() && !is_random(&object.id)
}

/// Whether the target has given an object's id to another object. The answer to a creation that is under way may say so, so
/// the creations under way are awaited.
async fn may_be_another(run: &TestRun, object: &Object) -> bool {
    let life = || run.record.ledger.life(object.number);
    if is_random(&object.id) || !life().is_some_and(|life| life.may_be_replaced()) {
        return false;
    }
    let suite = &run.setup.suites[object.suite];
    let state = &suite.states[object.state].name;
    let under_way = run.record.ledger.pending_of(&suite.id, state);
    let start = Instant::now();
    // Each creation has its own limit.
    while start.elapsed() <= run.setup.settings.timeout {
        if life().is_some_and(|life| life.is_released()) {
            return true;
        }
        let now = run.record.ledger.pending_of(&suite.id, state);
        if !under_way.iter().any(|number| now.contains(number)) {
            break;
        }
        sleep(FIRST_PAUSE).await;
    }
    life().is_some_and(|life| life.is_released())
}

/// Enters what an answer says into the life of the object, and what it shows about `exists` into the facts of the state.
fn enter(run: &TestRun, object: &Object, said: ExistsAnswer, asked: Instant) {
    let now = Instant::now();
    let accepted = run.record.ledger.life(object.number).is_some_and(|life| life.is_accepted());
    run.record.ledger.note(object.number, |life: &mut Life| match said {
        ExistsAnswer::Yes => life.see(asked),
        ExistsAnswer::No => life.miss(now),
        ExistsAnswer::Unclear => {}
    });
    match said {
        ExistsAnswer::Yes => run.record.learn(object.suite, object.state, |facts| facts.exists_yes = true),
        ExistsAnswer::No if accepted => run.record.learn(object.suite, object.state, |facts| facts.exists_no = true),
        ExistsAnswer::No | ExistsAnswer::Unclear => {}
    }
}

fn has_head(exchange: &Exchange) -> bool {
    exchange.answer.head.is_some()
}

/// Whether the server does not take the question. No wait changes that.
fn is_refusal(exchange: &Exchange) -> bool {
    matches!(exchange.answer.status(), Some(300..=399 | 401 | 405 | 406 | 415 | 501))
}

/// Whether the connection ended before the answer did.
fn was_cut(exchange: &Exchange) -> bool {
    matches!(exchange.answer.end, End::Closed(..) | End::Reset(..))
}
