//! A case's own steps: what is sent, once or several times together or until it holds, and what came.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::announce;
use super::attempt::{Again, Attempt};
use super::changes::Running;
use super::places::Place;
use super::session::{Obtained, Session};
use super::settle::was_not_carried_out;
use super::together::together;
use crate::assess::named_objects;
use crate::case::{Action, Case, Rendered, Statuses, Step, Suite, Values};
use crate::exchange::{Answer, End, Exchange, Stage};
use crate::object::states::{self, Setback};
use crate::object::{Life, sound, wait_before_another};
use crate::observation::{ObservedExchange, Role};
use crate::transport::{Begun, Cue, Failure, Rest, Reuse};

/// How often a step with `within` is asked again.
const ASK_AGAIN: Duration = Duration::from_millis(100);
/// How often a connection for a judged request is tried.
const CONNECTIONS: u32 = 6;
/// How long is waited before the second try; then so much longer each time.
const PAUSE: Duration = Duration::from_millis(250);
/// The longest that a busy target is waited for before a case runs once more.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// What came of one request.
struct Sent {
    begun: Result<Begun, Setback>,
    /// Whether a silent answer is the target's silence to everybody.
    target_is_silent: bool,
}

#[expect(clippy::too_many_arguments, reason = "what a case run is made of")]
pub(super) async fn take_steps<'a>(
    session: &'a Session,
    suite_index: usize,
    case: &'a Case,
    objects: &[Option<(Obtained, Instant)>],
    reuse: Reuse,
    values: &mut Values,
    running: &Running<'_>,
    attempt: &mut Attempt<'a>,
    place: &mut Place<'_>,
) {
    let suite = &session.suites()[suite_index];
    for (index, step) in case.steps.iter().enumerate() {
        session.hold().over().await;
        session.role(|| {
            let again = step.within.map(|within| format!(", again for up to {within:?} until it is as expected"));
            role(index) + &again.unwrap_or_default()
        });
        announce::request(session, Some(&case.id), &role(index), suite, step);
        let removed = removed_by(suite, case, step, objects);
        for number in &removed {
            session.ledger().note(*number, Life::begin_removal);
        }
        let sends = {
            let method = step.method(&suite.document);
            let changes = !matches!(method, "GET" | "HEAD" | "OPTIONS" | "TRACE");
            changes.then(|| running.sends(format!("{method} of {}", case.id)))
        };
        // A connection that lingers after the step before could be what this one waits for.
        let finishing = finished_rests(session, std::mem::take(&mut attempt.rests));
        let taking = take(session, suite_index, step, reuse, values);
        let (finished, results) = place.wait(Box::pin(async { tokio::join!(finishing, taking) })).await;
        drop(sends);
        for (index, exchange) in finished {
            attempt.taken[index].exchange = exchange;
        }
        end_removals(session, &removed, &results);
        let mut ends = false;
        for (copy, sent) in results.into_iter().enumerate() {
            ends |= keep(session, suite, step, index, copy, sent, attempt);
        }
        if ends || attempt.again.is_some() || session.is_cancelled() {
            break;
        }
    }
}

/// What a step of a case is for, by its index.
fn role(index: usize) -> String {
    if index == 0 { "request".to_owned() } else { format!("then, step {index}") }
}

/// Waits for what must not come after answers: the whole exchanges, with their indexes.
pub(super) async fn finished_rests(session: &Session, rests: Vec<(usize, Rest)>) -> Vec<(usize, Exchange)> {
    let mut finished = Vec::new();
    for (index, rest) in rests {
        finished.push((index, session.client().finish(rest).await));
    }
    finished
}

/// The numbers of the objects that a step asks to remove.
fn removed_by(suite: &Suite, case: &Case, step: &Step, objects: &[Option<(Obtained, Instant)>]) -> Vec<u64> {
    let removes = |given: usize| {
        named_objects::removes(suite, case, step, given) || named_objects::may_change(suite, case, step, given)
    };
    let objects = objects.iter().enumerate().filter(|(given, _)| removes(*given));
    objects.filter_map(|(_, object)| object.as_ref().map(|(obtained, _)| obtained.object.number)).collect()
}

/// Enters the answers to a removal into the records of the objects that it named.
fn end_removals(session: &Session, removed: &[u64], results: &[Sent]) {
    let status = |sent: &Sent| sent.begun.as_ref().ok().and_then(|begun| begun.exchange.answer.status());
    let accepted = results.iter().any(|sent| matches!(status(sent), Some(200..=299)));
    let refused = results.iter().all(|sent| match &sent.begun {
        Ok(_) => status(sent).is_some_and(was_not_carried_out),
        Err(setback) => setback.exchange.is_none(),
    });
    for number in removed {
        session.ledger().note(*number, |life| life.end_removal(accepted, refused));
    }
}

/// Keeps what came of one request. Says whether the case ends with it.
fn keep<'a>(
    session: &Session,
    suite: &Suite,
    step: &'a Step,
    index: usize,
    copy: usize,
    sent: Sent,
    attempt: &mut Attempt<'a>,
) -> bool {
    let Begun { exchange, rest } = match sent.begun {
        Ok(begun) => begun,
        Err(setback) => {
            attempt.fail("request", setback);
            return true;
        }
    };
    attempt.rests.extend(rest.map(|rest| (attempt.taken.len(), rest)));
    let answer = &exchange.answer;
    session.places().notice(answer);
    let judged = matches!(step.action, Action::Operation(_));
    let cut = matches!(answer.end, End::Closed(Stage::Nothing) | End::Reset(Stage::Nothing));
    if cut && judged {
        attempt.again = Some(if exchange.reused { Again::Stale } else { Again::Cut });
    }
    if let Some((status, wait)) = busy(suite, step, &exchange).filter(|_| judged) {
        attempt.again = Some(Again::Busy(status, wait));
    }
    // Whoever let the time run out would only do so again.
    let silent = answer.head.is_none() || matches!(answer.end, End::TimedOut(..));
    let role = match step.action {
        Action::Operation(_) if sent.target_is_silent => {
            attempt.fail("request", silence(&exchange));
            Role::Unjudged { step: index }
        }
        Action::Operation(_) => Role::Judged { step: index, copy },
        Action::Call { .. } => Role::Called { step: index },
    };
    attempt.taken.push(ObservedExchange::new(role, step, exchange));
    silent
}

/// Why a case cannot be judged whose request was left unanswered by a target that answered nobody.
fn silence(exchange: &Exchange) -> Setback {
    let request = &exchange.request;
    Setback {
        help: Some("is the target up, or does it restart? run again when it answers".to_owned()),
        ..Setback::new(format!(
            "{} {} got no answer within {:.0?}, and neither did a request that had been answered before: the target \
             answered nobody",
            request.method,
            request.url(),
            exchange.timing.total
        ))
    }
}

/// The status and the wait that an answer asks for which says that the target is too busy, where nobody expected that.
fn busy(suite: &Suite, step: &Step, exchange: &Exchange) -> Option<(u16, Duration)> {
    let status = exchange.answer.status()?;
    let wait = wait_before_another(&exchange.answer, 1)?;
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

/// Sends one step: once, several times together, or again until it holds.
async fn take(session: &Session, suite_index: usize, step: &Step, reuse: Reuse, values: &mut Values) -> Vec<Sent> {
    let suite = &session.suites()[suite_index];
    let base = session.client().base();
    let secrets = session.credentials(suite_index).values();
    let rendered = match step.render(suite, base.origin(), base.base_path(), secrets, values) {
        Ok(rendered) => rendered,
        Err(unresolved) => {
            if let Some(rehearsal) = session.client().rehearsal() {
                rehearsal.refuse(suite.place(unresolved.span()), &unresolved.to_string());
            }
            return vec![Sent { begun: Err(Setback::new(unresolved.to_string())), target_is_silent: false }];
        }
    };
    if session.client().rehearsal().is_some() {
        return rehearse(session, suite, step, &rendered, values);
    }
    if let Some(within) = step.within {
        let start = Instant::now();
        loop {
            let sent = send(session, step, &rendered, reuse).await;
            let holds = match &sent.begun {
                Ok(begun) => {
                    step.expect.all().iter().any(|one| states::differs(one, &begun.exchange, values).is_none())
                }
                Err(_) => true,
            };
            if holds || start.elapsed() + ASK_AGAIN >= within || session.is_cancelled() {
                return vec![sent];
            }
            sleep(ASK_AGAIN).await;
        }
    }
    if step.at_once == 1 {
        let sent = send(session, step, &rendered, reuse).await;
        return vec![if session.settings().jobs <= 1 { finished(session, sent).await } else { sent }];
    }
    // A connection that lingered until the other answers were there could be what they wait for.
    let sending = (0..step.at_once).map(async |_| finished(session, send(session, step, &rendered, reuse).await).await);
    together(sending).await
}

/// Puts a step down in place of sending it: once, however many times it is sent together.
fn rehearse(session: &Session, suite: &Suite, step: &Step, rendered: &Rendered, values: &Values) -> Vec<Sent> {
    let expected = step.expect.all();
    let answers = (0..step.at_once).filter_map(|copy| {
        let expectation = expected.get(copy).or_else(|| expected.first())?;
        let cue = || {
            let cue = sound::cue(suite, step, expectation, values);
            Cue { times: if copy == 0 { step.at_once } else { 0 }, ..cue }
        };
        session.client().rehearse(rendered, cue)
    });
    let answers = answers.map(|exchange| Sent { begun: Ok(Begun { exchange, rest: None }), target_is_silent: false });
    answers.collect()
}

/// Waits for what must not come after an answer, so that its connection is free.
async fn finished(session: &Session, sent: Sent) -> Sent {
    match sent {
        Sent { begun: Ok(Begun { rest: Some(rest), .. }), target_is_silent } => {
            let exchange = session.client().finish(rest).await;
            Sent { begun: Ok(Begun { exchange, rest: None }), target_is_silent }
        }
        sent => sent,
    }
}

/// Sends one request of a step. A connection that does not come about carried nothing, so it is tried again.
async fn send(session: &Session, step: &Step, rendered: &Rendered, reuse: Reuse) -> Sent {
    let mut tries = 0;
    loop {
        tries += 1;
        let (begun, target_is_silent) = match step.action {
            Action::Operation(_) => examine(session, rendered, reuse).await,
            Action::Call { .. } => {
                let staged = session.client().stage(rendered).await;
                (staged.map(|exchange| Begun { exchange, rest: None }), false)
            }
        };
        match begun {
            Err(failure) if failure.may_pass() && tries < CONNECTIONS && !session.is_cancelled() => {
                sleep(PAUSE * tries).await;
            }
            begun => {
                return Sent { begun: begun.map_err(|failure| Setback::failure(&failure)), target_is_silent };
            }
        }
    }
}

/// Sends a judged request. While it is left unanswered, and shortly before that becomes a finding, a request that was answered
/// before is asked beside it: whether the target is silent to this request or to everybody.
async fn examine(session: &Session, rendered: &Rendered, reuse: Reuse) -> (Result<Begun, Failure>, bool) {
    let first_byte = session.client().first_byte();
    let patience = session.pulse().patience().min(first_byte / 2);
    let mut asking = Box::pin(session.client().begin(rendered, reuse));
    let begun = tokio::select! {
        biased;
        begun = &mut asking => return (begun, false),
        () = sleep(first_byte.saturating_sub(patience)) => {
            let (begun, beats) = tokio::join!(asking, session.pulse().beats(session.client()));
            (begun, !beats)
        }
    };
    let silent = begun.0.as_ref().is_ok_and(|begun| is_silent(&begun.exchange.answer));
    (begun.0, begun.1 && silent)
}

/// Whether no byte came in time.
fn is_silent(answer: &Answer) -> bool {
    matches!(answer.end, End::TimedOut(Stage::Nothing, _))
}
