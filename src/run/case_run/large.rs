//! Judges what happened. Large answers are judged one at a time, because a parsed value takes many times the memory of its
//! text.

use super::attempt::Attempt;
use super::judge::{Judged, judge};
use crate::known::OfCase;
use crate::run::parts::test_run::TestRun;

/// An answer whose body has more bytes than this is large.
const LARGE: usize = 16 * 1024;

/// Judges what happened in one run of a selected case. Other tasks go on meanwhile.
pub(super) async fn judge_attempt(
    run: &TestRun,
    selected: usize,
    attempt: &mut Attempt<'_>,
    others: &[(usize, Vec<String>)],
    known: &OfCase,
) -> Judged {
    if attempt.taken.iter().all(|taken| taken.exchange.answer.content().len() <= LARGE) {
        return judge(run, selected, attempt, others, known);
    }
    let _alone = run.target.slots.acquire_for_large_answer().await;
    let judge_now = || judge(run, selected, attempt, others, known);
    // A thread of its own: the allocator keeps the memory that a thread has freed for that thread, so many threads would
    // each keep as much.
    let on_thread = || {
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().name("judge".to_owned()).spawn_scoped(scope, judge_now);
            thread.ok().and_then(|thread| thread.join().ok())
        })
    };
    let judged = match tokio::runtime::Handle::current().runtime_flavor() {
        tokio::runtime::RuntimeFlavor::MultiThread => tokio::task::block_in_place(on_thread),
        // There is no other thread on which other tasks could go on.
        _ => on_thread(),
    };
    let judged = judged.unwrap_or_else(|| judge(run, selected, attempt, others, known));
    // The reports need the bytes. Nobody needs the value again.
    attempt.taken.iter_mut().for_each(|taken| drop(taken.json.take()));
    judged
}
