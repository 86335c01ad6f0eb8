//! The built command in a process of its own, with nothing of the caller's environment that could steer it.

#![allow(dead_code, reason = "every test target uses its own part of this")]

use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// The variables that a process may need from its surroundings. Everything else stays out: a variable that points at
/// a staging server must never reach a test that did not ask for it.
const KEPT: &[&str] = &["PATH", "HOME", "TMPDIR", "TEMP", "TMP", "SystemRoot", "LLVM_PROFILE_FILE"];

/// How long a command may take before the test gives up on it; none of them takes a tenth of it.
const PATIENCE: Duration = Duration::from_secs(120);

/// `conformant` with arguments, in the package's folder.
pub(crate) fn conformant(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_conformant"));
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).env_clear().stdin(Stdio::null());
    for name in KEPT {
        #[allow(clippy::disallowed_methods, reason = "what surrounds a test is no setting of the command")]
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    // What runs leave behind on purpose is named in journals, which are of no use to anybody else.
    command.env("TMPDIR", env!("CARGO_TARGET_TMPDIR"));
    command
}

/// How a command ended, and what it said.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Finished {
    /// Runs a command to its end.
    pub(crate) fn of(command: Command) -> Self {
        Self::within(PATIENCE, command)
    }

    /// Runs a command to its end, which may take so long.
    pub(crate) fn within(patience: Duration, mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the command starts");
        let stdout = reading(child.stdout.take().expect("its stdout"));
        let stderr = reading(child.stderr.take().expect("its stderr"));
        let status = waited_for(&mut child, patience);
        let text = |thread: std::thread::JoinHandle<Vec<u8>>| {
            String::from_utf8(thread.join().expect("it was read")).expect("what a command says is text")
        };
        Self { status, stdout: text(stdout), stderr: text(stderr) }
    }

    /// Panics with everything that was said unless it ended so.
    #[track_caller]
    pub(crate) fn expect(self, status: i32) -> Self {
        assert_eq!(self.status, status, "\n--- stdout\n{}\n--- stderr\n{}", self.stdout, self.stderr);
        self
    }
}

/// Runs `conformant` to its end.
pub(crate) fn run(arguments: &[&str]) -> Finished {
    Finished::of(conformant(arguments))
}

/// The status of a child, once it ends; -1 if a signal ended it.
pub(crate) fn waited(child: &mut Child) -> i32 {
    waited_for(child, PATIENCE)
}

fn waited_for(child: &mut Child, patience: Duration) -> i32 {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("its state") {
            return status.code().unwrap_or(-1);
        }
        if start.elapsed() > patience {
            let _ = child.kill();
            panic!("the command did not end");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Sends a signal to a child, such as `INT`.
pub(crate) fn signal(child: &Child, name: &str) {
    let pid = child.id().to_string();
    let sent = Command::new("kill").args([&format!("-{name}"), &pid]).status().expect("kill is there");
    assert!(sent.success());
}

/// A base URL at which nobody listens.
pub(crate) fn nowhere() -> String {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    format!("http://{}/v1", free.local_addr().expect("its address"))
}

fn reading(mut from: impl Read + Send + 'static) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).expect("a pipe can be read");
        bytes
    })
}

/// A folder of a test's own, removed at the end.
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// An empty folder.
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("conformant-cli-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).expect("a folder can be made");
        Self(path)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file, and says where it is.
    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        let mut file = std::fs::File::create(&path).expect("a file can be made");
        file.write_all(text.as_bytes()).expect("it can be written");
        path.to_str().expect("a path of plain characters").to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
