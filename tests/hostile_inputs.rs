//! Input files that are expensive to read end the command soon and in little memory. `hostile_inputs/shapes.rs` lists
//! them. It takes about 20 s on two cores.
#![cfg(target_os = "linux")]

#[path = "support/command.rs"]
mod command;
#[path = "hostile_inputs/shapes.rs"]
mod shapes;

use std::fs;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use command::{Folder, conformant};
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

/// About how many bytes the smaller file of a shape has; the larger has four times as many.
const SIZE: usize = 48 * 1024;

/// How long one command may take: that it ends at all is the matter.
const PATIENCE: Duration = Duration::from_secs(60);

/// The most memory that a command may take, in KiB.
const MEMORY: u64 = 128 * 1024;

/// What four times the size may take of the time that one takes. What grows with the square takes sixteen times as much.
const GROWTH: u64 = 8;

/// Ticks of the processor's time that say nothing: the start of a program, and how finely they are counted.
const NOISE: u64 = 20;

/// A file for any size.
pub(crate) struct Shape {
    name: &'static str,
    /// Which file of the project it is.
    file: &'static str,
    text: Box<dyn Fn(usize) -> String + Send + Sync>,
}

impl Shape {
    pub(crate) fn new(
        name: &'static str,
        file: &'static str,
        text: impl Fn(usize) -> String + Send + Sync + 'static,
    ) -> Self {
        Self { name, file, text: Box::new(text) }
    }
}

/// What a command took.
struct Cost {
    status: i32,
    /// In KiB.
    memory: u64,
    /// In ticks.
    time: u64,
    said: u64,
}

/// Runs a command to its end, and looks at what it takes meanwhile.
fn cost(folder: &Folder, arguments: &[&str]) -> Cost {
    let said = folder.path().join("said");
    let out = fs::File::create(&said).expect("a file");
    let mut command = conformant(arguments);
    command.current_dir(folder.path()).stdout(out.try_clone().expect("the same")).stderr(Stdio::from(out));
    let mut child = command.spawn().expect("the command starts");
    let about = format!("/proc/{}", child.id());
    let pid = Pid::from_child(&child);
    let start = Instant::now();
    let mut memory = 0;
    // What has ended and was not waited for still says how long it took.
    let ended = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    while waitid(WaitId::Pid(pid), ended).expect("its state").is_none() {
        let status = fs::read_to_string(format!("{about}/status")).unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        memory = memory.max(peak.map_or(0, |peak| peak.trim().trim_end_matches(" kB").parse().unwrap_or_default()));
        if start.elapsed() > PATIENCE {
            child.kill().expect("it can be ended");
            break;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    let ended = fs::read_to_string(format!("{about}/stat")).unwrap_or_default();
    let fields: Vec<&str> = ended.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok()).unwrap_or_default();
    let status = child.wait().expect("it has ended").code().unwrap_or(-1);
    let said = fs::metadata(said).expect("it is there").len();
    Cost { status, memory, time: ticks(11) + ticks(12), said }
}

/// What is wrong with how a shape is read.
fn wrongs(shape: &Shape) -> Vec<String> {
    let folder = Folder::new();
    fs::create_dir(folder.path().join("cases")).expect("a folder");
    folder.file("doc.yaml", shapes::DOCUMENT);
    folder.file("cases/suite.yaml", "operation: d\ncases:\n  one: {path: {id: no-such-id}, expect: 404}\n");
    let spec = if shape.file.starts_with("doc.") { shape.file } else { "doc.yaml" };
    let mut wrong = Vec::new();
    // A document is read by both in the same way; what a suite asks for is made by the second alone.
    let commands: &[&[&str]] = &[&["lint"], &["run", "--dry-run", "--base-url", "http://127.0.0.1:9/v1"]];
    for command in if shape.file.starts_with("doc.") { &commands[..1] } else { commands } {
        let arguments = [*command, &["--spec", spec]].concat();
        let mut small: Option<u64> = None;
        for size in [SIZE, 4 * SIZE] {
            folder.file(shape.file, &(shape.text)(size));
            let cost = cost(&folder, &arguments);
            let mut say = |what: String| wrong.push(format!("{}: {} with {size} bytes {what}", shape.name, command[0]));
            if !(0..=2).contains(&cost.status) {
                say(format!("ended with {}", cost.status));
            }
            if cost.memory > MEMORY {
                say(format!("took {} KiB of memory", cost.memory));
            }
            // What is printed is for people: some lines for each of a hundred errors, not what the file holds.
            if command[0] == "lint" && cost.said > 128 * 1024 {
                say(format!("printed {} bytes", cost.said));
            }
            if small.is_some_and(|small| cost.time > GROWTH * small + NOISE) {
                say(format!("took {} ticks, and {small:?} with a fourth of them", cost.time));
            }
            small = Some(cost.time);
        }
    }
    wrong
}

#[test]
fn whatever_its_shape_a_file_is_read_soon_and_in_little_memory() {
    let shapes = shapes::all();
    assert!(shapes.len() > 80, "only {} shapes", shapes.len());
    let next = AtomicUsize::new(0);
    let work = || {
        let mut wrong = Vec::new();
        while let Some(shape) = shapes.get(next.fetch_add(1, Ordering::Relaxed)) {
            wrong.extend(wrongs(shape));
        }
        wrong
    };
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..2).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("it ends")).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
