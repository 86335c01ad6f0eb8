//! Looking whether an object is there, until the answer is the expected one or the time for that is over.
//!
//! Reads lag behind writes on many a sound server (a replica, a cache, a removal in the background). So a look that
//! contradicts what is expected is repeated; that it was right only later is kept, for a rule to tell.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::announce;
use super::session::Session;
use crate::case::{Exists, Expectation};
use crate::exchange::{End, Exchange};
use crate::object::life::is_random;
use crate::object::states::{self, Said, Setback};
use crate::object::{Life, Object};

/// How long a look that contradicts what is expected is repeated, unless the state says how long.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long it is repeated on a target on which nothing has ever changed while that was done.
const SHORT: Duration = Duration::from_millis(200);
/// After so many waits in vain, with none that was not, the short time will do.
const IN_VAIN: u32 = 4;
/// Between two looks at first; then half as long again each time.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
/// The longest time between two looks.
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

/// Whether waiting for a late answer has been worth it on this target.
#[derive(Debug, Default)]
pub(super) struct Lateness {
    in_vain: AtomicU32,
    came_late: AtomicU32,
}

impl Lateness {
    /// Whether a look was ever right only later.
    pub(super) fn was_seen(&self) -> bool {
        self.came_late.load(Ordering::Relaxed) > 0
    }

    fn patience(&self, of_state: Option<Duration>) -> Duration {
        let lost = self.came_late.load(Ordering::Relaxed) == 0 && self.in_vain.load(Ordering::Relaxed) >= IN_VAIN;
        match of_state {
            Some(within) => within,
            None if lost => SHORT,
            None => PATIENCE,
        }
    }
}

/// What looking at an object came to.
#[derive(Debug)]
pub(super) struct Look {
    /// What the last answer says.
    pub(super) said: Said,
    /// The first answer, where it says something else than the last one.
    pub(super) first: Option<(Said, Exchange)>,
    /// The last answer, or why there is none.
    pub(super) last: Result<Exchange, Setback>,
}

impl Session {
    /// Looks at an object, again and again while the answer contradicts what is wanted. Every answer that says something is
    /// entered into the object's record.
    pub(super) async fn look(&self, object: &Object, exists: &Exists, wanted: Option<Said>) -> Look {
        let state = &self.suites()[object.suite].states[object.state];
        let known = self.known_of(object.suite, object.state);
        // Where the first object of the state was awaited in vain, none of them will come.
        let patience = if wanted == Some(Said::Yes) && known.was_tried && !known.exists_yes {
            SHORT
        } else {
            self.lateness().patience(state.within.map(|(within, _)| within))
        };
        let accepted = self.ledger().life(object.number).is_some_and(|life| life.is_accepted());
        let sound = if accepted { Said::No } else { Said::Yes };
        let start = Instant::now();
        let mut pause = FIRST_PAUSE;
        let mut first: Option<(Said, Exchange)> = None;
        loop {
            let asked = Instant::now();
            let mut values = object.values.clone();
            announce::request(self, Some(&object.case), "is it there?", &self.suites()[object.suite], &exists.call);
            // An interrupted run still cleans up, and proves what it removes.
            let last = self.removing(object.suite).look(exists, &mut values, wanted.unwrap_or(sound)).await;
            let said = last.as_ref().map_or(Said::Neither, |exchange| Said::of(exists, exchange, &object.values));
            let answered = last.as_ref().is_ok_and(|exchange| exchange.answer.head.is_some());
            if let Ok(exchange) = &last {
                self.places().notice(&exchange.answer);
            }
            if said == Said::Neither && last.as_ref().is_ok_and(|exchange| self.shows_another(object, exists, exchange))
            {
                self.ledger().note(object.number, |life| life.release(Instant::now()));
            }
            let is_released = self.ledger().life(object.number).is_some_and(|life| life.is_released());
            if !is_released {
                self.enter_look(object, said, asked);
            }
            let contradicts = wanted.is_some_and(|wanted| said != wanted);
            // One that was cut off may well be answered the next time; one that was awaited in vain would not be.
            let silent = !answered && !last.as_ref().is_ok_and(was_cut);
            let refused = said == Said::Neither && last.as_ref().is_ok_and(is_refusal);
            let over = start.elapsed() + pause > patience || silent || refused || is_released;
            if contradicts && over && said == Said::Yes && !is_released && self.may_be_another(object).await {
                // Its id is another object's by now, which is what was seen.
                return Look { said: Said::Neither, first: None, last };
            }
            let stopped = self.is_cancelled() && wanted == Some(Said::Yes);
            if !contradicts || over || stopped {
                if first.is_some() {
                    let count = if contradicts { &self.lateness().in_vain } else { &self.lateness().came_late };
                    count.fetch_add(1, Ordering::Relaxed);
                }
                let said = if is_released { Said::Neither } else { said };
                return Look { said, first: first.filter(|(other, _)| *other != said), last };
            }
            if let (None, Ok(exchange)) = (&first, last) {
                first = Some((said, exchange));
            }
            sleep(pause).await;
            pause = (pause * 3 / 2).min(LONGEST_PAUSE);
        }
    }

    /// Whether what is seen under an object's id is another object: its removal was accepted, and the answer is one for what is
    /// there, but without the values that the object had when it was seen.
    fn shows_another(&self, object: &Object, exists: &Exists, exchange: &Exchange) -> bool {
        let removed = self.ledger().life(object.number).is_some_and(|life| life.was_seen() && life.is_accepted());
        let status_only = Expectation { matches: Vec::new(), ..exists.yes.clone() };
        let is_there = states::differs(&status_only, exchange, &object.values).is_none();
        removed && is_there && !exists.yes.matches.is_empty() && !is_random(&object.id)
    }

    /// Whether the target has given an object's id to another one. Where ids come again that may be told by a creation whose
    /// answer is not there yet, so those under way are awaited.
    async fn may_be_another(&self, object: &Object) -> bool {
        let life = || self.ledger().life(object.number);
        if is_random(&object.id) || !life().is_some_and(|life| life.may_be_replaced()) {
            return false;
        }
        let suite = &self.suites()[object.suite];
        let under_way = self.ledger().making_of(&suite.id, &suite.states[object.state].name);
        let start = Instant::now();
        // Each of them has its own limit.
        while start.elapsed() <= self.settings().timeout {
            if life().is_some_and(|life| life.is_released()) {
                return true;
            }
            let now = self.ledger().making_of(&suite.id, &suite.states[object.state].name);
            if !under_way.iter().any(|number| now.contains(number)) {
                break;
            }
            sleep(FIRST_PAUSE).await;
        }
        life().is_some_and(|life| life.is_released())
    }

    /// Enters what a look said into the object's record, and what it shows about looks into the state's.
    fn enter_look(&self, object: &Object, said: Said, asked: Instant) {
        let now = Instant::now();
        let accepted = self.ledger().life(object.number).is_some_and(|life| life.is_accepted());
        self.ledger().note(object.number, |life: &mut Life| match said {
            Said::Yes => life.see(asked),
            Said::No => life.miss(now),
            Said::Neither => {}
        });
        match said {
            Said::Yes => self.learn(object.suite, object.state, |known| known.exists_yes = true),
            Said::No if accepted => self.learn(object.suite, object.state, |known| known.exists_no = true),
            Said::No | Said::Neither => {}
        }
    }
}

/// Whether an answer says that the question is not taken, which no waiting changes.
fn is_refusal(exchange: &Exchange) -> bool {
    matches!(exchange.answer.status(), Some(300..=399 | 401 | 405 | 406 | 415 | 501))
}

/// Whether an answer broke off or never came because the connection ended.
fn was_cut(exchange: &Exchange) -> bool {
    matches!(exchange.answer.end, End::Closed(..) | End::Reset(..))
}
