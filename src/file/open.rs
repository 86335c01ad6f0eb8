//! Opening and reading.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::error::FileError;
use super::path::FollowedPath;
use super::shipped::{self, is_shipped};
use super::system::shows_system;

/// Reads a regular file of at most `most` bytes.
pub fn read(path: &Path, most: u64) -> Result<Vec<u8>, FileError> {
    if is_shipped(path) {
        return shipped::text(path).map(|text| text.as_bytes().to_vec()).ok_or_else(|| not_shipped().into());
    }
    let (file, metadata) = open(path, OpenOptions::new().read(true))?;
    if metadata.len() > most {
        return Err(FileError::TooLarge(most));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default());
    // The file may grow meanwhile, so one byte more than allowed is read.
    file.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(FileError::TooLarge(most)) } else { Ok(bytes) }
}

/// Opens a regular file. It never blocks.
pub fn open(path: &Path, options: &mut OpenOptions) -> Result<(File, Metadata), FileError> {
    // Opening alone can have effects: the writer of a pipe continues, and some devices react.
    look(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
        options.custom_flags(flags.bits().cast_signed());
    }
    let file = options.open(path)?;
    // The path may lead to another file by now.
    let metadata = file.metadata()?;
    regular(&metadata)?;
    if shows_system(&file) {
        return Err(FileError::System(super::path::folder_of(path)));
    }
    Ok((file, metadata))
}

/// Whether a path names a folder.
pub fn is_folder(path: &Path) -> bool {
    names_folder(path).is_ok_and(|it| it)
}

/// Whether a path names a folder; an error if it names nothing.
pub fn names_folder(path: &Path) -> io::Result<bool> {
    if !is_shipped(path) {
        return fs::metadata(path).map(|metadata| metadata.is_dir());
    }
    if shipped::text(path).is_some() {
        return Ok(false);
    }
    shipped::entries(path).map(|_| true).ok_or_else(not_shipped)
}

/// The paths in a folder, in no particular order.
pub fn entries(folder: &Path) -> io::Result<Vec<io::Result<PathBuf>>> {
    if is_shipped(folder) {
        return shipped::entries(folder).map(|paths| paths.into_iter().map(Ok).collect()).ok_or_else(not_shipped);
    }
    Ok(fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect())
}

/// A path without links. Two paths of one file have the same.
pub fn real(path: &Path) -> io::Result<PathBuf> {
    if is_shipped(path) { names_folder(path).map(|_| path.to_owned()) } else { fs::canonicalize(path) }
}

fn not_shipped() -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, "no such file is built into this command")
}

/// Refuses a path that does not lead to a regular file, without opening the file.
pub fn look(path: &Path) -> Result<(), FileError> {
    if is_shipped(path) {
        return if names_folder(path)? { Err(FileError::Folder) } else { Ok(()) };
    }
    let followed = FollowedPath::of(path);
    let metadata = fs::metadata(path);
    // A folder or a device is reported as such, wherever it lies.
    match metadata.as_ref().map(regular) {
        Ok(Err(refused @ (FileError::Folder | FileError::Device))) => return Err(refused),
        _ => followed.refuse_system()?,
    }
    regular(&metadata?)
}

/// Refuses everything but a regular file.
fn regular(metadata: &Metadata) -> Result<(), FileError> {
    if metadata.is_file() {
        return Ok(());
    }
    if metadata.is_dir() {
        return Err(FileError::Folder);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        let kind = metadata.file_type();
        if kind.is_fifo() {
            return Err(FileError::Pipe);
        }
        if kind.is_socket() {
            return Err(FileError::Socket);
        }
    }
    Err(FileError::Device)
}
