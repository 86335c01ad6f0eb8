//! Tells the build its version: that of the package and, in a release build, the commit that it is made from. A debug
//! build has none, so that a commit does not compile everything anew.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Where `cargo package` writes the commit; a package has no repository.
const PACKAGED: &str = ".cargo_vcs_info.json";
/// How much of a commit's name is shown.
const SHOWN: usize = 12;

#[allow(clippy::disallowed_methods, clippy::print_stdout, reason = "this is how a build script and Cargo talk")]
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let version = env::var("CARGO_PKG_VERSION").unwrap_or_default();
    let is_release = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let commit = if is_release { packaged().or_else(checked_out) } else { None };
    let shown = commit.map(|commit| format!(" ({})", commit.chars().take(SHOWN).collect::<String>()));
    println!("cargo::rustc-env=CONFORMANT_VERSION={version}{}", shown.unwrap_or_default());
}

/// The commit of a package.
fn packaged() -> Option<String> {
    let text = fs::read_to_string(PACKAGED).ok()?;
    let (_, rest) = text.split_once("\"sha1\"")?;
    rest.split('"').nth(1).filter(|commit| is_commit(commit)).map(str::to_owned)
}

/// The commit of a checkout of this project, not of a repository that holds a copy of it.
#[allow(clippy::print_stdout, reason = "this is how a build script and Cargo talk")]
fn checked_out() -> Option<String> {
    if !Path::new(".git").exists() {
        return None;
    }
    // It gains a line with every commit and every checkout.
    let log = git(&["rev-parse", "--git-path", "logs/HEAD"]).filter(|path| Path::new(path).exists());
    if let Some(log) = log {
        println!("cargo::rerun-if-changed={log}");
    }
    git(&["rev-parse", "HEAD"]).filter(|commit| is_commit(commit))
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}

fn is_commit(text: &str) -> bool {
    text.len() >= SHOWN && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
