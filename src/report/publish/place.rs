//! Where a report may go: a regular file, or one that is yet to be made. Everything else is bad input, with what it is
//! and what to do; nothing is opened that could be waited for.

use std::fs::{self, FileType, Metadata};
use std::io::{self, Write as _};
use std::path::{Component, Path, PathBuf};

use crate::location::InputError;
use crate::settings::ReportWish;
use crate::write::{self, Unfinished};

/// As many links as systems follow.
const LINKS: usize = 40;
/// As much as is written to see whether something can be.
const TRIAL: usize = 4096;

/// What a report on stdout is named.
pub(super) const STDOUT: &str = "-";

/// Why a report cannot go somewhere, and what to do.
struct UnusablePlace {
    reason: String,
    help: String,
}

impl UnusablePlace {
    fn new(reason: impl Into<String>, help: impl Into<String>) -> Self {
        Self { reason: reason.into(), help: help.into() }
    }

    /// It is something that can be written to and is no file.
    fn no_file(what: &str, wish: &ReportWish) -> Self {
        Self::new(
            format!("it is {what}, and a report goes to a regular file"),
            format!(
                "name a regular file; `{}={STDOUT}` writes the report to stdout, which may be a pipe, in place of the text",
                wish.format
            ),
        )
    }
}

/// Whether a report can be written there; makes missing folders.
pub(super) fn writable(wish: &ReportWish, path: &Path) -> Result<(), InputError> {
    checked(wish, path).map_err(|UnusablePlace { reason, help }| {
        InputError::new(format!("{} names {}, which cannot be written: {reason}", wish.from, path.display())).help(help)
    })
}

fn checked(wish: &ReportWish, path: &Path) -> Result<(), UnusablePlace> {
    let failed =
        |error: io::Error| UnusablePlace::new(error.to_string(), "name a file in a folder that you may write to");
    let names_a_folder = path.file_name().is_none() || path.to_string_lossy().ends_with(std::path::is_separator);
    if names_a_folder || path.is_dir() {
        return Err(UnusablePlace::new("it is a folder", "name a file in it"));
    }
    let place = followed(wish, path)?;
    match fs::symlink_metadata(&place) {
        Ok(there) if !there.is_file() => return Err(UnusablePlace::no_file(kind(there.file_type()), wish)),
        Ok(there) => {
            if let Some(stream) = stream(&there) {
                return Err(UnusablePlace::new(
                    format!("{stream} goes to the same file, and one would be lost"),
                    format!("name another file, or redirect {stream} to another one"),
                ));
            }
            may_be_changed(&place).map_err(failed)?;
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
    }
    let folder = folder(&place);
    if let Some(outermost) = too_far(&folder) {
        return Err(UnusablePlace::new(
            format!("there is no folder {}", outermost.display()),
            "make the folder first; only below the working folder is more than one made",
        ));
    }
    write::within(write::LIMIT, move || {
        fs::create_dir_all(&folder)?;
        let trial = Unfinished::beside(&place);
        // More than nothing, because a full disk takes a file without content.
        write::new_file(&trial.0)?.write_all(&[0; TRIAL])
    })
    .map_err(failed)
}

/// Where a path leads, link by link. What leads into the system's own folders is refused, whatever is there: behind
/// `/dev/stdout` and `/proc/self/fd/1` may be a file that somebody else writes.
fn followed(wish: &ReportWish, path: &Path) -> Result<PathBuf, UnusablePlace> {
    let mut place = path.to_owned();
    for hop in 0..LINKS {
        let within = folder(&place);
        let within = within.canonicalize().unwrap_or(within);
        if let Some(system) = ["/proc", "/sys", "/dev/fd"].iter().find(|system| within.starts_with(system)) {
            return Err(UnusablePlace::no_file(&format!("something below {system}"), wish));
        }
        let Some(name) = place.file_name() else { break };
        let here = within.join(name);
        match fs::read_link(&here) {
            Ok(goal) => place = within.join(goal),
            Err(_) if hop > 0 && fs::symlink_metadata(&here).is_err() => {
                return Err(UnusablePlace::new(
                    format!("it is a link to {}, which is not there", here.display()),
                    "make the file that it leads to, or name that file itself",
                ));
            }
            Err(_) if within.is_dir() => return Ok(here),
            // The folder is yet to be made.
            Err(_) => return Ok(place),
        }
    }
    Err(UnusablePlace::new("it is a link that leads nowhere", "name a regular file"))
}

/// What is there, in words.
fn kind(kind: FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        if kind.is_fifo() {
            return "a pipe";
        }
        if kind.is_socket() {
            return "a socket";
        }
        if kind.is_char_device() || kind.is_block_device() {
            return "a device";
        }
    }
    if kind.is_dir() { "a folder" } else { "no file" }
}

/// Which of this process's own streams goes to a file.
fn stream(there: &Metadata) -> Option<&'static str> {
    #[cfg(unix)]
    {
        use std::os::fd::{AsFd as _, BorrowedFd};
        use std::os::unix::fs::MetadataExt as _;
        let same = |stream: BorrowedFd<'_>| {
            let other = stream.try_clone_to_owned().and_then(|own| fs::File::from(own).metadata());
            other.is_ok_and(|other| (there.dev(), there.ino()) == (other.dev(), other.ino()))
        };
        if same(io::stdout().as_fd()) {
            return Some("stdout");
        }
        if same(io::stderr().as_fd()) {
            return Some("stderr");
        }
    }
    #[cfg(not(unix))]
    let _ = there;
    None
}

/// Whether a file may be written to. It is replaced, which its folder decides; but what is write-protected is so on purpose.
fn may_be_changed(place: &Path) -> io::Result<()> {
    let place = place.to_owned();
    write::within(write::LIMIT, move || {
        let mut options = fs::OpenOptions::new();
        options.write(true);
        // What was put there since it was looked at is not waited for.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::custom_flags(
            &mut options,
            (rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOFOLLOW).bits().cast_signed(),
        );
        if options.open(&place)?.metadata()?.is_file() {
            Ok(())
        } else {
            Err(io::Error::other("it is no regular file"))
        }
    })
}

/// The first missing part of a folder that is not to be made: it is outside of the working folder, and more than one is
/// missing.
fn too_far(folder: &Path) -> Option<&Path> {
    let is_missing = |part: &&Path| !part.as_os_str().is_empty() && !part.exists();
    let missing: Vec<&Path> = folder.ancestors().take_while(is_missing).collect();
    let outermost = missing.last().filter(|_| missing.len() > 1)?;
    let above = outermost.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // What is behind `..` may be anywhere.
    let behind = folder.strip_prefix(outermost);
    let leads_up = behind.is_ok_and(|rest| rest.components().any(|part| part == Component::ParentDir));
    let is_below = match (above.canonicalize(), Path::new(".").canonicalize()) {
        (Ok(above), Ok(working)) => above.starts_with(working),
        _ => false,
    };
    (leads_up || !is_below).then_some(*outermost)
}

/// Whether two reports would be the same file.
pub(super) fn same_file(one: &Path, other: &Path) -> bool {
    one == other || identity(one) == identity(other)
}

/// The file that is meant, however it is spelled: links are followed, also one whose goal is yet to be made.
pub(super) fn identity(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        if let Ok(real) = path.canonicalize() {
            return real;
        }
        match fs::read_link(&path) {
            Ok(goal) => path = folder(&path).join(goal),
            Err(_) => break,
        }
    }
    let within = folder(&path);
    let within = within.canonicalize().unwrap_or(within);
    path.file_name().map_or_else(|| within.clone(), |name| within.join(name))
}

fn folder(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}
