//! Sends a case's own steps, and keeps what came. A step is sent once, or several times at once, or again until it holds.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::attempt::{Attempt, RetryReason};
use super::changes::CaseChanges;
use super::obtain::CaseObject;
use crate::assess::named_objects;
use crate::exchange::{Answer, End, Exchange, Stage};
use crate::object::answers::{self, was_not_carried_out};
use crate::object::{Life, StagingError, expected_answer, wait_before_retry};
use crate::observation::{ObservedExchange, Role};
use crate::run::announce;
use crate::run::parts::test_run::TestRun;
use crate::run::schedule::join_all::join_all;
use crate::run::schedule::slots::Slot;
use crate::suite::{Action, Case, Rendered, Statuses, Step, Suite, Values};
use crate::transport::{Begun, Cue, Failure, Rest, Reuse};

/// The pause before a step with `within` is sent again.
const SEND_AGAIN: Duration = Duration::from_millis(100);
/// How often a connection for a judged request is tried.
const CONNECTIONS: u32 = 6;
/// The pause before the second try of a connection. Each further pause is longer by this much.
const PAUSE: Duration = Duration::from_millis(250);
/// The longest wait for a busy target before a case runs once more.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// What taking the steps of a case needs.
pub(super) struct StepRun<'a, 'b> {
    /// The run.
    pub(super) run: &'a TestRun,
    /// The index of the suite.
    pub(super) suite: usize,
    /// The case.
    pub(super) case: &'a Case,
    /// The objects of the case.
    pub(super) objects: &'b [Option<CaseObject>],
    /// Whether a kept connection may be used again.
    pub(super) reuse: Reuse,
    /// The changes of the case.
    pub(super) changes: &'b CaseChanges<'b>,
}

/// What a step of a case is for, by its index.
fn role(index: usize) -> String {
    if index == 0 { "request".to_owned() } else { format!("then, step {index}") }
}

/// What came of one request.
struct Sent {
    begun: Result<Begun, StagingError>,
    /// Whether the target was silent to the probe too, not to this request alone.
    target_is_silent: bool,
    /// Whether a secret of a login that the request sent may have ended: it was answered 401, and the case allows no 401.
    is_logged_out: bool,
}

impl Sent {
    /// The request was not sent.
    fn error(error: StagingError) -> Self {
        Self { begun: Err(error), target_is_silent: false, is_logged_out: false }
    }

    /// The status of its answer.
    fn status(&self) -> Option<u16> {
        self.begun.as_ref().ok().and_then(|begun| begun.exchange.answer.status())
    }
}

/// Takes the steps of a case, one after the other.
pub(super) async fn take_steps<'a>(steps: &StepRun<'a, '_>, attempt: &mut Attempt<'a>, slot: &mut Slot<'_>) {
    let StepRun { run, case, .. } = *steps;
    let suite = &run.setup.suites[steps.suite];
    let mut values = std::mem::take(&mut attempt.values);
    for (index, step) in case.steps.iter().enumerate() {
        run.target.backoff.over().await;
        run.target.role(|| {
            let again = step.within.map(|within| format!(", again for up to {within:?} until it is as expected"));
            role(index) + &again.unwrap_or_default()
        });
        announce::request(run, Some(&case.id), &role(index), suite, step);
        let removed = removed_by(suite, case, step, steps.objects);
        for number in &removed {
            run.record.ledger.note(*number, Life::begin_removal);
        }
        let pending = {
            let method = step.method(&suite.document);
            let changes = !matches!(method, "GET" | "HEAD" | "OPTIONS" | "TRACE");
            changes.then(|| steps.changes.sends(format!("{method} in {}", case.id)))
        };
        // The connection of the last step may linger, and this step may wait for it.
        let finishing = finish_rests(run, std::mem::take(&mut attempt.rests));
        let sending = send_step(steps, step, &mut values);
        let both = Box::pin(async { tokio::join!(finishing, sending) });
        let (finished, results) = slot.release_if_slow(both).await;
        if let Some(pending) = pending {
            pending.ends(results.iter().all(is_refused));
        }
        for (index, exchange) in finished {
            attempt.exchanges[index].exchange = exchange;
        }
        end_removals(run, &removed, &results);
        let mut ends = false;
        for (copy, sent) in results.into_iter().enumerate() {
            ends |= keep(run, suite, (index, copy), step, sent, attempt);
        }
        if ends || attempt.retry.is_some() || run.target.stop.is_requested() {
            break;
        }
    }
    attempt.values = values;
}

/// Waits for the rests of answers, which must not hold more bytes. Returns the whole exchanges with their indexes.
pub(super) async fn finish_rests(run: &TestRun, rests: Vec<(usize, Rest)>) -> Vec<(usize, Exchange)> {
    let mut finished = Vec::new();
    for (index, rest) in rests {
        finished.push((index, run.target.client.finish(rest).await));
    }
    finished
}

/// The numbers of the objects that a step asks to remove.
fn removed_by(suite: &Suite, case: &Case, step: &Step, objects: &[Option<CaseObject>]) -> Vec<u64> {
    let removes = |given: usize| {
        named_objects::removes(suite, case, step, given) || named_objects::may_change(suite, case, step, given)
    };
    let objects = objects.iter().enumerate().filter(|(given, _)| removes(*given));
    objects.filter_map(|(_, object)| object.as_ref().map(|object| object.given.object.number)).collect()
}

/// Whether the answer says that the server refused the request.
fn is_refused(sent: &Sent) -> bool {
    let status = sent.begun.as_ref().ok().and_then(|begun| begun.exchange.answer.status());
    matches!(status, Some(400..=499))
}

/// Enters the answers to a removal into the lives of the objects that it named.
fn end_removals(run: &TestRun, removed: &[u64], results: &[Sent]) {
    let accepted = results.iter().any(|sent| matches!(sent.status(), Some(200..=299)));
    let refused = results.iter().all(|sent| match &sent.begun {
        Ok(_) => sent.status().is_some_and(was_not_carried_out),
        Err(error) => error.exchange.is_none(),
    });
    for number in removed {
        run.record.ledger.note(*number, |life| life.end_removal(accepted, refused));
    }
}

/// Keeps what came of one copy of a step. Returns whether the case ends with it.
fn keep<'a>(
    run: &TestRun,
    suite: &Suite,
    (index, copy): (usize, usize),
    step: &'a Step,
    sent: Sent,
    attempt: &mut Attempt<'a>,
) -> bool {
    let Begun { exchange, rest } = match sent.begun {
        Ok(begun) => begun,
        Err(error) => {
            attempt.fail("request", error);
            return true;
        }
    };
    attempt.rests.extend(rest.map(|rest| (attempt.exchanges.len(), rest)));
    let answer = &exchange.answer;
    run.target.slots.note_answer(answer);
    let judged = matches!(step.action, Action::Operation(_));
    let cut = matches!(answer.end, End::Closed(Stage::Nothing) | End::Reset(Stage::Nothing));
    if cut {
        attempt.retry = Some(if exchange.reused { RetryReason::Stale } else { RetryReason::Cut });
    }
    if let Some((status, wait)) = busy(suite, step, &exchange).filter(|_| judged) {
        attempt.retry = Some(RetryReason::Busy(status, wait));
    }
    if sent.is_logged_out {
        attempt.retry = Some(RetryReason::LoggedOut);
    }
    // A target that let the time run out would let it run out again.
    let silent = answer.head.is_none() || matches!(answer.end, End::TimedOut(..));
    let role = match step.action {
        _ if sent.target_is_silent => {
            attempt.fail("request", silence(&exchange));
            Role::Unjudged { step: index }
        }
        Action::Operation(_) => Role::Judged { step: index, copy },
        Action::Call { .. } => Role::Called { step: index },
    };
    attempt.exchanges.push(ObservedExchange::new(role, step, exchange));
    silent
}

/// The error for a request that was left unanswered while the target answered nobody.
fn silence(exchange: &Exchange) -> StagingError {
    let request = &exchange.request;
    let within = match exchange.answer.end {
        End::TimedOut(_, wait) => wait.to_string(),
        _ => format!("{:.0?}", exchange.timing.total),
    };
    StagingError {
        help: Some("check whether the target is running or restarts; run again when it answers".to_owned()),
        ..StagingError::new(format!(
            "{} {} got no response within {within}, and neither did a request that had been answered before: the \
             target answered nobody",
            request.method,
            request.url()
        ))
    }
}

/// The status and the wait of an answer that says the target is busy, if the case did not expect that.
fn busy(suite: &Suite, step: &Step, exchange: &Exchange) -> Option<(u16, Duration)> {
    let status = exchange.answer.status()?;
    let wait = wait_before_retry(&exchange.answer, 1)?;
    let operation = match &step.action {
        Action::Operation(index) => suite.document.operations.get(*index),
        Action::Call { .. } => None,
    };
    let expected = step.expect.all().iter().any(|expectation| match &expectation.status {
        Statuses::OneOf(list) => list.contains(&status),
        Statuses::Documented => operation.is_some_and(|operation| operation.response(status).is_some()),
    });
    (!expected && wait <= LONGEST_WAIT).then_some((status, wait))
}

/// Sends one step with its secrets, and notes whether a secret of a login has ended.
async fn send_step(steps: &StepRun<'_, '_>, step: &Step, values: &mut Values) -> Vec<Sent> {
    let StepRun { run, .. } = *steps;
    let suite = &run.setup.suites[steps.suite];
    let base = run.target.client.base();
    let secrets = match run.staging_for_setup(steps.suite).secrets_of(step).await {
        Ok(secrets) => secrets,
        Err(error) => return vec![Sent::error(error)],
    };
    let rendered = match step.render(suite, base.origin(), base.base_path(), &secrets.values, values) {
        Ok(rendered) => rendered,
        Err(unresolved) => {
            if let Some(rehearsal) = run.target.client.rehearsal() {
                rehearsal.refuse(suite.place(unresolved.span()), &unresolved.to_string());
            }
            return vec![Sent::error(StagingError::new(unresolved.to_string()))];
        }
    };
    if run.target.client.rehearsal().is_some() {
        return rehearse(run, suite, step, &rendered, values);
    }
    let mut results = send_rendered(steps, step, &rendered, values).await;
    let allowed = allows_401(suite, step);
    for sent in &mut results {
        let exchange = sent.begun.as_ref().ok().map(|begun| &begun.exchange);
        sent.is_logged_out = run.target.logins.note_answer(&secrets, steps.suite, &rendered, exchange, allowed);
    }
    results
}

/// Whether a step may be answered 401.
fn allows_401(suite: &Suite, step: &Step) -> bool {
    let operation = match &step.action {
        Action::Operation(index) => suite.document.operations.get(*index),
        Action::Call { .. } => None,
    };
    step.expect.all().iter().any(|expectation| match &expectation.status {
        Statuses::OneOf(list) => list.contains(&401),
        Statuses::Documented => operation.is_some_and(|operation| operation.response(401).is_some()),
    })
}

/// Sends the request of a step: once, several times at once, or again until the answer is as expected.
async fn send_rendered(steps: &StepRun<'_, '_>, step: &Step, rendered: &Rendered, values: &Values) -> Vec<Sent> {
    let StepRun { run, reuse, .. } = *steps;
    if let Some(within) = step.within {
        let start = Instant::now();
        loop {
            let sent = send(run, rendered, reuse).await;
            let holds = match &sent.begun {
                Ok(begun) => {
                    step.expect.all().iter().any(|one| answers::differs(one, &begun.exchange, values).is_none())
                }
                Err(_) => true,
            };
            if holds || start.elapsed() + SEND_AGAIN >= within || run.target.stop.is_requested() {
                return vec![sent];
            }
            sleep(SEND_AGAIN).await;
        }
    }
    if step.at_once == 1 {
        let sent = send(run, rendered, reuse).await;
        return vec![if run.setup.settings.jobs <= 1 { finish(run, sent).await } else { sent }];
    }
    // If a connection lingered until all answers came, another copy could wait for that connection.
    let sending = (0..step.at_once).map(async |_| finish(run, send(run, rendered, reuse).await).await);
    join_all(sending).await
}

/// In a dry run, keeps a step instead of sending it: once, however many copies there are.
fn rehearse(run: &TestRun, suite: &Suite, step: &Step, rendered: &Rendered, values: &Values) -> Vec<Sent> {
    let expected = step.expect.all();
    let answers = (0..step.at_once).filter_map(|copy| {
        let expectation = expected.get(copy).or_else(|| expected.first())?;
        let cue = || {
            let cue = expected_answer::cue(suite, step, expectation, values);
            Cue { times: if copy == 0 { step.at_once } else { 0 }, ..cue }
        };
        run.target.client.rehearse(rendered, cue)
    });
    let answers = answers.map(|exchange| Sent {
        begun: Ok(Begun { exchange, rest: None }),
        target_is_silent: false,
        is_logged_out: false,
    });
    answers.collect()
}

/// Waits for the rest of an answer, so that its connection is free.
async fn finish(run: &TestRun, sent: Sent) -> Sent {
    match sent {
        Sent { begun: Ok(Begun { rest: Some(rest), .. }), target_is_silent, is_logged_out } => {
            let exchange = run.target.client.finish(rest).await;
            Sent { begun: Ok(Begun { exchange, rest: None }), target_is_silent, is_logged_out }
        }
        sent => sent,
    }
}

/// Sends one request of a step. A connection that could not be made carried nothing, so it is tried again.
async fn send(run: &TestRun, rendered: &Rendered, reuse: Reuse) -> Sent {
    let mut tries = 0;
    loop {
        tries += 1;
        let (begun, target_is_silent) = send_judged(run, rendered, reuse).await;
        match begun {
            Err(failure) if failure.may_pass() && tries < CONNECTIONS && !run.target.stop.is_requested() => {
                sleep(PAUSE * tries).await;
            }
            begun => {
                let begun = begun.map_err(|failure| StagingError::failure(&failure));
                return Sent { begun, target_is_silent, is_logged_out: false };
            }
        }
    }
}

/// Sends a judged request. Shortly before a missing answer becomes a finding, also sends the probe. So the run knows whether
/// the target is silent to this request or to every request.
async fn send_judged(run: &TestRun, rendered: &Rendered, reuse: Reuse) -> (Result<Begun, Failure>, bool) {
    let first_byte = run.target.client.first_byte();
    let patience = run.target.probe.patience().min(first_byte / 2);
    let mut sending = Box::pin(run.target.client.begin(rendered, reuse));
    let begun = tokio::select! {
        biased;
        begun = &mut sending => return (begun, false),
        () = sleep(first_byte.saturating_sub(patience)) => {
            let (begun, is_answered) = tokio::join!(sending, run.target.probe.is_answered(&run.target.client));
            (begun, !is_answered)
        }
    };
    let silent = begun.0.as_ref().is_ok_and(|begun| is_silent(&begun.exchange.answer));
    (begun.0, begun.1 && silent)
}

/// Whether no byte of the answer came in time.
fn is_silent(answer: &Answer) -> bool {
    matches!(answer.end, End::TimedOut(Stage::Nothing, _))
}
