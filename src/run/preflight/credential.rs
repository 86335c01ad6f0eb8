//! What each check says of its credential.

use super::answer::{CheckAnswer, Checks};
use super::tried::good;
use crate::object::answers::differs;
use crate::outcome::{CheckStatus, Tried};
use crate::run::parts::test_run::TestRun;
use crate::suite::Credential;

/// What one check says of its credential, with regard to the other checks.
pub(super) fn result(run: &TestRun, checks: &Checks<'_>, at: usize) -> Tried {
    let own = checks.credential(run, at);
    let (status, found, help) = match &checks.said[at] {
        CheckAnswer::Fits => fits(run, checks, at),
        CheckAnswer::OtherKind(why) => other_kind(run, checks, at, why),
        // If other answers tell their kind, this credential is wrong. Otherwise the API is, and `api` reports that once.
        CheckAnswer::NoKind(why) if checks.any_tells_its_kind() => {
            let answered = checks.answered(at);
            (CheckStatus::Wrong, accepted_but_other(own, &format!("{answered}, and {why}")), Some(other_key(own)))
        }
        CheckAnswer::NoKind(_) => {
            let found = format!("the API accepts {}, but the response does not say of which kind it is", own.origin());
            (CheckStatus::Untried, found, None)
        }
        CheckAnswer::Refused => refused(checks, at, own),
        CheckAnswer::UnknownCall => (
            CheckStatus::Noted,
            format!("{} is not verified, because the target does not know {}", own.origin(), checks.call(at)),
            None,
        ),
        // If no check reached the API, that is one trouble, and `api` reports it once.
        CheckAnswer::NotTheApi(..) | CheckAnswer::NothingYet(_) if checks.none_reached_the_api() => (
            CheckStatus::Untried,
            format!("{} is not checked: no usable response came from the API", own.origin()),
            None,
        ),
        CheckAnswer::NotTheApi(why, help) => {
            (CheckStatus::Wrong, format!("{} could not be tried: {why}", own.origin()), help.clone())
        }
        CheckAnswer::NothingYet(why) => (
            CheckStatus::Wrong,
            format!("{} could not be tried: {why}", own.origin()),
            Some("try again when the API answers".to_owned()),
        ),
    };
    let unverified = matches!(checks.said[at], CheckAnswer::UnknownCall);
    Tried { status, help, unverified, ..good(&own.name, found) }
}

/// The result of a check: its status, what was found, and what to do.
type CredentialResult = (CheckStatus, String, Option<String>);

/// The API accepts the credential, and the answer shows that it is not the one that the suite needs.
fn accepted_but_other(own: &Credential, why: &str) -> String {
    format!("the API accepts {}, but it is not the key that the suite needs as {}: {why}", own.origin(), own.name)
}

/// What to do about a key that the API accepts and that is not the right one.
fn other_key(own: &Credential) -> String {
    format!("set {} to a key of the app or kind that the suite calls {}", own.to_set(), own.name)
}

/// The API does not accept the credential. Whether it knows the key, only some statuses say: 401 means that it accepts no such
/// key, 403 that the key is not allowed to do this (RFC 9110 §15.5.2, §15.5.4).
fn refused(checks: &Checks<'_>, at: usize, own: &Credential) -> CredentialResult {
    let answered = checks.answered(at);
    let status = checks.answers[at].as_ref().ok().and_then(|exchange| exchange.answer.status());
    let (found, help) = match status {
        Some(401) => (
            format!("the API refuses {}: {answered}", own.origin()),
            format!(
                "set {} to a key that this API accepts, of the app or kind that the suite calls {}",
                own.to_set(),
                own.name
            ),
        ),
        Some(403) => (
            format!("the API does not allow {} to do what the suite needs of {}: {answered}", own.origin(), own.name),
            format!(
                "the key may be valid, but belong to another app or lack a right: set {} to one that the suite calls {}",
                own.to_set(),
                own.name
            ),
        ),
        _ => (
            format!("the API refuses the request that checks {}: {answered}", own.origin()),
            format!(
                "the key or the suite's `check` of {1} may be wrong: set {0} to a key that this API accepts as {1}, or \
                 correct the `check`",
                own.to_set(),
                own.name
            ),
        ),
    };
    (CheckStatus::Wrong, found, Some(help))
}

/// The credential is as the suite expects. The suite may have a note for such an answer.
fn fits(run: &TestRun, checks: &Checks<'_>, at: usize) -> CredentialResult {
    let own = checks.credential(run, at);
    let noted = own
        .note
        .as_ref()
        .zip(checks.answers[at].as_ref().ok())
        .filter(|(note, answer)| differs(&note.when, answer, &checks.candidates[at].values).is_none());
    let found = format!("the API accepts {}: {}", own.origin(), checks.answered(at));
    match noted {
        Some((note, _)) => (CheckStatus::Noted, format!("{found}; {}", note.say), None),
        None => (CheckStatus::Good, found, None),
    }
}

/// The credential is of another kind. It may be swapped with the credential of that kind.
fn other_kind(run: &TestRun, checks: &Checks<'_>, at: usize, why: &str) -> CredentialResult {
    let own = checks.credential(run, at);
    let kinds = of_kinds(checks, at);
    let swapped = kinds.iter().copied().find(|other| of_kinds(checks, *other).contains(&at));
    if let Some(other) = swapped {
        let other = checks.credential(run, other);
        let found = format!(
            "{} and {} are swapped: {} holds the credential for {}",
            own.origin(),
            other.origin(),
            own.origin(),
            other.name
        );
        return (
            CheckStatus::Wrong,
            found,
            Some(format!("exchange the values of {} and {}", own.origin(), other.origin())),
        );
    }
    let kind = kinds.first().map(|kind| format!("; it fits {}", checks.credential(run, *kind).name));
    let why = format!("{}, and {why}{}", checks.answered(at), kind.unwrap_or_default());
    (CheckStatus::Wrong, accepted_but_other(own, &why), Some(other_key(own)))
}

/// The other credentials whose kind the answer to this check fits, if their checks sent the same request.
fn of_kinds(checks: &Checks<'_>, at: usize) -> Vec<usize> {
    let Checks { candidates: all, answers, .. } = checks;
    let Ok(own) = &answers[at] else { return Vec::new() };
    (0..all.len())
        .filter(|other| *other != at && all[*other].suite == all[at].suite)
        .filter(|other| {
            let Ok(answer) = &answers[*other] else { return false };
            answer.request.method == own.request.method
                && answer.request.target == own.request.target
                && differs(all[*other].expectation(), own, &all[*other].values).is_none()
        })
        .collect()
}
