//! Signals at random moments of whole runs, at servers of several shapes. What is on the server at the end was told.
//!
//! | variable | meaning |
//! |---|---|
//! | `SIGNALS_SEED` | the seed of the first run; each further run has the next number; `new` takes one from the clock |
//! | `SIGNALS_COUNT` | how many runs are interrupted; without it 20 |

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use super::chance::first_seed;
use super::child::{Child, LONG, SIGNALS, hangups_are_ignored, of};
use super::world::{Seen, World, json};

/// How many are interrupted in every run of the tests.
const COUNT: u64 = 20;
/// How many are interrupted side by side: most of their time is waiting.
const SIDE_BY_SIDE: usize = 6;

/// How a server answers.
#[derive(Clone, Copy, Debug)]
enum Shape {
    Sound,
    /// Every answer takes a while.
    Slow,
    /// It carries out and answers nothing any more, from some request on.
    Silent,
    /// It answers now and then what is none, after it has carried out what was asked.
    Hostile,
    /// It wants to be asked later, now and then.
    Busy,
}

const SHAPES: [Shape; 5] = [Shape::Sound, Shape::Slow, Shape::Silent, Shape::Hostile, Shape::Busy];

/// Numbers that one seed gives (splitmix64).
struct Chance(AtomicU64);

impl Chance {
    fn below(&self, limit: u64) -> u64 {
        let mut number = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst).wrapping_add(0x9e37_79b9_7f4a_7c15);
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (number ^ (number >> 31)) % limit
    }
}

impl Shape {
    fn start(self, seed: u64) -> Arc<World> {
        let chance = Chance(AtomicU64::new(seed));
        let silent_from = chance.below(40);
        let asked = AtomicUsize::new(0);
        World::start(move |seen, world| {
            let number = asked.fetch_add(1, Ordering::SeqCst) as u64;
            match self {
                Self::Sound => None,
                Self::Slow => {
                    std::thread::sleep(Duration::from_millis(chance.below(120)));
                    None
                }
                Self::Silent if number < silent_from => None,
                Self::Silent => {
                    world.usual(seen);
                    std::thread::sleep(LONG);
                    Some(String::new())
                }
                Self::Hostile | Self::Busy if chance.below(3) > 0 => None,
                Self::Hostile => {
                    world.usual(seen);
                    Some(hostile(&chance, seen))
                }
                Self::Busy => Some(json(503, "BUSY", "{}").replace("Content-Type", "Retry-After: 3\r\nContent-Type")),
            }
        })
    }
}

/// An answer that is none.
fn hostile(chance: &Chance, seen: &Seen) -> String {
    match chance.below(6) {
        0 => String::new(),
        1 => {
            "HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{\"conversation_id\":".to_owned()
                + "\r\nConnection: close\r\n"
        }
        2 => json(500, "NO", "{}"),
        3 => json(200, "OK", r#"{"conversation_id":"\u001b[2J../all"}"#),
        4 => format!("HTTP/1.1 200 OK\r\nX: {}\r\n", "y".repeat(100_000)) + "Connection: close\r\n",
        _ => json(200, "OK", &format!(r#"{{"conversation_id":[{}1]}}"#, "1,".repeat(seen.body.len() * 500))),
    }
}

#[allow(clippy::disallowed_methods, reason = "which moments a test takes is no setting of the command")]
fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is {text}, which is no number")))
}

fn interrupted(seed: u64) {
    let chance = Chance(AtomicU64::new(seed));
    let shape = SHAPES[usize::try_from(seed % SHAPES.len() as u64).expect("small")];
    let door = usize::try_from(chance.below(2)).expect("small");
    let all = if hangups_are_ignored() { &SIGNALS[3..] } else { &SIGNALS[..] };
    let signals = all[usize::try_from(chance.below(all.len() as u64)).expect("small")];
    let world = shape.start(seed);
    let jobs = ["1", "4", "16"][usize::try_from(chance.below(3)).expect("small")];
    let mut command = of(door, &world.url, &[]);
    command.env("CONFORMANT_JOBS", jobs).env("CONFORMANT_REPEAT", "2");
    let child = Child::start(command);
    child.listens();
    std::thread::sleep(Duration::from_millis(chance.below(2_000)));
    if !child.is_running() {
        // It was faster; so it has told what it left.
        let ended = child.ended();
        assert!(by_itself(ended.status), "SIGNALS_SEED={seed} SIGNALS_COUNT=1 ({shape:?}): exit {}", ended.status);
        return ended.tells(&world.owned());
    }
    child.signals(signals);
    let ended = child.ended_in_time();
    // A run that was at its end when the signal came may have ended as if none had come.
    assert!(
        ended.status == 130 || by_itself(ended.status),
        "SIGNALS_SEED={seed} SIGNALS_COUNT=1 ({shape:?}, door {door}, {signals:?}): exit {}\n{}\n{}",
        ended.status,
        ended.stdout,
        ended.stderr
    );
    // What was read and not carried out when the program ended.
    std::thread::sleep(Duration::from_millis(300));
    ended.tells(&world.owned());
    world.unharmed("a random moment");
    for (name, _) in &ended.journals {
        let printed = ended.stdout.contains(name) || ended.stderr.contains(name);
        assert!(printed, "SIGNALS_SEED={seed} SIGNALS_COUNT=1: {name} is not told of\n{}", ended.stderr);
    }
}

/// Whether a run that nobody interrupted ends so; the test runner has a status of its own for failures.
fn by_itself(status: i32) -> bool {
    (0..4).contains(&status) || status == 101
}

#[test]
#[allow(clippy::disallowed_methods, reason = "which moments a test takes is no setting of the command")]
fn after_a_signal_at_any_moment_the_report_names_every_object_left() {
    let first = first_seed(std::env::var("SIGNALS_SEED").ok().as_deref());
    let count = number("SIGNALS_COUNT").unwrap_or(COUNT);
    let said = format!("SIGNALS_SEED={first} SIGNALS_COUNT={count}\n");
    let _ = std::io::Write::write_all(&mut std::io::stdout(), said.as_bytes());
    let next = AtomicU64::new(first);
    std::thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::SeqCst);
                    if seed >= first + count {
                        return;
                    }
                    interrupted(seed);
                }
            });
        }
    });
}
