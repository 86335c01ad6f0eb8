//! Input files: the one way in which an input file that is named is opened and read.
//!
//! A path below `demo:` names a file that is built into the command; every other one is a path of the file system.
//!
//! Only regular files are read, and of each no more than its kind may have. What the system shows below `/proc`, `/sys` and
//! `/dev` is no file, whatever it says of itself: it may hold the keys of this process, wait for ever, or never end. It
//! leaves out what the bytes mean.

mod shipped;

use std::fmt;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};

pub use shipped::{FILES as SHIPPED, is_shipped};

/// The most bytes that are read of a file of each kind. `docs/safety.md` has them in a table.
pub mod most {
    const MIB: u64 = 1024 * 1024;

    /// Of a suite.
    pub const SUITE: u64 = 8 * MIB;
    /// Of a file with known deviations.
    pub const KNOWN_DEVIATIONS: u64 = 8 * MIB;
    /// Of a document. The largest public ones have about 15 MiB.
    pub const DOCUMENT: u64 = 64 * MIB;
    /// Of a file of variables.
    pub const VARIABLES: u64 = MIB;
    /// Of a file with certificates or a key. The bundles of operating systems have about 300 KiB.
    pub const CERTIFICATES: u64 = 4 * MIB;
    /// Of all files together in the folders that `SSL_CERT_DIR` names.
    pub const CERTIFICATE_FOLDERS: u64 = 16 * MIB;
    /// Of the recorded behaviour of one case.
    pub const SNAPSHOT: u64 = 16 * MIB;
    /// Of a journal.
    pub const JOURNAL: u64 = 64 * MIB;
}

/// Folders in which the system shows itself. What lies in [`MEMORY`] is stored all the same.
const SYSTEM: [&str; 3] = ["/proc", "/sys", "/dev"];
const MEMORY: &str = "/dev/shm";

/// After so many links a path is taken for a circle, as systems do.
const MOST_LINKS: usize = 40;

/// Why a file is not read.
#[derive(Debug)]
pub enum Refused {
    /// It cannot be opened or read.
    Unread(io::Error),
    /// It is a folder.
    Folder,
    /// It is a pipe.
    Pipe,
    /// It is a socket.
    Socket,
    /// It is a device.
    Device,
    /// It leads into this folder, where the system shows itself.
    System(String),
    /// It has more bytes than this.
    TooLarge(u64),
}

impl Refused {
    /// What to do, unless that depends on what the file is to be.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Unread(_) => None,
            Self::Folder => Some("Name the file itself."),
            Self::Pipe | Self::Socket | Self::Device | Self::System(_) => {
                Some("Only regular files are read. Write the text to a file, and name that.")
            }
            Self::TooLarge(_) => Some("Was another file meant?"),
        }
    }
}

impl fmt::Display for Refused {
    /// A clause about `it`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unread(error) => error.fmt(f),
            Self::Folder => f.write_str("it is a folder"),
            Self::Pipe => f.write_str("it is a pipe, which may never end"),
            Self::Socket => f.write_str("it is a socket"),
            Self::Device => f.write_str("it is a device"),
            Self::System(folder) => {
                write!(f, "it leads into {folder}, where the system shows itself and keeps no files")
            }
            Self::TooLarge(most) if most % (1024 * 1024) == 0 => {
                write!(f, "it has more than {} MiB", most / 1024 / 1024)
            }
            Self::TooLarge(most) => write!(f, "it has more than {most} bytes"),
        }
    }
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        Self::Unread(error)
    }
}

/// Reads a file, if it is a regular one and has no more than `most` bytes.
pub fn read(path: &Path, most: u64) -> Result<Vec<u8>, Refused> {
    if is_shipped(path) {
        return shipped::text(path).map(|text| text.as_bytes().to_vec()).ok_or_else(|| not_shipped().into());
    }
    let (file, metadata) = open(path, OpenOptions::new().read(true))?;
    if metadata.len() > most {
        return Err(Refused::TooLarge(most));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default());
    // It may grow meanwhile; one byte more than is allowed says so.
    file.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(Refused::TooLarge(most)) } else { Ok(bytes) }
}

/// Opens a file, if it is a regular one, and never waits for it.
pub fn open(path: &Path, options: &mut OpenOptions) -> Result<(File, Metadata), Refused> {
    // Opening alone can have effects: it lets the writer of a pipe go on, and some devices act on it.
    look(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
        options.custom_flags(flags.bits().cast_signed());
    }
    let file = options.open(path)?;
    // Another file may have taken its place since.
    let metadata = file.metadata()?;
    regular(&metadata)?;
    if shows_system(&file) {
        return Err(Refused::System(folder_of(path)));
    }
    Ok((file, metadata))
}

/// Whether a path names a folder.
pub fn is_folder(path: &Path) -> bool {
    if is_shipped(path) { shipped::entries(path).is_some() } else { path.is_dir() }
}

/// Whether a path names anything, and if so whether that is a folder.
pub fn names_folder(path: &Path) -> io::Result<bool> {
    if !is_shipped(path) {
        return fs::metadata(path).map(|metadata| metadata.is_dir());
    }
    if shipped::text(path).is_some() {
        return Ok(false);
    }
    shipped::entries(path).map(|_| true).ok_or_else(not_shipped)
}

/// What lies in a folder, in no particular order.
pub fn entries(folder: &Path) -> io::Result<Vec<io::Result<PathBuf>>> {
    if is_shipped(folder) {
        return shipped::entries(folder).map(|paths| paths.into_iter().map(Ok).collect()).ok_or_else(not_shipped);
    }
    Ok(fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect())
}

/// A path without links; two paths of one file have the same.
pub fn real(path: &Path) -> io::Result<PathBuf> {
    if is_shipped(path) { names_folder(path).map(|_| path.to_owned()) } else { fs::canonicalize(path) }
}

/// The path from the root of the file system. That of a shipped file is whole as it is.
pub fn absolute(path: &Path) -> PathBuf {
    if is_shipped(path) {
        return path.to_owned();
    }
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn not_shipped() -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, "no such file is built into this command")
}

/// Whether a path leads to a regular file, as far as that shows without opening it.
pub fn look(path: &Path) -> Result<(), Refused> {
    if is_shipped(path) {
        return if names_folder(path)? { Err(Refused::Folder) } else { Ok(()) };
    }
    let way = Way::of(path);
    let metadata = fs::metadata(path);
    // A folder or a device is called what it is wherever it lies.
    match metadata.as_ref().map(regular) {
        Ok(Err(refused @ (Refused::Folder | Refused::Device))) => return Err(refused),
        _ => way.refuse_system()?,
    }
    regular(&metadata?)
}

/// Refuses what is no regular file.
fn regular(metadata: &Metadata) -> Result<(), Refused> {
    if metadata.is_file() {
        return Ok(());
    }
    if metadata.is_dir() {
        return Err(Refused::Folder);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        let kind = metadata.file_type();
        if kind.is_fifo() {
            return Err(Refused::Pipe);
        }
        if kind.is_socket() {
            return Err(Refused::Socket);
        }
    }
    Err(Refused::Device)
}

/// The way from a path to what it means: the links on it, and its end.
#[derive(Debug)]
pub struct Way {
    /// Where each link lies that was followed; the folders above it are no links.
    pub links: Vec<PathBuf>,
    /// Where it ends, whether something is there or not.
    pub end: PathBuf,
}

impl Way {
    /// Follows a path as the system does. A `..` behind a link leads up from what the link means.
    pub fn of(path: &Path) -> Self {
        let whole = absolute(path);
        if is_shipped(&whole) {
            return Self { links: Vec::new(), end: whole };
        }
        let mut way = Self { links: Vec::new(), end: PathBuf::new() };
        // What is still to be walked, the next part last.
        let mut rest: Vec<PathBuf> = Vec::new();
        let push = |rest: &mut Vec<PathBuf>, path: &Path| {
            rest.extend(path.components().rev().map(|part| PathBuf::from(part.as_os_str())));
        };
        push(&mut rest, &whole);
        while let Some(part) = rest.pop() {
            match part.components().next() {
                Some(Component::ParentDir) => drop(way.end.pop()),
                Some(Component::Normal(name)) => {
                    let next = way.end.join(name);
                    match fs::read_link(&next) {
                        Ok(goal) if way.links.len() < MOST_LINKS => {
                            way.links.push(next);
                            push(&mut rest, &goal);
                        }
                        _ => way.end = next,
                    }
                }
                Some(Component::CurDir) | None => {}
                // The root, which a link may lead to as well.
                Some(root) => way.end.push(root.as_os_str()),
            }
        }
        way
    }

    /// The first link on the way that lies in a folder and means something outside of it; `folder` without links.
    pub fn leaves(&self, folder: &Path) -> Option<&Path> {
        let inside = self.links.iter().map(PathBuf::as_path).filter(|link| link.starts_with(folder));
        inside.into_iter().find(|link| !Self::of(link).end.starts_with(folder))
    }

    fn refuse_system(&self) -> Result<(), Refused> {
        let links = self.links.iter().map(|link| (link, link.parent()));
        for (place, holder) in links.chain([(&self.end, None)]) {
            let named = SYSTEM.into_iter().find(|folder| place.starts_with(folder) && !place.starts_with(MEMORY));
            if let Some(folder) = named {
                return Err(Refused::System(folder.to_owned()));
            }
            // Where the same is shown in another place, only its file system says so.
            if holder.is_some_and(|holder| File::open(holder).is_ok_and(|holder| shows_system(&holder))) {
                return Err(Refused::System(folder_of(place)));
            }
        }
        Ok(())
    }
}

fn folder_of(path: &Path) -> String {
    path.parent().unwrap_or(path).display().to_string()
}

/// Whether a file lies in a file system that stores nothing: what it holds is made up while it is read.
#[cfg(target_os = "linux")]
fn shows_system(file: &File) -> bool {
    /// Their numbers, as `statfs(2)` has them, in this order: proc, sysfs, devpts, debugfs, tracefs, securityfs, configfs,
    /// cgroup, cgroup2, bpf, pstore, efivarfs, selinuxfs, smackfs, mqueue, `binfmt_misc`, fusectl, nsfs, pipefs, sockfs,
    /// `anon_inodefs`, resctrl, nfsd, `rpc_pipefs`.
    const KINDS: [u32; 24] = [
        0x9fa0,
        0x6265_6572,
        0x1cd1,
        0x6462_6720,
        0x7472_6163,
        0x7363_6673,
        0x6265_6570,
        0x0027_e0eb,
        0x6367_7270,
        0xcafe_4a11,
        0x6165_676c,
        0xde5e_81e4,
        0xf97c_ff8c,
        0x4341_5d53,
        0x1980_0202,
        0x4249_4e4d,
        0x6573_5543,
        0x6e73_6673,
        0x5049_5045,
        0x534f_434b,
        0x0904_1934,
        0x0765_5821,
        0x6e66_7364,
        0x6759_6969,
    ];
    // The number is signed on some machines; its lower half is the same on all.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the lower half is what is compared")]
    rustix::fs::fstatfs(file).is_ok_and(|there| KINDS.contains(&(there.f_type as u32)))
}

#[cfg(not(target_os = "linux"))]
fn shows_system(_: &File) -> bool {
    false
}

#[cfg(test)]
mod tests;
