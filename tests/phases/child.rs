//! A process that is asked to stop, and what it says.

use std::io::{PipeWriter, Read};
use std::process::{Child as Process, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::command::{Folder, conformant, signal};
use super::door;
use super::world::KEYS;

/// Longer than any test waits for anything.
pub(crate) const LONG: Duration = Duration::from_secs(60);
/// In what time an interrupted program is gone for sure. It promises 7 s; the machine may be busy.
const GONE: Duration = Duration::from_secs(20);

/// The ways to be asked to stop.
pub(crate) const SIGNALS: [&[&str]; 6] =
    [&["INT"], &["TERM"], &["HUP"], &["INT", "INT"], &["TERM", "TERM"], &["INT", "TERM"]];

/// One of the doors to the product, at a server that takes the keys of `World`.
pub(crate) fn of(door: usize, url: &str, arguments: &[&str]) -> Command {
    let mut command = match door {
        0 => conformant(&[&["run"], arguments].concat()),
        _ => Command::new(door::conformance_test()),
    };
    if door > 0 {
        command.env_clear();
    }
    command.env("API_BASE_URL", url).envs(KEYS);
    command
}

/// Whether this process outlives its terminal, as under `nohup`: so do its children.
pub(crate) fn hangups_are_ignored() -> bool {
    mask("self", "SigIgn:").is_some_and(|mask| mask & 1 == 1)
}

/// A set of signals of a process, where the system says it; the lowest bit is signal 1.
fn mask(process: &str, name: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let mask = status.lines().find_map(|line| line.strip_prefix(name))?;
    u64::from_str_radix(mask.trim(), 16).ok()
}

/// The end of a pipe that takes no byte more, and whose reader never reads.
pub(crate) fn full_pipe() -> PipeWriter {
    use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
    let (reader, writer) = std::io::pipe().expect("a pipe");
    // Never read, and never closed.
    std::mem::forget(reader);
    let flags = fcntl_getfl(&writer).expect("its flags");
    fcntl_setfl(&writer, flags | OFlags::NONBLOCK).expect("a flag");
    while std::io::Write::write(&mut &writer, &[b'.'; 4096]).is_ok() {}
    fcntl_setfl(&writer, flags).expect("a flag");
    writer
}

/// A process, its output being read, with a folder of its own for what it writes unasked.
pub(crate) struct Child {
    process: Mutex<Process>,
    temporary: Folder,
    said: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<Vec<u8>>>,
}

/// How it ended, and what it said.
pub(crate) struct Ended {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// The names and the texts of the journals that it left.
    pub(crate) journals: Vec<(String, String)>,
}

impl Child {
    /// Starts a command whose output is read.
    pub(crate) fn start(mut command: Command) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Self::as_it_is(command)
    }

    /// Starts a command whose output goes where the test has sent it.
    pub(crate) fn as_it_is(mut command: Command) -> Self {
        let temporary = Folder::new();
        command.env("TMPDIR", temporary.path()).stdin(Stdio::null());
        let mut process = command.spawn().expect("it starts");
        let said: Arc<Mutex<String>> = Arc::default();
        let stdout = process.stdout.take().map(|stdout| reading(stdout, Arc::clone(&said)));
        let stderr = process.stderr.take().map(|stderr| reading(stderr, Arc::default()));
        let empty = || std::thread::spawn(Vec::new);
        let readers = vec![stdout.unwrap_or_else(empty), stderr.unwrap_or_else(empty)];
        // The command holds the other ends of pipes.
        drop(command);
        Self { process: Mutex::new(process), temporary, said, readers }
    }

    pub(crate) fn signal(&self, name: &str) {
        signal(&self.process.lock().expect("a lock"), name);
    }

    /// Asks it to stop, once or twice.
    pub(crate) fn signals(&self, names: &[&str]) {
        for (number, name) in names.iter().enumerate() {
            if number > 0 {
                std::thread::sleep(Duration::from_millis(300));
            }
            if self.is_running() {
                self.signal(name);
            }
        }
    }

    /// Waits until it hears signals: what is sent to a process that is only being started ends it as the system does.
    pub(crate) fn listens(&self) {
        if cfg!(not(target_os = "linux")) {
            return std::thread::sleep(Duration::from_secs(1));
        }
        let process = self.process.lock().expect("a lock").id().to_string();
        // SIGHUP is the last that is asked for, unless it is ignored; SIGTERM the one before.
        let last = if hangups_are_ignored() { 1 << (15 - 1) } else { 1 };
        self.until("it hears signals", || {
            mask(&process, "SigCgt:").is_some_and(|caught| caught & last != 0) || !self.is_running()
        });
    }

    pub(crate) fn is_running(&self) -> bool {
        self.process.lock().expect("a lock").try_wait().expect("its state").is_none()
    }

    /// Whether it has said something on stdout.
    pub(crate) fn said(&self, text: &str) -> bool {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).contains(text)
    }

    /// Waits until something holds while it runs.
    #[track_caller]
    pub(crate) fn until(&self, what: &str, holds: impl Fn() -> bool) {
        let start = Instant::now();
        while !holds() {
            // What held only at its end holds now.
            let went_on = start.elapsed() < LONG && self.is_running() || holds();
            assert!(went_on, "it never came to this: {what}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits for its end, which must come in time and so.
    #[track_caller]
    pub(crate) fn ends(self, status: i32) -> Ended {
        let ended = self.within(GONE);
        assert_eq!(ended.status, status, "\n--- stdout\n{}\n--- stderr\n{}", ended.stdout, ended.stderr);
        ended
    }

    /// Waits for its end, which must come in time.
    #[track_caller]
    pub(crate) fn ended_in_time(self) -> Ended {
        self.within(GONE)
    }

    /// Waits for its end.
    pub(crate) fn ended(self) -> Ended {
        self.within(LONG)
    }

    #[track_caller]
    fn within(self, time: Duration) -> Ended {
        let start = Instant::now();
        let status = loop {
            let mut process = self.process.lock().expect("a lock");
            if let Some(status) = process.try_wait().expect("its state") {
                break status.code().unwrap_or(-1);
            }
            if start.elapsed() > time {
                let _ = process.kill();
                panic!("it did not end");
            }
            drop(process);
            std::thread::sleep(Duration::from_millis(5));
        };
        let texts = self.readers.into_iter().map(|reader| reader.join().expect("it is read"));
        let mut texts = texts.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let (stdout, stderr) = (texts.next().unwrap_or_default(), texts.next().unwrap_or_default());
        let left = std::fs::read_dir(self.temporary.path()).expect("the folder").flatten();
        let journals = left
            .map(|entry| {
                (entry.path().display().to_string(), std::fs::read_to_string(entry.path()).unwrap_or_default())
            })
            .collect();
        Ended { status, stdout, stderr, journals }
    }
}

impl Ended {
    /// Of every row the id or its user was told: in what was printed, or in a journal whose name was printed.
    #[track_caller]
    pub(crate) fn tells(&self, rows: &[(String, String)]) {
        let printed = format!("{}{}", self.stdout, self.stderr);
        let named: String =
            self.journals.iter().filter(|(name, _)| printed.contains(name)).map(|(_, text)| text.as_str()).collect();
        for (id, user) in rows {
            assert!(
                [&printed, &named].iter().any(|text| text.contains(id) || text.contains(user)),
                "{id} of {user} is not told of; exit {}\n--- stdout\n{}\n--- stderr\n{}\n--- journals\n{:?}",
                self.status,
                self.stdout,
                self.stderr,
                self.journals
            );
        }
    }
}

fn reading(mut from: impl Read + Send + 'static, said: Arc<Mutex<String>>) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let mut buffer = [0; 4096];
        while let Ok(count) = from.read(&mut buffer) {
            if count == 0 {
                break;
            }
            bytes.extend_from_slice(&buffer[..count]);
            said.lock().unwrap_or_else(PoisonError::into_inner).push_str(&String::from_utf8_lossy(&buffer[..count]));
        }
        bytes
    })
}
