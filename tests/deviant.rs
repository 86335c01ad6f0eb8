//! Every deviating server is caught: exactly the right findings appear, in exactly the right cases, and harmless
//! variations pass. It takes about 100 s on two cores.
//!
//! Raw sockets in front of the embedded reference change what is asked or answered, one deviation at a time.

#![allow(
    clippy::format_collect,
    clippy::format_push_string,
    clippy::similar_names,
    clippy::struct_field_names,
    clippy::too_many_lines,
    clippy::type_complexity,
    clippy::unnecessary_wraps,
    reason = "long tables of small functions, each of the shape its table asks for, read better in one piece"
)]
#![allow(dead_code, reason = "every part of the server is for some table, and not every table uses every part")]

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
#[path = "deviant/judged.rs"]
mod judged;
#[path = "deviant/message.rs"]
mod message;
#[path = "deviant/mutant_bodies.rs"]
mod mutant_bodies;
#[path = "deviant/mutant_bytes.rs"]
mod mutant_bytes;
#[path = "deviant/mutant_heads.rs"]
mod mutant_heads;
#[path = "deviant/mutants.rs"]
mod mutants;
#[path = "support/page.rs"]
mod page;
#[path = "deviant/product.rs"]
mod product;
#[path = "deviant/row.rs"]
mod row;

use std::future::Future;
use std::io::Write as _;
use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chance::Chance;
use front::Act;
use front::Front;
use harmless::{Style, VARIATIONS};
use judged::Left;
use message::Message;
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

/// All that is tried, family by family.
#[test]
fn every_deviating_server_is_caught() {
    let all: Vec<Deviation> =
        [answers::all(), framing::all(), effects::all(), between::all()].into_iter().flatten().collect();
    let count = all.len();
    let tried = all_tried(all);
    let wrong: Vec<&str> = tried.iter().filter_map(|one| one.wrong.as_deref()).collect();
    assert!(wrong.is_empty(), "{} of {count} deviations:\n{}", wrong.len(), wrong.join("\n"));

    let mut families: Vec<(&str, usize)> = Vec::new();
    for one in &tried {
        match families.iter_mut().find(|(family, _)| *family == one.family) {
            Some((_, count)) => *count += 1,
            None => families.push((one.family, 1)),
        }
    }
    page::keep("served", &table("servers", &families));

    let slowest = tried.iter().filter(|one| one.hangs).max_by_key(|one| one.slowest.1).expect("some hang");
    let (case, took) = &slowest.slowest;
    let hanging = tried.iter().filter(|one| one.hangs).count();
    let text = format!(
        "{hanging} of the servers above keep their clients waiting. The slowest case against any of them took {:.1} s \
         (`{case}`, {}).",
        took.as_secs_f64(),
        slowest.name
    );
    say(&text);
    page::measured("time", &wrapped(&text));
}

/// Says it past libtest, which keeps what a test that passes prints.
fn say(line: &str) {
    std::io::stdout().write_all(format!("{line}\n").as_bytes()).expect("stdout");
}

/// A table of families, all of whose members were caught.
fn table(what: &str, families: &[(&str, usize)]) -> String {
    let total: usize = families.iter().map(|(_, count)| count).sum();
    let rows = families.iter().map(|(family, count)| format!("| {family} | {count} | {count} |\n"));
    format!(
        "| family | {what} | caught |\n|---|---:|---:|\n{}| **all** | **{total}** | **{total}** |\n",
        rows.collect::<String>()
    )
}

/// In lines of at most 120 characters.
fn wrapped(text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("a line");
        if line.chars().count() + word.chars().count() >= 120 {
            lines.push(word.to_owned());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.join("\n")
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
    let count = VARIATIONS.len();
    page::keep(
        "harmless",
        &wrapped(&format!(
            "{count} variations, each tried with every case: {}. {count} of {count} pass. {COMBINATIONS} combinations of them \
             by chance: {COMBINATIONS} of {COMBINATIONS} pass.",
            VARIATIONS.join("; ")
        )),
    );
}

#[test]
fn harmless_variations_together_pass() {
    let (seed, _) = chance::seed();
    let flagged: Vec<String> = in_turn(0..COMBINATIONS, move |number| {
        let cases: &[&str] = match number % 2 {
            0 => &["success", "wrong_app_mode", "missing_conversation", "no_key"],
            _ => &["success", "repeat", "body_omitted"],
        };
        let style = Style::some(&mut Chance::of(seed, number));
        flagged(style, seed.wrapping_add(number as u64), Asking { cases, jobs: "2", ..Asking::default() })
    });
    assert!(flagged.is_empty(), "seed {seed}, {} flagged:\n{}", flagged.len(), flagged.join("\n"));
}

#[test]
fn what_is_waited_for_and_what_is_read_can_be_set() {
    let of =
        |asking: Asking, status: u16, acts: fn(&Message) -> Vec<Act>| {
            runtime().block_on(async {
                let mut behaviour = front::Behaviour::none();
                behaviour.change = Box::new(move |asked, answer| {
                    if asked.judged && answer.status() == status { acts(&answer) } else { row::sent(&answer) }
                });
                let front = Front::start(behaviour).await;
                product::run(&front, asking).await.cases.into_values().next().expect("one case").finds
            })
        };
    let late = |answer: &Message| {
        vec![Act::Send(answer.head()), Act::Pause(Duration::from_millis(60)), Act::Send(b"{}".to_vec())]
    };
    let asking = Asking { cases: &["success"], linger: Some("2s"), ..Asking::default() };
    assert_eq!(of(asking, 204, late).into_iter().collect::<Vec<_>>(), ["bodiless-status-with-body"]);
    let long = |answer: &Message| {
        let dump = format!("{{\"dump\":\"{}\",", "x".repeat(1_100_000));
        row::sent(&answer.clone().replacing("{", &dump))
    };
    let cases = &["missing_conversation"];
    let read = |max_body: Option<&'static str>| of(Asking { cases, max_body, ..Asking::default() }, 404, long);
    assert_eq!(read(None).into_iter().collect::<Vec<_>>(), ["body-too-large should"]);
    assert_eq!(read(Some("2MiB")).into_iter().collect::<Vec<_>>(), [""; 0]);
}

/// How many mutants each generator makes of each answer that it can break.
const MUTANTS: usize = 6;

/// The sound answers of the reference to the core cases.
fn sound_answers() -> Vec<(&'static str, Message)> {
    runtime().block_on(async {
        let seen: Arc<Mutex<Vec<Message>>> = Arc::default();
        let mut behaviour = front::Behaviour::none();
        let kept = Arc::clone(&seen);
        behaviour.change = Box::new(move |asked, answer| {
            if asked.judged {
                kept.lock().expect("the responses").push(answer.clone());
            }
            row::sent(&answer)
        });
        let front = Front::start(behaviour).await;
        let asking = Asking { cases: &["success", "wrong_app_mode", "missing_conversation"], ..Asking::default() };
        let came = product::run(&front, asking).await;
        assert_eq!(came.exit, 0, "{came:?}");
        let seen = seen.lock().expect("the responses");
        let of = |status| seen.iter().find(|answer| answer.status() == status).expect("a response").clone();
        [("success", 204), ("wrong_app_mode", 400), ("missing_conversation", 404)]
            .map(|(case, status)| (case, of(status)))
            .into()
    })
}

#[test]
fn every_mutant_is_caught_by_a_rule_of_its_family() {
    let (seed, usual) = chance::seed();
    let caught = mutants_caught(seed);
    assert!(caught.count > 400, "only {} mutants", caught.count);
    assert!(
        caught.wrong.is_empty(),
        "seed {seed}, {} of {}:\n{}",
        caught.wrong.len(),
        caught.count,
        caught.wrong.join("\n")
    );
    say(&format!("seed {seed}: {0} of {0} generated deviations caught", caught.count));
    if usual {
        page::keep("generated", &table("generated", &caught.families));
    }
}

/// What the recorded server answers where it is known to deviate, and what a server that does not would answer.
#[test]
fn what_is_recorded_is_what_is_listed_as_known() {
    let recorded = |name: &str| {
        let bytes = std::fs::read(format!("tests/data/recordings/{name}.http")).expect("a recording");
        let divider = b"RESPONSE BYTES BELOW =====8<=====\n";
        let at = bytes.windows(divider.len()).position(|window| window == divider).expect("a divider");
        bytes[at + divider.len()..].to_vec()
    };
    for (case, recording, finds) in [
        ("body_omitted", "no_body", &["status-unexpected"][..]),
        ("body_omitted", "user_omitted", &[]),
        ("id_no_uuid", "non_uuid_id", &["media-type-undocumented"]),
        ("id_no_uuid", "trailing_slash", &["media-type-undocumented"]),
        ("id_no_uuid", "missing", &[]),
    ] {
        let (found, says) = judged::finds(case, &recorded(recording), Left::Closed);
        assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), finds, "{case} {recording}: {says:?}");
    }
}

/// What came of all mutants.
struct Caught {
    count: usize,
    wrong: Vec<String>,
    /// Per family, in order: how many there were.
    families: Vec<(&'static str, usize)>,
}

fn mutants_caught(seed: u64) -> Caught {
    let answers = sound_answers();
    for (case, answer) in &answers {
        let (finds, says) = judged::finds(case, &answer.bytes(), Left::Closed);
        assert!(finds.is_empty(), "{case} as it is: {says:?}");
    }
    let mut caught = Caught { count: 0, wrong: Vec::new(), families: Vec::new() };
    for (part, generator) in mutants::generators().iter().enumerate() {
        let mut chance = Chance::of(seed, part);
        for (case, answer) in &answers {
            let made = generator.some(&mut chance, answer, MUTANTS);
            caught.count += made.len();
            match caught.families.last_mut() {
                Some((family, count)) if *family == generator.family => *count += made.len(),
                _ => caught.families.push((generator.family, made.len())),
            }
            for mutant in made {
                let (finds, says) = judged::finds(case, &mutant.bytes, mutant.left);
                if !mutant.is_caught(&finds) {
                    let bytes = mutant.bytes.escape_ascii().to_string();
                    caught.wrong.push(format!(
                        "{} / {} on {case}, then {:?}: found {finds:?} {says:?} instead of one of {:?} in\n  {bytes}",
                        generator.family, generator.name, mutant.left, mutant.rules
                    ));
                }
            }
        }
    }
    caught
}

/// One mutant of each generator and answer, every third of them, over a socket: the same is found as in the stored bytes.
#[test]
fn mutants_on_the_wire_are_found_as_in_stored_bytes() {
    let (seed, _) = chance::seed();
    let answers = sound_answers();
    let mut all = Vec::new();
    for (part, generator) in mutants::generators().iter().enumerate() {
        for (case, answer) in &answers {
            let mut chance = Chance::of(seed ^ 1, part);
            // Silence would cost every one of them its wait; it has its own rows.
            let mutant = generator.some(&mut chance, answer, 1).pop().filter(|mutant| mutant.left != Left::Open);
            all.extend(mutant.map(|mutant| (*case, generator.name, mutant)));
        }
    }
    let all: Vec<_> = all.into_iter().skip(usize::try_from(seed % 3).expect("0 to 2")).step_by(3).collect();
    assert!(all.len() >= 30, "only {} mutants", all.len());
    let all = Arc::new(all);
    let differ: Vec<String> = in_turn(0..all.len(), move |number| {
        let all = Arc::clone(&all);
        async move {
            let (case, name, mutant) = &all[number];
            let (stored, _) = judged::finds(case, &mutant.bytes, mutant.left);
            let mut acts = vec![Act::Send(mutant.bytes.clone())];
            acts.push(if mutant.left == Left::Reset { Act::Reset } else { Act::Close });
            let mut behaviour = front::Behaviour::none();
            behaviour.change =
                Box::new(move |asked, answer| if asked.judged { acts.clone() } else { row::sent(&answer) });
            let front = Front::start(behaviour).await;
            let cases: &[&str] = match *case {
                "success" => &["success"],
                "wrong_app_mode" => &["wrong_app_mode"],
                _ => &["missing_conversation"],
            };
            let came = product::run(&front, Asking { cases, ..Asking::default() }).await;
            let case = &came.cases[*case];
            (case.finds != stored).then(|| {
                let bytes = mutant.bytes.escape_ascii();
                format!("{name}: {:?} {:?} instead of {stored:?} in\n  {bytes}", case.finds, case.reason)
            })
        }
    });
    assert!(differ.is_empty(), "seed {seed}, {} differ:\n{}", differ.len(), differ.join("\n"));
}

/// A server that ends every kept connection at its second request, unanswered: a client cannot tell that from a server
/// that has closed an idle connection at that moment.
#[test]
fn a_kept_connection_that_dies_is_noted_and_no_finding() {
    let mut behaviour = front::Behaviour::none();
    behaviour.change =
        Box::new(|asked, answer| if asked.judged && asked.earlier > 0 { vec![Act::Reset] } else { row::sent(&answer) });
    let came = runtime().block_on(async {
        let front = Front::start(behaviour).await;
        product::run(&front, Asking { jobs: "1", ..Asking::default() }).await
    });
    let told: Vec<_> = came.cases.iter().filter(|(_, case)| !case.finds.is_empty() || case.reason.is_some()).collect();
    assert!(told.is_empty() && came.exit == 0, "{told:#?}");
    let noted = came.cases.values().filter(|case| !case.notes.is_empty()).count();
    assert!(noted > 0, "nobody noted that a case was run again");
    assert_eq!(came.left_behind, 0);
}
