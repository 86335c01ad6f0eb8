//! The whole product against servers that deviate on the wire: raw sockets in front of the embedded reference change
//! what is asked or what is answered, one deviation at a time, and exactly what must be found is found, in the cases that
//! it hits and in no other; every run ends.

#![allow(dead_code)]

#[path = "deviant/answers.rs"]
mod answers;
#[path = "deviant/between.rs"]
mod between;
#[path = "deviant/chance.rs"]
mod chance;
#[path = "deviant/effects.rs"]
mod effects;
#[path = "deviant/framing.rs"]
mod framing;
#[path = "deviant/front.rs"]
mod front;
#[path = "deviant/harmless.rs"]
mod harmless;
#[path = "deviant/message.rs"]
mod message;
#[path = "deviant/product.rs"]
mod product;
#[path = "deviant/row.rs"]
mod row;

use std::future::Future;
use std::ops::Range;
use std::sync::Arc;

use chance::Chance;
use front::Front;
use harmless::{Style, VARIATIONS};
use product::Asking;
use row::{Deviation, Tried};

/// How many combinations of harmless variations are tried.
const COMBINATIONS: usize = 200;

/// How many servers are tried at the same time.
const AT_A_TIME: usize = 12;

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}

/// What comes of every number, several at a time; in order.
fn in_turn<T: Send + 'static, F: Future<Output = Option<T>> + Send + 'static>(
    numbers: Range<usize>,
    one: impl Fn(usize) -> F,
) -> Vec<T> {
    runtime().block_on(async {
        let places = Arc::new(tokio::sync::Semaphore::new(AT_A_TIME));
        let running = numbers.map(|number| {
            let (places, one) = (Arc::clone(&places), one(number));
            tokio::spawn(async move {
                let _place = places.acquire().await.expect("a place");
                one.await
            })
        });
        let mut all = Vec::new();
        for one in running.collect::<Vec<_>>() {
            all.extend(one.await.expect("it ends"));
        }
        all
    })
}

fn all_tried(deviations: Vec<Deviation>) -> Vec<Tried> {
    runtime().block_on(async {
        let places = Arc::new(tokio::sync::Semaphore::new(AT_A_TIME));
        let running = deviations.into_iter().map(|deviation| {
            let places = Arc::clone(&places);
            tokio::spawn(async move {
                let _place = places.acquire().await.expect("a place");
                deviation.tried().await
            })
        });
        let mut tried = Vec::new();
        for one in running.collect::<Vec<_>>() {
            tried.push(one.await.expect("it ends"));
        }
        tried
    })
}

fn none_is_wrong(deviations: Vec<Deviation>) {
    let count = deviations.len();
    let wrong: Vec<String> = all_tried(deviations).into_iter().filter_map(|one| one.wrong).collect();
    assert!(wrong.is_empty(), "{} of {count} deviations:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_is_answered() {
    none_is_wrong(answers::all());
}

#[test]
fn how_it_is_sent() {
    none_is_wrong(framing::all());
}

#[test]
fn what_is_done() {
    none_is_wrong(effects::all());
}

#[test]
fn who_answers() {
    none_is_wrong(between::all());
}

/// How a run against a server that varies harmlessly went wrong, if it did.
async fn flagged(style: Style, seed: u64, asking: Asking) -> Option<String> {
    let front = Front::start(style.behaviour(seed)).await;
    let came = product::run(&front, asking).await;
    let told: Vec<String> = came
        .cases
        .iter()
        .filter(|(_, case)| !case.finds.is_empty() || case.reason.is_some())
        .map(|(name, case)| format!("    {name}: {:?} {:?} {:?}", case.reason, case.finds, case.says))
        .collect();
    let clean = told.is_empty() && came.exit == 0 && came.trouble.is_none();
    (!clean).then(|| format!("{}: exit {} {:?}\n{}", style.names(), came.exit, came.trouble, told.join("\n")))
}

#[test]
fn each_harmless_variation_passes() {
    let (seed, _) = chance::seed();
    let flagged: Vec<String> =
        in_turn(0..VARIATIONS.len(), move |variation| flagged(Style::only(variation), seed, Asking::default()));
    assert!(flagged.is_empty(), "seed {seed}, {} flagged:\n{}", flagged.len(), flagged.join("\n"));
}

#[test]
fn harmless_variations_together_pass() {
    let (seed, _) = chance::seed();
    let cases = &["success", "wrong_app_mode", "missing_conversation", "no_key", "body_omitted"];
    let flagged: Vec<String> = in_turn(0..COMBINATIONS, move |number| {
        let style = Style::some(&mut Chance::of(seed, number));
        flagged(style, seed.wrapping_add(number as u64), Asking { cases, jobs: "2", ..Asking::default() })
    });
    assert!(flagged.is_empty(), "seed {seed}, {} flagged:\n{}", flagged.len(), flagged.join("\n"));
}
