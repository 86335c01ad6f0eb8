//! Ends the life of an object in the ledger: it is struck out because it is gone, or reported as left behind.

use super::remove::Removal;
use crate::object::{Object, PendingObject};
use crate::outcome::LeftBehind;
use crate::run::parts::record::Record;
use crate::run::parts::setup::Setup;

/// Why an object is left behind whose creation was not answered.
pub(crate) const UNANSWERED: &str = "it was being made when the run ended, and its id is not known";

/// Reports an object that could not be removed.
pub(crate) fn leave_behind(setup: &Setup, record: &Record, object: &Object, reason: &str) {
    record.leave(LeftBehind {
        state: setup.state(object.suite, object.state).name.clone(),
        id: object.id.clone(),
        user: object.values.user.clone(),
        case: object.case.clone(),
        reason: reason.to_owned(),
    });
}

/// After a removal: strikes the object out if it is not left behind. If it is, reports it, unless the removal may be tried
/// again and this was not the last time.
pub(crate) fn settle_removed(setup: &Setup, record: &Record, object: &Object, removal: &Removal<'_>, last: bool) {
    let Some(life) = record.ledger.life(object.number) else { return };
    let Some(reason) = life.left_behind() else { return record.ledger.strike(object.number) };
    if !last && (removal.try_again || life.is_accepted()) {
        return;
    }
    let reason = match &removal.why {
        Some(why) => format!("{reason}: {why}"),
        None => reason.to_owned(),
    };
    record.ledger.left(object.number, &reason);
    leave_behind(setup, record, object, &reason);
}

/// Without a removal: reports the object if it is left behind, and strikes it out otherwise. `why` says why the run does not
/// remove it.
pub(crate) fn settle_kept(setup: &Setup, record: &Record, object: &Object, why: &str) {
    let left = record.ledger.life(object.number).and_then(|life| life.left_behind());
    if let Some(left) = left {
        let reason = format!("{left}; {why}");
        record.ledger.left(object.number, &reason);
        leave_behind(setup, record, object, &reason);
    } else {
        record.ledger.strike(object.number);
    }
}

/// Reports every object in the ledger that is left behind, and every object that is being made.
pub(crate) fn abandon(setup: &Setup, record: &Record, reason: &str) {
    for (number, PendingObject { state, case, user, .. }) in record.ledger.give_up_pending() {
        record.ledger.left(number, UNANSWERED);
        record.leave(LeftBehind { state, id: String::new(), user, case, reason: UNANSWERED.to_owned() });
    }
    for (object, life) in record.ledger.take_all() {
        if let Some(why) = life.left_behind() {
            record.ledger.left(object.number, why);
            leave_behind(setup, record, &object, &format!("{reason}: {why}"));
        } else {
            record.ledger.strike(object.number);
        }
    }
}
