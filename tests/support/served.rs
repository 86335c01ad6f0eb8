//! Servers of other processes for tests: the command's own `serve`, and programs such as nginx.

#![allow(dead_code, reason = "every test target uses its own part of this")]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A process that is ended when it is dropped.
pub(crate) struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // Asked first, so that it can take away what it shares with nobody any more; squid leaves memory behind if not.
        let _ = Command::new("kill").arg(self.0.id().to_string()).stderr(Stdio::null()).status();
        for _ in 0..200 {
            if self.0.try_wait().is_ok_and(|ended| ended.is_some()) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// `conformant serve` in another process, and what it printed.
pub(crate) struct Served {
    /// `NAME` and value of every line, `API_BASE_URL` first.
    pub(crate) variables: Vec<(String, String)>,
    _process: Process,
}

impl Served {
    /// Starts a command that prints `NAME=value` lines as `serve` does, and reads as many as it has credentials.
    pub(crate) fn start(mut command: Command, lines: usize) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the server starts");
        let stdout = BufReader::new(child.stdout.take().expect("its stdout"));
        let process = Process(child);
        let variables = stdout
            .lines()
            .take(lines)
            .map(|line| {
                let line = line.expect("a line of text");
                let (name, value) = line.split_once('=').expect("NAME=value");
                (name.to_owned(), value.to_owned())
            })
            .collect();
        Self { variables, _process: process }
    }

    /// The base URL that it printed.
    pub(crate) fn base_url(&self) -> &str {
        &self.variables[0].1
    }
}

/// A program on the PATH (or where Debian puts servers), if it is there.
#[expect(clippy::disallowed_methods, reason = "where programs are is no setting of the command")]
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// Whether a program must be there: `CONFORMANT_REQUIRE` lists it.
#[expect(clippy::disallowed_methods, reason = "what a machine must have is no setting of the command")]
pub(crate) fn required(name: &str) -> bool {
    std::env::var("CONFORMANT_REQUIRE").is_ok_and(|list| list.split(',').any(|one| one.trim() == name))
}

/// A server that gets its address from the caller.
pub(crate) struct Listening {
    /// The port it listens on.
    pub(crate) port: u16,
    _process: Process,
}

impl Listening {
    /// Starts what `command` gives for a port, and waits until it listens there. None of what it says is kept; a file
    /// in `folder` named `error.log` is shown if it does not start.
    pub(crate) fn start(folder: &Path, command: impl Fn(u16) -> Command) -> Self {
        for _ in 0..10 {
            // A port that was free a moment ago; should another program take it meanwhile, another one is tried.
            let port =
                std::net::TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port();
            let mut child = command(port)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .expect("the server starts");
            for _ in 0..400 {
                if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
                    return Self { port, _process: Process(child) };
                }
                if child.try_wait().expect("its state").is_some() {
                    break;
                }
                std::thread::sleep(std::time::Duration::from_millis(25));
            }
            let _ = child.kill();
            let _ = child.wait();
        }
        panic!("it did not start: {}", std::fs::read_to_string(folder.join("error.log")).unwrap_or_default());
    }
}

/// Starts nginx with the given content of a `server` block, and everything it writes inside a folder.
pub(crate) fn nginx(program: &Path, folder: &Path, server: &str) -> Listening {
    nginx_that_listens(program, folder, "", server)
}

/// As [`nginx`], with words behind the port of `listen`, such as `ssl`.
pub(crate) fn nginx_that_listens(program: &Path, folder: &Path, how: &str, server: &str) -> Listening {
    Listening::start(folder, |port| {
        let root = folder.display();
        let config = folder.join("nginx.conf");
        let text = format!(
            "daemon off;\nmaster_process off;\nworker_processes 1;\npid {root}/nginx.pid;\nerror_log {root}/error.log;\n\
             events {{ worker_connections 512; }}\nhttp {{\n  access_log off;\n  client_body_temp_path {root}/body;\n  \
             proxy_temp_path {root}/proxy;\n  fastcgi_temp_path {root}/fastcgi;\n  uwsgi_temp_path {root}/uwsgi;\n  \
             scgi_temp_path {root}/scgi;\n  server {{\n    listen 127.0.0.1:{port}{how};\n    {server}\n  }}\n}}\n"
        );
        std::fs::write(&config, text).expect("the configuration is written");
        let mut command = Command::new(program);
        command.arg("-p").arg(folder).arg("-c").arg(&config);
        command
    })
}
